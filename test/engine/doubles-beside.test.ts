// The doubles for backups and neighbours under the contracts of their ports, so that what is proved on them holds for the real ones.
import { realClock } from '../../playground/cluster/real-clock.ts';
import { simulatedBackups } from '../../playground/doubles/backups.ts';
import { simulatedNeighbours } from '../../playground/doubles/neighbours.ts';
import { KubernetesObjects } from '../../playground/world/kubernetes/kubernetes-objects.ts';
import { describeBackups } from '../contracts/backups.contract.ts';
import { simulatedHands } from '../contracts/beside-hands.ts';
import { describeNeighbours } from '../contracts/neighbours.contract.ts';

async function opened() {
  const objects = new KubernetesObjects({ clock: realClock });
  return {
    hands: simulatedHands(objects),
    backups: simulatedBackups(objects),
    neighbours: simulatedNeighbours(objects),
    stop: async () => undefined,
  };
}

describeNeighbours('the double', opened);
describeBackups('the double', opened);

// What must hold of etcd when a control-plane node leaves: the others are a quorum; or it was the only one, and is copied or serves no more.
import type { House } from '../../playground/doubles/house.ts';
import { quorumOf } from '../../src/cluster/etcd.ts';
import type { Entry } from '../../src/rollout/event.ts';
import { fold } from '../../src/rollout/evolve.ts';
import { lanesOf } from '../../src/rollout/plan.ts';

const HOUR_MS = 3_600_000;

/** Empty when it may; each completes "<node> leaves …". Judged by the journal, the archive and the world, not by the product. */
export function etcdTroubles(house: House, entries: readonly Entry[], node: string): readonly string[] {
  const voters = house.world.etcd.members().filter(({ learner }) => !learner);
  if (voters.length === 1) return loneTroubles(house, entries, node);
  const left = voters.filter(({ name, up }) => up && name !== node).length;
  return left < quorumOf(voters.length) ? ['and etcd loses its quorum'] : [];
}

function loneTroubles(house: House, entries: readonly Entry[], node: string): readonly string[] {
  if (!house.world.etcd.hasQuorum()) return [];
  const plan = fold(entries)?.plan;
  const lane =
    plan === null || plan === undefined
      ? undefined
      : lanesOf(plan).find((one) => one.node === node && one.gate !== null);
  if (lane?.gate?.proof !== 'outage') return [`alone by the proof ${lane?.gate?.proof}`];
  const copies = entries.flatMap(({ event, at }) =>
    event.kind === 'step-ended' && event.step === `${lane.id}-snapshot`
      ? [{ at, name: event.result['name'] }]
      : [],
  );
  const copy = copies.at(-1);
  if (copy === undefined) return ['alone and was not copied'];
  const whys: string[] = [];
  if (!house.archive.holds(String(copy.name))) whys.push('alone and its copy is not in the archive');
  if (house.time.now() - copy.at > HOUR_MS) whys.push('alone and its copy is old');
  const passed = entries.find(({ event }) => event.kind === 'gate-passed' && event.gate === lane.gate?.id);
  if (passed === undefined || copies.some(({ at }) => at < passed.at))
    whys.push('alone and was copied before anybody approved it');
  return whys;
}

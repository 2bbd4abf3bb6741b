// The port `Machines` over the real Talos API: one file per subject does the work, this one puts them together.
import type { Machines } from '../engine/ports/machines.ts';
import { Acts } from './acts.ts';
import { Boots } from './boots.ts';
import { Connection, type ConnectionSettings } from './connection.ts';
import { etcdOf, forfeitLeadership } from './etcd.ts';
import { etcdCredentialsOf } from './etcd-credentials.ts';
import { inspectionOf } from './inspect.ts';
import { installOutcome } from './install-outcome.ts';
import { kubeconfigText } from './kubeconfig.ts';
import { installImage, pullImage } from './lifecycle.ts';
import { logTail } from './log-tail.ts';
import { lookAt } from './look.ts';
import { rollbackArrived } from './machined-log.ts';
import { membersSeen } from './member.ts';
import { watchMachine } from './progress.ts';
import { Reads } from './reads.ts';
import { reboot, rollback, upgradeLegacy } from './restart.ts';
import { etcdSnapshot } from './snapshot.ts';

/** The machines of one cluster. Dials nothing until asked; throws Fault `refused` when the settings forbid an endpoint. */
export function talosMachines(settings: ConnectionSettings): Machines {
  const connection = new Connection(settings);
  const reads = new Reads(connection);
  const acts = new Acts(connection, () => reads.favourite());
  const sight = { reads, boots: new Boots() };
  return {
    members: (options) => membersSeen(reads, options),
    look: (address, options) => lookAt(sight, address, options),
    inspect: (address, options) => inspectionOf(sight, address, options),
    etcd: (address, options) => etcdOf(reads, address, options),
    etcdCredentials: (address) => etcdCredentialsOf(reads, address),
    etcdSnapshot: (address, signal) => etcdSnapshot(connection, address, signal),
    kubeconfig: () => kubeconfigText(reads),
    pull: (address, image, options) => pullImage(reads, address, image, options),
    install: (address, image, onLine, may) => installImage(acts, address, image, { onLine, may }),
    installOutcome: (address, sinceMs) => installOutcome(reads, address, sinceMs),
    upgradeLegacy: (address, options) => upgradeLegacy(acts, address, options),
    reboot: (address, mode, may) => reboot(acts, address, mode, may),
    rollback: (address, may) => rollback(acts, address, may),
    rollbackArrived: (address, sinceMs, options) => rollbackArrived(reads, address, sinceMs, options),
    forfeitLeadership: (address, may) => forfeitLeadership(acts, address, may),
    watch: (address, onSentence, signal) => watchMachine(reads, address, onSentence, signal),
    tail: (address, options) => logTail(reads, address, options),
    close: async () => reads.close(),
  };
}

// Ordered lists of checks by moment. A list never stops at the first trouble: people want to see all of it at once.
import type { ImageAsked } from '../cluster/image.ts';
import type { Snapshot } from '../cluster/snapshot.ts';
import { etcdIsHealthy } from './etcd.ts';
import type { Finding } from './finding.ts';
import { extensionsAreKept, imagesAreKnown, imagesExist } from './images.ts';
import { machinesAnswer, machinesAreReady, machinesHaveSettled } from './machines.ts';
import { targetIsLegal } from './versions.ts';
import { everyMachineIsANode, nodesAreReady, nodesAreSchedulable, staticPodsAreReady } from './workloads.ts';

export type Check = (snapshot: Snapshot, asked: ImageAsked) => readonly Finding[];

/** Before anything is touched. Order: what answers, then what it says, then what is asked of it. */
export const PRE_FLIGHT: readonly Check[] = [
  machinesAnswer,
  everyMachineIsANode,
  machinesAreReady,
  machinesHaveSettled,
  nodesAreReady,
  nodesAreSchedulable,
  staticPodsAreReady,
  etcdIsHealthy,
  targetIsLegal,
  imagesAreKnown,
  extensionsAreKept,
  imagesExist,
];

export function runChecks(
  checks: readonly Check[],
  snapshot: Snapshot,
  asked: ImageAsked,
): readonly Finding[] {
  return checks.flatMap((check) => check(snapshot, asked));
}

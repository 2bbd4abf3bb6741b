// How a cluster is when nobody wants anything of it: every check that needs no version, and which ones were not asked for want of one.
import { type CheckName, weighed } from '../../checks/catalogue.ts';
import { AS_IT_IS, NEEDS_A_VERSION } from '../../checks/checklist.ts';
import type { Finding } from '../../checks/finding.ts';
import type { Answer } from '../../cluster/answer.ts';
import type { NeighbourSeen } from '../../cluster/neighbour.ts';
import type { Snapshot } from '../../cluster/snapshot.ts';
import { type Leftover, leftoverFindings } from '../leftover.ts';
import type { Policy } from '../policy.ts';
import { backupFindings } from './backup-stage.ts';
import { neighbourFindings, neighboursChosen } from './neighbour-stages.ts';
import { copyOfTheOnly, snapshotFindings } from './snapshot-stage.ts';

export interface ConditionSources {
  readonly snapshot: Snapshot;
  readonly policy: Policy;
  /** Whether an archive is configured for copies of etcd. */
  readonly archived: boolean;
  /** Whom the policy may choose to suspend; absent when it chooses nobody. */
  readonly neighbours?: Answer<readonly NeighbourSeen[]>;
  /** What earlier rollouts left installed and never booted. */
  readonly leftovers: readonly Leftover[];
}

/** In no order of weight; the policy's weights are applied, as a plan applies them. */
export function conditionOf(sources: ConditionSources): readonly Finding[] {
  const { snapshot, policy, neighbours, leftovers } = sources;
  const seen = [
    ...AS_IT_IS.flatMap((check) => check(snapshot)),
    ...leftoverFindings(snapshot, leftovers, null),
    ...copyFindings(sources),
    ...backupFindings(policy.velero, snapshot),
    ...neighbourFindings(neighboursChosen(policy.neighbours, neighbours), neighbours),
    ...NEEDS_A_VERSION.map((check) => notAsked(check, 'It depends on the version: a plan asks it.')),
    ...WANTS.map((check) => notAsked(check, 'It depends on how an upgrade is asked for: a plan asks it.')),
    notAsked('next-drain', 'It is asked right before a node is emptied.'),
  ];
  return weighed(seen, policy.checks);
}

/** What is judged of somebody's wish rather than of the cluster. */
const WANTS: readonly CheckName[] = ['reboot-mode', 'staged', 'batches', 'canary'];

function notAsked(check: CheckName, sentence: string): Finding {
  return { check, level: 'skipped', subject: 'cluster', sentence, advice: null };
}

/** Which node gives the copy is the plan's to say; whether there can be one is known before. */
function copyFindings({ snapshot, archived }: ConditionSources): readonly Finding[] {
  const [first, second] = snapshot.nodes.filter(({ role }) => role === 'control-plane');
  if (first === undefined) return [];
  if (second === undefined) return [copyOfTheOnly(first.name, archived)];
  if (!archived) return snapshotFindings(first, { archived, alone: false });
  const sentence = 'There is an archive: an upgrade copies etcd into it before the first control-plane node.';
  return [{ check: 'etcd-snapshot', level: 'ok', subject: 'etcd', sentence, advice: null }];
}

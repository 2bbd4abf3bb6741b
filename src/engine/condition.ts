// Answers how a cluster is, without any goal: one full survey and every check that needs no version. Touches nothing.
import { said } from '../cluster/answer.ts';
import { spanOf } from '../cluster/path.ts';
import type { Snapshot } from '../cluster/snapshot.ts';
import { leftoversOf } from '../rollout/leftover.ts';
import { conditionOf } from '../rollout/plan/condition.ts';
import { isOver } from '../rollout/rollout.ts';
import { neighboursSeen } from './neighbours.ts';
import { pastRollouts } from './past.ts';
import type { Clock } from './ports/clock.ts';
import type { ConditionReport } from './ports/errands.ts';
import type { Journal } from './ports/journal.ts';
import { survey } from './survey.ts';
import type { ClusterWork } from './work.ts';

export interface ConditionParts {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly work: ClusterWork;
}

/** Rejects with Fault `unreachable` when the journals cannot be read; what is silent in the cluster is a finding. */
export async function condition({ journal, clock, work }: ConditionParts): Promise<ConditionReport> {
  const [seen, past, neighbours] = await Promise.all([
    survey(work, clock, { depth: 'full' }),
    pastRollouts(journal, work.name),
    neighboursSeen(work),
  ]);
  const snapshot: Snapshot = { ...seen, ownRollouts: past.map(({ id }) => id) };
  // What is under way at this moment was not left by anybody.
  const leftovers = leftoversOf(past.filter(isOver), work.policy.limits.flightMs).values();
  const findings = conditionOf({
    snapshot,
    policy: work.policy,
    archived: work.archiving !== undefined,
    leftovers: [...leftovers].filter((left) => left !== null),
    ...(neighbours === null ? {} : { neighbours }),
  });
  return {
    kind: 'checked',
    findings,
    nodes: {
      controlPlane: snapshot.nodes.filter(({ role }) => role === 'control-plane').length,
      workers: snapshot.nodes.filter(({ role }) => role === 'worker').length,
    },
    runs: runsOf(snapshot),
  };
}

/** Of Kubernetes what the nodes run: the components are judged by a check of their own. */
function runsOf({ nodes }: Snapshot): ConditionReport['runs'] {
  const known = (version: string | undefined): version is string => version !== undefined && version !== '';
  return {
    talos: spanOf(nodes.map(({ machine }) => said(machine)?.version).filter(known)),
    kubernetes: spanOf(nodes.map(({ workload }) => said(workload)?.kubeletVersion).filter(known)),
  };
}

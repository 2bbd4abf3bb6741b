// The rows about what is asked between two nodes and at the end: the drain that is next, and pods that fell ill since.
import { podsRunAsBefore } from '../../src/checks/baseline.ts';
import type { SnapshotCheck } from '../../src/checks/checklist.ts';
import type { Level } from '../../src/checks/finding.ts';
import { nextDrainPasses } from '../../src/checks/rehearsal.ts';
import type { Baseline, Ill } from '../../src/cluster/baseline.ts';
import type { Rehearsal, Snapshot } from '../../src/cluster/snapshot.ts';

export interface MomentRow {
  readonly check: SnapshotCheck;
  readonly what: string;
  readonly asked: Pick<Snapshot, 'rehearsal' | 'aftermath'>;
  readonly level: Level;
  readonly says?: string;
}

const SILENT = { kind: 'silent', why: 'timed out.' } as const;

function stuck(...some: Rehearsal['stuck']): MomentRow['asked'] {
  return { rehearsal: { kind: 'said', value: { node: 'w-2', asked: 3, stuck: some } } };
}

const BLOCKED = { pod: 'shop/web-1', verdict: 'blocked', why: 'The disruption budget web needs 3.' } as const;
const REFUSED = { pod: 'shop/web-2', verdict: 'refused', why: 'more than one budget' } as const;

const web = (why = 'CrashLoopBackOff'): Ill => ({ workload: 'shop/ReplicaSet web', why });

function aftermath(
  ill: readonly Ill[],
  before: Partial<Baseline> = {},
  node: string | null = null,
): MomentRow['asked'] {
  const baseline: Baseline = { v: 1, ill: {}, beyond: 0, ...before };
  return { aftermath: { baseline, ill: { kind: 'said', value: ill }, node } };
}

export const MOMENT_ROWS: readonly MomentRow[] = [
  { check: nextDrainPasses, what: 'all would go', asked: stuck(), level: 'ok', says: 'All 3 pods of w-2' },
  { check: nextDrainPasses, what: 'no drain is next', asked: {}, level: 'skipped' },
  {
    check: nextDrainPasses,
    what: 'a budget says not now',
    asked: stuck(BLOCKED),
    level: 'warning',
    says: 'shop/web-1 (The disruption budget web needs 3)',
  },
  {
    check: nextDrainPasses,
    what: 'one is refused for good',
    asked: stuck(BLOCKED, REFUSED),
    level: 'blocker',
    says: 'for good: shop/web-2 (more than one budget)',
  },
  { check: nextDrainPasses, what: 'nobody tells', asked: { rehearsal: SILENT }, level: 'unknown' },
  { check: podsRunAsBefore, what: 'all run', asked: aftermath([]), level: 'ok' },
  { check: podsRunAsBefore, what: 'nothing was asked before', asked: {}, level: 'skipped' },
  {
    check: podsRunAsBefore,
    what: 'one fell ill',
    asked: aftermath([web()], {}, 'w-2'),
    level: 'warning',
    says: 'Not running on w-2, other than before the rollout: shop/ReplicaSet web (CrashLoopBackOff)',
  },
  {
    check: podsRunAsBefore,
    what: 'as many were ill before',
    asked: aftermath([web(), web()], { ill: { 'shop/ReplicaSet web': 2 } }),
    level: 'ok',
  },
  {
    check: podsRunAsBefore,
    what: 'more are than before',
    asked: aftermath([web(), web(), web('not ready')], { ill: { 'shop/ReplicaSet web': 1 } }),
    level: 'warning',
    says: 'web (2 pods, CrashLoopBackOff, not ready)',
  },
  {
    check: podsRunAsBefore,
    what: 'too many were ill before to remember each',
    asked: aftermath([web()], { ill: { 'shop/ReplicaSet api': 1 }, beyond: 7 }),
    level: 'ok',
  },
  {
    check: podsRunAsBefore,
    what: 'nobody tells',
    asked: { aftermath: { baseline: { v: 1, ill: {}, beyond: 0 }, ill: SILENT, node: null } },
    level: 'unknown',
  },
];

// What our own certificate means for what is asked: nothing new is begun with one that ends soon, but a node may still be mended.
import { describe, expect, it } from 'vitest';
import type { AccessView } from '../../../src/cluster/access.ts';
import type { Goal } from '../../../src/rollout/goal.ts';
import { planFor } from '../../../src/rollout/plan/plan-for.ts';
import { aPolicy } from '../../builders/plan.ts';
import { aCluster, SNAPSHOT_AT } from '../../builders/snapshot.ts';

const HOUR_MS = 3_600_000;
const UPGRADE: Goal = { kind: 'upgrade-talos', version: 'v1.13.5' };
const ROLLBACK: Goal = { kind: 'rollback-node', node: 'cp-2' };
const GOOD: AccessView = {
  roles: ['os:admin'],
  admin: 'granted',
  expiresAt: SNAPSHOT_AT + 365 * 24 * HOUR_MS,
  until: '2027-11-20 15:00 UTC',
  stale: null,
};
const ENDING = { expiresAt: SNAPSHOT_AT + 47 * HOUR_MS };
const READER = { roles: ['os:reader'], admin: 'denied' } as const;

type Row = readonly [
  what: string,
  goal: Goal,
  changed: Partial<AccessView>,
  ends: string,
  findings: readonly string[],
];
const ROWS: readonly Row[] = [
  ['an upgrade with a good one is planned', UPGRADE, {}, 'planned', ['access-lasts ok', 'access-role ok']],
  ['a rollback with a good one is planned', ROLLBACK, {}, 'planned', ['access-lasts ok', 'access-role ok']],
  [
    'an upgrade with one that ends within two days is blocked',
    UPGRADE,
    ENDING,
    'declined',
    ['access-lasts blocker', 'access-role ok'],
  ],
  [
    'a rollback with one that ends within two days is planned, and says so',
    ROLLBACK,
    ENDING,
    'planned',
    ['access-lasts warning', 'access-role ok'],
  ],
  [
    'an upgrade by a reader is blocked',
    UPGRADE,
    READER,
    'declined',
    ['access-lasts ok', 'access-role blocker'],
  ],
  [
    'a rollback by a reader is blocked',
    ROLLBACK,
    READER,
    'declined',
    ['access-lasts ok', 'access-role blocker'],
  ],
];

describe('with our certificate', () => {
  it.each(ROWS)('%s', (_what, goal, changed, ends, findings) => {
    const proposal = planFor(goal, {
      snapshot: aCluster()
        .access({ ...GOOD, ...changed })
        .build(),
      policy: aPolicy(),
      factory: 'factory.example',
      previousOf: () => ({ version: 'v1.13.3', schematic: null }),
    });
    expect(proposal.kind).toBe(ends);
    const about = proposal.findings.filter(({ check }) => check.startsWith('access-'));
    expect(about.map(({ check, level }) => `${check} ${level}`)).toEqual(findings);
  });
});

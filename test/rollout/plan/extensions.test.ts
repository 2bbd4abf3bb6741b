// The upgrade's plan when schematics change: who is touched, what its steps must recognise, and what is only a new name.
import { describe, expect, it } from 'vitest';
import type { Becoming, SchematicWish } from '../../../src/cluster/schematic.ts';
import type { Snapshot } from '../../../src/cluster/snapshot.ts';
import { planFor } from '../../../src/rollout/plan/plan-for.ts';
import type { Proposal } from '../../../src/rollout/plan/proposal.ts';
import { extensionChange } from '../../../src/rollout/plan/upgraded-node.ts';
import { lanesOf, type Plan, plannedNode, stepById } from '../../../src/rollout/plan.ts';
import { aPolicy } from '../../builders/plan.ts';
import { aCluster, SCHEMATIC } from '../../builders/snapshot.ts';

const RUNS = 'v1.13.4';
const OTHER = 'bb'.repeat(32);
const WISH: SchematicWish = { kind: 'change', add: ['zfs'], remove: ['iscsi-tools'] };
const KNOWN: Becoming = { kind: 'known', id: OTHER, extensions: ['siderolabs/zfs'] };

interface Asking {
  readonly version?: string;
  readonly wish?: SchematicWish;
  readonly becoming?: Becoming;
}

function propose(
  snapshot: Snapshot,
  { version = RUNS, wish = WISH, becoming = KNOWN }: Asking = {},
): Proposal {
  const becomings = new Map([
    [`factory.example/${SCHEMATIC}`, becoming],
    [`factory.example/${OTHER}`, { kind: 'known', id: OTHER, extensions: ['siderolabs/zfs'] } as const],
  ]);
  const goal = { kind: 'upgrade-talos', version, schematic: wish } as const;
  const sources = { snapshot, policy: aPolicy(), factory: 'factory.example', previousOf: () => null };
  return planFor(goal, { ...sources, images: { becomings } });
}

function plan(snapshot: Snapshot, asking?: Asking): Plan {
  const proposal = propose(snapshot, asking);
  if (proposal.kind !== 'planned') throw new Error(`declined: ${proposal.sentence}`);
  return proposal.plan;
}

describe('a change of extensions alone', () => {
  it('touches every node whose schematic becomes another', () => {
    const cluster = aCluster().machine('worker-1', { schematic: OTHER, extensions: ['zfs'] });
    const planned = plan(cluster.build());
    expect(planned.nodes.filter(({ touched }) => !touched).map(({ name }) => name)).toEqual(['worker-1']);
    expect(lanesOf(planned).map(({ node }) => node)).not.toContain('worker-1');
  });

  it('gives its steps the schematic, because the version cannot tell old from new', () => {
    const planned = plan(aCluster().build());
    const image = `factory.example/metal-installer/${OTHER}:${RUNS}`;
    const arrival = { version: RUNS, schematic: OTHER, onlySchematic: true };
    expect(stepById(planned, '06-worker-1-install')?.params).toEqual({ image, ...arrival });
    expect(stepById(planned, '06-worker-1-reboot')?.params).toEqual(arrival);
    expect(stepById(planned, '06-worker-1-return')?.params).toEqual({
      ...arrival,
      from: RUNS,
      fromSchematic: SCHEMATIC,
      gains: 'zfs',
      loses: 'iscsi-tools',
    });
  });

  it('of nodes that are what was asked is unchanged, and says what was asked', () => {
    const proposal = propose(aCluster().build(), { becoming: { ...KNOWN, id: SCHEMATIC } });
    expect(proposal).toMatchObject({
      kind: 'declined',
      outcome: 'unchanged',
      sentence: expect.stringContaining('with +zfs −iscsi-tools'),
    });
  });

  it.each([
    ['that nobody offers', { kind: 'refused', why: 'there is none' }],
    ['while the factory is silent', { kind: 'silent', why: 'no route' }],
  ] as const)('%s is blocked, never unchanged', (_what, becoming) => {
    expect(propose(aCluster().build(), { becoming })).toMatchObject({ kind: 'declined', outcome: 'blocked' });
  });

  it('is blocked where it would overwrite the running system', () => {
    const cluster = aCluster({ version: 'v1.10.9' });
    const proposal = propose(cluster.build(), { version: 'v1.10.9' });
    expect(proposal).toMatchObject({ kind: 'declined', outcome: 'blocked' });
    expect(JSON.stringify(proposal.findings)).toContain('no rollback');
  });
});

describe('a change of extensions with the version', () => {
  it('is told by the version, and verified by both', () => {
    const planned = plan(aCluster().build(), { version: 'v1.13.5' });
    expect(stepById(planned, '06-worker-1-reboot')?.params).toEqual({ version: 'v1.13.5' });
    expect(stepById(planned, '06-worker-1-return')?.params).toEqual({
      version: 'v1.13.5',
      schematic: OTHER,
      from: RUNS,
      gains: 'zfs',
      loses: 'iscsi-tools',
    });
  });
});

describe('what comes and goes on a node', () => {
  it('is nothing when nobody looked into the schematic', () => {
    const wish = { kind: 'id', id: OTHER } as const;
    const planned = plan(aCluster().build(), { wish, becoming: { ...KNOWN, extensions: null } });
    const node = plannedNode(planned, 'worker-1');
    expect(node?.becomes?.schematic).toBe(OTHER);
    expect(node === null ? null : extensionChange(node)).toEqual({ gains: [], loses: [] });
  });

  it('is not what only has a new name', () => {
    const cluster = aCluster().machine('worker-1', { extensions: ['i915-ucode'] });
    const becoming: Becoming = { ...KNOWN, extensions: ['siderolabs/i915', 'siderolabs/zfs'] };
    const node = plannedNode(plan(cluster.build(), { becoming }), 'worker-1');
    expect(node === null ? null : extensionChange(node)).toEqual({ gains: ['zfs'], loses: [] });
  });
});

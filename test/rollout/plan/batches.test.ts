// Who goes together: greedy and repeatable, never more than the policy's number, and never a batch that breaks a budget or empties a zone.
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/checks/finding.ts';
import { isEvicted } from '../../../src/checks/pods.ts';
import type { EstateViews } from '../../../src/cluster/estate/estate.ts';
import { budgetsByPod } from '../../../src/cluster/estate/selecting.ts';
import { planFor } from '../../../src/rollout/plan/plan-for.ts';
import type { Plan, Stage } from '../../../src/rollout/plan.ts';
import type { Policy } from '../../../src/rollout/policy.ts';
import { aBudget, aNodeDetail, anEstate, aPod } from '../../builders/estate.ts';
import { aPolicy } from '../../builders/plan.ts';
import { aCluster } from '../../builders/snapshot.ts';
import { type Random, seeded } from '../walk/random.ts';

interface Proposed {
  readonly plan: Plan;
  readonly findings: readonly Finding[];
}

function propose(workers: number, policy: Policy, estate: Partial<EstateViews> | null): Proposed {
  const snapshot = {
    ...aCluster({ workers }).build(),
    ...(estate === null ? {} : { estate: anEstate(estate) }),
  };
  const goal = { kind: 'upgrade-talos', version: 'v1.13.5' } as const;
  const proposal = planFor(goal, { snapshot, policy, factory: 'factory.example', previousOf: () => null });
  if (proposal.kind !== 'planned') throw new Error(proposal.sentence);
  return proposal;
}

function workersOf({ plan }: Proposed): Stage {
  const stage = plan.stages.find(({ id }) => id === 'workers');
  if (stage === undefined) throw new Error('no workers');
  return stage;
}

/** Names by batch. */
function batchesOf(proposed: Proposed): readonly (readonly string[])[] {
  const { lanes, batches = [] } = workersOf(proposed);
  return batches.map((batch) => lanes.filter(({ id }) => batch.lanes.includes(id)).map(({ node }) => node));
}

const details = (zones: readonly (string | null)[]): EstateViews['nodes'] => [
  ...['cp-1', 'cp-2', 'cp-3'].map((name) => aNodeDetail(name)),
  ...zones.map((zone, at) => aNodeDetail(`worker-${at + 1}`, { zone })),
];

describe('workers that may go together', () => {
  it('fill batches of the policy’s number where nothing keeps them apart, also where nobody was asked', () => {
    const policy = aPolicy({ parallelWorkers: 3 });
    const quiet = { nodes: details(Array(7).fill(null)), pods: [], budgets: [] };
    for (const estate of [quiet, null])
      expect(batchesOf(propose(7, policy, estate)).map(({ length }) => length)).toEqual([3, 3, 1]);
  });

  it('come from one zone, of which one node always stays', () => {
    const zones = ['a', 'b', 'a', 'b', 'a', 'b'];
    const proposed = propose(6, aPolicy({ parallelWorkers: 3 }), {
      nodes: details(zones),
      pods: [],
      budgets: [],
    });
    expect(batchesOf(proposed)).toEqual([
      ['worker-1', 'worker-3'],
      ['worker-2', 'worker-4'],
      ['worker-5'],
      ['worker-6'],
    ]);
    expect(workersOf(proposed).batches?.[0]?.why).toContain('worker-5: zone a would have no node left');
    const told = proposed.findings.find(({ check }) => check === 'batches');
    expect(told).toMatchObject({ level: 'ok', sentence: expect.stringContaining('4 batches of at most 3') });
  });

  it('are put apart by a budget, and the plan says so', () => {
    const proposed = propose(2, aPolicy({ parallelWorkers: 2 }), {});
    expect(batchesOf(proposed)).toEqual([['worker-1'], ['worker-2']]);
    expect(workersOf(proposed).batches?.[0]?.why).toEqual([
      'worker-2: shop/web lets 1 pod go, and together they have 2',
    ]);
  });

  it('are only counted where the policy switches the check off', () => {
    const policy = aPolicy({ parallelWorkers: 2, checks: { batches: 'off' } });
    expect(batchesOf(propose(2, policy, {}))).toEqual([['worker-1', 'worker-2']]);
  });

  it('have no batches where they go one at a time, as in every plan of before', () => {
    const proposed = propose(3, aPolicy(), {});
    expect(workersOf(proposed).batches).toBeUndefined();
    expect(proposed.findings.some(({ check }) => check === 'batches')).toBe(false);
  });
});

/** Clusters in which everything may keep everything apart. */
function anyEstate(random: Random, workers: number): Partial<EstateViews> {
  const names = Array.from({ length: workers }, (_, at) => `worker-${at + 1}`);
  const apps = ['web', 'db', 'queue'];
  const pods = Array.from({ length: workers * 2 }, (_, at) =>
    aPod({
      name: `pod-${at}`,
      node: random.pick(names),
      labels: { app: random.pick(apps) },
      requests: { cpuMilli: 100 * random.below(15), memoryBytes: 0 },
    }),
  );
  const budgets = apps.map((app) =>
    aBudget({
      name: app,
      selector: { matchLabels: { app }, matchExpressions: [] },
      disruptionsAllowed: 1 + random.below(3),
      observed: random.chance(0.9),
    }),
  );
  return { nodes: details(names.map(() => random.pick(['a', 'b', null]))), pods, budgets };
}

describe('batches of random clusters', () => {
  /** Enough for every rule to decide many of them. */
  const CLUSTERS = 200;

  it('never have more than the policy’s number, break a budget, mix zones, or take all of one', () => {
    let joined = 0;
    for (let seed = 1; seed <= CLUSTERS; seed += 1) {
      const random = seeded(seed);
      const workers = 2 + random.below(9);
      const parallelWorkers = 2 + random.below(4);
      const estate = anyEstate(random, workers);
      // The findings of such clusters stop them; here only the order counts.
      const checks = { 'disruption-budgets': 'off', capacity: 'off' } as const;
      const batches = batchesOf(propose(workers, aPolicy({ parallelWorkers, checks }), estate));
      expect(batches.flat().toSorted()).toEqual(
        Array.from({ length: workers }, (_, at) => `worker-${at + 1}`).toSorted(),
      );
      const guarded = budgetsByPod((estate.pods ?? []).filter(isEvicted), estate.budgets ?? []);
      for (const batch of batches.filter(({ length }) => length > 1)) {
        joined += 1;
        const where = `seed ${seed}: ${batch.join(' + ')}`;
        expect(batch.length, where).toBeLessThanOrEqual(parallelWorkers);
        const zones = new Map(estate.nodes?.map(({ name, zone }) => [name, zone]));
        const [zone = null, ...others] = new Set(batch.map((name) => zones.get(name) ?? null));
        expect(others, where).toEqual([]);
        const left = estate.nodes?.filter((one) => one.zone === zone && !batch.includes(one.name)) ?? [];
        expect(zone === null || left.length > 0, where).toBe(true);
        for (const budget of estate.budgets ?? []) {
          const going = [...guarded].filter(
            ([pod, mine]) => mine.includes(budget) && batch.includes(pod.node ?? ''),
          );
          const from = new Set(going.map(([pod]) => pod.node));
          const broken = from.size > 1 && (going.length > budget.disruptionsAllowed || !budget.observed);
          expect(broken, `${where} and ${budget.name}`).toBe(false);
        }
      }
    }
    expect(joined).toBeGreaterThan(CLUSTERS / 2);
  });
});

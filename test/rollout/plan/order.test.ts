// Who goes first by policy: the four orders, the canary and why it is that one, and the soaks between.
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/checks/finding.ts';
import type { EstateViews } from '../../../src/cluster/estate/estate.ts';
import { versionOf } from '../../../src/rollout/event/lift.ts';
import type { Goal } from '../../../src/rollout/goal.ts';
import { planFor } from '../../../src/rollout/plan/plan-for.ts';
import { type Proposal, startsAtOnce } from '../../../src/rollout/plan/proposal.ts';
import { lanesOf, type Plan, stepsOf } from '../../../src/rollout/plan.ts';
import type { Order, Policy } from '../../../src/rollout/policy.ts';
import { aBudget, aNodeDetail, anEstate, aPod } from '../../builders/estate.ts';
import { aPolicy } from '../../builders/plan.ts';
import { aCluster, type ClusterSize } from '../../builders/snapshot.ts';

const MINUTE = 60_000;

interface Wish {
  readonly policy: Partial<Policy>;
  readonly size?: ClusterSize;
  readonly estate?: Partial<EstateViews>;
  readonly goal?: Partial<Extract<Goal, { kind: 'upgrade-talos' }>>;
}

interface Proposed {
  readonly plan: Plan;
  readonly findings: readonly Finding[];
}

function propose(wish: Wish): Proposed {
  const proposal = proposalOf(wish);
  if (proposal.kind !== 'planned') throw new Error(proposal.sentence);
  return proposal;
}

function proposalOf({ policy, size = { workers: 3 }, estate, goal }: Wish): Proposal {
  const snapshot = {
    ...aCluster(size).build(),
    ...(estate === undefined ? {} : { estate: anEstate(estate) }),
  };
  const asked: Goal = { kind: 'upgrade-talos', version: 'v1.13.5', ...goal };
  const parts = { snapshot, policy: aPolicy(policy), factory: 'factory.example', previousOf: () => null };
  return planFor(asked, { ...parts, archived: true });
}

const stagesOf = ({ plan }: Proposed): readonly string[] => plan.stages.map(({ id }) => id);
const canaryOf = ({ plan }: Proposed): string | undefined =>
  plan.stages.find(({ id }) => id === 'canary')?.lanes[0]?.node;
const findingsOf = ({ findings }: Pick<Proposed, 'findings'>, check: string): readonly Finding[] =>
  findings.filter((finding) => finding.check === check);

const SOAK = { workersMs: 0, canaryMs: 10 * MINUTE, stagesMs: 0 };
/** One pod of a budget on worker-1, one with a volume on worker-2, two of no weight on worker-3. */
const UNEVEN: Partial<EstateViews> = {
  nodes: ['cp-1', 'cp-2', 'cp-3', 'worker-1', 'worker-2', 'worker-3'].map((name) => aNodeDetail(name)),
  pods: [
    aPod({ node: 'worker-1' }),
    aPod({ name: 'db-1', node: 'worker-2', labels: { app: 'db' }, claims: ['data'] }),
    aPod({ name: 'job-1', node: 'worker-3', labels: { app: 'job' } }),
    aPod({ name: 'job-2', node: 'worker-3', labels: { app: 'job' } }),
  ],
  budgets: [aBudget()],
};

describe('the order', () => {
  it.each<readonly [Order, readonly string[]]>([
    ['workers-first', ['images', 'workers', 'snapshot', 'control-plane']],
    ['canary', ['images', 'canary', 'soak-canary', 'workers', 'snapshot', 'control-plane']],
    [
      'canary-then-control-plane',
      ['images', 'canary', 'soak-canary', 'snapshot', 'control-plane', 'workers'],
    ],
    ['control-plane-first', ['images', 'snapshot', 'control-plane', 'workers']],
  ])('%s', (order, stages) => {
    expect(stagesOf(propose({ policy: { order, soak: SOAK } }))).toEqual(stages);
  });

  it('is workers first where the policy says nothing, and then the plan is what it always was', () => {
    const plain = propose({ policy: {} }).plan;
    expect(
      propose({ policy: { order: 'workers-first', soak: { workersMs: 0, canaryMs: MINUTE, stagesMs: 0 } } })
        .plan,
    ).toEqual(plain);
    expect(versionOf({ kind: 'planned', plan: plain, findings: [], expiresAt: 0 })).toBe(1);
  });

  it('keeps the gates of the control plane and the leader last of it, whichever it is', () => {
    for (const order of ['canary', 'canary-then-control-plane', 'control-plane-first'] as const) {
      const stage = propose({ policy: { order } }).plan.stages.find(({ id }) => id === 'control-plane');
      expect(stage?.lanes.map(({ node }) => node)).toEqual(['cp-2', 'cp-3', 'cp-1']);
      expect(stage?.lanes.every(({ gate }) => gate?.proof === 'healthy')).toBe(true);
    }
  });

  it('says in a fact that older versions refuse that lanes belong together, or only wait', () => {
    for (const policy of [{ parallelWorkers: 2 }, { order: 'canary', soak: SOAK } as const]) {
      const { plan } = propose({ policy });
      expect(versionOf({ kind: 'planned', plan, findings: [], expiresAt: 0 })).toBe(2);
    }
  });
});

describe('the canary', () => {
  it('is the worker whose departure hurts least, and the plan says why', () => {
    const proposed = propose({ policy: { order: 'canary', soak: SOAK }, estate: UNEVEN });
    expect(canaryOf(proposed)).toBe('worker-3');
    expect(findingsOf(proposed, 'canary')).toMatchObject([
      {
        level: 'ok',
        subject: 'worker-3',
        sentence: expect.stringContaining('0 pods behind disruption budgets'),
      },
    ]);
    expect(findingsOf(proposed, 'canary')[0]?.sentence).toContain('10 min');
  });

  it('holds no copies of data where one does not', () => {
    const volume = {
      name: 'v',
      robustness: 'healthy',
      state: 'attached',
      replicas: 1,
      node: null,
      copies: ['worker-3'],
    };
    const longhorn = { volumes: [volume], drainPolicy: null };
    expect(canaryOf(propose({ policy: { order: 'canary' }, estate: { ...UNEVEN, longhorn } }))).toBe(
      'worker-2',
    );
  });

  it('is the first by name where nothing tells them apart, and where nobody was asked', () => {
    const equal = { ...UNEVEN, pods: [] };
    expect(canaryOf(propose({ policy: { order: 'canary' }, estate: equal }))).toBe('worker-1');
    expect(canaryOf(propose({ policy: { order: 'canary' } }))).toBe('worker-1');
  });

  it('is the one the policy names', () => {
    const policy = { order: 'canary', canary: { node: 'worker-2' } } as const;
    expect(canaryOf(propose({ policy, estate: UNEVEN }))).toBe('worker-2');
  });

  it('stops the plan when nobody is called as the policy names it', () => {
    const policy = { order: 'canary', canary: { node: 'cp-1' }, start: 'at-once' } as const;
    const proposed = propose({ policy });
    expect(findingsOf(proposed, 'canary')).toMatchObject([{ level: 'blocker', subject: 'cp-1' }]);
    expect(startsAtOnce(proposed.plan, proposed.findings, aPolicy(policy))).toBe(false);
  });

  it('is alone: the others go without it, in batches where the policy says so', () => {
    const { plan } = propose({ policy: { order: 'canary', parallelWorkers: 2 } });
    const workers = plan.stages.find(({ id }) => id === 'workers');
    expect(workers?.lanes.map(({ node }) => node)).toEqual(['worker-2', 'worker-3']);
    expect(workers?.batches).toHaveLength(1);
    expect(plan.stages.find(({ id }) => id === 'canary')).toMatchObject({ width: 1 });
  });

  it('alone proves a cold boot where the policy says so, unless somebody asks for a mode', () => {
    const policy = { order: 'canary', canary: { rebootMode: 'powercycle' } } as const;
    const modes = ({ plan }: Proposed): Record<string, unknown> =>
      Object.fromEntries(
        stepsOf(plan)
          .filter(({ kind }) => kind === 'reboot')
          .map(({ node, params }) => [node, params['mode']]),
      );
    expect(modes(propose({ policy }))).toMatchObject({
      'worker-1': 'powercycle',
      'worker-2': undefined,
      'cp-1': undefined,
    });
    expect(modes(propose({ policy, goal: { rebootMode: 'force' } }))).toMatchObject({
      'worker-1': 'force',
      'worker-2': 'force',
    });
  });

  it('of a mode that its call does not know stops the plan, though the others could restart', () => {
    const policy = { order: 'canary', canary: { rebootMode: 'force' } } as const;
    const before = findingsOf(
      proposalOf({ policy, size: { workers: 3, version: 'v1.12.9' } }),
      'reboot-mode',
    );
    expect(before).toMatchObject([{ level: 'blocker', subject: 'worker-1' }]);
    expect(before[0]?.sentence).toContain('worker-1 cannot be restarted with force');
    const asked = {
      policy,
      size: { workers: 3, version: 'v1.12.9' },
      goal: { rebootMode: 'powercycle' },
    } as const;
    expect(findingsOf(propose(asked), 'reboot-mode')).toMatchObject([{ level: 'ok', subject: 'machines' }]);
  });

  it('that restarts in a way of its own is named where people should know of it', () => {
    const modeOf = (rebootMode: 'force' | 'powercycle'): readonly Finding[] =>
      findingsOf(propose({ policy: { order: 'canary', canary: { rebootMode } } }), 'reboot-mode');
    expect(modeOf('force')).toMatchObject([{ level: 'warning', subject: 'worker-1' }]);
    expect(modeOf('force')[0]?.sentence).toContain('of worker-1: to whatever still runs on the node');
    expect(modeOf('powercycle')).toMatchObject([{ level: 'ok', subject: 'worker-1' }]);
  });

  it.each([
    ['canary', ['snapshot', 'install', 'workers', 'control-plane']],
    ['canary-then-control-plane', ['snapshot', 'install', 'control-plane', 'workers']],
  ] as const)(
    'of a staged upgrade is installed, restarted and watched before anybody else is armed (%s)',
    (order, later) => {
      const proposed = propose({ policy: { order, soak: SOAK }, goal: { staged: true } });
      expect(stagesOf(proposed)).toEqual(['images', 'install-canary', 'canary', 'soak-canary', ...later]);
      const nodesIn = (stage: string): readonly string[] =>
        proposed.plan.stages
          .filter(({ id }) => id === stage)
          .flatMap(({ lanes }) => lanes.map(({ node }) => node));
      expect(nodesIn('install-canary')).toEqual(nodesIn('canary'));
      expect(nodesIn('install')).toEqual(['worker-2', 'worker-3', 'cp-2', 'cp-3', 'cp-1']);
    },
  );

  it('is nobody in a cluster without workers, which is said', () => {
    const proposed = propose({ policy: { order: 'canary', soak: SOAK }, size: { workers: 0 } });
    expect(stagesOf(proposed)).toEqual(['images', 'snapshot', 'control-plane']);
    expect(findingsOf(proposed, 'canary')).toMatchObject([{ level: 'warning' }]);
  });
});

describe('soaks', () => {
  const soaksIn = ({ plan }: Proposed): readonly (readonly [string, unknown])[] =>
    stepsOf(plan)
      .filter(({ kind }) => kind === 'soak')
      .map(({ params }) => [String(params['nodes']), params['ms']]);

  it('come after each batch, and before the control plane as long as the longest says', () => {
    const soak = { workersMs: 5 * MINUTE, canaryMs: 0, stagesMs: 20 * MINUTE };
    expect(soaksIn(propose({ policy: { soak } }))).toEqual([
      ['worker-1', 5 * MINUTE],
      ['worker-2', 5 * MINUTE],
      ['worker-1,worker-2,worker-3', 20 * MINUTE],
    ]);
    expect(soaksIn(propose({ policy: { soak, parallelWorkers: 2 } }))).toEqual([
      ['worker-1,worker-2', 5 * MINUTE],
      ['worker-1,worker-2,worker-3', 20 * MINUTE],
    ]);
  });

  it('watch all workers before the control plane, also those of batches after which nothing soaked', () => {
    const soak = { workersMs: 0, canaryMs: 0, stagesMs: 20 * MINUTE };
    expect(soaksIn(propose({ policy: { soak } }))).toEqual([['worker-1,worker-2,worker-3', 20 * MINUTE]]);
  });

  it('watch the control plane too when it goes first, and nothing when nobody follows', () => {
    const soak = { workersMs: 5 * MINUTE, canaryMs: 0, stagesMs: 20 * MINUTE };
    expect(
      soaksIn(propose({ policy: { soak, order: 'control-plane-first' }, size: { workers: 1 } })),
    ).toEqual([['cp-2,cp-3,cp-1', 20 * MINUTE]]);
  });

  it('are lanes about no node, so that skipping one leaves no node behind', () => {
    const { plan } = propose({ policy: { order: 'canary', soak: SOAK } });
    const lane = lanesOf(plan).find(({ steps }) => steps[0]?.kind === 'soak');
    expect(lane).toMatchObject({ node: 'soak of worker-1', role: null, gate: null });
  });
});

// What is asked between two nodes and at the end: whoever is not whole holds the next node, and only new troubles are told.
import { describe, expect, it } from 'vitest';
import { SimulatedEstate } from '../../playground/doubles/estate.ts';
import { CLUSTER } from '../../playground/doubles/house.ts';
import { AT_THE_END_ASKS, BEFORE_A_NODE_ASKS } from '../../src/checks/checklist.ts';
import type { EstateSubject, EstateViews } from '../../src/cluster/estate/estate.ts';
import type { PodSeen } from '../../src/engine/ports/workloads.ts';
import { lanesOf } from '../../src/rollout/plan.ts';
import { aPod } from '../builders/estate.ts';
import { ILL, wellEnded, withIll } from './moments.ts';
import { aScene, type Scene, type SceneOptions } from './scene.ts';

function furnished(options: SceneOptions = {}): { readonly scene: Scene; readonly estate: SimulatedEstate } {
  const estate = new SimulatedEstate();
  return { scene: aScene({ ...options, estate: estate.reader }), estate };
}

function health(verdict: 'healthy' | 'unhealthy', timeoutMs = 600_000): Pick<EstateViews, 'health'> {
  return { health: [{ name: 'databases', verdict, detail: 'db-1 has 2 of 3 instances', timeoutMs }] };
}

const TUPPR: Pick<EstateViews, 'otherUpgraders'> = {
  otherUpgraders: [
    { kind: 'tuppr', name: 'TalosUpgrade cluster', state: 'working', detail: 'phase Upgrading' },
  ],
};

/** Until the first worker is back, which is when the second one would go. */
async function afterFirst(scene: Scene): Promise<void> {
  scene.start();
  await scene.untilStep('w-1', 'uncordon', 'step-ended');
}

const changed = (scene: Scene, node: string): boolean =>
  scene.facts('step-begun').some(({ step }) => new RegExp(`${node}-(?!pull)`).test(step));

async function noteOf(scene: Scene, node: string): Promise<string> {
  return (await scene.house.journal.notes(CLUSTER, scene.id))[node]?.sentence ?? '';
}

describe('before a node', () => {
  it.each<readonly [string, Partial<EstateViews>, Partial<EstateViews>, string]>([
    ['a health check that does not hold', health('unhealthy'), health('healthy'), 'databases'],
    ['somebody else who upgrades', TUPPR, { otherUpgraders: [] }, 'tuppr is at work here'],
    [
      'a volume that is rebuilt',
      {
        longhorn: {
          volumes: [{ name: 'pvc-1', robustness: 'degraded', state: 'attached', replicas: 3, node: 'w-1' }],
          drainPolicy: null,
        },
      },
      { longhorn: null },
      'Longhorn is rebuilding: pvc-1',
    ],
  ])('%s holds the next one until it is over', async (_what, trouble, over, says) => {
    const { scene, estate } = furnished({ policy: { limits: { proveMs: 300_000 } } });
    await afterFirst(scene);
    estate.change(trouble);
    await scene.house.time.advance(60_000);
    expect(changed(scene, 'w-2')).toBe(false);
    expect(await noteOf(scene, 'w-2')).toContain(says);
    estate.change(over);
    await scene.plays();
    expect(scene.facts('step-failed')).toEqual([]);
    wellEnded(scene);
  });

  it('a process that dies meanwhile changes nothing: the next one waits as well', async () => {
    const { scene, estate } = furnished({ policy: { limits: { proveMs: 300_000 } } });
    await afterFirst(scene);
    estate.change(TUPPR);
    await scene.house.time.advance(20_000);
    for (const process of scene.house.living) process.kill();
    scene.start();
    await scene.house.time.advance(20_000);
    expect(changed(scene, 'w-2')).toBe(false);
    estate.change({ otherUpgraders: [] });
    await scene.plays();
    wellEnded(scene);
  });

  it('a health check is waited for as long as it says, then a person decides', async () => {
    const { scene, estate } = furnished();
    await afterFirst(scene);
    estate.change(health('unhealthy', 120_000));
    const since = scene.house.time.now();
    await scene.plays();
    expect(scene.phase).toMatchObject({
      phase: 'held',
      held: { kind: 'failed', node: 'w-2', why: expect.stringContaining('db-1 has 2 of 3') },
    });
    expect(scene.house.time.now() - since).toBeGreaterThanOrEqual(120_000);
    expect(changed(scene, 'w-2')).toBe(false);
    estate.change(health('healthy'));
    await scene.says({ kind: 'retry' });
    await scene.plays();
    wellEnded(scene);
  });

  it('what the policy does not ask for holds nobody', async () => {
    const { scene, estate } = furnished({ policy: { checks: { 'other-upgraders': 'off' } } });
    await afterFirst(scene);
    estate.change(TUPPR);
    await scene.plays();
    expect(scene.facts('step-failed')).toEqual([]);
    wellEnded(scene);
  });

  it('a node that is rolled back is not kept waiting: what is not whole may be so because of it', async () => {
    const { scene, estate } = furnished({ goal: { kind: 'rollback-node', node: 'w-1' } });
    scene.start();
    await scene.until(({ plan }) => plan !== null);
    const planned = estate.asked.length;
    estate.change({ ...TUPPR, ...health('unhealthy') });
    await scene.plays();
    expect(
      scene
        .facts('step-failed')
        .map(({ why }) => why)
        .filter((why) => why.includes('tuppr')),
    ).toEqual([]);
    expect(estate.asked.slice(planned)).not.toContain('health');
  });

  it('evictions that would be refused for good hold it before anything is touched', async () => {
    const { scene } = furnished();
    await afterFirst(scene);
    const limits = { maxUnavailable: 3 };
    scene.house.objects.addBudget({ namespace: 'shop', name: 'second', app: 'web', limits });
    await scene.plays();
    expect(scene.phase).toMatchObject({
      held: {
        node: 'w-2',
        why: expect.stringMatching(/refuses an eviction for good: shop\/web-.* more than one/),
      },
    });
    expect(changed(scene, 'w-2')).toBe(false);
    expect(scene.house.objects.isCordoned('w-2')).toBe(false);
  });

  it('a gate’s card says what its drain would meet', async () => {
    const { scene } = furnished();
    let gone = false;
    const stuck = (node: string): PodSeen => ({ ...ILL, node, ownerKind: 'ReplicaSet' });
    scene.between((ports) => ({
      ...ports,
      workloads: {
        ...ports.workloads,
        podsOn: async (node) => [
          ...(await ports.workloads.podsOn(node)),
          ...(node.startsWith('cp-') && !gone ? [stuck(node)] : []),
        ],
        rehearse: async (pod) =>
          pod.uid === ILL.uid
            ? {
                kind: 'blocked',
                cause: 'budget',
                why: 'The disruption budget agent needs 3.',
                retryAfterMs: 0,
              }
            : ports.workloads.rehearse(pod),
      },
    }));
    scene.start();
    await scene.until(({ phase }) => phase.phase === 'at-gate');
    gone = true;
    expect(scene.facts('gate-opened').map(({ remarks }) => remarks)).toEqual([
      [
        expect.stringMatching(
          /^The drain of cp-. would wait now for shop\/agent-1 \(The disruption budget agent/,
        ),
      ],
    ]);
    await scene.plays();
    wellEnded(scene);
  });

  it('nothing is asked but what is judged, and pods only for the plan and at the end', async () => {
    const { scene, estate } = furnished();
    scene.start();
    await scene.until(({ plan }) => plan !== null);
    const planned = estate.asked.length;
    await scene.plays();
    wellEnded(scene);
    const later = estate.asked.slice(planned);
    const { plan } = scene.rollout;
    const lanes = (plan === null ? [] : lanesOf(plan)).filter(
      ({ role, steps }) => role !== null && steps.some(({ presence }) => presence === 'departs'),
    );
    const expected = [
      ...lanes.flatMap(() => [...BEFORE_A_NODE_ASKS].sort()),
      ...AT_THE_END_ASKS,
    ] as EstateSubject[];
    expect([...later].sort()).toEqual(expected.sort());
  });
});

describe('pods that do not run', () => {
  const crashing = (name: string) =>
    aPod({ name, ready: false, waiting: 'CrashLoopBackOff', owner: { kind: 'DaemonSet', name: 'agent' } });

  it('are told of a node that is back, and at the end, when they did before', async () => {
    const { scene, estate } = furnished();
    withIll(scene, () => true);
    await afterFirst(scene);
    estate.change({ pods: [crashing('agent-1'), crashing('agent-2')] });
    await scene.plays();
    wellEnded(scene);
    const ended = scene.facts('step-ended').find(({ step }) => step === scene.step('w-1', 'uncordon').id);
    expect(ended?.result['newTroubles']).toContain(
      'on w-1, other than before the rollout: shop/DaemonSet agent',
    );
    expect(scene.rollout.aftermath.map(({ sentence }) => sentence)).toEqual([
      'Not running, other than before the rollout: shop/DaemonSet agent (2 pods, CrashLoopBackOff).',
    ]);
  });

  it('are nobody’s news when they did not before', async () => {
    const { scene, estate } = furnished({ policy: { checks: { 'pods-running': 'off' } } });
    estate.change({ pods: [crashing('agent-1'), crashing('agent-2')] });
    withIll(scene, () => true);
    await scene.plays();
    wellEnded(scene);
    expect(scene.rollout.baseline?.ill).toEqual({ 'shop/DaemonSet agent': 2 });
    expect(scene.facts('step-ended').some(({ result }) => 'newTroubles' in result)).toBe(false);
    expect(scene.facts('finished')).toEqual([{ kind: 'finished', outcome: 'upgraded' }]);
  });
});

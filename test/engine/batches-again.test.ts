// A batch whose nodes were touched already: judged together again when people took their time, and smaller when an earlier worker fell ill.
import { describe, expect, it } from 'vitest';
import { SimulatedEstate } from '../../playground/doubles/estate.ts';
import { CLUSTER } from '../../playground/doubles/house.ts';
import type { EstateViews } from '../../src/cluster/estate/estate.ts';
import { nodesAway } from '../../src/rollout/rollout.ts';
import type { StepKind } from '../../src/rollout/step.ts';
import { aBudget, aNodeDetail, aPod } from '../builders/estate.ts';
import { wellEnded } from './moments.ts';
import { aScene, REQUESTER, type Scene } from './scene.ts';

const HOURS_MS = 8 * 3_600_000;
/** Longer than any patience below: who waits for a restart waits past it. */
const REBOOT_MS = 18_000;
const LIMITS = { proveMs: 10_000, rebootMs: 60_000, returnMs: 60_000 };

/** A volume whose only copies lie on both nodes of the first batch. */
const volume = (state: string): Pick<EstateViews, 'longhorn'> => ({
  longhorn: {
    drainPolicy: 'block-if-contains-last-replica',
    volumes: [
      { name: 'pvc-1', robustness: 'healthy', state, replicas: 2, node: 'w-3', copies: ['w-1', 'w-2'] },
    ],
  },
});
/** A pod each, of a budget that lets one go. */
const SHARED: Pick<EstateViews, 'pods' | 'budgets'> = {
  pods: [aPod({ node: 'w-1' }), aPod({ name: 'web-2', node: 'w-2' })],
  budgets: [aBudget()],
};

interface Furnished {
  readonly scene: Scene;
  readonly estate: SimulatedEstate;
  readonly ill: Set<string>;
  /** The most nodes of the first batch that were away at once. */
  readonly most: () => number;
}

function furnished(workers: number): Furnished {
  const estate = new SimulatedEstate();
  const ill = new Set<string>();
  const scene = aScene({
    world: { workers, rebootMs: REBOOT_MS },
    policy: { parallelWorkers: 2, limits: LIMITS },
    estate: estate.reader,
  });
  // Long enough to say "pause", or to fall ill, before it has ended.
  const slowly = async <T>(act: () => Promise<T>): Promise<T> => {
    await new Promise<void>((ended) => scene.house.time.after(5_000, ended));
    return act();
  };
  scene.between((ports) => ({
    ...ports,
    machines: {
      ...ports.machines,
      install: (...asked) => slowly(() => ports.machines.install(...asked)),
    },
    workloads: {
      ...ports.workloads,
      cordon: (...asked) => slowly(() => ports.workloads.cordon(...asked)),
      nodes: async () =>
        (await ports.workloads.nodes()).map((node) =>
          ill.has(node.name) ? { ...node, ready: false } : node,
        ),
    },
  }));
  estate.change({ nodes: scene.house.world.nodes.map(({ name }) => aNodeDetail(name)) });
  let most = 0;
  scene.tap({
    after: () => {
      const { rollout } = scene.audit;
      const away = rollout === null ? [] : nodesAway(rollout).filter((node) => ['w-1', 'w-2'].includes(node));
      most = Math.max(most, away.length);
    },
  });
  return { scene, estate, ill, most: () => most };
}

/** Paused for hours once both nodes are in that step. */
async function pausedIn({ scene }: Furnished, kind: StepKind, meanwhile: () => void): Promise<void> {
  scene.start();
  await scene.untilStep('w-1', kind, 'step-begun');
  await scene.untilStep('w-2', kind, 'step-begun');
  await scene.says({ kind: 'pause' }, REQUESTER);
  await scene.until(({ phase }) => phase.phase === 'paused');
  await scene.house.time.advance(HOURS_MS);
  meanwhile();
  await scene.says({ kind: 'resume' }, REQUESTER);
}

const noteOf = async (scene: Scene, node: string): Promise<string> =>
  (await scene.house.journal.notes(CLUSTER, scene.id))[node]?.sentence ?? '';

describe('after a pause of hours', () => {
  it.each<readonly [string, StepKind, Partial<EstateViews>, Partial<EstateViews>, string]>([
    ['have all copies of a volume', 'cordon', {}, volume('attached'), 'Longhorn volume pvc-1 has copies'],
    [
      'have all copies of a volume that nobody used before',
      'cordon',
      volume('detached'),
      volume('attached'),
      'Longhorn volume pvc-1 has copies',
    ],
    ['have all copies of a volume, drained', 'install', {}, volume('attached'), 'Longhorn volume pvc-1 has'],
    ['share a budget that lets one go', 'cordon', {}, SHARED, 'shop/web lets 1 pod go'],
  ])('two nodes that %s leave one after the other, and nobody is asked', async (...row) => {
    const [, kind, before, after, says] = row;
    const set = furnished(3);
    const { scene, estate } = set;
    estate.change(before);
    await pausedIn(set, kind, () => estate.change(after));
    await scene.untilStep('w-1', 'reboot', 'step-begun');
    await scene.house.time.advance(6_000);
    const note = await noteOf(scene, 'w-2');
    expect(note).toContain('w-2 does not go together with w-1');
    expect(note).toContain(says);
    await scene.plays();
    expect(set.most()).toBe(1);
    expect(scene.facts('step-failed')).toEqual([]);
    wellEnded(scene);
  });

  it('two nodes that still may go together do', async () => {
    const set = furnished(3);
    await pausedIn(set, 'cordon', () => undefined);
    await set.scene.plays();
    expect(set.most()).toBe(2);
    wellEnded(set.scene);
  });

  it('also when the process that knew it dies', async () => {
    const set = furnished(3);
    const { scene, estate } = set;
    await pausedIn(set, 'cordon', () => estate.change(volume('attached')));
    await scene.untilStep('w-1', 'reboot', 'step-begun');
    for (const process of scene.house.living) process.kill();
    scene.start();
    await scene.plays();
    expect(set.most()).toBe(1);
    wellEnded(scene);
  });
});

describe('with an earlier worker that is not Ready', () => {
  /** It is whole again before the control plane is asked about. */
  async function goesOn({ scene, ill }: Furnished): Promise<void> {
    await scene.untilStep('w-3', 'uncordon', 'step-ended');
    await scene.untilStep('w-4', 'uncordon', 'step-ended');
    ill.clear();
    await scene.plays();
    expect(scene.facts('step-failed')).toEqual([]);
    wellEnded(scene);
  }

  it('the second node of a batch is not touched before the first is through', async () => {
    const set = furnished(4);
    const { scene, ill } = set;
    scene.start();
    await scene.untilStep('w-1', 'uncordon', 'step-ended');
    await scene.untilStep('w-2', 'uncordon', 'step-ended');
    ill.add('w-1');
    await scene.untilStep('w-3', 'reboot', 'step-begun');
    await scene.house.time.advance(6_000);
    expect(await noteOf(scene, 'w-4')).toContain(
      'w-4 does not go together with w-3: w-1 is not Ready in Kubernetes, and no more than 2 workers may be away at a time',
    );
    expect(scene.facts('step-begun').some(({ step }) => step === scene.step('w-4', 'cordon').id)).toBe(false);
    await goesOn(set);
  });

  it('the second one waits for the first also when both are drained and installed', async () => {
    const set = furnished(4);
    const { scene, ill } = set;
    scene.start();
    await scene.untilStep('w-3', 'install', 'step-begun');
    await scene.untilStep('w-4', 'install', 'step-begun');
    ill.add('w-1');
    await goesOn(set);
  });

  it('people are asked once nobody is left to wait for', async () => {
    const { scene, ill } = furnished(4);
    scene.start();
    await scene.untilStep('w-3', 'install', 'step-begun');
    await scene.untilStep('w-4', 'install', 'step-begun');
    ill.add('w-1').add('w-2');
    await scene.until(({ phase }) => phase.phase === 'held');
    expect(scene.phase).toMatchObject({
      held: {
        why: expect.stringContaining('w-1 is not Ready in Kubernetes; w-2 is not Ready in Kubernetes'),
      },
    });
    expect(scene.counted('reboots')).toMatchObject({ 'w-3': 0, 'w-4': 0 });
  });
});

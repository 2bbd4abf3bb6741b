// Workers side by side as they are driven: judged together again before each is touched, waiting for each other and for nobody else.
import { describe, expect, it } from 'vitest';
import { SimulatedEstate } from '../../playground/doubles/estate.ts';
import { CLUSTER } from '../../playground/doubles/house.ts';
import type { EstateViews } from '../../src/cluster/estate/estate.ts';
import { aBudget, aNodeDetail, aPod } from '../builders/estate.ts';
import { aScene, type Scene, type SceneOptions } from './scene.ts';

function sideBySide(options: SceneOptions = {}): { readonly scene: Scene; readonly estate: SimulatedEstate } {
  const estate = new SimulatedEstate();
  const policy = { parallelWorkers: 2, ...options.policy };
  const world = { workers: 4, ...options.world };
  const scene = aScene({ ...options, world, policy, estate: estate.reader });
  estate.change({ nodes: scene.house.world.nodes.map(({ name }) => aNodeDetail(name)) });
  return { scene, estate };
}

/** w-1 and w-2 have a pod each of a budget that lets one go. */
const SHARED: Pick<EstateViews, 'pods' | 'budgets'> = {
  pods: [aPod({ node: 'w-1' }), aPod({ name: 'web-2', node: 'w-2' })],
  budgets: [aBudget()],
};

/** Number of the fact that ended, or began, this step of the node; null when it did not. */
function when(scene: Scene, kind: 'step-begun' | 'step-ended', id: string): number {
  return scene.audit.entries.find(({ event }) => event.kind === kind && event.step === id)?.n ?? Number.NaN;
}

const began = (scene: Scene, node: string): number =>
  when(scene, 'step-begun', scene.step(node, 'cordon').id);
const through = (scene: Scene, node: string): number =>
  when(scene, 'step-ended', scene.step(node, 'uncordon').id);

function wellEnded(scene: Scene): void {
  scene.audit.close();
  expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
  expect(scene.facts('step-failed')).toEqual([]);
  expect(scene.audit.broken).toEqual([]);
}

describe('workers that may go together', () => {
  it('go together, and the next batch when they are through', async () => {
    const { scene } = sideBySide();
    await scene.plays();
    expect(began(scene, 'w-2')).toBeLessThan(through(scene, 'w-1'));
    expect(began(scene, 'w-3')).toBeGreaterThan(Math.max(through(scene, 'w-1'), through(scene, 'w-2')));
    expect(began(scene, 'w-4')).toBeLessThan(through(scene, 'w-3'));
    wellEnded(scene);
  });

  it('are asked about once more, and only while they are several', async () => {
    const { scene, estate } = sideBySide({ policy: { parallelWorkers: 1 } });
    scene.start();
    await scene.until(({ plan }) => plan !== null);
    const planned = estate.asked.length;
    await scene.untilStep('w-4', 'uncordon', 'step-ended');
    expect(estate.asked.slice(planned)).not.toContain('budgets');
  });
});

describe('workers that may not go together any more', () => {
  it('go one after the other: the batch shrinks, longer than any patience, and nobody is asked', async () => {
    const { scene, estate } = sideBySide({
      world: { rebootMs: 16_000 },
      policy: { limits: { proveMs: 10_000 } },
    });
    scene.start();
    await scene.until(({ plan }) => plan !== null);
    estate.change(SHARED);
    await scene.untilStep('w-1', 'reboot', 'step-begun');
    await scene.house.time.advance(6_000);
    const note = (await scene.house.journal.notes(CLUSTER, scene.id))['w-2']?.sentence;
    expect(note).toContain(
      'w-2 does not go together with w-1: shop/web lets 1 pod go, and together they have 2',
    );
    await scene.plays();
    expect(began(scene, 'w-2')).toBeGreaterThan(through(scene, 'w-1'));
    wellEnded(scene);
  });

  it('go together after all when they may again', async () => {
    const { scene, estate } = sideBySide({ world: { rebootMs: 16_000 } });
    scene.start();
    await scene.until(({ plan }) => plan !== null);
    estate.change(SHARED);
    await scene.untilStep('w-1', 'reboot', 'step-begun');
    expect(began(scene, 'w-2')).toBeNaN();
    estate.change({ budgets: [aBudget({ disruptionsAllowed: 2 })] });
    await scene.plays();
    expect(began(scene, 'w-2')).toBeLessThan(through(scene, 'w-1'));
    wellEnded(scene);
  });

  it('also when the process that knew it dies', async () => {
    const { scene, estate } = sideBySide({ world: { rebootMs: 16_000 } });
    scene.start();
    await scene.until(({ plan }) => plan !== null);
    estate.change(SHARED);
    await scene.untilStep('w-1', 'reboot', 'step-begun');
    for (const process of scene.house.living) process.kill();
    scene.start();
    await scene.plays();
    expect(began(scene, 'w-2')).toBeGreaterThan(through(scene, 'w-1'));
    wellEnded(scene);
  });

  it('may all the same where the policy only counts them', async () => {
    const { scene, estate } = sideBySide({ policy: { checks: { batches: 'off' } } });
    scene.start();
    await scene.until(({ plan }) => plan !== null);
    estate.change(SHARED);
    await scene.plays();
    expect(began(scene, 'w-2')).toBeLessThan(through(scene, 'w-1'));
    wellEnded(scene);
  });
});

describe('storage and health checks', () => {
  it('hold between batches: the next one waits until what the first one took is whole again', async () => {
    const { scene, estate } = sideBySide({ policy: { limits: { proveMs: 300_000 } } });
    scene.start();
    await scene.untilStep('w-2', 'reboot', 'step-begun');
    const volume = {
      name: 'pvc-1',
      robustness: 'degraded',
      state: 'attached',
      replicas: 2,
      node: null,
      copies: [],
    };
    estate.change({ longhorn: { volumes: [volume], drainPolicy: null } });
    await scene.untilStep('w-2', 'uncordon', 'step-ended');
    await scene.house.time.advance(60_000);
    expect(began(scene, 'w-3')).toBeNaN();
    estate.change({ longhorn: null });
    await scene.plays();
    wellEnded(scene);
  });
});

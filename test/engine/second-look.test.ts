// Nodes that this rollout is through with are looked at again before the next one leaves: who fell ill since is as much away.
import { describe, expect, it } from 'vitest';
import { SimulatedEstate } from '../../playground/doubles/estate.ts';
import type { Clock } from '../../src/engine/ports/clock.ts';
import { nodesAway, type Rollout } from '../../src/rollout/rollout.ts';
import { aNodeDetail } from '../builders/estate.ts';
import { withMachines } from './machines-between.ts';
import { aScene, REQUESTER, type Scene, type SceneOptions } from './scene.ts';

const CONTROL_PLANE = ['cp-1', 'cp-2', 'cp-3'];
const SOAK_MS = 600_000;

/** The whole control plane is upgraded, no worker is, and cp-2 goes down. */
async function controlPlaneFirst(policy: NonNullable<SceneOptions['policy']> = {}): Promise<Scene> {
  const scene = aScene({ world: { workers: 2 }, policy: { order: 'control-plane-first', ...policy } });
  scene.start();
  await scene.until(({ plan }) => {
    if (plan === null) return false;
    const ended = scene.facts('step-ended').map(({ step }) => step);
    return CONTROL_PLANE.every((node) => ended.includes(scene.step(node, 'uncordon').id));
  });
  scene.house.world.inject('node-down', { node: 'cp-2' });
  return scene;
}

/** Five workers, two of which may be away at once. */
function batches(): { readonly scene: Scene; readonly clock: Clock } {
  const estate = new SimulatedEstate();
  const scene = aScene({
    world: { workers: 5, rebootMs: 16_000 },
    policy: { parallelWorkers: 2 },
    estate: estate.reader,
  });
  estate.change({ nodes: scene.house.world.nodes.map(({ name }) => aNodeDetail(name)) });
  return { scene, clock: scene.house.time.engineClock() };
}

const stands = ({ phase }: Rollout): boolean => ['held', 'finished', 'at-gate'].includes(phase.phase);

const untilItStands = (scene: Scene): Promise<Scene> => scene.until(stands);

function noWorkerLeft(scene: Scene): void {
  expect(scene.counted('reboots')).toMatchObject({ 'w-1': 0, 'w-2': 0 });
  expect(scene.audit.broken).toEqual([]);
}

async function endsWell(scene: Scene): Promise<void> {
  scene.house.world.heal();
  await scene.says({ kind: 'retry' }, REQUESTER);
  await scene.plays();
  scene.audit.close();
  expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
  expect(scene.audit.broken).toEqual([]);
}

describe('while a control-plane node that was upgraded is down again', () => {
  const away = { why: expect.stringContaining('cp-2 does not answer its Talos API') };

  it('no worker goes', async () => {
    const scene = await untilItStands(await controlPlaneFirst());
    expect(scene.phase).toMatchObject({ phase: 'held', held: { node: 'w-1', ...away } });
    noWorkerLeft(scene);
    await endsWell(scene);
  });

  it('no worker goes either when a person skips the soak that found it ill', async () => {
    const soak = { workersMs: 0, canaryMs: 0, stagesMs: SOAK_MS };
    const scene = await untilItStands(await controlPlaneFirst({ soak, limits: { proveMs: 10_000 } }));
    expect(scene.phase).toMatchObject({
      phase: 'held',
      held: { node: expect.stringContaining('soak of'), why: expect.stringContaining('cp-2') },
    });
    expect(await scene.says({ kind: 'skip' }, REQUESTER)).toMatchObject({ kind: 'taken' });
    await untilItStands(scene);
    expect(scene.phase).toMatchObject({ phase: 'held', held: { node: 'w-1', ...away } });
    noWorkerLeft(scene);
    await endsWell(scene);
  });
});

describe('workers', () => {
  it('do not go while one that was upgraded is down again', async () => {
    const scene = aScene({ world: { workers: 3 } });
    scene.start();
    await scene.untilStep('w-1', 'uncordon', 'step-ended');
    scene.house.world.inject('node-down', { node: 'w-1' });
    await untilItStands(scene);
    expect(scene.phase).toMatchObject({
      phase: 'held',
      held: { node: 'w-2', why: 'w-2 may not be touched now: w-1 is not Ready in Kubernetes' },
    });
    expect(scene.versions()['w-2']).toBe('v1.13.4');
    await endsWell(scene);
  });

  it.each([
    { looks: 'at once', ms: 0 },
    // Both lanes of the batch are proved before either of them leaves.
    { looks: 'side by side', ms: 100 },
  ])('are never more away than the policy says, also when one was skipped, asked $looks', async ({ ms }) => {
    const { scene, clock } = batches();
    withMachines(scene, (machines) => ({
      look: async (address, options) => {
        const seen = await machines.look(address, options);
        if (ms > 0) await clock.sleep(ms);
        return seen;
      },
    }));
    scene.start();
    await scene.until(({ plan }) => plan !== null);
    scene.house.world.inject('never-ready', { node: 'w-1' });
    await scene.until(({ phase }) => phase.phase === 'held');
    await scene.says({ kind: 'skip' }, REQUESTER);
    let most = 0;
    await scene.until((rollout) => {
      most = Math.max(most, nodesAway(rollout).length);
      return stands(rollout);
    });
    // w-1 and one other at a time: both places of the batch are used, and there is no third.
    expect(most).toBe(2);
  });

  it('that somebody upgraded further during a soak are not taken back to the older version', async () => {
    const soak = { workersMs: 0, canaryMs: 3_600_000, stagesMs: 0 };
    const scene = aScene({ world: { workers: 3 }, policy: { order: 'canary', soak } });
    scene.start();
    await scene.untilStep('w-1', 'uncordon', 'step-ended');
    await scene.house.time.advance(60_000);
    scene.house.world.inject('upgrade-by-human', { node: 'w-2', version: 'v1.13.7' });
    await untilItStands(scene);
    expect(scene.phase).toMatchObject({
      phase: 'held',
      held: {
        node: 'w-2',
        why: expect.stringContaining('w-2 runs v1.13.7, but the plan was made for v1.13.4'),
      },
    });
    expect(scene.versions()['w-2']).toBe('v1.13.7');
  });
});

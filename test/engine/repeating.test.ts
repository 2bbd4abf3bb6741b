// Acts that may be repeated: a pull that says nothing ends with its step, and is begun anew while there is time and somebody wants it.
import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/engine/ports/fault.ts';
import type { Machines } from '../../src/engine/ports/machines.ts';
import { stepsOf } from '../../src/rollout/plan.ts';
import { aSceneBeside } from './beside.ts';
import { withMachines } from './machines-between.ts';
import { aScene, aSmallScene, REQUESTER, type Scene } from './scene.ts';

/** As long as the adapter lets one last: longer than any step. */
const STREAM_MS = 25 * 60_000;

interface Pulls {
  /** When each was begun, in simulated milliseconds. */
  readonly begunAt: number[];
  /** How many have not ended. */
  open: number;
}

/** Pulls that say nothing for so long, and then that they fell silent; those not chosen are as ever. */
function silent(
  scene: Scene,
  ms = STREAM_MS,
  chosen: (time: number) => boolean = () => true,
): { readonly scene: Scene; readonly pulls: Pulls } {
  const pulls: Pulls = { begunAt: [], open: 0 };
  const clock = scene.house.time.engineClock();
  const around = (real: Machines): Partial<Machines> => ({
    pull: async (address, image, options) => {
      pulls.begunAt.push(scene.house.time.now());
      if (!chosen(pulls.begunAt.length)) return real.pull(address, image, options);
      pulls.open += 1;
      await clock.sleep(ms, options.signal);
      pulls.open -= 1;
      throw new Fault('unreachable', 'the pull fell silent', { code: 'SILENCE' });
    },
  });
  return { scene: withMachines(scene, around), pulls };
}

/** Kubernetes does not answer this call for as long as it is away. */
function awayFor(scene: Scene, call: 'resume' | 'cordon' | 'uncordon'): { asked: number; away: boolean } {
  const kubernetes = { asked: 0, away: true };
  const asked = async (name: typeof call): Promise<void> => {
    if (name !== call) return;
    kubernetes.asked += 1;
    if (kubernetes.away) throw new Fault('unreachable', 'Kubernetes does not answer');
  };
  scene.between((ports) => ({
    ...ports,
    neighbours: {
      ...ports.neighbours,
      resume: (neighbour, mark) => asked('resume').then(() => ports.neighbours.resume(neighbour, mark)),
    },
    workloads: {
      ...ports.workloads,
      cordon: (node, mark) => asked('cordon').then(() => ports.workloads.cordon(node, mark)),
      uncordon: (node, mark) => asked('uncordon').then(() => ports.workloads.uncordon(node, mark)),
    },
  }));
  return kubernetes;
}

const untilHeld = (scene: Scene): Promise<Scene> => scene.until(({ phase }) => phase.phase === 'held');

function limitOf(scene: Scene, kind: 'pull' | 'install'): number {
  const { plan } = scene.rollout;
  const step = plan === null ? undefined : stepsOf(plan).find((one) => one.kind === kind);
  return step?.limitMs ?? Number.NaN;
}

describe('a pull that says nothing', () => {
  it('is broken off at the limit of its step, and leaves nothing behind', async () => {
    const { scene, pulls } = silent(aSmallScene());
    scene.start();
    await untilHeld(scene);
    const tookMs = scene.house.time.now() - (pulls.begunAt[0] ?? 0);
    expect(tookMs).toBeGreaterThanOrEqual(limitOf(scene, 'pull'));
    expect(tookMs / limitOf(scene, 'pull')).toBeLessThanOrEqual(1.05);
    expect(scene.facts('step-failed')[0]?.why).toMatch(
      /pull did not finish within 30 s: the pull fell silent/,
    );
    expect(pulls.open).toBe(0);
  });

  it('is begun anew when it was found dead, in the same time', async () => {
    const { scene, pulls } = silent(aSmallScene(), 5_000, (time) => time <= 2);
    await scene.plays();
    expect(scene.phase).toMatchObject({ outcome: 'upgraded' });
    expect(pulls.begunAt.length).toBeGreaterThan(2);
    expect(scene.facts('step-failed')).toEqual([]);
  });

  it.each([27_000, 16_000])(
    'is not begun anew for ever though its process is replaced every %i ms',
    async (everyMs) => {
      const { scene } = silent(aSmallScene());
      scene.start();
      await scene.until(() => scene.facts('step-begun').length > 0);
      const begunAt = scene.house.time.now();
      while (scene.phase.phase === 'running' && scene.house.time.now() - begunAt < 3_600_000) {
        await scene.house.time.advance(everyMs);
        for (const process of scene.house.living) process.kill();
        scene.start();
      }
      await untilHeld(scene);
      // Three limits, the last third of one, and until the next process is there.
      const tookMs = scene.house.time.now() - begunAt;
      expect(tookMs).toBeLessThan((3 + 1 / 3) * limitOf(scene, 'pull') + everyMs + 5_000);
    },
  );

  it('right before an installation ends with the time of that step', async () => {
    // Four nodes pull before anything is touched, the first one once more in its lane; what comes then belongs to the installation.
    const { scene, pulls } = silent(aSmallScene(), STREAM_MS, (time) => time > 5);
    scene.start();
    await untilHeld(scene);
    const tookMs = scene.house.time.now() - (pulls.begunAt[5] ?? 0);
    expect(tookMs / limitOf(scene, 'install')).toBeLessThanOrEqual(1.05);
    expect(scene.phase).toMatchObject({ held: { kind: 'failed', node: 'w-1' } });
    expect(scene.counted('installs')).toMatchObject({ 'w-1': 0 });
    expect(pulls.open).toBe(0);
  });
});

describe('an abort', () => {
  it('does not interrupt a pull, and has it not begun anew', async () => {
    const { scene, pulls } = silent(aScene(), 5_000);
    scene.start();
    await scene.until(() => pulls.open > 0);
    const begun = pulls.begunAt.length;
    await scene.says({ kind: 'abort' }, REQUESTER);
    const abortedAt = scene.house.time.now();
    await scene.until(({ phase }) => phase.phase === 'finished');
    expect(scene.phase).toMatchObject({ outcome: 'aborted' });
    expect(scene.house.time.now() - abortedAt).toBeLessThan(6_000);
    expect(pulls.begunAt).toHaveLength(begun);
    expect(scene.facts('step-failed')[0]?.why).toMatch(/pull is not tried again, because the rollout ends/);
  });

  it('waits for a pull that says nothing no longer than its step may take', async () => {
    const { scene, pulls } = silent(aSmallScene());
    scene.start();
    await scene.until(() => pulls.open > 0);
    await scene.says({ kind: 'abort' }, REQUESTER);
    await scene.until(({ phase }) => phase.phase === 'finished');
    const tookMs = scene.house.time.now() - (pulls.begunAt[0] ?? 0);
    expect(tookMs / limitOf(scene, 'pull')).toBeLessThanOrEqual(1.05);
    expect(scene.phase).toMatchObject({ outcome: 'aborted' });
  });

  it.each(['resume', 'uncordon'] as const)(
    'has everything put back, however often that fails: %s',
    async (what) => {
      const beside = aSceneBeside();
      const { scene } = beside;
      const kubernetes = awayFor(scene, what);
      scene.start();
      await scene.until(() => kubernetes.asked > 0);
      await scene.says({ kind: 'abort' }, REQUESTER);
      await scene.house.time.advance(3_000);
      expect(kubernetes.asked).toBeGreaterThan(2);
      kubernetes.away = false;
      await scene.until(({ phase }) => phase.phase === 'finished' || phase.phase === 'held');
      expect(scene.facts('step-failed')).toEqual([]);
      expect(beside.suspended()).toEqual(['frozen', 'old']);
    },
  );
});

it('a process that gives its rollouts away while it waits for another try does not try again', async () => {
  const scene = aSmallScene();
  const kubernetes = awayFor(scene, 'cordon');
  const process = scene.start();
  await scene.until(() => kubernetes.asked > 0);
  const { asked } = kubernetes;
  void process.driver.stop(10_000);
  await scene.house.time.advance(5_000);
  expect(kubernetes.asked).toBe(asked);
});

// A driver that is replaced before each step is over: what is taken over has its time again, and still no step goes on for ever.
import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/engine/ports/fault.ts';
import type { Journal } from '../../src/engine/ports/journal.ts';
import type { StepKind } from '../../src/rollout/step.ts';
import { aScene, aSmallScene, type Scene } from './scene.ts';

/** Of three limits and a third: after so many nobody has any time left. */
const MOST_LIMITS = 3 + 1 / 3;
/** Two looks, and until the next process is there. */
const NOTICED_MS = 5_000;

/** A scene that has begun this step of w-1 under this fault. */
async function stuckAt(scene: Scene, kind: StepKind, fault: string, node?: string): Promise<Scene> {
  await scene.until(({ plan }) => plan !== null);
  scene.house.world.inject(fault, node === undefined ? {} : { node });
  return scene.untilStep('w-1', kind, 'step-begun');
}

const isOver = ({ phase }: Scene): boolean => phase.phase === 'held' || phase.phase === 'finished';

/** Kills whoever drives again and again, each time after so long; at most so often as would take two hours. */
async function replacedEvery(scene: Scene, everyMs: number): Promise<void> {
  for (let round = 0; round * everyMs < 7_200_000 && !isOver(scene); round += 1) {
    await scene.house.time.advance(everyMs);
    if (isOver(scene)) return;
    for (const process of scene.house.living) process.kill();
    scene.start();
  }
}

/** Milliseconds by the journal from the beginning of this step to how it ended. */
function tookMs({ audit }: Scene, step: string): number {
  const of = (kinds: readonly string[]) =>
    audit.entries.find(({ event }) => kinds.includes(event.kind) && 'step' in event && event.step === step)
      ?.at;
  return (of(['step-failed', 'step-ended']) ?? Number.NaN) - (of(['step-begun']) ?? Number.NaN);
}

/** A store that is away for longer than a lease lasts, and again and again. */
function flickering(scene: Scene, { everyMs, awayMs }: { everyMs: number; awayMs: number }): Scene {
  return scene.between((ports) => ({
    ...ports,
    journal: new Proxy(ports.journal, {
      get: (journal: Journal, key) => {
        const member: unknown = Reflect.get(journal, key, journal);
        if (typeof member !== 'function') return member;
        return async (...args: unknown[]) => {
          const away = key === 'renew' && scene.house.time.now() % everyMs < awayMs;
          if (away) throw new Fault('unreachable', 'the store does not answer');
          return Reflect.apply(member, journal, args);
        };
      },
    }),
  }));
}

describe('a step that does not end', () => {
  it.each<readonly [StepKind, string, number]>([
    ['return', 'never-ready', 18_000],
    ['return', 'never-ready', 12_000],
    ['drain', 'pdb-blocks', 27_000],
    ['drain', 'pdb-blocks', 16_000],
  ])(
    'is held though its driver is replaced before it is over: %s under %s, every %i ms',
    async (kind, fault, everyMs) => {
      const scene = kind === 'drain' ? aScene() : aSmallScene();
      scene.start();
      await stuckAt(scene, kind, fault, kind === 'drain' ? undefined : 'w-1');
      await replacedEvery(scene, everyMs);
      const step = scene.step('w-1', kind);
      expect(scene.phase).toMatchObject({ phase: 'held', held: { kind: 'failed', subject: step.id } });
      const longestMs = MOST_LIMITS * step.limitMs + everyMs + NOTICED_MS;
      expect(tookMs(scene, step.id)).toBeLessThan(longestMs);
      expect(scene.audit.broken).toEqual([]);
    },
  );

  it('is held though the same process loses its lease and has it again before it is over', async () => {
    const scene = flickering(aSmallScene(), { everyMs: 12_000, awayMs: 5_000 });
    const process = scene.start();
    await stuckAt(scene, 'return', 'never-ready', 'w-1');
    const step = scene.step('w-1', 'return');
    await scene.until(() => isOver(scene));
    expect(scene.house.living).toEqual([process]);
    expect(scene.phase).toMatchObject({ phase: 'held', held: { kind: 'failed', subject: step.id } });
    expect(tookMs(scene, step.id)).toBeGreaterThan(step.limitMs);
    expect(tookMs(scene, step.id)).toBeLessThan(MOST_LIMITS * step.limitMs + NOTICED_MS);
  });

  it('is not held for the time of a process that died with it', async () => {
    const scene = aSmallScene();
    scene.start();
    await stuckAt(scene, 'return', 'never-ready', 'w-1');
    await scene.house.time.advance(18_000);
    for (const process of scene.house.living) process.kill();
    scene.start();
    await scene.house.time.advance(10_000);
    expect(scene.phase).toMatchObject({ phase: 'running', halt: null });
    scene.house.world.heal();
    await scene.plays();
    expect(scene.phase).toMatchObject({ outcome: 'upgraded' });
  });
});

describe('a step that nobody was there for', () => {
  it.each<StepKind>(['pull', 'cordon', 'drain', 'return', 'uncordon'])(
    'ends all the same when somebody comes twenty minutes later: %s',
    async (kind) => {
      const scene = aSmallScene();
      scene.start();
      await scene.untilStep('w-1', kind, 'step-begun');
      for (const process of scene.house.living) process.kill();
      await scene.house.time.advance(1_200_000);
      scene.start();
      await scene.plays();
      expect(scene.phase).toMatchObject({ outcome: 'upgraded' });
      expect(scene.facts('step-failed')).toEqual([]);
    },
  );

  it('waits for volumes no longer than it has time then', async () => {
    const scene = aScene();
    scene.start();
    await scene.until(({ plan }) => plan !== null);
    scene.house.world.inject('pdb-blocks');
    scene.house.world.inject('volume-attached', { node: 'w-1' });
    await scene.untilStep('w-1', 'drain', 'step-begun');
    const drain = scene.step('w-1', 'drain').id;
    for (const process of scene.house.living) process.kill();
    await scene.house.time.advance(600_000);
    scene.start();
    await scene.house.time.advance(4_000);
    scene.house.world.heal({ name: 'pdb-blocks' });
    await scene.until(() => isOver(scene) || scene.facts('step-ended').some(({ step }) => step === drain));
    const ended = scene.facts('step-ended').find(({ step }) => step === drain);
    expect(ended?.result['attached']).toEqual(expect.stringContaining('pvc'));
    expect(scene.facts('step-failed')).toEqual([]);
  });
});

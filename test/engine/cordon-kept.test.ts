// A node that somebody uncordons while it is drained: it is cordoned again, a few times, and then people are asked.
import { describe, expect, it } from 'vitest';
import { aScene, type Scene } from './scene.ts';

const NODE = 'w-1';

/** With enough nodes that pods have somewhere else to go, and one that somebody uncordons after each of its first cordons. */
function uncordoned(times: number): Scene {
  const scene = aScene({ world: { workers: 3 }, policy: { limits: { drainMs: 300_000 } } });
  let done = 0;
  scene.tap({
    after: ({ method, args }) => {
      if (method !== 'cordon' || args[0] !== NODE || done >= times) return;
      done += 1;
      scene.house.objects.setUnschedulable(NODE, false);
    },
  });
  scene.start();
  return scene;
}

const drained = (scene: Scene) =>
  scene.facts('step-ended').find(({ step }) => step === scene.step(NODE, 'drain').id)?.result;
const cordons = (scene: Scene): number => scene.house.objects.actsOn(NODE).cordons;

describe('a node that somebody uncordons during its drain', () => {
  it.each([1, 2])(
    'is cordoned again under the same record, and nobody is asked (%i times)',
    async (times) => {
      const scene = uncordoned(times);
      await scene.plays();
      expect(drained(scene)).toMatchObject({ cordonedAgain: times });
      expect(cordons(scene)).toBe(1 + times);
      expect(scene.facts('step-failed')).toEqual([]);
      expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
      scene.audit.close();
      expect(scene.audit.broken).toEqual([]);
    },
  );

  it('is cordoned again three times and no more: whoever does it again means it, and is named to people', async () => {
    const scene = uncordoned(Number.POSITIVE_INFINITY);
    await scene.until(() => scene.facts('drain-blocked').length > 0);
    await scene.until(({ phase }) => phase.phase === 'held');
    expect(cordons(scene)).toBe(4);
    const asked = scene.facts('drain-blocked').flatMap(({ blockers }) => blockers.map(({ why }) => why));
    expect(asked).toContain(`${NODE} is not cordoned any more, so pods are placed there again`);
  });

  it('is left alone once its drain was aborted', async () => {
    const scene = uncordoned(1);
    await scene.until(() => cordons(scene) === 1);
    await scene.says({ kind: 'abort' });
    await scene.plays();
    expect(scene.phase).toMatchObject({ outcome: 'aborted' });
    expect(cordons(scene)).toBe(1);
    scene.audit.close();
    expect(scene.audit.broken).toEqual([]);
  });
});

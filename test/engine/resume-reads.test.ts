// The same promise between the acts: killed while each step asks each kind of question, once for every pair.
import { describe, expect, it } from 'vitest';
import type { PortCall, Tap } from '../../playground/doubles/mortal.ts';
import { next } from '../../src/rollout/next.ts';
import { stepsInHand } from '../../src/rollout/rollout.ts';
import type { Scene } from './scene.ts';
import { STORIES } from './stories.ts';
import { doubtedWrongly, played } from './story.ts';
import { TROUBLED_STORIES } from './troubled-stories.ts';

/** Each of these asks something that the others do not. */
const ASKING = [
  'upgrade',
  'upgrade-legacy',
  'staged',
  'single-cp',
  'beside',
  'rollback',
  'drain-blocked',
  'extensions',
];
const AGAIN_AFTER_MS = 200;

/** `return: look`, `gate: etcd`: what is being done, and the question asked meanwhile; null for a call that changes something. */
function questionOf(scene: Scene, { method }: PortCall, effects: number): string | null {
  if (scene.audit.effects.length > effects) return null;
  const { rollout } = scene.audit;
  if (rollout === null) return `nothing: ${method}`;
  const hands = stepsInHand(rollout).map(({ kind }) => kind);
  const tasks = next(rollout, scene.house.time.now()).tasks.map((task) =>
    task.kind === 'step' ? task.step.kind : task.kind,
  );
  const doing = [...new Set(hands.length > 0 ? hands : tasks)].sort();
  return `${doing.length === 0 ? rollout.phase.phase : doing.join(' and ')}: ${method}`;
}

/** Hears every question; the audit's tap comes first, so its count has moved exactly for the calls that change something. */
function asking(scene: Scene, hear: (question: string, owner: string) => void): Tap {
  let effects = 0;
  return {
    before: (call) => {
      const question = questionOf(scene, call, effects);
      effects = scene.audit.effects.length;
      if (question !== null) hear(question, call.owner);
    },
  };
}

function killedAtFirst(wanted: string, reached: Set<string>): (scene: Scene) => void {
  return (scene) => {
    scene.tap(
      asking(scene, (question, owner) => {
        if (reached.has(wanted) || question !== wanted) return;
        reached.add(wanted);
        for (const process of scene.house.living) if (process.owner === owner) process.kill();
        scene.house.time.after(AGAIN_AFTER_MS, () => void scene.start());
      }),
    );
  };
}

describe('a process killed while it asks', { timeout: 240_000 }, () => {
  const stories = [...STORIES, ...TROUBLED_STORIES].filter(({ name }) => ASKING.includes(name));

  it.each(stories)('goes on where it was: $name', async (story) => {
    const questions = new Set<string>();
    const calm = await played(story, (scene) => {
      scene.tap(asking(scene, (question) => questions.add(question)));
    });
    expect(calm.wrong).toEqual([]);
    const failed: string[] = [];
    const reached = new Set<string>();
    for (const question of questions) {
      const { scene, wrong } = await played(story, killedAtFirst(question, reached));
      const all = [...wrong, ...doubtedWrongly(scene)];
      if (all.length > 0) failed.push(`${question}: ${all.join('; ')}`);
    }
    console.log(`${story.name}: ${questions.size - failed.length} of ${questions.size} questions`);
    expect(failed.slice(0, 5)).toEqual([]);
    expect(reached).toEqual(questions);
    expect(questions.size).toBeGreaterThan(20);
  });
});

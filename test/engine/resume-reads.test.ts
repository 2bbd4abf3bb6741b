// The same promise between the acts: killed while each step asks each kind of question, once for every pair.
import { describe, expect, it } from 'vitest';
import type { PortCall, Tap } from '../../playground/doubles/mortal.ts';
import { next } from '../../src/rollout/next.ts';
import { stepsInHand } from '../../src/rollout/rollout.ts';
import { LATER_STORIES } from './later-stories.ts';
import { OUTSIDE_STORIES } from './outside-stories.ts';
import type { Scene } from './scene.ts';
import { STORIES } from './stories.ts';
import { doubtedWrongly, played, type Story } from './story.ts';
import { TROUBLED_STORIES } from './troubled-stories.ts';

const ALL: readonly Story[] = [...STORIES, ...TROUBLED_STORIES, ...LATER_STORIES, ...OUTSIDE_STORIES];
const AGAIN_AFTER_MS = 200;

/** All that is no effect: questions, the store's own book of leases and notes, and a schematic, which is the same however often it is put. */
const HARMLESS = new Set(
  `access apiServices argo attachments budgets ceph components createSchematic due etcd etcdSnapshot extensions flux health inspect
  installOutcome lease letGo localVolumes locations longhorn look manifest members nodes note notes otherUpgraders ownPods pendingCsrs
  pods podsOn read recent rehearse renew ring schematic staticPods tail take velero volumes watch webhooks`.split(
    /\s+/,
  ),
);

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

/** What is asked when nobody dies. */
async function questionsOf(story: Story): Promise<ReadonlySet<string>> {
  const questions = new Set<string>();
  const { wrong } = await played(story, (scene) => {
    scene.tap(asking(scene, (question) => questions.add(question)));
  });
  expect(wrong).toEqual([]);
  return questions;
}

/** One play for each question, killed when it is asked for the first time; every one must be reached and survived. */
async function everyQuestion(story: Story, questions: ReadonlySet<string>): Promise<void> {
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
}

describe('a process killed while it asks', { timeout: 240_000 }, () => {
  /** A pair that one story was killed at is not tried again in the next. */
  const tried = new Set<string>();

  it.each(ALL)('goes on where it was: $name', async (story) => {
    const fresh = [...(await questionsOf(story))].filter((question) => !tried.has(question));
    for (const question of fresh) tried.add(question);
    await everyQuestion(story, new Set(fresh));
  });

  it('was killed at all that is asked', () => {
    console.log(`${tried.size} questions, each once`);
    expect(tried.size).toBeGreaterThan(200);
    // Whatever changes something is an effect, and resume.test.ts and its like kill before and behind it.
    const methods = new Set([...tried].map((question) => question.split(': ')[1] ?? ''));
    expect([...methods].filter((method) => !HARMLESS.has(method))).toEqual([]);
  });
});

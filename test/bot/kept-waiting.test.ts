// What `/talos why` and the card say a node waits for: the same, and nothing that is over.
import { describe, expect, it } from 'vitest';
import { CLUSTER } from '../../playground/doubles/house.ts';
import { card } from '../../src/bot/views/card.ts';
import { whyMessage } from '../../src/bot/views/why.ts';
import type { Notes } from '../../src/rollout/note.ts';
import type { Rollout } from '../../src/rollout/rollout.ts';
import { aPolicy } from '../builders/plan.ts';
import { aRollout, type RolloutStory } from '../builders/rollout.ts';
import { aSmallScene, type Scene } from '../engine/scene.ts';

interface Asked {
  readonly rollout: Rollout;
  readonly notes: Notes;
  readonly now: number;
}

function told(asked: Asked): Readonly<Record<'why' | 'card', string>> {
  const policy = aPolicy();
  const report = { kind: 'why', steps: [] } as const;
  return {
    why: JSON.stringify(whyMessage({ ...asked, policy, report, trouble: null }).blocks),
    card: JSON.stringify(card({ ...asked, policy }).blocks),
  };
}

const CAUSE = 'shop/web is not healthy';

/** It was waited for before anything was done to `worker-1`. */
function toldOf(story: RolloutStory, then: (story: RolloutStory) => unknown): ReturnType<typeof told> {
  const notes = { 'worker-1': { sentence: `waiting: ${CAUSE}`, at: story.now } };
  then(story);
  return told({ rollout: story.rollout, notes, now: story.now });
}

describe('what a node waited for', () => {
  it('is said on the card and by why while it waits', () => {
    const { why, card: shown } = toldOf(aRollout().underWay(), () => undefined);
    expect(why).toContain(`\`worker-1\`: waiting: ${CAUSE}`);
    expect(shown).toContain(`_waiting: ${CAUSE}_`);
  });

  it('is said as well while what it is owed after it was left behind cannot be put back', () => {
    const story = aRollout().underWay().node('worker-1', 'install').failed('worker-1', 'install');
    const { why, card: shown } = toldOf(story.skipped('worker-1'), () => undefined);
    for (const text of [why, shown]) expect(text).toContain(`waiting: ${CAUSE}`);
  });

  it.each<readonly [string, (story: RolloutStory) => unknown]>([
    ['it was left behind', (story) => story.failed('worker-1', 'cordon', 'no').skipped('worker-1')],
    ['its step began', (story) => story.begun(story.step('worker-1', 'cordon'))],
    ['it is done', (story) => story.node('worker-1', 'done')],
    ['somebody paused', (story) => story.paused()],
    ['somebody aborted', (story) => story.aborted()],
  ])('is said nowhere once %s', (_what, then) => {
    const { why, card: shown } = toldOf(aRollout().underWay(), then);
    for (const text of [why, shown]) expect(text).not.toContain(CAUSE);
  });
});

/** A worker is left behind over an alarm of etcd, which is cleared; then the control plane is upgraded. */
async function alarmed(): Promise<Scene> {
  const scene = aSmallScene();
  scene.start();
  await scene.untilStep('w-1', 'uncordon', 'step-begun');
  scene.house.world.etcd.setAlarm('cp-3', 'NOSPACE');
  await scene.until(({ phase }) => phase.phase === 'held');
  return scene;
}

async function answers({ house, id, rollout }: Scene): Promise<string> {
  const notes = await house.journal.notes(CLUSTER, id);
  const now = house.time.now();
  const { why, card: shown } = told({ rollout, notes, now });
  return why + shown;
}

it('an alarm that was cleared is no reason any more while the next node restarts', async () => {
  const scene = await alarmed();
  expect(JSON.stringify(await scene.house.journal.notes(CLUSTER, scene.id))).toContain('nospace');
  scene.house.world.etcd.setAlarm('cp-3', null);
  await scene.says({ kind: 'skip' });
  await scene.until(({ steps }) =>
    [...steps].some(([id, { state }]) => /cp-\d-reboot$/.test(id) && state === 'begun'),
  );
  expect(JSON.stringify(await scene.house.journal.notes(CLUSTER, scene.id))).toContain('nospace');
  expect(await answers(scene)).not.toContain('nospace');
});

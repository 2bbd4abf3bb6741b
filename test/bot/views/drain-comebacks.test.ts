// What the card and the summary say of pods that come back to a cordoned node.
import { expect, it } from 'vitest';
import { threadOf } from '../../../src/bot/thread.ts';
import { aBlocker } from '../../builders/drain.ts';
import { APPROVER, REQUESTER } from '../../builders/plan.ts';
import { aRollout, type RolloutStory } from '../../builders/rollout.ts';
import { POLICY } from './stories.ts';

const OSD = aBlocker({
  ...{ name: 'osd-1', uid: 'osd-1', workload: 'shop/ReplicaSet osd', cause: 'comes-back', budgets: [] },
  why: 'it tolerates the cordon, so its owner may put it on worker-1 again',
});

const stepOf = (story: RolloutStory): string => story.step('worker-1', 'drain').id;

function blockedBy(blocker = OSD): RolloutStory {
  const story = aRollout().underWay().node('worker-1', 'drain');
  return story.append({ kind: 'drain-blocked', step: stepOf(story), blockers: [blocker] });
}

/** The message whose slot begins so, as text. */
function told(story: RolloutStory, slot: string): string {
  const thread = threadOf({ entries: story.entries, policy: POLICY, notes: {}, now: story.now });
  return JSON.stringify(thread?.slots.find(({ name }) => name.startsWith(slot))?.message.blocks ?? null);
}

it('the card says why one comes back, and offers to leave what does and not to delete it', () => {
  const card = told(blockedBy(), 'drain:');
  expect(card).toContain(
    'it goes and comes back: it tolerates the cordon, so its owner may put it on worker-1',
  );
  expect(card).toContain('and so does whatever comes back in their place');
  expect(card).toContain('"drain:leave"');
  expect(card).not.toContain('"drain:force"');
});

it('the card promises nothing of the kind about pods that only stay', () => {
  const card = told(blockedBy(aBlocker()), 'drain:');
  expect(card).not.toContain('comes back');
  expect(card).toContain('"drain:force"');
});

it.each([
  ['their owner', ['a'], '`shop/ReplicaSet a`, asked by'],
  ['some of many owners', ['a', 'b', 'c', 'd'], '`shop/ReplicaSet c` and 1 more, asked by'],
])('the summary names %s', (_what, names, words) => {
  const story = blockedBy();
  story.append({
    kind: 'drain-decided',
    ...{ step: stepOf(story), choice: 'leave', pods: ['osd-1'] },
    workloads: names.map((name) => `shop/ReplicaSet ${name}`),
    ...{ askedBy: REQUESTER, user: APPROVER, delivery: 'd' },
  });
  story
    .aborted()
    .append({ kind: 'step-ended', step: stepOf(story), result: {} })
    .finished('aborted');
  const summary = told(story, 'summary');
  expect(summary).toContain('1 pod left to its restart with whatever comes back of `shop/ReplicaSet a`');
  expect(summary).toContain(words);
});

// Slack brings a command twice: it is answered twice, and acts upon nothing that nobody asked for.
import { expect, test, vi } from 'vitest';
import { aRollout, type RolloutStory } from '../builders/rollout.ts';
import { type Rig, withBot } from './rig.ts';

vi.setConfig({ testTimeout: 30_000 });

const STEPS: readonly {
  readonly words: string;
  readonly at: (story: RolloutStory) => RolloutStory;
  readonly next: (story: RolloutStory, it: Rig) => Promise<void>;
  readonly stands: object;
}[] = [
  {
    words: '/talos skip',
    at: (story) => story.node('worker-1', 'drain'),
    next: (story, it) => it.tell(story.failed('worker-1', 'drain')),
    stands: { phase: 'held', held: { node: 'worker-1' } },
  },
  {
    words: '/talos resume',
    at: (story) => story,
    next: (story, it) => it.tell(story.paused()),
    stands: { phase: 'paused' },
  },
  {
    words: '/talos abort',
    at: (story) => story,
    next: async (story, it) => {
      await it.append(story.id, { kind: 'finished', outcome: 'aborted' });
      await it.tell(aRollout({ id: 'rsecond0000', channel: it.slack.channels.platform }).underWay());
    },
    stands: { phase: 'running', halt: null },
  },
];

test.each(STEPS)('$words is answered alike, and changes nothing', async ({ words, at, next, stands }) => {
  const it = await withBot();
  const { users, channels } = it.slack;
  const story = at(aRollout({ id: 'rfirst00000', channel: channels.platform }).underWay());
  await it.tell(story);
  await it.slack.command(users.requester, channels.platform, words);
  const one = await it.until('the answer', () => it.private(users.requester)[0]);
  await next(story, it);
  await it.slack.fault({ name: 'slack-redeliver' });
  const two = await it.until('the second answer', () => it.private(users.requester)[1]);
  expect(two.text).toBe(one.text);
  expect((await it.newest())?.phase).toMatchObject(stands);
});

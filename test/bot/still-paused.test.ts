// Choosing for a held rollout that somebody had paused: what the person who chose is told, and what the thread says.
import { expect, test, vi } from 'vitest';
import { aRollout } from '../builders/rollout.ts';
import { withBot } from './rig.ts';

vi.setConfig({ testTimeout: 30_000 });

test.each([
  ['retry', 'again'],
  ['skip', 'behind'],
] as const)('/talos %s does not say that it goes on, and a Resume does', async (verb, words) => {
  const it = await withBot();
  const { users, channels } = it.slack;
  const story = aRollout({ channel: channels.platform }).underWay().node('worker-1', 'install');
  await it.tell(story.paused(users.requester).failed('worker-1', 'install'));
  await it.until('the held card', () =>
    it.replies().find(({ text }) => text.includes('is held at worker-1')),
  );
  await it.slack.command(users.approver, channels.platform, `/talos ${verb}`);
  const told = await it.until('the answer', () => it.private(users.approver)[0]);
  expect(told.text).toContain(words);
  expect(told.text).toContain('The rollout stays paused until somebody resumes it');
  expect((await it.newest())?.phase).toEqual({ phase: 'paused', user: users.requester });
  await it.until('the word in the thread', () =>
    it.replies().find(({ text }) => text.includes(`is still paused by <@${users.requester}>`)),
  );
  const press = { channel: channels.platform, action_id: 'rollout:resume' };
  await it.until('the button', () =>
    it.cards()[0]?.buttons.some((button) => button.action_id === press.action_id),
  );
  await it.slack.action({ ...press, user: users.approver });
  await it.until('the resumption', () =>
    it.replies().find(({ text }) => text.includes(`was resumed by <@${users.approver}>`)),
  );
  expect((await it.newest())?.phase).toEqual({ phase: 'running', halt: null });
});

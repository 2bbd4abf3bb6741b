// Many people at once, and a socket that goes away meanwhile: every command is acknowledged and answered.
import { expect, test, vi } from 'vitest';
import { withBot } from './rig.ts';

vi.setConfig({ testTimeout: 90_000 });

/** Both ends of 400 messages share one thread here: with Slack's own 3 s this would measure how busy the machine is. */
const MANY_MS = 30_000;

test('200 commands typed at once are all acknowledged, also while one socket is renewed', async () => {
  const it = await withBot({ ackMs: MANY_MS });
  const { users, channels } = it.slack;
  await it.until('both sockets', () => it.slack.sockets() === 2);
  const typed = Array.from({ length: 200 }, (_, at) => {
    if (at === 20) void it.slack.fault({ name: 'slack-refresh', sockets: 'one', manner: 'drained' });
    const text = ['/talos status', '/talos help', '/talos upgrad', '/talos pause'][at % 4] ?? '/talos';
    return it.slack.command(users.requester, channels.platform, text);
  });
  const answers = await Promise.all(typed);
  expect(answers.filter((answer) => !answer.ok)).toEqual([]);
  const all = () => it.private(users.requester).length === 200 || undefined;
  await it.slack.until('200 answers', all, MANY_MS);
});

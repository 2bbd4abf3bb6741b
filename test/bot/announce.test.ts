// The thread survives what happens to speakers, messages and Slack: nothing is lost, little is doubled.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { Fault } from '../../src/engine/ports/fault.ts';
import type { SlotState, Threads } from '../../src/engine/ports/threads.ts';
import { withThreads } from '../builders/changed-threads.ts';
import { aRollout } from '../builders/rollout.ts';
import { MANIFEST, type Rig, type RigOptions, raise, SOON_MS } from './rig.ts';

// Some of these wait for leases and limits of several seconds to run out.
vi.setConfig({ testTimeout: 30_000 });

const small = () => aRollout({ workers: ['worker-1'], controlPlane: ['cp-1'] });

/** Like the real records, with one weakness that a test switches on. */
function breaking(fails: (slot: string, state: SlotState | null) => boolean): (threads: Threads) => Threads {
  return (threads) =>
    withThreads(threads, {
      setSlot: async (cluster, rollout, slot, state) => {
        if (fails(slot, state)) throw new Fault('unreachable', 'the store is away');
        await threads.setSlot(cluster, rollout, slot, state);
      },
    });
}

/** A bot that posts and cannot remember these slots, and another one after it that can: it has found out by now what stands there. */
async function crashedWhilePosting(
  forgets: (slot: string) => boolean,
  options: RigOptions = {},
): Promise<Rig> {
  let crashed = false;
  const threads = breaking((slot, state) => forgets(slot) && state?.kind === 'posted' && !crashed);
  const it = await raise({ ...options, threads });
  await it.tell(small().planned());
  const first = await it.bot('bot-1');
  await it.until('the card', () => it.cards().length === 1);
  await first.stop();
  crashed = true;
  await it.bot('bot-2');
  await it.until('the plan in a thread', () => it.replies().length === 1);
  return it;
}

test('a journal written while nobody spoke is shown when somebody does, once', async () => {
  const it = await raise();
  await it.tell(small().upgraded());
  await it.bot();
  await it.until('the summary', () => it.replies().some((reply) => reply.text.includes('ended: Upgraded')));
  expect(it.cards()).toHaveLength(1);
  expect(new Set(it.replies().map((reply) => reply.text)).size).toBe(it.replies().length);
  await expect.poll(() => it.journal.openOf('prod'), { timeout: SOON_MS }).toEqual([]);
});

test('a new speaker edits the messages of the old one instead of posting again', async () => {
  const it = await raise();
  const story = small().planned();
  await it.tell(story);
  const first = await it.bot('bot-1');
  await it.until('the plan', () => it.replies().length === 1);
  await first.stop();
  await it.tell(story.started().pulled().node('worker-1', 'install').paused());
  await it.bot('bot-2');
  await it.until('the pause on the card', () => it.cards()[0]?.text.includes('Pausing'));
  expect(it.cards()).toHaveLength(1);
});

test('of two bots one speaks, and the other goes on when it is cut off', async () => {
  let cutOff = '';
  const it = await raise({
    threads: (threads) =>
      withThreads(threads, {
        speak: async (workspace, owner, ms) => {
          if (owner === cutOff) throw new Fault('unreachable', 'the store is away');
          return threads.speak(workspace, owner, ms);
        },
      }),
  });
  const story = small().planned();
  await it.tell(story);
  await it.bot('bot-1');
  await it.bot('bot-2');
  await it.until('the plan', () => it.replies().length === 1);
  cutOff = 'bot-1';
  await it.tell(story.started().pulled().paused());
  await it.until('the pause', () => it.cards()[0]?.text.includes('Paused'));
  expect(it.cards()).toHaveLength(1);
  expect(new Set(it.replies().map((reply) => reply.text)).size).toBe(it.replies().length);
});

test('a crash between posting and remembering doubles a message at most, and the thread goes on', async () => {
  const it = await crashedWhilePosting((slot) => slot === 'card');
  expect(it.cards()).toHaveLength(2);
  // The old one is a message nobody knows any more; the new one is the card.
  expect(it.replies()[0]?.thread_ts).toBe(it.cards()[1]?.ts);
});

test('with the optional scope a message whose posting was forgotten is found again, not doubled', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'manifest-'));
  const manifest = join(folder, 'manifest.yml');
  const text = await readFile(MANIFEST, 'utf8');
  await writeFile(manifest, text.replace('- files:write', '- files:write\n      - channels:history'));
  try {
    const it = await crashedWhilePosting(() => true, { manifest });
    expect(it.cards()).toHaveLength(1);
    expect(it.replies()[0]?.thread_ts).toBe(it.cards()[0]?.ts);
    // What was found may say something old: it is edited like any other.
    await it.tell(small().planned().started());
    await it.until('the card to say that it runs', () => it.cards()[0]?.text.includes('Running'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('a deleted card is posted again with the next change', async () => {
  const it = await raise();
  const story = small().planned();
  await it.tell(story);
  await it.bot();
  const card = await it.until('the card', () => it.replies().length === 1 && it.cards()[0]);
  await it.slack.fault({
    name: 'slack-message-deleted',
    channel: it.slack.channels.platform,
    message: card.ts,
  });
  await it.tell(story.started());
  const again = await it.until('a new card', () =>
    it.cards().find((one) => one.ts !== card.ts && one.text.includes('Running')),
  );
  expect(again.buttons.map((button) => button.action_id)).toContain('rollout:pause');
});

test.each([
  [
    '429 with Retry-After',
    { name: 'slack-rate-limit', method: 'chat.postMessage', count: 2, retryAfterSeconds: 1 },
  ],
  [
    'an outage of Slack',
    { name: 'slack-error', method: 'chat.postMessage', count: 2, error: 'internal_error' },
  ],
  ['HTTP 500', { name: 'slack-http-error', method: 'chat.postMessage', count: 1, status: 500 }],
])('%s delays messages and loses none', async (_what, fault) => {
  const it = await raise();
  await it.slack.fault(fault);
  await it.tell(small().planned().started());
  await it.bot();
  await it.until('plan and start', () => it.replies().length === 2);
  expect(it.cards()).toHaveLength(1);
});

test('an edit that fails is made later', async () => {
  const it = await raise();
  const story = small().planned();
  await it.tell(story);
  await it.bot();
  await it.until('the plan', () => it.replies().length === 1);
  await it.slack.fault({ name: 'slack-error', method: 'chat.update', count: 2, error: 'internal_error' });
  await it.tell(story.started());
  await it.until('the running card', () => it.cards()[0]?.text.includes('Running'));
});

test('a channel the bot is not in: the requester is told once, and the thread appears after the invitation', async () => {
  const it = await raise();
  await it.slack.fault({ name: 'slack-remove-bot', channel: it.slack.channels.platform });
  await it.tell(small().planned());
  await it.bot();
  const { requester } = it.slack.users;
  const direct = `D${requester.slice(1)}`;
  await it.until('the hint', () =>
    it.slack.messages(direct).some((message) => message.text.includes('/invite')),
  );
  expect(it.slack.messages(direct)).toHaveLength(1);
});

test('blocks Slack refuses become a plain sentence instead of silence', async () => {
  const it = await raise();
  await it.slack.fault({
    name: 'slack-error',
    method: 'chat.postMessage',
    count: 1,
    error: 'invalid_blocks',
  });
  await it.tell(small().planned());
  await it.bot();
  const card = await it.until('the card', () => it.cards()[0]);
  expect(card.blocks).toHaveLength(0);
  expect(card.text).toContain('Proposed');
  expect(it.log.some(({ level }) => level === 'error')).toBe(true);
});

test('progress alone does not edit the card at every fact, a change of state does at once', async () => {
  const it = await raise();
  const story = aRollout({ workers: ['worker-1', 'worker-2'], controlPlane: [] }).underWay();
  await it.tell(story);
  await it.bot();
  await it.until('the running card', () => it.cards()[0]?.text.includes('Running'));
  const edits = () => it.slack.counters().byMethod['chat.update'] ?? 0;
  const before = edits();
  for (const step of story.plan.stages[1]?.lanes[0]?.steps.slice(0, 4) ?? []) await it.tell(story.did(step));
  await it.tell(story.paused());
  await it.until('the paused card', () => it.cards()[0]?.text.includes('Paused'));
  expect(edits() - before).toBeLessThanOrEqual(2);
});

test('an open gate card loses its buttons when the rollout was aborted from elsewhere', async () => {
  const it = await raise();
  const story = aRollout({ workers: [], controlPlane: ['cp-1'] })
    .underWay()
    .gate('cp-1');
  await it.tell(story);
  await it.bot();
  const gate = await it.until('the gate', () => it.replies().find((reply) => reply.buttons.length === 2));
  await it.tell(story.aborted().finished('aborted'));
  await it.until('the closed gate', () =>
    it.replies().some((reply) => reply.ts === gate.ts && reply.buttons.length === 0),
  );
});

test('the bot is healthy while a socket is open', async () => {
  const it = await raise();
  const bot = await it.bot();
  expect(bot.healthy()).toBe(true);
  await it.slack.fault({ name: 'slack-kill', sockets: 'one' });
  expect(bot.healthy()).toBe(true);
  await it.slack.fault({ name: 'slack-kill', sockets: 'all' });
  await expect.poll(() => bot.healthy(), { timeout: SOON_MS }).toBe(false);
});

test('a wrong token is said in one sentence', async () => {
  const it = await raise();
  await it.slack.fault({ name: 'slack-invalid-auth', where: 'everywhere' });
  await expect(it.bot()).rejects.toMatchObject({
    kind: 'refused',
    message: expect.stringContaining('SLACK_BOT_TOKEN'),
  });
});

// "Show log" and `/talos why` against a local Slack: who may see, where it goes, and what is said when nobody answers.
import { expect, test, vi } from 'vitest';
import type { ErrandReport } from '../../src/engine/ports/errands.ts';
import { aRollout } from '../builders/rollout.ts';
import { type Rig, withBot } from './rig.ts';

vi.setConfig({ testTimeout: 30_000 });

const LOG: ErrandReport = {
  kind: 'log',
  node: 'worker-1',
  text: '== machined on worker-1 ==\n[talos] hello\n',
};

async function heldAt(report: ErrandReport): Promise<Rig> {
  const it = await withBot({ report });
  const story = aRollout({ channel: it.slack.channels.platform }).underWay().node('worker-1', 'install');
  await it.tell(story.failed('worker-1', 'install'));
  return it;
}

const button = (it: Rig) =>
  it.replies().find(({ buttons }) => buttons.some(({ action_id }) => action_id === 'log:show'));

async function presses(it: Rig, user: string): Promise<void> {
  const message = await it.until('the button', () => button(it));
  const { channels } = it.slack;
  await it.slack.action({ user, channel: channels.platform, message: message.ts, action_id: 'log:show' });
}

test('puts the log into the thread for an operator, with the name of who asked', async () => {
  const it = await heldAt(LOG);
  await presses(it, it.slack.users.requester);
  const posted = await it.until('the file', () =>
    it.replies().find(({ text }) => text.includes('asked for by') && text.includes('worker-1')),
  );
  expect(posted.text).toContain(it.slack.users.requester);
});

test('is refused to who is neither operator nor approver', async () => {
  const it = await heldAt(LOG);
  await presses(it, it.slack.users.bystander);
  const told = await it.until('the refusal', () => it.private(it.slack.users.bystander)[0]);
  expect(JSON.stringify(told.blocks)).toContain('operators and approvers only');
});

test('says so when nobody can tell', async () => {
  const it = await heldAt({ kind: 'failed', sentence: 'No worker answered.' });
  await presses(it, it.slack.users.requester);
  const told = await it.until('the answer', () => it.private(it.slack.users.requester)[0]);
  expect(JSON.stringify(told.blocks)).toContain('are not to be had: No worker answered.');
});

test('/talos why tells anybody what is waited for', async () => {
  const it = await heldAt({ kind: 'failed', sentence: 'No worker answered.' });
  const { users, channels } = it.slack;
  await it.slack.command(users.bystander, channels.platform, '/talos why');
  const told = await it.until('the answer', () => it.private(users.bystander)[1]);
  expect(JSON.stringify(told.blocks)).toContain('Held at `worker-1` because a step failed');
});

test('/talos why shows lines of logs to operators and approvers, and sentences to anybody', async () => {
  const step = { step: 's1', node: 'worker-1', forMs: 90_000, usual: null };
  const told = { ...step, evidence: ['worker-1 says it is rebooting.'], log: ['[talos] a line of a log'] };
  const it = await withBot({ report: { kind: 'why', steps: [told] } });
  const { users, channels } = it.slack;
  await it.tell(aRollout({ channel: channels.platform }).underWay().node('worker-1', 'install'));
  for (const user of [users.requester, users.bystander]) {
    await it.slack.command(user, channels.platform, '/talos why');
    const answer = await it.until('the answer', () =>
      it.private(user).find(({ blocks }) => JSON.stringify(blocks).includes('worker-1 says it is rebooting')),
    );
    expect(JSON.stringify(answer.blocks).includes('a line of a log')).toBe(user === users.requester);
  }
});

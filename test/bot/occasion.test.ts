// A click counts for the card it was made on: who is quicker decides, and nobody decides about a card they have not seen.
import { expect, test, vi } from 'vitest';
import type { RolloutEvent } from '../../src/rollout/event.ts';
import { aPolicy } from '../builders/plan.ts';
import { aRollout } from '../builders/rollout.ts';
import { type Rig, withBot } from './rig.ts';

vi.setConfig({ testTimeout: 30_000 });

type Reply = ReturnType<Rig['replies']>[number];

function offering(action: string): (reply: Reply) => boolean {
  return ({ buttons }) => buttons.some((button) => button.action_id === action);
}

/** The gate of cp-1, open for an hour of the clock the bot goes by. */
function openedNow(): RolloutEvent {
  const [told] = aRollout({ workers: [], controlPlane: ['cp-1'] })
    .underWay()
    .gate('cp-1')
    .entries.slice(-1);
  if (told?.event.kind !== 'gate-opened') throw new Error('no gate was opened');
  return { ...told.event, expiresAt: Date.now() + 3_600_000 };
}

test('a denial written about an earlier card is refused, and the newer card stays as it was', async () => {
  const it = await withBot();
  const { users, channels } = it.slack;
  const story = aRollout({ workers: [], controlPlane: ['cp-1'] }).underWay();
  const opened = openedNow();
  await it.tell(story.append(opened));
  const card = await it.until('the gate card', () => it.replies().find(offering('gate:approve')));
  const press = { user: users.approver, channel: channels.platform, action_id: 'gate:deny' };
  await it.slack.action({ ...press, message: card.ts });
  const view = await it.until('the modal', () => it.slack.state(users.approver).views[0]);
  await it.tell(story.paused(users.requester).resumed(users.requester).append(opened));
  const newer = await it.until('the newer card alone with buttons', () => {
    const open = it.replies().filter(offering('gate:approve'));
    return open.length === 1 && open[0]?.ts !== card.ts && open[0];
  });
  const before = JSON.stringify(newer.blocks);
  await it.slack.submit({ user: users.approver, view: view.id, values: { reason: { text: 'no' } } });
  await it.until('the private refusal', () =>
    it.private(users.approver).some(({ text }) => text.includes('out of date')),
  );
  expect((await it.newest())?.phase).toMatchObject({ phase: 'at-gate' });
  expect(JSON.stringify(it.replies().find(({ ts }) => ts === newer.ts)?.blocks)).toBe(before);
  await it.slack.action({ ...press, message: newer.ts, action_id: 'gate:approve' });
  await it.until('the decision on the newer card', () =>
    it.replies().some((reply) => reply.ts === newer.ts && reply.buttons.length === 0),
  );
});

test('two operators who type skip about one held card skip one node', async () => {
  const it = await withBot();
  const { users, channels } = it.slack;
  const story = aRollout({ policy: aPolicy({ parallelWorkers: 2 }) }).underWay();
  story.node('worker-1', 'drain').node('worker-2', 'drain');
  await it.tell(story.failed('worker-1', 'drain').failed('worker-2', 'drain'));
  const both = [users.requester, users.approver];
  await Promise.all(both.map((user) => it.slack.command(user, channels.platform, '/talos skip')));
  await it.until('two answers', () => both.every((user) => it.private(user)[0] !== undefined));
  const said = both.map((user) => it.private(user)[0]?.text ?? '');
  expect(said.filter((text) => text.includes('now the rollout is held at worker-2'))).toHaveLength(1);
  expect((await it.newest())?.skipped.size).toBe(1);
});

test('two operators who press Skip on one held card skip one node', async () => {
  const it = await withBot();
  const { users, channels } = it.slack;
  const story = aRollout({ policy: aPolicy({ parallelWorkers: 2 }) }).underWay();
  story.node('worker-1', 'drain').node('worker-2', 'drain');
  await it.tell(story.failed('worker-1', 'drain').failed('worker-2', 'drain'));
  const held = await it.until('the held card', () => it.replies().find(offering('rollout:skip')));
  const press = { channel: channels.platform, message: held.ts, action_id: 'rollout:skip' };
  const both = [users.requester, users.approver];
  await Promise.all(both.map((user) => it.slack.action({ ...press, user })));
  await it.until('one private refusal', () =>
    both.some((user) => it.private(user).some(({ text }) => text.includes('out of date'))),
  );
  const rollout = await it.newest();
  expect(rollout?.skipped.size).toBe(1);
  expect(rollout?.phase).toMatchObject({ phase: 'held', held: { node: 'worker-2' } });
  await it.until('a card for the other node', () =>
    it.replies().some((reply) => reply.ts !== held.ts && offering('rollout:skip')(reply)),
  );
});

// The bot against a local Slack: people type and press, a worker's facts arrive, and the thread shows both.
import { expect, test, vi } from 'vitest';
import { aFinding, aPlan, aProof } from '../builders/plan.ts';
import { type RigOptions, SOON_MS, withBot } from './rig.ts';

vi.setConfig({ testTimeout: 30_000 });

async function asked(options: RigOptions = {}, line = '/talos upgrade v1.13.5') {
  const it = await withBot(options);
  const { users, channels } = it.slack;
  await it.slack.command(users.requester, channels.platform, line);
  const rollout = await vi.waitFor(async () => {
    const newest = await it.newest();
    if (newest === null) throw new Error('the command left no rollout');
    return newest;
  }, SOON_MS);
  return { it, users, channels, rollout: rollout.id };
}

/** A plan with one gate, proposed. */
async function proposed(options: RigOptions = {}) {
  const asking = await asked(options);
  const plan = aPlan({ workers: [], controlPlane: ['cp-1'] });
  await asking.it.append(asking.rollout, {
    kind: 'planned',
    plan,
    findings: [aFinding('ok')],
    expiresAt: Date.now() + 3_600_000,
  });
  await asking.it.until('the plan in the thread', () => asking.it.replies().length === 1);
  return { ...asking, plan };
}

async function atGate(options: RigOptions = {}) {
  const before = await proposed(options);
  const { it, users, channels, rollout, plan } = before;
  await it.slack.action({ user: users.requester, channel: channels.platform, action_id: 'rollout:start' });
  const gate = plan.stages.at(-1)?.lanes[0]?.gate;
  if (gate === undefined || gate === null) throw new Error('the plan has no gate');
  await it.until('the start', () => it.replies().some((reply) => reply.text.includes('was started by')));
  await it.append(rollout, {
    kind: 'gate-opened',
    gate: gate.id,
    fingerprint: gate.fingerprint,
    proof: aProof(),
    needs: it.policy.approvals,
    expiresAt: Date.now() + 3_600_000,
  });
  const card = await it.until('the gate card', () =>
    it.replies().find((reply) => reply.buttons.some((button) => button.action_id === 'gate:approve')),
  );
  return { ...before, card };
}

test('help is answered privately in the acknowledgement itself', async () => {
  const it = await withBot();
  const { users, channels } = it.slack;
  expect(await it.slack.command(users.bystander, channels.platform, '/talos help')).toMatchObject({
    ok: true,
  });
  expect(it.private(users.bystander)).toHaveLength(1);
  expect(it.private(users.requester)).toHaveLength(0);
});

test('bad input is refused privately and leaves no trace', async () => {
  const it = await withBot();
  const { users, channels } = it.slack;
  await it.slack.command(users.requester, channels.platform, '/talos upgrad v1.13.5');
  expect(it.private(users.requester)[0]?.text).toContain('/talos upgrade v1.13.5');
  expect(await it.newest()).toBeNull();
});

test('somebody who is no operator is refused, and nothing is asked of the cluster', async () => {
  const it = await withBot();
  const { users, channels } = it.slack;
  await it.slack.command(users.bystander, channels.platform, '/talos upgrade v1.13.5');
  const [refusal] = it.private(users.bystander);
  expect(refusal?.text).toContain('not an operator');
  expect(await it.newest()).toBeNull();
});

test('an accepted command is answered privately and shows nothing in the channel before there is a plan', async () => {
  const { it, users } = await asked();
  expect(it.private(users.requester)[0]?.text).toContain('Looking at');
  expect(it.cards()).toHaveLength(0);
});

test('a redelivered command is the same rollout', async () => {
  const { it, users, channels } = await asked();
  await it.slack.fault({ name: 'slack-redeliver' });
  // Answered after the redelivery was heard: whatever that would have written is written by now.
  await it.slack.command(users.bystander, channels.platform, '/talos status');
  await it.until('the status', () => it.private(users.bystander).length === 1);
  expect(await it.journal.recent('prod', 5)).toHaveLength(1);
});

test('a wish that comes to nothing is answered to the requester alone', async () => {
  const { it, users, rollout } = await asked();
  await it.append(rollout, {
    kind: 'declined',
    outcome: 'unchanged',
    sentence: 'All nodes already run v1.13.5.',
    findings: [],
  });
  await it.until('the private answer', () =>
    it.private(users.requester).some(({ text }) => text.includes('already run')),
  );
  expect(it.cards()).toHaveLength(0);
  expect(it.private(users.approver)).toHaveLength(0);
});

test('a blocked rollout is shown to the channel with its findings', async () => {
  const { it, rollout } = await asked();
  const findings = [aFinding('ok'), aFinding('blocker', { sentence: 'worker-1 is not Ready.' })];
  await it.append(rollout, {
    kind: 'declined',
    outcome: 'blocked',
    sentence: 'One finding must be settled.',
    findings,
  });
  const card = await it.until('the card', () => it.cards()[0]);
  expect(JSON.stringify(card.blocks)).toContain('worker-1 is not Ready.');
  expect(card.buttons).toHaveLength(0);
});

test('the proposed card has Start, which only an operator may press', async () => {
  const { it, users, channels } = await proposed();
  const before = JSON.stringify(it.cards()[0]?.blocks);
  await it.slack.action({ user: users.bystander, channel: channels.platform, action_id: 'rollout:start' });
  await it.until('the private refusal', () => it.private(users.bystander).length === 1);
  expect(JSON.stringify(it.cards()[0]?.blocks)).toBe(before);
  await it.slack.action({ user: users.requester, channel: channels.platform, action_id: 'rollout:start' });
  await it.until('the buttons of a running rollout', () =>
    it.cards()[0]?.buttons.some((button) => button.action_id === 'rollout:pause'),
  );
  expect((await it.newest())?.phase.phase).toBe('running');
});

test('a double click on Start starts once', async () => {
  const { it, users, channels } = await proposed();
  const click = { user: users.requester, channel: channels.platform, action_id: 'rollout:start' };
  await Promise.all([it.slack.action(click), it.slack.action(click)]);
  await it.until('the start', () => it.replies().some((reply) => reply.text.includes('was started by')));
  const rollout = await it.newest();
  expect(rollout?.version).toBe(3);
  expect(it.private(users.requester)).toHaveLength(1);
});

test('the requester may not approve, an approver may, and the buttons go away', async () => {
  const { it, users, channels, card } = await atGate();
  const press = { channel: channels.platform, message: card.ts, action_id: 'gate:approve' };
  await it.slack.action({ ...press, user: users.requester });
  await it.until('the private refusal', () =>
    it.private(users.requester).some(({ text }) => text.includes('somebody else')),
  );
  expect((await it.newest())?.phase.phase).toBe('at-gate');
  await it.slack.action({ ...press, user: users.approver });
  const after = await it.until('the decision on the card', () =>
    it.replies().find((reply) => reply.ts === card.ts && reply.buttons.length === 0),
  );
  expect(JSON.stringify(after.blocks)).toContain(`<@${users.approver}>`);
});

test('Deny asks for a reason and ends the rollout with it', async () => {
  const { it, users, channels, card } = await atGate();
  await it.slack.action({
    user: users.approver,
    channel: channels.platform,
    message: card.ts,
    action_id: 'gate:deny',
  });
  const view = await it.until('the modal', () => it.slack.state(users.approver).views[0]);
  await it.slack.submit({
    user: users.approver,
    view: view.id,
    values: { reason: { text: 'not <!channel> on a Friday' } },
  });
  const line = await it.until('the denial in the thread', () =>
    it.replies().find((reply) => reply.text.includes('denied')),
  );
  expect(line.text).toContain('not &lt;!channel&gt; on a Friday');
  expect((await it.newest())?.phase).toMatchObject({ phase: 'tidying', outcome: 'denied' });
});

test('somebody who may not deny gets no modal', async () => {
  const { it, users, channels, card } = await atGate();
  await it.slack.action({
    user: users.bystander,
    channel: channels.platform,
    message: card.ts,
    action_id: 'gate:deny',
  });
  await it.until('the private refusal', () => it.private(users.bystander).length === 1);
  expect(it.slack.state(users.bystander).views).toHaveLength(0);
});

test('two approvals are needed when the policy says so, and one person counts once', async () => {
  const { it, users, channels, card } = await atGate({ policy: { approvals: 2 } });
  const press = { channel: channels.platform, message: card.ts, action_id: 'gate:approve' };
  await it.slack.action({ ...press, user: users.approver });
  await it.until('the first vote', () =>
    it
      .replies()
      .some((reply) => reply.ts === card.ts && JSON.stringify(reply.blocks).includes('Approved by')),
  );
  await it.slack.action({ ...press, user: users.approver });
  await it.until('the private refusal', () =>
    it.private(users.approver).some(({ text }) => text.includes('already approved')),
  );
  await it.slack.action({ ...press, user: users.secondApprover });
  await it.until('the card without buttons', () =>
    it.replies().some((reply) => reply.ts === card.ts && reply.buttons.length === 0),
  );
});

test('status tells what runs, from the journal, with a link to the thread', async () => {
  const { it, users, channels } = await proposed();
  await it.slack.command(users.bystander, channels.platform, '/talos status');
  const status = await it.until('the status', () => it.private(users.bystander)[0]);
  expect(JSON.stringify(status.blocks)).toContain('/archives/');
  expect(status.text).toContain('v1.13.5');
});

test('pause by command reaches the running rollout, and another cluster has none', async () => {
  const { it, users, channels, rollout } = await asked(
    { clusters: ['prod', 'lab'] },
    '/talos upgrade prod v1.13.5',
  );
  const plan = aPlan({ workers: ['worker-1'], controlPlane: [] });
  await it.append(
    rollout,
    { kind: 'planned', plan, findings: [], expiresAt: Date.now() + 3_600_000 },
    { kind: 'started', user: null, delivery: null },
  );
  await it.slack.command(users.requester, channels.platform, '/talos pause prod');
  await it.until('the pause', () =>
    it.private(users.requester).some(({ text }) => text.includes('is paused')),
  );
  expect((await it.newest())?.phase.phase).toBe('paused');
  await it.slack.command(users.requester, channels.platform, '/talos pause lab');
  await it.until('the refusal', () =>
    it.private(users.requester).some(({ text }) => text.includes('Nothing is running on lab')),
  );
});

test('plan is answered privately by a worker and starts nothing', async () => {
  const report = { kind: 'planned', plan: aPlan(), findings: [aFinding('warning')] } as const;
  const it = await withBot({ report });
  const { users, channels } = it.slack;
  await it.slack.command(users.bystander, channels.platform, '/talos plan v1.13.5');
  const plan = await it.until('the plan', () => it.private(users.bystander)[1]);
  expect(JSON.stringify(plan.blocks)).toContain('Control plane');
  expect(await it.newest()).toBeNull();
});

test('the App Home shows what waits for an approver, and approving there works', async () => {
  const { it, users } = await atGate();
  await it.slack.home(users.approver);
  const home = await it.until('the home', () => it.slack.state(users.approver).home ?? undefined);
  expect(JSON.stringify(home.blocks)).toContain('Approve cp-1');
  await it.slack.action({ user: users.approver, view: home.id, action_id: 'gate:approve:prod' });
  await it.until('a home with nothing to do', () =>
    JSON.stringify(it.slack.state(users.approver).home?.blocks).includes('Nothing waits for you'),
  );
  await it.slack.home(users.bystander);
  const other = await it.until(
    'the home of a bystander',
    () => it.slack.state(users.bystander).home ?? undefined,
  );
  expect(JSON.stringify(other.blocks)).not.toContain('"button"');
});

test('Slack never had to refuse a call', async () => {
  const { it, users, channels } = await atGate();
  for (const text of ['/talos', '/talos help upgrade', '/talos status', '/talos nonsense <!here> & co']) {
    await it.slack.command(users.requester, channels.platform, text);
  }
  expect(it.slack.counters().rejections).toEqual([]);
  expect(it.log.filter(({ level }) => level === 'error')).toEqual([]);
});

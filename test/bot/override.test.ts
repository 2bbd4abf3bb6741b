// Findings that stop a plan, on a local Slack: the button, the modal with its reason, and who is told what.
import { expect, test, vi } from 'vitest';
import type { Finding } from '../../src/checks/finding.ts';
import { aFinding, aPlan } from '../builders/plan.ts';
import { type RigOptions, SOON_MS, withBot } from './rig.ts';

vi.setConfig({ testTimeout: 30_000 });

const REASON = 'That app is being *replaced* <!channel> & nobody uses it.';
const flux = (subject: string): Finding =>
  aFinding('blocker', { check: 'flux', subject, sentence: `Kustomization ${subject} is suspended.` });
const velero = aFinding('unknown', { check: 'velero', subject: 'cluster', sentence: 'No backup is known.' });
const FINDINGS = [aFinding('ok'), flux('apps'), flux('infra'), velero];

/** A plan that something stops. */
async function stopped(findings: readonly Finding[] = FINDINGS, options: RigOptions = {}) {
  const it = await withBot(options);
  const { users, channels } = it.slack;
  await it.slack.command(users.requester, channels.platform, '/talos upgrade v1.13.5');
  const rollout = await vi.waitFor(async () => {
    const newest = await it.newest();
    if (newest === null) throw new Error('the command left no rollout');
    return newest.id;
  }, SOON_MS);
  const plan = aPlan({ workers: [], controlPlane: ['cp-1'] });
  await it.append(rollout, { kind: 'planned', plan, findings, expiresAt: Date.now() + 3_600_000 });
  await it.until('the plan in the thread', () => it.replies().length === 1);
  const press = (user: string, action: string) =>
    it.slack.action({ user, channel: channels.platform, action_id: action });
  /** Presses, waits for the modal and returns its id. */
  const opens = async (user: string, action: string): Promise<string> => {
    await press(user, action);
    return (await it.until('the modal', () => it.slack.state(user).views.at(-1))).id;
  };
  const said = async () => (await it.newest())?.overrides ?? [];
  return { it, users, channels, rollout, press, opens, said };
}

const reason = (text: string) => ({ reason: { value: text } });

test('an approver overrides with a reason, and everybody reads who did what and why', async () => {
  const { it, users, opens, press, said } = await stopped();
  expect(it.cards()[0]?.buttons.map(({ action_id }) => action_id)).toEqual([
    'rollout:cancel',
    'rollout:handover',
  ]);
  const view = await opens(users.approver, 'rollout:override:flux');
  expect(JSON.stringify(it.slack.state(users.approver).views[0])).toContain('The same for infra');
  expect(await it.slack.submit({ user: users.approver, view, values: reason(REASON) })).toMatchObject({
    ok: true,
  });
  await it.until('the line in the thread', () =>
    it.replies().some(({ text }) => text.includes('was overridden')),
  );
  expect(await said()).toMatchObject([
    { check: 'flux', subjects: ['apps', 'infra'], user: users.approver, reason: REASON },
  ]);
  await it.until('the plan with one button less', () => {
    const plan = it.replies()[0];
    return plan?.buttons.map(({ action_id }) => action_id).join() === 'rollout:override:velero';
  });
  for (const shown of [it.cards()[0], ...it.replies()]) {
    const text = JSON.stringify(shown?.blocks);
    expect(text).toContain('being *replaced* &lt;!channel&gt; &amp; nobody');
    expect(text).toContain(`<@${users.approver}>`);
  }
  const second = await opens(users.secondApprover, 'rollout:override:velero');
  await it.slack.submit({ user: users.secondApprover, view: second, values: reason('A backup is on tape.') });
  await it.until('Start', () =>
    it.cards()[0]?.buttons.some(({ action_id }) => action_id === 'rollout:start'),
  );
  expect((await it.newest())?.phase.phase).toBe('proposed');
  await press(users.requester, 'rollout:start');
  await it.until('the start', () => it.replies().some(({ text }) => text.includes('was started by')));
  expect(it.slack.counters().rejected).toBe(0);
});

test.each([
  ['requester', 'somebody else has to override'],
  ['bystander', 'not an approver'],
] as const)('the %s is refused before there is a modal', async (who, why) => {
  const { it, users, press, said } = await stopped();
  await press(users[who], 'rollout:override:flux');
  await it.until('the refusal', () => it.private(users[who]).some(({ text }) => text.includes(why)));
  expect(it.slack.state(users[who]).views).toEqual([]);
  expect(await said()).toEqual([]);
});

test('a reason of spaces is refused in the modal, which stays open', async () => {
  const { it, users, opens, said } = await stopped();
  const view = await opens(users.approver, 'rollout:override:flux');
  const answer = await it.slack.submit({ user: users.approver, view, values: reason(' '.repeat(20)) });
  expect(answer).toMatchObject({ ok: false, errors: { reason: expect.stringContaining('at least 10') } });
  expect(it.slack.state(users.approver).views).toHaveLength(1);
  expect(await said()).toEqual([]);
});

test('who was slower is told who was quicker', async () => {
  const { it, users, opens, said } = await stopped();
  const views = [
    await opens(users.approver, 'rollout:override:flux'),
    await opens(users.secondApprover, 'rollout:override:flux'),
  ];
  await it.slack.submit({
    user: users.approver,
    view: views[0] ?? '',
    values: reason('It is being replaced.'),
  });
  await it.until('the line in the thread', () =>
    it.replies().some(({ text }) => text.includes('was overridden')),
  );
  await it.slack.submit({
    user: users.secondApprover,
    view: views[1] ?? '',
    values: reason('It is replaced.'),
  });
  await it.until('the refusal', () =>
    it.private(users.secondApprover).some(({ text }) => text.includes(`already, by <@${users.approver}>`)),
  );
  expect(await said()).toHaveLength(1);
});

test('a submission that Slack brings twice is one override', async () => {
  const { it, users, opens, said } = await stopped();
  const view = await opens(users.approver, 'rollout:override:flux');
  await it.slack.submit({ user: users.approver, view, values: reason('It is being replaced.') });
  await it.until('the line in the thread', () =>
    it.replies().some(({ text }) => text.includes('was overridden')),
  );
  await it.slack.fault({ name: 'slack-redeliver' });
  // What is said afterwards is handled afterwards.
  const later = await opens(users.approver, 'rollout:override:velero');
  await it.slack.submit({ user: users.approver, view: later, values: reason('A backup is on tape.') });
  const checks = async () => (await said()).map(({ check }) => check);
  await expect.poll(checks, { timeout: SOON_MS }).toEqual(['flux', 'velero']);
  expect(it.private(users.approver).filter(({ text }) => text.includes('already'))).toEqual([]);
});

test('many checks share a button, and are chosen in its modal', async () => {
  const checks = ['flux', 'argo', 'velero', 'capacity', 'webhooks'];
  const { it, users, opens, said } = await stopped(checks.map((check) => aFinding('blocker', { check })));
  const view = await opens(users.approver, 'rollout:override:several');
  const values = { ...reason('All of it is being replaced.'), checks: { value: ['argo', 'webhooks'] } };
  expect(await it.slack.submit({ user: users.approver, view, values })).toMatchObject({ ok: true });
  await it.until('three buttons', () => it.replies()[0]?.buttons.length === 3);
  expect((await said()).map(({ check }) => check)).toEqual(['argo', 'webhooks']);
});

test('the typed form does the same, with the words as they were typed', async () => {
  const { it, users, channels, said } = await stopped();
  const line = '/talos override flux because “that app” — the old one — is replaced';
  await it.slack.command(users.approver, channels.platform, line);
  await it.until('the answer', () =>
    it.private(users.approver).some(({ text }) => text.includes('waits for velero')),
  );
  expect(await said()).toMatchObject([{ reason: '“that app” — the old one — is replaced' }]);
  await it.slack.command(
    users.approver,
    channels.platform,
    '/talos override etcd-quorum because I want to go home',
  );
  await it.until('the refusal', () =>
    it.private(users.approver).some(({ text }) => text.includes('etcd-quorum cannot be overridden')),
  );
});

test('the App Home asks those who may, and overriding there works', async () => {
  const { it, users, said } = await stopped();
  for (const [user, offered] of [
    [users.requester, false],
    [users.bystander, false],
    [users.approver, true],
  ] as const) {
    await it.slack.home(user);
    const home = await it.until('the home', () => it.slack.state(user).home ?? undefined);
    expect(JSON.stringify(home).includes('rollout:override:flux:prod'), user).toBe(offered);
  }
  const home = await it.until('the home', () => it.slack.state(users.approver).home ?? undefined);
  await it.slack.action({ user: users.approver, view: home.id, action_id: 'rollout:override:flux:prod' });
  const view = await it.until('the modal', () => it.slack.state(users.approver).views.at(-1));
  await it.slack.submit({ user: users.approver, view: view.id, values: reason('It is being replaced.') });
  await expect.poll(said, { timeout: SOON_MS }).toHaveLength(1);
});

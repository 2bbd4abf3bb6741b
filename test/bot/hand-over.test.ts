// Handing a rollout over from its card and from the App Home: the words and verdicts of the command.
import { expect, test, vi } from 'vitest';
import { aRollout } from '../builders/rollout.ts';
import { type Rig, withBot } from './rig.ts';

vi.setConfig({ testTimeout: 30_000 });

async function running(): Promise<Rig> {
  const it = await withBot();
  await it.tell(aRollout({ channel: it.slack.channels.platform }).underWay());
  await it.until('the card', () => it.cards()[0]?.buttons.some(({ text }) => text === 'Hand over…'));
  return it;
}

const press = (it: Rig, user: string) =>
  it.slack.action({ user, channel: it.slack.channels.platform, action_id: 'rollout:handover' });

/** Presses the card's button and answers the modal. */
async function handsOver(it: Rig, from: string, to: string): Promise<void> {
  await press(it, from);
  await submits(it, from, to);
}

async function submits(it: Rig, from: string, to: string): Promise<void> {
  const modal = await it.until('the modal', () => it.slack.state(from).views[0]);
  const values = { person: { user: to } };
  expect(await it.slack.submit({ user: from, view: modal.id, values })).toMatchObject({ ok: true });
}

/** As people type a name. */
const named = (it: Rig, id: string): string =>
  `@${it.slack.state(id).people.find((one) => one.id === id)?.name ?? ''}`;

const keeper = async (it: Rig): Promise<string | undefined> => (await it.newest())?.keeper;

test('an operator hands it over from the card, and everybody reads the summary', async () => {
  const it = await running();
  const { requester, approver } = it.slack.users;
  await handsOver(it, requester, approver);
  await it.until('the summary', () => it.replies().find(({ text }) => text.includes('hands the upgrade')));
  expect(await keeper(it)).toBe(approver);
  const said = await it.until('the answer', () => it.private(requester)[0]);
  await it.slack.command(approver, it.slack.channels.platform, `/talos handover ${named(it, requester)}`);
  const typed = await it.until('the answer to the command', () => it.private(approver)[0]);
  expect(said.text.replaceAll(approver, requester)).toBe(typed.text);
  expect(it.slack.counters().rejections).toEqual([]);
});

test('whoever opened it takes it over when nobody else is chosen', async () => {
  const it = await running();
  const { approver } = it.slack.users;
  await press(it, approver);
  const modal = await it.until('the modal', () => it.slack.state(approver).views[0]);
  await it.slack.submit({ user: approver, view: modal.id });
  await it.until('the summary', () => it.replies().find(({ text }) => text.includes('takes over')));
  expect(await keeper(it)).toBe(approver);
});

test('it cannot be handed to somebody who could decide nothing, in the words of the command', async () => {
  const it = await running();
  const { requester, bystander } = it.slack.users;
  await handsOver(it, requester, bystander);
  const said = await it.until('the refusal', () => it.private(requester)[0]);
  expect(said.text).toContain('is no operator of prod and could decide nothing');
  await it.slack.command(requester, it.slack.channels.platform, `/talos handover ${named(it, bystander)}`);
  const typed = await it.until('the refusal of the command', () => it.private(requester)[1]);
  expect(typed.text).toBe(said.text);
  expect(await keeper(it)).toBe(requester);
});

test('who may not do it is told so before anybody is chosen', async () => {
  const it = await running();
  const { bystander } = it.slack.users;
  await press(it, bystander);
  const said = await it.until('the refusal', () => it.private(bystander)[0]);
  expect(said.text).toContain('You are not an operator of prod');
  expect(it.slack.state(bystander).views).toEqual([]);
});

test('the App Home does the same, and is renewed', async () => {
  const it = await running();
  const { requester, approver } = it.slack.users;
  await it.slack.home(requester);
  const home = await it.until('the home', () => {
    const { home: shown } = it.slack.state(requester);
    return JSON.stringify(shown?.blocks ?? []).includes('rollout:handover:prod') ? shown : undefined;
  });
  await it.slack.action({ user: requester, view: home?.id ?? '', action_id: 'rollout:handover:prod' });
  await submits(it, requester, approver);
  const direct = it.slack.state(requester).channels.find(({ kind }) => kind === 'im');
  await it.until('the answer', () =>
    it.slack.messages(direct?.id ?? '').some(({ text }) => text.includes(`in the hands of <@${approver}>`)),
  );
  await it.until('a home that says who has it', () =>
    JSON.stringify(it.slack.state(requester).home?.blocks).includes(`in the hands of <@${approver}>`),
  );
});

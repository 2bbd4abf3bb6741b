// Findings that stop a plan: people take them on by name, with a reason; what guards a promise nobody can.
import type { Rollout } from '../../src/rollout/rollout.ts';
import { CLUSTER } from '../stage.ts';
import { sameNames, upgradedWell } from './expectations.ts';
import type { Scenario } from './scenario.ts';
import type { Troupe } from './troupe.ts';
import { controlPlaneOf } from './upgrades.ts';

const FROM = 'v1.13.4';
const TO = 'v1.13.5';
/** A budget that allows nothing, and what this cluster's policy says of emptyDirs. */
const BUDGETS = 'disruption-budgets';
const EMPTY_DIRS = 'empty-dirs';
const REASON = 'Its owner lifts the budget as soon as the drain waits for it.';

export const override: Scenario = {
  name: 'override',
  sentence:
    'An alarm of etcd stops an upgrade for good; a disruption budget and a check of the policy stop the next one until approvers override them.',
  world: { talosVersion: FROM },
  policy: { checks: { [EMPTY_DIRS]: 'block' } },
  play: async (troupe) => {
    await promiseStands(troupe);
    await troupe.stage.slack.fault({ name: 'pdb-blocks' });
    await troupe.command('requester', `/talos upgrade ${TO}`);
    await troupe.pressInVain('bystander', `rollout:override:${BUDGETS}`);
    await troupe.pressInVain('requester', `rollout:override:${BUDGETS}`);
    await overrideByButton(troupe);
    await typedInVain(troupe);
    mayNotStart(troupe);
    await troupe.command(
      'secondApprover',
      `/talos override ${EMPTY_DIRS} because the caches on it are rebuilt`,
    );
    await troupe.press('requester', 'rollout:start');
    await waitingForBudget(troupe);
    await troupe.stage.slack.fault({ name: 'heal', fault: 'pdb-blocks' });
    await troupe.approveAll(controlPlaneOf(troupe));
    await troupe.end();
    await troupe.until('who overrode what, and why, in the summary', () =>
      troupe.everything().some(({ blocks }) => {
        const text = JSON.stringify(blocks);
        return text.includes('what became of your request') && text.includes(REASON);
      }),
    );
  },
  expect: (measured) => [
    ...upgradedWell(measured, TO),
    ['everybody who may not was refused', measured.refusedClicks === 6],
    [
      'each finding was overridden by an approver, none by the requester',
      sameNames(
        measured.overrides.map(({ check, by }) => `${check} ${by}`),
        [`${BUDGETS} ${measured.approvers[0]}`, `${EMPTY_DIRS} ${measured.approvers[1]}`],
      ),
    ],
    ['every override has its reason', measured.overrides.every(({ reason }) => reason.length >= 10)],
  ],
};

/** Nobody is offered anything while etcd has an alarm, although the policy's check would be one to override. */
async function promiseStands(troupe: Troupe): Promise<void> {
  await troupe.stage.slack.fault({ name: 'etcd-alarm', node: 'cp-2' });
  await troupe.command('requester', `/talos upgrade ${TO}`);
  const outcome = await troupe.end();
  if (outcome !== 'blocked') throw new Error(`with an alarm of etcd it ended ${outcome}`);
  await troupe.until('the alarm in the channel', () =>
    JSON.stringify(troupe.everything()).includes('nospace'),
  );
  const offered = troupe.everything().flatMap(({ buttons }) => buttons.map(({ action_id }) => action_id));
  if (offered.length > 0) throw new Error(`a plan that cannot be had offers ${offered.join(', ')}`);
  await troupe.stage.slack.fault({ name: 'heal', fault: 'etcd-alarm' });
}

async function overrideByButton(troupe: Troupe): Promise<void> {
  const { slack } = troupe.stage;
  const user = troupe.user('approver');
  await troupe.press('approver', `rollout:override:${BUDGETS}`);
  await troupe.until('the modal', () => slack.state(user).views.length > 0);
  const view = slack.state(user).views[0]?.id ?? '';
  const values = (reason: string) => ({ reason: { value: reason } });
  const short = await slack.submit({ user, view, values: values('because') });
  if (short.ok) throw new Error('a reason of one word was taken');
  const empty = await slack.submit({ user, view, values: values(' '.repeat(20)) });
  if (empty.ok) throw new Error('a reason of spaces was taken');
  await slack.submit({ user, view, values: values(REASON) });
  await written(troupe, ({ overrides }) => overrides.length === 1);
}

/** What guards a promise, and the one who asked. */
async function typedInVain(troupe: Troupe): Promise<void> {
  for (const [who, check, said] of [
    ['approver', 'etcd-quorum', 'cannot be overridden'],
    ['requester', EMPTY_DIRS, 'somebody else has to override'],
  ] as const) {
    await troupe.command(who, `/talos override ${check} because I would like to go home`);
    await troupe.until(`"${said}" said privately`, () =>
      troupe.privately(who).some(({ text }) => text.includes(said)),
    );
    troupe.refusedClicks += 1;
  }
}

function mayNotStart(troupe: Troupe): void {
  if (troupe.button('rollout:start') !== null) throw new Error('it can be started while a finding stands');
  if (
    troupe.stage.cluster.world.snapshot().nodes.some(({ counters }) => counters.pulls + counters.cordons > 0)
  )
    throw new Error('a machine was touched before anybody could start it');
}

/** An override lets the plan start; the budget itself is respected as ever. */
async function waitingForBudget(troupe: Troupe): Promise<void> {
  await written(troupe, ({ steps }) =>
    [...steps].some(([id, { state }]) => id.endsWith('-drain') && state === 'begun'),
  );
  // What the card will show of it within seconds.
  await troupe.until('a drain that waits for the budget', async () => {
    const notes = await troupe.stage.journal.notes(CLUSTER, (await troupe.rollout())?.id ?? '');
    return Object.values(notes).some(({ sentence }) => sentence.includes('shop/'));
  });
}

function written(troupe: Troupe, holds: (rollout: Rollout) => boolean): Promise<void> {
  return troupe.until('the journal to say so', async () => {
    const rollout = await troupe.rollout();
    return rollout !== null && holds(rollout);
  });
}

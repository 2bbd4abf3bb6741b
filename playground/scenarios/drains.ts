// Drains that do not end by themselves: budgets that allow nothing, and pods that are past their time.
import { type DrainChoice, drainOf } from '../../src/rollout/blockade.ts';
import type { Rollout } from '../../src/rollout/rollout.ts';
import { upgradedWell } from './expectations.ts';
import type { Expectation, Measured, Scenario } from './scenario.ts';
import type { Troupe, Who } from './troupe.ts';
import { begin, controlPlaneOf } from './upgrades.ts';

const FROM = 'v1.13.4';
const TO = 'v1.13.5';
/** What drains is workers, and one gets the other's pods. */
const WORLD = { talosVersion: FROM, controlPlanes: 1, workers: 2 } as const;
/** A tenth of it passes before people are asked; the rest is for the people, who are slow on a busy machine. */
const LIMITS = { drain: '14s' };

export const pdbBlocked: Scenario = {
  name: 'pdb-blocked',
  sentence:
    'A budget lets no pod go: people are asked with its figures, nobody decides alone, and two people have its pods deleted.',
  world: WORLD,
  // The plan would not start with such a budget; here it is only named.
  policy: { checks: { 'disruption-budgets': 'warn' } },
  limits: LIMITS,
  play: async (troupe) => {
    await troupe.stage.slack.fault({ name: 'pdb-blocks' });
    await begin(troupe, TO);
    await asked(troupe, 'w-1', [
      'shop/web-',
      'ReplicaSet web',
      'allows 0 disruptions',
      '3 healthy of 3 expected',
    ]);
    await troupe.pressInVain('bystander', 'drain:leave', 'w-1');
    await byTwo(troupe, { node: 'w-1', choice: 'force', first: 'requester', second: 'approver' });
    await troupe.stage.slack.fault({ name: 'heal', fault: 'pdb-blocks' });
    await troupe.approveAll(controlPlaneOf(troupe));
    await troupe.end();
    if (deletions(troupe, 'w-1') === 0) throw new Error('no pod was deleted where two people wanted it');
    if (deletions(troupe, 'w-2') > 0) throw new Error('a pod was deleted although nobody wanted it');
  },
  expect: (measured) => [...upgradedWell(measured, TO), refused(measured, 2)],
};

export const pdbMended: Scenario = {
  name: 'pdb-mended',
  sentence:
    'A budget lets no pod go: one person gives the drain more time, another one alone wants to leave its pods; the budget is changed, the card resolves itself, and nothing is left or deleted.',
  world: WORLD,
  policy: pdbBlocked.policy ?? {},
  limits: LIMITS,
  play: async (troupe) => {
    await troupe.stage.slack.fault({ name: 'pdb-blocks' });
    await begin(troupe, TO);
    await asked(troupe, 'w-1', ['shop/']);
    await troupe.press('requester', 'drain:wait', 'w-1');
    await decided(troupe, 'w-1', 'more time', (state) => state.decidedAt > 0);
    await troupe.press('approver', 'drain:leave', 'w-1');
    await proposed(troupe, 'w-1');
    await troupe.stage.slack.fault({ name: 'heal', fault: 'pdb-blocks' });
    await troupe.approveAll(controlPlaneOf(troupe));
    await troupe.end();
    await troupe.until('the card to have resolved itself', () => shown(troupe, 'w-1', ['Resolved']));
    if (deletions(troupe, 'w-1') > 0) throw new Error('a pod was deleted although nobody wanted it');
    const rollout = await troupe.rollout();
    const left = rollout === null ? [] : drainOf(rollout, stepOf(rollout, 'w-1')).left;
    if (left.length > 0) throw new Error('a pod was left to the restart because of one person alone');
  },
  expect: (measured) => upgradedWell(measured, TO),
};

export const stuckTerminating: Scenario = {
  name: 'stuck-terminating',
  sentence:
    'Two pods do not stop: one is slow and has grace left, which nobody is asked about; the other is held by a finalizer, and two people leave it to the restart.',
  world: WORLD,
  limits: LIMITS,
  play: async (troupe) => {
    await troupe.stage.slack.fault({ name: 'pod-slow', node: 'w-1', ms: 2_500, grace: 30 });
    await troupe.stage.slack.fault({ name: 'pod-held', node: 'w-1' });
    await begin(troupe, TO);
    await asked(troupe, 'w-1', ['shop/held', 'its time is over', 'example.org/backup']);
    if (shown(troupe, 'w-1', ['shop/held', 'shop/slow']))
      throw new Error('a pod with grace left is called stuck');
    if (troupe.button('drain:force', 'w-1') !== null)
      throw new Error('a pod that is being deleted is offered to be deleted');
    await byTwo(troupe, { node: 'w-1', choice: 'leave', first: 'requester', second: 'approver' });
    await troupe.approveAll(controlPlaneOf(troupe));
    await troupe.end();
    await namesShown(troupe, 'w-1', ['requester', 'approver']);
  },
  expect: (measured) => [...upgradedWell(measured, TO), refused(measured, 1)],
};

export const podReturns: Scenario = {
  name: 'pod-returns',
  sentence:
    'A pod that tolerates the cordon is put on its node again whenever it is evicted: two people leave it to the restart, whichever pod it is by then.',
  world: WORLD,
  limits: LIMITS,
  play: async (troupe) => {
    // Sooner than a simulated installation ends.
    await troupe.stage.slack.fault({ name: 'pod-returns', node: 'w-1', ms: 20 });
    await begin(troupe, TO);
    await asked(troupe, 'w-1', ['storage/osd-', 'ReplicaSet osd', 'it tolerates the cordon']);
    if (troupe.button('drain:force', 'w-1') !== null)
      throw new Error('a pod that comes back is offered to be deleted');
    await byTwo(troupe, { node: 'w-1', choice: 'leave', first: 'requester', second: 'approver' });
    await troupe.approveAll(controlPlaneOf(troupe));
    await troupe.end();
    await namesShown(troupe, 'w-1', ['requester', 'approver']);
  },
  expect: (measured) => [...upgradedWell(measured, TO), refused(measured, 1)],
};

function refused({ refusedClicks }: Measured, least: number): Expectation {
  return ['nobody decided alone, nor who may not', refusedClicks >= least];
}

/** The card of this node's drain is there, and says all of this. */
async function asked(troupe: Troupe, node: string, words: readonly string[]): Promise<void> {
  await troupe.until(`the card of the drain of ${node}`, () =>
    shown(troupe, node, ['The drain is blocked', ...words]),
  );
}

function shown(troupe: Troupe, node: string, words: readonly string[]): boolean {
  return troupe.everything().some(({ blocks }) => {
    const text = JSON.stringify(blocks);
    return text.includes('drain') && [node, ...words].every((word) => text.includes(word));
  });
}

/** One asks for it, cannot confirm it alone, and another one does. */
async function byTwo(
  troupe: Troupe,
  { node, choice, first, second }: { node: string; choice: DrainChoice; first: Who; second: Who },
): Promise<void> {
  const action = `drain:${choice}`;
  await troupe.press(first, action, node);
  // Who did not see the wish does not confirm it.
  await troupe.until('the wish on the card', () => shown(troupe, node, ['asked for', 'Confirm: ']));
  if (node === 'w-1') await troupe.pressInVain(first, action, node);
  await troupe.press(second, action, node);
  const key = choice === 'leave' ? 'left' : 'forced';
  await decided(troupe, node, `${choice} by two`, (state) => state[key].length > 0);
}

/** In the journal: the card says so at its own pace. */
function proposed(troupe: Troupe, node: string): Promise<void> {
  return decided(troupe, node, 'what one person asked for', ({ question }) => question?.proposal != null);
}

function namesShown(troupe: Troupe, node: string, people: readonly Who[]): Promise<void> {
  const names = people.map((who) => `<@${troupe.user(who)}>`);
  return troupe.until('both names on the card', () =>
    shown(troupe, node, ['The drain was blocked', ...names]),
  );
}

type Drained = ReturnType<typeof drainOf>;

function decided(
  troupe: Troupe,
  node: string,
  what: string,
  holds: (state: Drained) => boolean,
): Promise<void> {
  return troupe.until(`${what} in the journal`, async () => {
    const rollout = await troupe.rollout();
    return rollout !== null && holds(drainOf(rollout, stepOf(rollout, node)));
  });
}

function stepOf(rollout: Rollout, node: string): string {
  return [...rollout.steps.keys()].find((step) => step.endsWith(`-${node}-drain`)) ?? '';
}

function deletions({ stage }: Troupe, node: string): number {
  return stage.cluster.world.kubernetes.actsOn(node).deletions ?? 0;
}

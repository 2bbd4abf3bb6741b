// What the thread tells of a drain that is blocked: each pod with its figures, who may decide, what was decided, and that it resolved itself.
import { describe, expect, it } from 'vitest';
import { decodeButton } from '../../../src/bot/button-value.ts';
import { intentOf } from '../../../src/bot/buttons.ts';
import { type Slot, threadOf } from '../../../src/bot/thread.ts';
import type { Blocker } from '../../../src/rollout/blockade.ts';
import type { Policy } from '../../../src/rollout/policy.ts';
import { aBlocker } from '../../builders/drain.ts';
import { APPROVER, REQUESTER } from '../../builders/plan.ts';
import { aRollout, type RolloutStory } from '../../builders/rollout.ts';
import { POLICY } from './stories.ts';

const SECOND = 'U0MEI00003';
const policy: Policy = { ...POLICY, approvers: [APPROVER, SECOND] };
const STUCK = aBlocker({
  name: 'old-1',
  uid: 'old-1',
  cause: 'stuck',
  budgets: [],
  why: 'its finalizers still stand: x/y',
});

const stepOf = (story: RolloutStory): string => story.step('worker-1', 'drain').id;

function blocked(...blockers: readonly Blocker[]): RolloutStory {
  const story = aRollout().underWay().node('worker-1', 'drain');
  return story.append({ kind: 'drain-blocked', step: stepOf(story), blockers });
}

function wished(story: RolloutStory, choice: 'leave' | 'force', user = REQUESTER): RolloutStory {
  return story.append({
    kind: 'drain-proposed',
    step: stepOf(story),
    choice,
    user,
    delivery: `p${story.now}`,
  });
}

function decided(story: RolloutStory, choice: 'wait' | 'leave' | 'force', user = APPROVER): RolloutStory {
  const delivery = `d${story.now}`;
  return story.append({
    kind: 'drain-decided',
    step: stepOf(story),
    choice,
    pods: [],
    askedBy: REQUESTER,
    user,
    delivery,
  });
}

function slotsOf(story: RolloutStory): readonly Slot[] {
  return threadOf({ entries: story.entries, policy, notes: {}, now: story.now })?.slots ?? [];
}

function cards(story: RolloutStory): readonly Slot[] {
  return slotsOf(story).filter(({ name }) => name.startsWith('drain:'));
}

function card(story: RolloutStory): Slot {
  const found = cards(story).at(-1);
  if (found === undefined) throw new Error('nobody is asked about a drain');
  return found;
}

const textOf = ({ message }: Slot): string => JSON.stringify(message.blocks);

function buttonsOf({ message }: Slot) {
  return message.blocks.flatMap((block) =>
    block.type === 'actions' ? block.elements.filter((one) => one.type === 'button') : [],
  );
}

const actionsOf = (slot: Slot): readonly (string | undefined)[] =>
  buttonsOf(slot).map((one) => one.action_id);

describe('a wish that takes a second person', () => {
  const line = (story: RolloutStory): string =>
    slotsOf(story).find(({ name }) => name.startsWith('drain-proposed:'))?.message.text ?? '';

  it('calls those who may confirm it in a message of its own, as an edit calls nobody', () => {
    const text = line(wished(blocked(aBlocker()), 'force', APPROVER));
    expect(text).toContain(`<@${APPROVER}> asked for Force at the drain of worker-1 in prod`);
    expect(text).toMatch(new RegExp(`another approver has to confirm it on its card, <@${SECOND}>\\.$`));
  });

  it('calls nobody once it is confirmed, or taken back', () => {
    for (const choice of ['wait', 'force'] as const) {
      const text = line(decided(wished(blocked(aBlocker()), 'force', APPROVER), choice, SECOND));
      expect(text).toContain('asked for Force');
      expect(text).not.toContain(`<@${SECOND}>`);
    }
  });
});

describe('the card of a blocked drain', () => {
  it('calls the one who has the rollout now, and nobody any more when it is aborted', () => {
    const story = blocked(aBlocker());
    story.append({ kind: 'handed-over', to: SECOND, user: SECOND, delivery: 'h' });
    expect(card(story).message.text).toContain(`<@${SECOND}>, somebody may decide`);
    expect(JSON.stringify(card(story).message)).not.toContain(`<@${REQUESTER}>`);
    expect(card(story.aborted()).message.text).toMatch(/was blocked by shop\/web-1\.$/);
  });

  it('names the pod, its owner, the budget and its four figures, and is shown in the channel too', () => {
    const slot = card(blocked(aBlocker()));
    for (const words of [
      'shop/web-1',
      'shop/ReplicaSet web',
      'budget `web`',
      'allows 0 disruptions (3 healthy of 3 expected, 3 wanted)',
    ])
      expect(textOf(slot)).toContain(words);
    expect(slot.where).toBe('loud-reply');
    expect(slot.message.text).toContain('the drain of worker-1 is blocked by shop/web-1');
  });

  it.each<readonly [string, Blocker, string]>([
    [
      'two budgets',
      aBlocker({
        cause: 'budgets',
        budgets: [...aBlocker().budgets, { ...(aBlocker().budgets[0] ?? fails()), name: 'second' }],
      }),
      'it is under 2 budgets (web, second)',
    ],
    ['budgets nobody could read', aBlocker({ budgets: [] }), 'needs 3 healthy pods and has 3 currently'],
    [
      'a webhook',
      aBlocker({ cause: 'refused', budgets: [], why: 'admission webhook \\"g\\" denied the request: no' }),
      'Kubernetes refuses it: admission webhook',
    ],
    [
      'a namespace',
      aBlocker({ cause: 'namespace', budgets: [], why: 'shop is being terminated' }),
      'its namespace is being deleted',
    ],
    ['a finalizer', STUCK, 'its time is over: its finalizers still stand: x/y'],
    [
      'data in an emptyDir',
      aBlocker({ loses: ['empty-dir'] }),
      'keeps data in an emptyDir, which goes with it',
    ],
    ['a pod that is nobody’s', aBlocker({ loses: ['itself'] }), 'which nobody would create again'],
  ])('says so of %s', (_what, blocker, words) => {
    expect(textOf(card(blocked(blocker)))).toContain(words);
  });

  it('offers no more time when another node has failed: the card about that waits for this drain', () => {
    const story = blocked(aBlocker());
    const asked = story.entries.at(-1)?.n;
    const halted = story.node('worker-2', 'drain').failed('worker-2', 'drain');
    const slot = slotsOf(halted).find(({ name }) => name === `drain:${asked}`) ?? card(halted);
    expect(actionsOf(slot)).toEqual(['drain:leave', 'drain:force', 'rollout:abort']);
    expect(textOf(slot)).not.toContain('*Wait*');
  });

  it('offers the four ways, each bound to this question and its step', () => {
    const story = blocked(aBlocker());
    const buttons = buttonsOf(card(story));
    expect(buttons.map((one) => one.action_id)).toEqual([
      'drain:wait',
      'drain:leave',
      'drain:force',
      'rollout:abort',
    ]);
    const [, leave] = buttons;
    const value = decodeButton(leave?.value);
    expect(value === null ? null : intentOf('drain:leave', value)).toEqual({
      ...{ kind: 'drain', step: stepOf(story), choice: 'leave', occasion: story.rollout.version },
    });
    // One that does not say which question it answers was not made by us.
    expect(value === null ? null : intentOf('drain:leave', { ...value, occasion: null })).toBeNull();
  });

  it('does not offer to delete what is being deleted already', () => {
    expect(actionsOf(card(blocked(STUCK)))).not.toContain('drain:force');
    expect(textOf(card(blocked(STUCK, aBlocker())))).toContain('deletes 1 of them');
  });

  it('says who asked for what, and whose word is missing', () => {
    const slot = card(wished(blocked(aBlocker()), 'force'));
    expect(textOf(slot)).toContain(`<@${REQUESTER}> asked for *Force*`);
    expect(textOf(slot)).toContain(`<@${APPROVER}> or <@${SECOND}>`);
    expect(textOf(slot)).toContain('Confirm: force');
  });

  it('says who gave it more time, and goes on asking', () => {
    const slot = card(decided(blocked(aBlocker()), 'wait'));
    expect(textOf(slot)).toContain(`More time by <@${APPROVER}>`);
    expect(actionsOf(slot)).toContain('drain:leave');
  });

  it.each<readonly [string, (story: RolloutStory) => RolloutStory, string]>([
    [
      'by two people',
      (story) => decided(wished(story, 'leave'), 'leave'),
      `asked by <@${REQUESTER}>, confirmed by <@${APPROVER}>`,
    ],
    [
      'by one person alone, twice',
      (story) => decided(wished(story, 'leave'), 'leave', REQUESTER),
      `by <@${REQUESTER}>, twice`,
    ],
    ['by itself', (story) => story.append({ kind: 'drain-cleared', step: stepOf(story) }), 'Resolved'],
    [
      'by the end of the drain',
      (story) => story.append({ kind: 'step-ended', step: stepOf(story), result: {} }),
      'Resolved',
    ],
    ['by its limit', (story) => story.failed('worker-1', 'drain'), 'Its time was over'],
    [
      'by an abort',
      (story) =>
        story.aborted().append({ kind: 'step-ended', step: stepOf(story), result: { stopped: true } }),
      'the rollout ends',
    ],
  ])('is answered %s, and has no buttons then', (_how, end, words) => {
    const slot = card(end(blocked(aBlocker())));
    expect(textOf(slot)).toContain(words);
    expect(actionsOf(slot)).toEqual([]);
  });

  it('has no buttons while an abort finishes what is in hand', () => {
    expect(actionsOf(card(blocked(aBlocker()).aborted()))).toEqual([]);
  });

  it('is replaced by another one when another pod stays', () => {
    const story = blocked(aBlocker());
    story.append({ kind: 'drain-blocked', step: stepOf(story), blockers: [aBlocker(), STUCK] });
    const [first, second] = cards(story);
    expect(first === undefined ? '' : textOf(first)).toContain('Out of date');
    expect(first === undefined ? [] : actionsOf(first)).toEqual([]);
    expect(second === undefined ? [] : actionsOf(second)).toContain('drain:leave');
  });

  it('names twelve pods within Slack’s limits', () => {
    const many = Array.from({ length: 12 }, (_, at) =>
      aBlocker({
        uid: `u${at}`,
        name: `${'long-name-'.repeat(10)}${at}`,
        why: 'why '.repeat(200),
        cause: 'refused',
      }),
    );
    const { message } = card(blocked(...many));
    expect(message.blocks.length).toBeLessThanOrEqual(50);
    expect(textOf(card(blocked(...many)))).toContain('long-name-11');
  });
});

describe('the parent card', () => {
  const parent = (story: RolloutStory): Slot => slotsOf(story).find(({ name }) => name === 'card') ?? fails();

  it('says that the drain is blocked for as long as it is, and changes with every answer', () => {
    const story = blocked(aBlocker());
    expect(parent(story).message.text).toContain('Blocked: the drain of worker-1');
    const states = [parent(story).state];
    states.push(parent(wished(story, 'leave')).state, parent(decided(story, 'wait')).state);
    story.append({ kind: 'drain-cleared', step: stepOf(story) });
    states.push(parent(story).state);
    expect(new Set(states).size).toBe(4);
    expect(parent(story).message.text).toContain('Running');
  });
});

describe('the summary', () => {
  const summary = (story: RolloutStory): string =>
    textOf(slotsOf(story).find(({ name }) => name === 'summary') ?? fails());

  it('says what two people did about which node, and what one did alone', () => {
    const story = decided(wished(blocked(aBlocker()), 'leave'), 'leave');
    story.append({ kind: 'drain-blocked', step: stepOf(story), blockers: [STUCK] });
    decided(wished(story, 'force'), 'force', REQUESTER).aborted();
    story.append({ kind: 'step-ended', step: stepOf(story), result: { stopped: true } });
    const cordon = story.step('worker-1', 'uncordon');
    story
      .append({ kind: 'step-ended', step: cordon.id, result: { restored: 'cordoned' } })
      .finished('aborted');
    expect(summary(story)).toContain(
      `left to its restart, asked by <@${REQUESTER}>, confirmed by <@${APPROVER}>`,
    );
    expect(summary(story)).toContain(`deleted past their budget, by <@${REQUESTER}> alone`);
    expect(summary(story)).toContain('`worker-1` stays cordoned, as it was found');
  });

  it('says nothing of drains that went by themselves', () => {
    expect(summary(aRollout().upgraded())).not.toMatch(
      /left to its restart|past their budget|stays cordoned/,
    );
  });
});

function fails(): never {
  throw new Error('that should be there');
}

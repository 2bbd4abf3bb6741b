// Every message in every phase: inside Slack's limits, with the right buttons, and alerting nobody it should not.
import { describe, expect, test } from 'vitest';
import { pingsIn } from '../../../playground/slack/pings.ts';
import { validateMessage, validateView } from '../../../playground/slack/validate.ts';
import { type Slot, threadOf } from '../../../src/bot/thread.ts';
import { denyModal } from '../../../src/bot/views/deny.ts';
import { homeView } from '../../../src/bot/views/home.ts';
import { declinedMessage, planMessage } from '../../../src/bot/views/plan.ts';
import { statusMessage } from '../../../src/bot/views/status.ts';
import {
  APPROVER,
  aFinding,
  aPlan,
  aPolicy,
  BYSTANDER,
  REQUESTER,
  SECOND_APPROVER,
} from '../../builders/plan.ts';
import { aRollout, CHANNEL, type RolloutStory, type StoryOptions } from '../../builders/rollout.ts';
import { LARGE, names, POLICY, STORIES } from './stories.ts';

function slotsOf(story: RolloutStory, policy = POLICY): readonly Slot[] {
  const thread = threadOf({ entries: story.entries, policy, notes: {}, now: story.now + 5_000 });
  if (thread === null) throw new Error('there is no journal');
  return thread.slots;
}

function slot(story: RolloutStory, name: string): Slot {
  const found = slotsOf(story).find((candidate) => candidate.name === name);
  if (found === undefined)
    throw new Error(
      `there is no slot ${name}: ${slotsOf(story)
        .map((one) => one.name)
        .join(', ')}`,
    );
  return found;
}

function actionsOf({ message }: Pick<Slot, 'message'>): readonly string[] {
  return message.blocks.flatMap((block) =>
    block.type === 'actions'
      ? block.elements.flatMap((element) => ('action_id' in element ? [element.action_id ?? ''] : []))
      : [],
  );
}

const EXPECTED_PEOPLE = [REQUESTER, APPROVER, SECOND_APPROVER].map((user) => `@${user}`);
/** Slack's undocumented limit on the sum of texts is about 12,000 (facts/slack.md 3.5); ours is the design target of 3.5. */
const MAX_TEXT_SUM = 8_000;
const MAX_BLOCKS = 10;

function textSum(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, one) => sum + textSum(one), 0);
  if (typeof value !== 'object' || value === null) return 0;
  return Object.entries(value).reduce(
    (sum, [key, one]) => sum + (key === 'text' && typeof one === 'string' ? one.length : textSum(one)),
    0,
  );
}

const SIZES: Readonly<Record<string, StoryOptions>> = {
  minimum: { workers: ['worker-1', 'worker-2'], controlPlane: ['cp-1', 'cp-2'] },
  typical: {},
  maximum: LARGE,
};

describe.each(Object.keys(SIZES))('at %s size', (size) => {
  describe.each(Object.keys(STORIES))('a rollout that is %s', (name) => {
    const story = STORIES[name]?.(SIZES[size]) ?? aRollout();
    test.each(slotsOf(story))(
      '$name is a message Slack takes, small enough to read, that alerts only people of this rollout',
      ({ message }) => {
        expect(validateMessage(message)).toEqual([]);
        expect(message.blocks.length).toBeLessThanOrEqual(MAX_BLOCKS);
        expect(textSum(message.blocks)).toBeLessThanOrEqual(MAX_TEXT_SUM);
        expect(pingsIn(message).filter((ping) => !EXPECTED_PEOPLE.includes(ping))).toEqual([]);
        expect(message.text.length).toBeGreaterThan(10);
      },
    );
  });
});

describe('buttons on the card', () => {
  test.each([
    ['proposed', ['rollout:start', 'rollout:cancel', 'rollout:handover']],
    ['stopped', ['rollout:cancel', 'rollout:handover']],
    ['half overridden', ['rollout:cancel', 'rollout:handover']],
    ['overridden', ['rollout:start', 'rollout:cancel', 'rollout:handover']],
    ['overridden and running', ['rollout:pause', 'rollout:abort', 'rollout:handover']],
    ['pulling', ['rollout:pause', 'rollout:abort', 'rollout:handover']],
    ['installing', ['rollout:pause', 'rollout:abort', 'rollout:handover']],
    ['pausing', ['rollout:resume', 'rollout:abort', 'rollout:handover']],
    ['paused', ['rollout:resume', 'rollout:abort', 'rollout:handover']],
    ['held', ['rollout:retry', 'rollout:skip', 'rollout:abort', 'rollout:handover']],
    ['held in doubt', ['rollout:retry', 'rollout:abort', 'rollout:handover']],
    ['at a gate', ['rollout:pause', 'rollout:abort', 'rollout:handover']],
    ['aborted while held', ['rollout:handover']],
    ['blocked', []],
    ['cancelled', []],
    ['upgraded', []],
    ['denied', []],
  ])('%s: %j', (name, actions) => {
    expect(actionsOf(slot(STORIES[name]?.() ?? aRollout(), 'card'))).toEqual(actions);
  });

  test('offers no hand-over where nobody else could take it', () => {
    const alone = aPolicy({ operators: [REQUESTER] });
    const card = slotsOf(aRollout().underWay(), alone).find(({ name }) => name === 'card');
    expect(card === undefined ? null : actionsOf(card)).toEqual(['rollout:pause', 'rollout:abort']);
  });
});

describe('buttons on a plan', () => {
  test.each([
    ['proposed', []],
    ['stopped', ['rollout:override:flux', 'rollout:override:velero']],
    ['stopped by many checks', ['rollout:override:several']],
    ['half overridden', ['rollout:override:velero']],
    ['overridden', []],
    ['overridden and running', []],
    ['overridden and given up', []],
  ])('%s: %j', (name, actions) => {
    expect(actionsOf(slot(STORIES[name]?.() ?? aRollout(), 'plan'))).toEqual(actions);
  });
});

describe('buttons on a gate', () => {
  test.each([
    ['at a gate', 'gate:cp-1', ['gate:approve', 'gate:deny']],
    ['at a gate that needs two', 'gate:cp-1', ['gate:approve', 'gate:deny']],
    ['approved', 'gate:cp-1', []],
    ['passed', 'gate:cp-1', []],
    ['voided', 'gate:cp-1', []],
    ['voided', 'gate:cp-1/2', ['gate:approve', 'gate:deny']],
    ['denied', 'gate:cp-1', []],
    ['expired at a gate', 'gate:cp-1', []],
    ['paused at a gate', 'gate:cp-1', []],
  ])('%s, %s: %j', (name, gate, actions) => {
    expect(actionsOf(slot(STORIES[name]?.() ?? aRollout(), gate))).toEqual(actions);
  });

  test('they carry ids and nothing else', () => {
    const { message } = slot(STORIES['at a gate']?.() ?? aRollout(), 'gate:cp-1');
    const values = message.blocks.flatMap((block) =>
      block.type === 'actions'
        ? block.elements.map((element) => ('value' in element ? element.value : ''))
        : [],
    );
    const opened = STORIES['at a gate']?.().rollout.version;
    expect(values).toEqual(
      Array.from({ length: 2 }, () => `{"c":"prod","r":"r0123456789","g":"gate:cp-1","o":${opened}}`),
    );
  });
});

describe('the gate card', () => {
  const card = JSON.stringify(slot(STORIES['at a gate']?.() ?? aRollout(), 'gate:cp-1').message.blocks);
  test.each([
    'cp-1',
    'prod',
    'v1.13.4 → v1.13.5',
    'control plane',
    'quorum is 2',
    '2 of 3 voters',
    '1 approval',
    `<@${APPROVER}>`,
    '<!date^',
  ])('shows %s', (piece) => expect(card).toContain(piece));

  test('does not call the requester to approve their own request, unless the policy allows it', () => {
    expect(card).not.toContain(`<@${REQUESTER}>`);
    const open = slotsOf(STORIES['at a gate']?.() ?? aRollout(), aPolicy({ selfApproval: 'allowed' }));
    expect(JSON.stringify(open.find(({ name }) => name === 'gate:cp-1')?.message.blocks)).toContain(
      `<@${REQUESTER}>`,
    );
  });

  test('says afterwards who decided', () => {
    expect(JSON.stringify(slot(STORIES['denied']?.() ?? aRollout(), 'gate:cp-1').message.blocks)).toContain(
      `*Denied* by <@${APPROVER}>`,
    );
  });
});

describe('the thread', () => {
  test.each([
    ['nothing to do', ['answer']],
    ['refused', ['answer']],
    ['blocked', ['card']],
    ['proposed', ['card', 'plan']],
    ['installing', ['card', 'plan', 'started:3']],
    ['voided', ['card', 'plan', 'started:3', 'gate:cp-1', 'gate:cp-1/2']],
    ['cancelled', ['card', 'plan', 'aborted:3', 'summary']],
  ])('of a rollout that is %s has %j', (name, slots) => {
    expect(slotsOf(STORIES[name]?.() ?? aRollout()).map((one) => one.name)).toEqual(slots);
  });

  test('is empty while nothing is known', () => {
    expect(slotsOf(aRollout())).toEqual([]);
  });

  test('keeps every name it gave, whatever happens later', () => {
    const story = STORIES['retried']?.() ?? aRollout();
    const seen: string[] = [];
    for (let n = 1; n <= story.entries.length; n += 1) {
      const thread = threadOf({
        entries: story.entries.slice(0, n),
        policy: POLICY,
        notes: {},
        now: story.now,
      });
      const now = thread?.slots.map((one) => one.name) ?? [];
      expect(now.slice(0, seen.length)).toEqual(seen);
      seen.splice(0, seen.length, ...now);
    }
    expect(seen).toContain('card');
  });

  test('tells who chose what after a hold', () => {
    const told = slotsOf(STORIES['retried']?.() ?? aRollout()).find((one) => one.name.startsWith('held:'));
    expect(JSON.stringify(told?.message.blocks)).toContain(`*Retried* by <@${APPROVER}>`);
    expect(told === undefined ? [] : actionsOf(told)).toEqual([]);
  });

  test('folds 300 nodes and counts the hidden ones', () => {
    const { message } = slot(
      aRollout(LARGE).underWay().node('worker-1', 'done').node('worker-2', 'install'),
      'card',
    );
    expect(JSON.stringify(message.blocks)).toMatch(/… and 275 more: (1 done, )?27\d waiting/);
    expect(JSON.stringify(message.blocks)).toContain('installing');
  });

  test('shows the latest sentence of a busy node', () => {
    const story = STORIES['installing']?.() ?? aRollout();
    const notes = {
      'worker-2': { sentence: 'writing the image', at: story.now },
      'worker-3': { sentence: 'not me', at: 1 },
    };
    const thread = threadOf({ entries: story.entries, policy: POLICY, notes, now: story.now });
    const card = JSON.stringify(thread?.slots[0]?.message.blocks);
    expect(card).toContain('writing the image');
    expect(card).not.toContain('not me');
  });
});

describe('private answers and views', () => {
  const running = {
    rollout: (STORIES['at a gate']?.() ?? aRollout()).rollout,
    url: 'https://example.slack.com/archives/C1/p1',
  };
  const last = { rollout: aRollout().upgraded().rollout, url: null };
  const now = last.rollout.lastAt;
  const status = (cluster: string) => ({ cluster, channel: CHANNEL, running, last });
  const clusters = names('cluster', 60).map((name) => ({ ...status(name), policy: aPolicy() }));

  test.each([1, 2, 60])('a status of %i clusters fits', (count) => {
    expect(validateMessage(statusMessage(clusters.slice(0, count), now))).toEqual([]);
  });

  test('a status tells of the last result when nothing runs', () => {
    const told = statusMessage([{ cluster: 'prod', channel: CHANNEL, running: null, last }], now);
    expect(told.text).toContain('nothing is running');
    expect(told.text).toContain('Upgraded');
  });

  test.each([REQUESTER, APPROVER, BYSTANDER])('a home of 60 clusters fits for %s', (user) => {
    expect(validateView(homeView({ user, clusters, now }))).toEqual([]);
  });

  test('a modal is one Slack takes', () => {
    const button = { cluster: 'prod', rollout: 'r1', gate: 'gate:cp-1', occasion: 7 };
    expect(validateView(denyModal({ button, channel: CHANNEL, thread: null }))).toEqual([]);
  });

  test.each([0, 1, 500])('a plan with %i findings fits', (count) => {
    const findings = Array.from({ length: count }, (_, at) =>
      aFinding(at % 2 === 0 ? 'blocker' : 'unknown', { subject: `worker-${at}` }),
    );
    const plan = aPlan({ workers: names('worker', 295) });
    expect(validateMessage(planMessage({ cluster: 'prod', plan, findings, use: 'errand' }))).toEqual([]);
    expect(
      validateMessage(declinedMessage('prod', plan.goal, { outcome: 'blocked', sentence: 'No.', findings })),
    ).toEqual([]);
  });

  test('findings are shown worst first, with what to do', () => {
    const findings = [
      aFinding('ok'),
      aFinding('warning', { sentence: 'B.' }),
      aFinding('blocker', { sentence: 'A.', advice: 'Fix it.' }),
    ];
    const text = JSON.stringify(
      planMessage({ cluster: 'prod', plan: aPlan(), findings, use: 'thread' }).blocks,
    );
    expect(text.indexOf('Blockers')).toBeLessThan(text.indexOf('Warnings'));
    expect(text).toContain('Fix it.');
  });
});

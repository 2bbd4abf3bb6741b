// Every intent in every situation: what becomes a fact, what is already so, and what is refused and why.
import { describe, expect, it } from 'vitest';
import { decide, phaseClause } from '../../src/rollout/decide.ts';
import type { RolloutEvent } from '../../src/rollout/event.ts';
import type { Intent, Refusal } from '../../src/rollout/intent.ts';
import { occasionOf } from '../../src/rollout/occasion.ts';
import { lanesOf } from '../../src/rollout/plan.ts';
import type { Policy } from '../../src/rollout/policy.ts';
import type { Rollout } from '../../src/rollout/rollout.ts';
import { changesNode } from '../../src/rollout/step.ts';
import { APPROVER, aPolicy, BYSTANDER, REQUESTER } from '../builders/plan.ts';
import { aRollout, type RolloutStory } from '../builders/rollout.ts';
import { SITUATIONS, type Situation, storyIn } from './phases.ts';

type Steering = 'start' | 'pause' | 'resume' | 'retry' | 'skip' | 'abort';
/** A fact's kind; `nothing`: already so; anything with a dash at the front: the code of a refusal. */
type Expected = RolloutEvent['kind'] | 'nothing' | `-${Refusal['code']}`;

function judged(
  rollout: Rollout | null,
  intent: Intent,
  around: { user?: string; policy?: Policy; now?: number } = {},
): { readonly verdict: Expected; readonly events: readonly RolloutEvent[]; readonly sentence: string } {
  const { user = APPROVER, policy = aPolicy(), now = rollout?.lastAt ?? 0 } = around;
  const answer = decide(rollout, { intent, user, delivery: 'd1' }, { policy, now });
  if (answer.kind === 'refusal') return { verdict: `-${answer.code}`, events: [], sentence: answer.sentence };
  return { verdict: answer.events[0]?.kind ?? 'nothing', events: answer.events, sentence: '' };
}

const NO = '-wrong-phase';
const TABLE: Readonly<Record<Situation, Readonly<Record<Steering, Expected>>>> = {
  asked: { start: NO, pause: NO, resume: NO, retry: NO, skip: NO, abort: 'aborted' },
  proposed: { start: 'started', pause: NO, resume: NO, retry: NO, skip: NO, abort: 'aborted' },
  running: { start: 'nothing', pause: 'paused', resume: NO, retry: NO, skip: NO, abort: 'aborted' },
  pausing: { start: 'nothing', pause: 'nothing', resume: 'resumed', retry: NO, skip: NO, abort: 'aborted' },
  failing: { start: 'nothing', pause: NO, resume: NO, retry: NO, skip: NO, abort: 'aborted' },
  ending: { start: 'nothing', pause: NO, resume: NO, retry: NO, skip: NO, abort: 'nothing' },
  'at-gate': { start: 'nothing', pause: 'paused', resume: NO, retry: NO, skip: NO, abort: 'aborted' },
  proving: { start: 'nothing', pause: 'paused', resume: NO, retry: NO, skip: NO, abort: 'aborted' },
  paused: { start: 'nothing', pause: 'nothing', resume: 'resumed', retry: NO, skip: NO, abort: 'aborted' },
  'held-failed': {
    ...{ start: 'nothing', pause: NO, resume: NO },
    ...{ retry: 'retried', skip: 'skipped', abort: 'aborted' },
  },
  'held-doubted': {
    ...{ start: 'nothing', pause: NO, resume: NO },
    ...{ retry: 'retried', skip: '-not-skippable', abort: 'aborted' },
  },
  'held-withheld': {
    ...{ start: 'nothing', pause: NO, resume: NO },
    ...{ retry: 'retried', skip: 'skipped', abort: 'aborted' },
  },
  'held-ending': {
    ...{ start: 'nothing', pause: NO, resume: NO },
    ...{ retry: 'retried', skip: 'debt-taken', abort: NO },
  },
  tidying: { start: 'nothing', pause: NO, resume: NO, retry: NO, skip: NO, abort: NO },
  finished: { start: 'nothing', pause: NO, resume: NO, retry: NO, skip: NO, abort: NO },
};

const STEERINGS: readonly Steering[] = ['start', 'pause', 'resume', 'retry', 'skip', 'abort'];
const CASES = SITUATIONS.flatMap((situation) =>
  STEERINGS.map((kind) => ({ situation, kind, expected: TABLE[situation][kind] })),
);

describe('an operator', () => {
  it.each(CASES)('says $kind when it is $situation → $expected', ({ situation, kind, expected }) => {
    const { verdict, sentence } = judged(storyIn(situation).rollout, { kind });
    expect(verdict, sentence).toBe(expected);
  });

  it.each(CASES)('$kind when it is $situation leaves a rollout that folds', ({ situation, kind }) => {
    const story = storyIn(situation);
    const before = story.rollout;
    for (const event of judged(before, { kind }).events) story.append(event);
    expect(story.rollout.version).toBeGreaterThanOrEqual(before.version);
  });

  it.each(SITUATIONS)('is told what the rollout does instead when it is %s', (situation) => {
    expect(phaseClause(storyIn(situation).rollout)).toMatch(/^(is|waits)/);
  });

  it('cannot start a plan that expired', () => {
    const { rollout } = storyIn('proposed');
    const expiresAt = rollout.phase.phase === 'proposed' ? rollout.phase.expiresAt : 0;
    expect(judged(rollout, { kind: 'start' }, { now: expiresAt - 1 }).verdict).toBe('started');
    expect(judged(rollout, { kind: 'start' }, { now: expiresAt }).verdict).toBe(NO);
  });
});

describe('anybody else', () => {
  it.each(CASES)('cannot $kind when it is $situation', ({ situation, kind }) => {
    const said = judged(storyIn(situation).rollout, { kind }, { user: BYSTANDER });
    expect(said.verdict).toBe('-not-operator');
    expect(said.sentence).toContain(`<@${APPROVER}>`);
  });

  it('is told when there are no operators at all', () => {
    const policy = aPolicy({ operators: [] });
    expect(judged(storyIn('running').rollout, { kind: 'pause' }, { policy }).sentence).toContain('nobody');
  });
});

describe('asking', () => {
  const intent: Intent = {
    kind: 'ask',
    rollout: 'r1',
    cluster: 'prod',
    goal: { kind: 'upgrade-talos', version: 'v1.13.5' },
    channel: 'C1',
  };

  it('begins a rollout', () => {
    expect(judged(null, intent).events).toEqual([
      {
        kind: 'asked',
        rollout: 'r1',
        cluster: 'prod',
        goal: intent.goal,
        user: APPROVER,
        channel: 'C1',
        delivery: 'd1',
      },
    ]);
  });

  it('twice is the same rollout', () => {
    expect(judged(storyIn('running').rollout, intent).verdict).toBe('nothing');
  });

  it('is for operators', () => {
    expect(judged(null, intent, { user: BYSTANDER }).verdict).toBe('-not-operator');
  });

  it('anything of an unknown rollout is refused', () => {
    for (const kind of STEERINGS) expect(judged(null, { kind }).verdict).toBe('-unknown-rollout');
    expect(judged(null, { kind: 'approve', gate: 'gate:cp-1' }).verdict).toBe('-unknown-rollout');
    expect(judged(null, { kind: 'deny', gate: 'gate:cp-1', reason: '' }).verdict).toBe('-unknown-rollout');
  });
});

describe('skip of a staged upgrade', () => {
  const story = (): RolloutStory => aRollout({ staged: true }).underWay().node('worker-1', 'install');
  const skipped = (held: RolloutStory): readonly string[] =>
    judged(held.rollout, { kind: 'skip' }).events.flatMap((event) =>
      event.kind === 'skipped' ? [event.lane] : [],
    );

  it('leaves a node that was not installed out of both parts', () => {
    const held = story().failed('worker-1', 'install');
    const lanes = lanesOf(held.plan).filter(
      ({ node, steps }) => node === 'worker-1' && steps.some(changesNode),
    );
    expect(skipped(held)).toEqual(lanes.map(({ id }) => id));
    expect(lanes).toHaveLength(2);
  });

  it('leaves a node whose restart failed out of that alone', () => {
    const held = aRollout({ staged: true }).underWay().installed().gate('worker-1').approved('worker-1');
    held.passed('worker-1').node('worker-1', 'drain').failed('worker-1', 'drain');
    expect(skipped(held)).toHaveLength(1);
  });
});

describe('skip of a node with a restart in doubt', () => {
  it('is refused, whichever of its steps failed since', () => {
    const story = aRollout().underWay().node('worker-1', 'reboot').doubted('worker-1', 'reboot');
    const [cordon, drain, reboot] = (['cordon', 'drain', 'reboot'] as const).map((kind) =>
      story.step('worker-1', kind),
    );
    if (!cordon || !drain || !reboot) throw new Error('a worker has these steps');
    // Somebody uncordoned it meanwhile, so it is cleared again before the call is sent again.
    story.retried(reboot.id);
    for (const step of [cordon, drain])
      story.append({ kind: 'step-outdated', step: step.id, why: 'worker-1 was uncordoned' });
    story.did(cordon).begun(drain).failed('worker-1', 'drain', 'a budget');
    expect(story.rollout.phase).toMatchObject({ phase: 'held', held: { subject: drain.id } });
    expect(judged(story.rollout, { kind: 'skip' }).verdict).toBe('-not-skippable');
  });
});

describe('retry', () => {
  const notBefore = (story: RolloutStory, now = story.now): number => {
    const [event] = judged(story.rollout, { kind: 'retry' }, { now }).events;
    if (event?.kind !== 'retried') throw new Error('not retried');
    return event.notBefore;
  };

  it('sends an act in doubt again only when its first copy can no longer arrive', () => {
    const story = storyIn('held-doubted');
    expect(notBefore(story)).toBe(story.now + aPolicy().limits.flightMs);
  });

  it('waits that long by whichever clock is later', () => {
    const story = storyIn('held-doubted');
    const { flightMs } = aPolicy().limits;
    expect(notBefore(story, story.now - 60_000)).toBe(story.now + flightMs);
    expect(notBefore(story, story.now + 60_000)).toBe(story.now + 60_000 + flightMs);
  });

  it.each(['held-failed', 'held-withheld', 'held-ending'] as const)(
    'is at once when it is %s',
    (situation) => {
      expect(notBefore(storyIn(situation))).toBe(0);
    },
  );
});

describe('skip', () => {
  const held = (story: RolloutStory): string => {
    const said = judged(story.rollout, { kind: 'skip' });
    return said.verdict;
  };
  const upTo = (node: string, kind: 'pull' | 'cordon' | 'install' | 'return'): RolloutStory =>
    storyIn('proving').passed('cp-1').node(node, kind).failed(node, kind);

  it.each([
    ['pull', 'skipped'],
    ['cordon', '-not-skippable'],
    ['install', '-not-skippable'],
    ['return', '-not-skippable'],
  ] as const)('of a control-plane node that failed at its %s → %s', (kind, expected) => {
    expect(held(upTo('cp-1', kind))).toBe(expected);
  });

  it.each(['drain', 'install', 'reboot', 'return'] as const)('leaves a worker behind at its %s', (kind) => {
    const story = storyIn('asked').underWay().node('worker-1', kind).failed('worker-1', kind);
    expect(held(story)).toBe('skipped');
  });

  it('is refused while an earlier call is still in doubt, also when trying again failed', () => {
    const story = storyIn('held-doubted');
    const { id } = story.step('worker-1', 'reboot');
    story.retried(id).failed('worker-1', 'reboot', 'it could not be looked at');
    expect(held(story)).toBe('-not-skippable');
  });

  it('of a paying step takes its debt over by name', () => {
    const { events } = judged(storyIn('held-ending').rollout, { kind: 'skip' }, { user: REQUESTER });
    expect(events).toMatchObject([{ kind: 'debt-taken', user: REQUESTER }]);
  });
});

describe('a button of a held card', () => {
  /** Both workers failed side by side; worker-1 is asked about first, worker-2 when that is decided. */
  const twoFailed = (): RolloutStory => storyIn('failing').failed('worker-1', 'drain', 'a budget');
  const heldAt = ({ rollout }: RolloutStory): { readonly subject: string; readonly occasion: number } => {
    if (rollout.phase.phase !== 'held') throw new Error(rollout.phase.phase);
    const { subject } = rollout.phase.held;
    const occasion = occasionOf(rollout, subject);
    if (occasion === null) throw new Error(`${subject} has no occasion`);
    return { subject, occasion };
  };

  it.each(['retry', 'skip'] as const)('%s is taken once, whoever else presses it', (kind) => {
    const story = twoFailed();
    const first = heldAt(story);
    const press = (): ReturnType<typeof judged> => judged(story.rollout, { kind, occasion: first.occasion });
    for (const event of press().events) story.append(event);
    expect(heldAt(story).subject).not.toBe(first.subject);
    expect(press()).toMatchObject({ verdict: NO, sentence: expect.stringContaining('out of date') });
    expect(judged(story.rollout, { kind, occasion: heldAt(story).occasion }).events).toHaveLength(1);
    expect(judged(story.rollout, { kind }).events).toHaveLength(1);
  });

  it('does not count for the same step when it failed again', () => {
    const story = storyIn('held-failed');
    const { subject, occasion } = heldAt(story);
    story.retried(subject).begun(story.step('worker-1', 'install')).failed('worker-1', 'install');
    expect(judged(story.rollout, { kind: 'retry', occasion }).verdict).toBe(NO);
    expect(heldAt(story).occasion).toBe(story.rollout.version);
  });

  it('still counts after something else happened meanwhile', () => {
    const story = storyIn('held-failed');
    const { occasion } = heldAt(story);
    story.append({ kind: 'lane-deferred', lane: lanesOf(story.plan).at(-1)?.id ?? '', why: '' });
    expect(judged(story.rollout, { kind: 'retry', occasion }).verdict).toBe('retried');
  });
});

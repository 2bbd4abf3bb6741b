// A pause stands until somebody resumes: what outranks it, and what people choose about that, does not take it away.
import { describe, expect, it } from 'vitest';
import { turns } from '../../scripts/draw-phases.ts';
import { decide } from '../../src/rollout/decide.ts';
import type { RolloutEvent } from '../../src/rollout/event.ts';
import type { Intent } from '../../src/rollout/intent.ts';
import { next } from '../../src/rollout/next.ts';
import { isEnding, pauserOf } from '../../src/rollout/phase.ts';
import { APPROVER, aPolicy, REQUESTER } from '../builders/plan.ts';
import { aRollout, type RolloutStory } from '../builders/rollout.ts';
import { BEGINNINGS } from '../engine/still-paused.ts';

const TWO_AT_ONCE = aPolicy({ parallelWorkers: 2 });

/** REQUESTER pauses while worker-1 is at this step. */
function pausedAt(kind: 'install' | 'reboot' | 'uncordon'): RolloutStory {
  return aRollout().underWay().node('worker-1', kind).paused(REQUESTER);
}

/** Both workers have their drain in hand. */
function bothDraining(): RolloutStory {
  const story = aRollout({ workers: ['worker-1', 'worker-2'], policy: TWO_AT_ONCE }).underWay();
  return story.node('worker-1', 'drain').node('worker-2', 'drain');
}

/** Skipped over a failure, and putting worker-1 back fails as well, while it was paused. */
function debtUnpaid(): RolloutStory {
  const story = aRollout().underWay().node('worker-1', 'install').failed('worker-1', 'install');
  const uncordon = story.skipped('worker-1').step('worker-1', 'uncordon');
  return story.begun(uncordon).paused(REQUESTER).failed('worker-1', 'uncordon', 'the API is away');
}

const HELD: Readonly<Record<string, () => RolloutStory>> = {
  'a failure of the step in hand': () => pausedAt('install').failed('worker-1', 'install'),
  'a doubt about the step in hand': () => pausedAt('reboot').doubted('worker-1', 'reboot'),
  'a failure while another step is still in hand': () => {
    const story = bothDraining().paused(REQUESTER).failed('worker-1', 'drain');
    return story.ended(story.step('worker-2', 'drain'));
  },
  'a failure to put something back': debtUnpaid,
  'a gate that was withheld after all': () =>
    aRollout({ workers: [] }).underWay().paused(REQUESTER).withheld('cp-1'),
  'a failure, handed over since': () =>
    pausedAt('install')
      .failed('worker-1', 'install')
      .append({ kind: 'handed-over', to: APPROVER, user: APPROVER, delivery: 'h' }),
};

function said(story: RolloutStory, intent: Intent): readonly RolloutEvent[] {
  const asked = { intent, user: APPROVER, delivery: 'd1' };
  const answer = decide(story.rollout, asked, { policy: TWO_AT_ONCE, now: story.now });
  return answer.kind === 'decided' ? answer.events : [];
}

function says(story: RolloutStory, intent: Intent): RolloutStory {
  for (const event of said(story, intent)) story.append(event, 0);
  return story;
}

const CASES = Object.entries(HELD).flatMap(([cause, told]) =>
  (['retry', 'skip'] as const)
    // While a call is in doubt nobody is skipped.
    .filter((kind) => kind === 'retry' || !cause.includes('doubt'))
    .map((kind) => ({ cause, told, kind })),
);

describe('a pause that is outranked', () => {
  it.each(Object.entries(HELD))('by %s is remembered', (_cause, told) => {
    expect(told().rollout.phase).toMatchObject({ phase: 'held', pausedBy: REQUESTER });
  });

  it('is remembered while the other step is still in hand', () => {
    const { rollout } = bothDraining().paused(REQUESTER).failed('worker-1', 'drain');
    expect(rollout.phase).toMatchObject({ halt: { kind: 'failure', pausedBy: REQUESTER } });
    expect(pauserOf(rollout.phase)).toBe(REQUESTER);
  });

  it.each(CASES)('by $cause stands after $kind', ({ told, kind }) => {
    const story = says(told(), { kind });
    expect(story.rollout.phase).toEqual({ phase: 'paused', user: REQUESTER });
    expect(next(story.rollout, story.now + 1e9).tasks).toEqual([]);
  });

  it.each(CASES)('by $cause is over after $kind once somebody resumes', ({ told, kind }) => {
    const story = says(says(told(), { kind }), { kind: 'resume' });
    expect(story.rollout.phase).toEqual({ phase: 'running', halt: null });
    const later = next(story.rollout, story.now + 1e9);
    expect(later.tasks.length).toBeGreaterThan(0);
    // Held again, nobody's pause stands any more.
    expect(pauserOf(story.rollout.phase)).toBeNull();
  });

  it.each(Object.entries(HELD))('by %s ends with an abort', (_cause, told) => {
    const story = says(told(), { kind: 'abort' });
    expect(story.rollout.phase).toMatchObject({ phase: 'tidying', outcome: 'aborted' });
  });

  it('is written down again with the choice, in the name of who had paused', () => {
    const story = pausedAt('install').failed('worker-1', 'install');
    expect(said(story, { kind: 'retry' })).toMatchObject([
      { kind: 'retried', user: APPROVER, delivery: 'd1' },
      { kind: 'paused', user: REQUESTER, stays: true, delivery: 'd1' },
    ]);
  });

  it('is written down again only with the last choice, where several failed side by side', () => {
    const story = bothDraining().paused(REQUESTER);
    story.failed('worker-1', 'drain').failed('worker-2', 'drain');
    expect(said(story, { kind: 'retry' }).map(({ kind }) => kind)).toEqual(['retried']);
    says(story, { kind: 'retry' });
    expect(story.rollout.phase).toMatchObject({ held: { node: 'worker-2' }, pausedBy: REQUESTER });
    expect(said(story, { kind: 'skip' }).map(({ kind }) => kind)).toEqual(['skipped', 'paused']);
    expect(says(story, { kind: 'skip' }).rollout.phase).toEqual({ phase: 'paused', user: REQUESTER });
  });

  it('leaves the wait for a call in doubt as it is', () => {
    const story = says(pausedAt('reboot').doubted('worker-1', 'reboot'), { kind: 'retry' });
    const sentFrom = story.now + TWO_AT_ONCE.limits.flightMs;
    says(story, { kind: 'resume' });
    expect(next(story.rollout, sentFrom - 1)).toEqual({ tasks: [], wakeAt: sentFrom });
  });
});

describe('whatever happens to a small plan', () => {
  const paused = [...turns()].filter(({ before }) => pauserOf(before.phase) !== null);

  it('only a resume or an end takes a pause away, and nothing begins before', () => {
    const wrong = paused.filter(({ before, written, after: { phase } }) => {
      const kinds = written.map(({ kind }) => kind);
      if (kinds.some((kind) => BEGINNINGS.includes(kind))) return true;
      const ended = isEnding(phase) || phase.phase === 'tidying' || phase.phase === 'finished';
      return !ended && !kinds.includes('resumed') && pauserOf(phase) !== pauserOf(before.phase);
    });
    expect(wrong.map(({ before: { phase }, written }) => ({ phase, written })).slice(0, 3)).toEqual([]);
  });

  it('it is paused in all the ways that count', () => {
    const seen = new Set(paused.map(({ before: { phase } }) => phase.phase));
    expect([...seen].sort()).toEqual(['held', 'paused', 'running']);
  });
});

describe('where no pause stands', () => {
  it.each([
    ['nobody paused', () => aRollout().underWay().node('worker-1', 'install')],
    ['it was resumed before', () => pausedAt('install').resumed()],
  ] as const)('because %s, a choice moves it on', (_why, told) => {
    const story = told().failed('worker-1', 'install');
    expect(story.rollout.phase).toMatchObject({ phase: 'held', pausedBy: null });
    expect(said(story, { kind: 'retry' }).map(({ kind }) => kind)).toEqual(['retried']);
  });

  it('because it is ending, what is put back is tried again at once', () => {
    const story = pausedAt('install').aborted();
    story.ended(story.step('worker-1', 'install'));
    story.begun(story.step('worker-1', 'uncordon')).failed('worker-1', 'uncordon');
    expect(story.rollout.phase).toMatchObject({ phase: 'held', ending: 'aborted', pausedBy: null });
    expect(said(story, { kind: 'retry' }).map(({ kind }) => kind)).toEqual(['retried']);
  });

  it('because an older version moved it on with the choice, its journal means what it meant', () => {
    const story = pausedAt('install').failed('worker-1', 'install');
    const install = story.step('worker-1', 'install');
    story.retried(install.id);
    expect(story.rollout.phase).toEqual({ phase: 'running', halt: null });
    expect(story.begun(install).failed('worker-1', 'install').rollout.phase).toMatchObject({
      pausedBy: null,
    });
  });
});

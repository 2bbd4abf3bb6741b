// What a person reads who pauses, resumes or aborts by a command; Retry and Skip are told in ways.test.ts.
import { describe, expect, it, test } from 'vitest';
import { steered } from '../../../src/bot/views/steered.ts';
import { evolve } from '../../../src/rollout/evolve.ts';
import { aBlocker } from '../../builders/drain.ts';
import { APPROVER } from '../../builders/plan.ts';
import { aRollout, type RolloutStory } from '../../builders/rollout.ts';

function blocked(): RolloutStory {
  const story = aRollout().underWay().node('worker-1', 'drain');
  const { id: step } = story.step('worker-1', 'drain');
  return story.append({ kind: 'drain-blocked', step, blockers: [aBlocker()] });
}

describe('Abort', () => {
  test.each([
    ['a plan', () => aRollout().planned(), 'is cancelled: nothing had been started.'],
    [
      'a step in hand',
      () => aRollout().underWay().node('worker-1', 'drain'),
      'will end once the step in hand is finished and what was changed is put back.',
    ],
    [
      'a held node',
      () => aRollout().underWay().node('worker-1', 'drain').failed('worker-1', 'drain'),
      'will end once what was changed is put back.',
    ],
    ['a held proof', () => aRollout({ workers: [] }).underWay().withheld('cp-1'), 'ends as aborted.'],
  ])('of %s is answered with what comes first', (_what, told, said) => {
    const { rollout: before, entries } = told();
    const story = told().aborted();
    const events = story.entries.slice(entries.length).map(({ event }) => event);
    expect(steered('abort', { before, events, after: story.rollout }).mrkdwn).toContain(`v1.13.5 ${said}`);
  });
});

describe('a pause', () => {
  const paused = (story: RolloutStory): string =>
    steered('pause', { before: story.rollout, events: [], after: story.paused(APPROVER).rollout }).mrkdwn;

  test.each([
    ['with empty hands', () => aRollout().underWay(), 'v1.13.5 is paused.'],
    [
      'with a step in hand',
      () => aRollout().underWay().node('worker-1', 'drain'),
      'will pause once the step in hand is finished.',
    ],
    [
      'with a drain that people are asked about',
      blocked,
      'will pause once the drain of `worker-1` is over: it waits for pods',
    ],
  ])('%s is answered with how far it is', (_how, told, said) => {
    expect(paused(told())).toContain(said);
  });

  it('that is taken back while a step failed meanwhile says that it is held', () => {
    const story = aRollout().underWay().node('worker-1', 'drain');
    const before = story.paused().rollout;
    const held = story.failed('worker-1', 'drain').rollout;
    const event = { kind: 'resumed', user: APPROVER, delivery: 'r' } as const;
    const resumed = evolve(before, {
      n: before.version + 1,
      at: before.lastAt,
      by: { kind: 'clock' },
      v: 1,
      event,
    });
    expect(steered('resume', { before, events: [event], after: resumed }).mrkdwn).toContain(
      'v1.13.5 goes on.',
    );
    expect(steered('resume', { before, events: [event], after: held }).mrkdwn).toMatch(
      /is not paused any more. The rollout is held at `worker-1`: an operator has to decide\./,
    );
  });
});

// Moments that a card names for the end of a step: true for whoever drives it, and whoever takes it over.
import { describe, expect, it } from 'vitest';
import { threadOf } from '../../../src/bot/thread.ts';
import { deadlineOf } from '../../../src/rollout/deadline.ts';
import { aBlocker } from '../../builders/drain.ts';
import { aRollout, type RolloutStory } from '../../builders/rollout.ts';
import { POLICY } from './stories.ts';

const drainOf = (story: RolloutStory) => story.step('worker-1', 'drain');
const begun = (): RolloutStory => aRollout().underWay().node('worker-1', 'drain');

describe('the moment that is named', () => {
  type Row = readonly [what: string, card: string, story: () => RolloutStory, words: RegExp];
  const rows: readonly Row[] = [
    [
      'by the card of a slow step',
      'slow:',
      () => {
        const story = begun();
        const slow = { step: drainOf(story).id, afterMs: 300_000, evidence: [] } as const;
        return story.append({ kind: 'step-slow', ...slow }, slow.afterMs);
      },
      /Held for a person to decide <!date\^(\d+)[^>]*> at the earliest, unless it is through before/,
    ],
    [
      'by the card of a blocked drain',
      'drain:',
      () => {
        const story = begun();
        return story.append({ kind: 'drain-blocked', step: drainOf(story).id, blockers: [aBlocker()] });
      },
      /It keeps trying at least until <!date\^(\d+)[^>]*>, and this question goes away/,
    ],
  ];
  it.each(rows)('%s is the earliest at which it may be over', (_what, card, tell, words) => {
    const begunAt = begun().now;
    const story = tell();
    const { slots = [] } =
      threadOf({ entries: story.entries, policy: POLICY, notes: {}, now: story.now }) ?? {};
    const { message } = slots.find(({ name }) => name.startsWith(card)) ?? {};
    const named = Number(words.exec(JSON.stringify(message?.blocks))?.[1]) * 1_000;
    const step = drainOf(story);
    expect(named).toBe(begunAt + step.limitMs);
    const taken = [0, 0.5, 1, 2, 3, 20].map((limits) => begunAt + limits * step.limitMs);
    for (const since of taken) expect(deadlineOf(story.rollout, step, since)).toBeGreaterThanOrEqual(named);
  });
});

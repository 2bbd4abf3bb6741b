// When a step counts as slow: by what it took here before, else by its own limit.
import { describe, expect, it } from 'vitest';
import type { Usual } from '../../src/rollout/history.ts';
import { slowAfterMs, slownessOf } from '../../src/rollout/slowness.ts';
import { aRollout, type RolloutStory } from '../builders/rollout.ts';

const usual = (seen: number, p95Ms: number): Usual => ({ medianMs: p95Ms / 2, p95Ms, seen });

function after(story: RolloutStory, known: Usual | null): number | null {
  const step = story.step('worker-1', 'reboot');
  const usuals = known === null ? {} : { 'reboot worker': known };
  return slowAfterMs({ ...story.rollout, usuals }, step);
}

describe('a step', () => {
  const story = aRollout().underWay().node('worker-1', 'reboot');
  const half = story.step('worker-1', 'reboot').limitMs / 2;

  it.each([
    ['nothing is known of it', null, half],
    ['it was seen too rarely', usual(2, 10_000), half],
    ['it was seen often enough', usual(3, 10_000), 15_000],
    ['its tail is longer than half of the limit', usual(9, half * 3), half],
  ])('is slow when %s', (_when, known, ms) => {
    expect(after(story, known)).toBe(ms);
  });

  it('is told once for each time it was begun, and says what was usual', () => {
    const step = story.step('worker-1', 'reboot');
    const rollout = { ...story.rollout, usuals: { 'reboot worker': usual(3, 10_000) } };
    const seen = { evidence: ['it says it is rebooting'], afterMs: 16_000 };
    const told = slownessOf(rollout, step, seen);
    expect(told).toEqual({ kind: 'step-slow', step: step.id, usual: usual(3, 10_000), ...seen });
    const after = aRollout().underWay().node('worker-1', 'reboot');
    if (told !== null) after.append(told);
    expect(slownessOf(after.rollout, step, seen)).toBeNull();
    after.doubted('worker-1', 'reboot');
    expect(after.rollout.slow.size).toBe(0);
  });

  it('that is not in hand is not slow', () => {
    const before = aRollout().underWay();
    const step = before.step('worker-1', 'reboot');
    expect(slownessOf(before.rollout, step, { evidence: [], afterMs: 1 })).toBeNull();
  });
});

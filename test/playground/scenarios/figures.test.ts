// What a journal says of processes that died.
import { describe, expect, it } from 'vitest';
import { doubtsIn, drivingAgainMs } from '../../../playground/scenarios/figures.ts';
import type { Entry, RolloutEvent } from '../../../src/rollout/event.ts';

const BEGUN: RolloutEvent = { kind: 'step-begun', step: '01-w-1-install', evidence: {}, by: 'a' };
const ENDED: RolloutEvent = { kind: 'step-ended', step: '01-w-1-install', result: {} };
const DOUBTED: RolloutEvent = { kind: 'step-doubted', step: '01-w-1-install', why: 'silence' };

type Line = readonly [at: number, by: string, event: RolloutEvent];

function journal(...lines: readonly Line[]): readonly Entry[] {
  return lines.map(([at, name, event], index) => ({
    n: index + 1,
    at,
    v: 1,
    by: name === 'person' ? { kind: 'person', user: 'U1' } : { kind: 'driver', name },
    event,
  }));
}

describe('driving again', () => {
  it('takes from the last fact of who was killed with a step in hand to the first of who drove next', () => {
    const entries = journal(
      [100, 'a', BEGUN],
      [900, 'person', ENDED],
      [3_300, 'b', ENDED],
      [3_400, 'b', BEGUN],
    );
    expect(drivingAgainMs([entries], ['a'])).toBe(3_200);
  });

  it('is the longest of several', () => {
    const entries = journal([0, 'a', BEGUN], [3_000, 'b', BEGUN], [7_000, 'c', ENDED]);
    expect(drivingAgainMs([entries], ['a', 'b'])).toBe(4_000);
  });

  it.each([
    ['nobody was killed', journal([0, 'a', BEGUN], [9, 'b', ENDED]), []],
    ['who was killed had nothing in hand', journal([0, 'a', ENDED], [9, 'b', BEGUN]), ['a']],
    ['nobody drove again', journal([0, 'a', BEGUN]), ['a']],
  ])('is unknown where %s', (_why, entries, killed) => {
    expect(drivingAgainMs([entries], killed)).toBeNull();
  });
});

it('doubts are counted over all journals', () => {
  expect(doubtsIn([journal([0, 'a', DOUBTED]), journal([0, 'a', ENDED], [1, 'a', DOUBTED])])).toBe(2);
});

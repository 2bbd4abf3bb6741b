// The budgets of posts and edits, by a clock that the test turns.
import { expect, test } from 'vitest';
import { Pace } from '../../src/bot/pace.ts';

/** How many of `tries`, one every `everyMs`, are allowed. */
function allowed(tries: number, everyMs: number, take: (now: number) => boolean): number {
  return Array.from({ length: tries }, (_, at) => take(at * everyMs)).filter(Boolean).length;
}

test('a channel gets a short burst and then one post a second', () => {
  const pace = new Pace();
  expect(allowed(10, 0, (now) => pace.mayPost('C1', now))).toBe(4);
  expect(allowed(100, 100, (now) => pace.mayPost('C1', 10_000 + now))).toBeLessThanOrEqual(4 + 10);
});

test('another channel has its own budget', () => {
  const pace = new Pace();
  allowed(10, 0, (now) => pace.mayPost('C1', now));
  expect(pace.mayPost('C2', 0)).toBe(true);
});

test('no minute sees more than forty edits', () => {
  const pace = new Pace();
  expect(allowed(600, 100, (now) => pace.mayEdit('state', now))).toBe(40);
  expect(pace.mayEdit('state', 60_000)).toBe(true);
});

test('progress leaves room for changes of state', () => {
  const pace = new Pace();
  expect(allowed(600, 100, (now) => pace.mayEdit('progress', now))).toBe(24);
  expect(pace.mayEdit('state', 59_900)).toBe(true);
});

test('nothing is sent while Slack asked for quiet', () => {
  const pace = new Pace();
  pace.quiet(5_000);
  expect(pace.mayPost('C1', 4_999)).toBe(false);
  expect(pace.mayEdit('state', 4_999)).toBe(false);
  expect(pace.mayPost('C1', 5_000)).toBe(true);
});

test.each([
  [1, 3_000],
  [2, 5_000],
  [10, 25_000],
])('%i live cards are edited every %i ms', (cards, everyMs) => {
  expect(Pace.progressMs(cards)).toBe(everyMs);
});

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
  expect(allowed(600, 100, (now) => pace.mayEdit(`m${now}`, 'state', now))).toBe(40);
  expect(pace.mayEdit('m', 'state', 60_000)).toBe(true);
});

test('progress leaves room for changes of state', () => {
  const pace = new Pace();
  expect(allowed(600, 100, (now) => pace.mayEdit(`m${now}`, 'progress', now))).toBe(24);
  expect(pace.mayEdit('m', 'state', 59_900)).toBe(true);
});

test('eight edits a minute change nothing, and no more', () => {
  const pace = new Pace();
  expect(allowed(600, 100, (now) => pace.mayEdit(`m${now}`, 'unchanged', now))).toBe(8);
  expect(pace.mayEdit('m', 'unchanged', 60_000)).toBe(true);
});

test('edits that change nothing go beside progress that takes all of its own, and leave room for changes of state', () => {
  const pace = new Pace();
  expect(allowed(600, 100, (now) => pace.mayEdit(`p${now}`, 'progress', now))).toBe(24);
  expect(allowed(10, 0, () => pace.mayEdit('u', 'unchanged', 59_900))).toBe(1);
  expect(allowed(10, 1, (now) => pace.mayEdit(`u${now}`, 'unchanged', 59_901 + now))).toBe(3);
  expect(allowed(20, 1, (now) => pace.mayEdit(`s${now}`, 'state', 59_950 + now))).toBe(12);
});

test('edits that change nothing wait behind a burst of changes of state', () => {
  const pace = new Pace();
  expect(allowed(28, 1, (now) => pace.mayEdit(`s${now}`, 'state', now))).toBe(28);
  expect(pace.mayEdit('u', 'unchanged', 1_000)).toBe(false);
});

test.each(['state', 'progress', 'unchanged'] as const)(
  'one message is edited at most every 3 s, for its %s too',
  (urgency) => {
    const pace = new Pace();
    expect(allowed(100, 100, (now) => pace.mayEdit('card', urgency, now))).toBe(4);
    expect(pace.mayEdit('card', 'state', 11_999)).toBe(false);
    expect(pace.mayEdit('gate', 'state', 11_999)).toBe(true);
    expect(pace.mayEdit('card', 'state', 12_000)).toBe(true);
  },
);

test('who goes on from another one has what that one left', () => {
  const before = new Pace();
  expect(allowed(30, 1_000, (now) => before.mayEdit(`m${now}`, 'state', now))).toBe(30);
  const pace = new Pace();
  pace.inherit(before.spent(30_000), 500_000);
  expect(allowed(100, 100, (now) => pace.mayEdit(`m${now}`, 'state', 500_000 + now))).toBe(10);
  // The other one's first edit was half a minute old.
  expect(pace.mayEdit('m', 'state', 530_000)).toBe(true);
  expect(pace.mayEdit('m', 'state', 530_500)).toBe(false);
});

test('the quiet that Slack asked the one before for is kept', () => {
  const before = new Pace();
  before.quiet(30_000);
  const pace = new Pace();
  pace.inherit(before.spent(10_000), 500_000);
  expect(pace.mayPost('C1', 519_999)).toBe(false);
  expect(pace.mayPost('C1', 520_000)).toBe(true);
});

test('nothing is sent while Slack asked for quiet', () => {
  const pace = new Pace();
  pace.quiet(5_000);
  expect(pace.mayPost('C1', 4_999)).toBe(false);
  expect(pace.mayEdit('m', 'state', 4_999)).toBe(false);
  expect(pace.mayPost('C1', 5_000)).toBe(true);
});

test.each([
  [1, 3_000],
  [2, 5_000],
  [10, 25_000],
])('%i live cards are edited every %i ms', (cards, everyMs) => {
  expect(Pace.progressMs(cards)).toBe(everyMs);
});

test.each([
  [1, 300_000],
  [20, 300_000],
  [40, 600_000],
  [100, 1_500_000],
])('with %i live cards what does not change is edited every %i ms', (cards, everyMs) => {
  expect(Pace.unchangedMs(cards)).toBe(everyMs);
});

// Small pure parts: typed words, near words, ids in buttons, log lines.
import { expect, test } from 'vitest';
import { boltLogger } from '../../src/bot/bolt-logger.ts';
import { decodeButton, encodeButton } from '../../src/bot/button-value.ts';
import { intentOf } from '../../src/bot/buttons.ts';
import { rolloutIdOf } from '../../src/bot/commands.ts';
import { editDistance, nearest } from '../../src/bot/nearest.ts';
import { wordsOf } from '../../src/bot/typed.ts';
import { duration, shares } from '../../src/bot/views/text.ts';

test.each([
  ['a  b', ['a', 'b']],
  ['\u00a0“a”\u2003‘b’ ', ['a', 'b']],
  ['cp–2 cp—2 cp‑2 cp−2', ['cp-2', 'cp-2', 'cp-2', 'cp-2']],
  ['a &amp;amp; b', ['a', '&amp;', 'b']],
  ['<@U1|bob> <#C1|ops> <#C1|> <!here>', ['@bob', '#ops', '#C1', '!here']],
  ['<http://x.example|x.example> <https://y.example>', ['x.example', 'https://y.example']],
  ['', []],
])('%j are the words %j', (text, words) => {
  expect(wordsOf(text)).toEqual(words);
});

test.each([
  ['upgrade', 'upgrade', 0],
  ['upgrde', 'upgrade', 1],
  ['uprgade', 'upgrade', 1],
  ['', 'abc', 3],
])('%s and %s are %i apart', (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance);
  expect(editDistance(b, a)).toBe(distance);
});

test('nothing is near to a word nobody could have meant', () => {
  expect(nearest('coffee', ['upgrade', 'plan'])).toBeNull();
  expect(nearest('x'.repeat(10_000), ['upgrade'])).toBeNull();
  expect(nearest('', ['upgrade'])).toBeNull();
});

test('a button says what it said', () => {
  const value = { cluster: 'prod', rollout: 'r1', gate: 'gate:cp-1', occasion: 17 };
  expect(decodeButton(encodeButton(value))).toEqual(value);
  const unbound = { ...value, gate: null, occasion: null };
  expect(decodeButton(encodeButton(unbound))).toEqual(unbound);
});

test.each(['"17"', '1.5', 'null', '{}'])('%s in a button is no occasion', (occasion) => {
  expect(decodeButton(`{"c":"x","r":"y","o":${occasion}}`)?.occasion).toBeNull();
});

test.each([undefined, '', '{', 'null', '7', '{"c":1,"r":"x"}', '{"c":"x"}', '[]'])(
  '%j is no button of ours',
  (text) => {
    expect(decodeButton(text)).toBeNull();
  },
);

test.each([
  ['gate:approve', { kind: 'approve', gate: 'gate:cp-1', occasion: 17 }],
  ['rollout:start', { kind: 'start' }],
  ['rollout:cancel', { kind: 'abort' }],
  ['rollout:retry', { kind: 'retry', occasion: 17 }],
  ['rollout:skip', { kind: 'skip', occasion: 17 }],
  ['rollout:pause', { kind: 'pause' }],
  ['rollout:destroy', null],
  ['retry', null],
])('%s means %j', (action, intent) => {
  const value = { cluster: 'prod', rollout: 'r1', gate: 'gate:cp-1', occasion: 17 };
  expect(intentOf(action, value)).toEqual(intent);
});

test.each(['gate:approve', 'rollout:retry', 'rollout:skip'])(
  '%s that does not say which question it answers means nothing',
  (action) => {
    const value = { cluster: 'prod', rollout: 'r1', gate: 'gate:cp-1', occasion: null };
    expect(intentOf(action, value)).toBeNull();
  },
);

test('the same delivery is the same rollout, another one another', () => {
  expect(rolloutIdOf('1.2.abc')).toMatch(/^r[0-9a-f]{10}$/);
  expect(rolloutIdOf('1.2.abc')).toBe(rolloutIdOf('1.2.abc'));
  expect(rolloutIdOf('1.2.abd')).not.toBe(rolloutIdOf('1.2.abc'));
});

test.each([
  [0, '0 s'],
  [89_000, '89 s'],
  [90_000, '2 min'],
  [3_600_000, '60 min'],
  [7_500_000, '2 h 5 min'],
  [-5, '0 s'],
])('%i ms are %s', (ms, words) => {
  expect(duration(ms)).toBe(words);
});

test('a token in a line of the libraries never reaches the log', () => {
  const lines: unknown[] = [];
  const log = {
    info: () => undefined,
    warn: (...line: unknown[]) => lines.push(line),
    error: (...line: unknown[]) => lines.push(line),
  };
  boltLogger(log).error('failed with xoxb-123-abc and', new Error('xapp-1-A-2-b'));
  boltLogger(log).debug('a whole payload');
  expect(lines).toHaveLength(1);
  expect(JSON.stringify(lines)).not.toMatch(/123-abc|A-2-b/);
});

test.each([
  // Each rounded by itself: 26 min and 7 min of 32 min.
  [32.4, 6.8, ['32 min', '7 min', '25 min']],
  [32, 0.75, ['32 min', '1 min', '31 min']],
  [32, 0.3, ['32 min', 'less than a minute', '32 min']],
  [32, 31.8, ['32 min', '32 min', 'less than a minute']],
  [32, 0, ['32 min', '0 s', '32 min']],
  [1, 0.41, ['1 min', '25 s', '35 s']],
  [150.5, 60.5, ['2 h 31 min', '61 min', '1 h 30 min']],
])('of %d min, %d min with people are shown so that the parts make the whole', (all, people, words) => {
  const { whole, part, rest } = shares(all * 60_000, people * 60_000);
  expect([whole, part, rest]).toEqual(words);
});

// A mistake is told in words for people: what is expected there and what was found, without the jargon of libraries and without secrets.
import { describe, expect, it } from 'vitest';
import { parseCompatibility } from '../src/config-compatibility.ts';
import { foundIn } from '../src/config-mistake.ts';
import { beside, inCluster, JARGON, mistakesIn } from './a-configuration.ts';

/** Where, and what its reason must say. */
type Bad = readonly [name: string, file: string, place: string, reason: RegExp];

const BAD: readonly Bad[] = [
  [
    'a text where a number belongs',
    inCluster('policy:', '  approvals: two'),
    'bot.yaml:6 clusters.prod.policy.approvals:',
    /expects a number \("two" was found\)/,
  ],
  [
    'a text where true or false belongs',
    beside('onlyLoopback: sometimes'),
    'bot.yaml:5 onlyLoopback:',
    /expects true or false \("sometimes" was found\)/,
  ],
  [
    'a key without anything behind it',
    inCluster('policy:'),
    'bot.yaml:5 clusters.prod.policy:',
    /expects keys with their values.* \(nothing is written there\)/,
  ],
  [
    'an archive that is nowhere',
    beside('archive: { keep: 3 }'),
    'bot.yaml:5 archive:',
    /expects either folder or s3$/,
  ],
  [
    'a bucket without a name',
    beside('archive: { s3: {} }'),
    'bot.yaml:5 archive.s3.bucket:',
    /expects a .*\(it is missing\)/,
  ],
  [
    'a factory that is a list',
    inCluster('factory: [a, b]'),
    'bot.yaml:5 clusters.prod.factory:',
    /expects a registry host such as .*a list was found/,
  ],
  [
    'a factory with a key nobody knows',
    inCluster('factory: { hosts: x }'),
    'bot.yaml:5 clusters.prod.factory.hosts:',
    /"hosts" is no setting/,
  ],
  [
    'a health check without its expression',
    inCluster('healthChecks: [{ apiVersion: v1, kind: Node }]'),
    'bot.yaml:5 clusters.prod.healthChecks.0.expr:',
    /expects a text.*\(it is missing\)/,
  ],
  [
    'an operator of a selector nobody knows',
    inCluster('healthChecks: [{ apiVersion: v1, kind: Node, expr: "true", labelSelector: 7 }]'),
    'bot.yaml:5 clusters.prod.healthChecks.0.labelSelector:',
    /expects matchLabels and matchExpressions.*\(7 was found\)/,
  ],
  [
    'a text that YAML reads as a number',
    inCluster('talos: { config: x, context: 7 }').replace('    talos: { config: ./talosconfig }\n', ''),
    'bot.yaml:4 clusters.prod.talos.context:',
    /expects a text, in quotes: "7" \(7 was found\)/,
  ],
  [
    'a neighbour that is only a name',
    inCluster('neighbours: { flux: [apps] }'),
    'bot.yaml:5 clusters.prod.neighbours.flux.0:',
    /expects keys with their values.*"apps" was found/,
  ],
  [
    'a weight nobody knows',
    inCluster('policy: { checks: { flux: ignore } }'),
    'bot.yaml:5 clusters.prod.policy.checks.flux:',
    /expects block, warn or "off" \("ignore" was found\)/,
  ],
  [
    'too many replicas of Redis',
    beside('redis: { replicas: 9 }'),
    'bot.yaml:5 redis.replicas:',
    /expects at most 5 \(9 was found\)/,
  ],
  [
    'minors of a way nobody knows',
    inCluster('path: { minors: all }'),
    'bot.yaml:5 clusters.prod.path.minors:',
    /expects one-by-one or installer-limit \("all" was found\)/,
  ],
];

describe('the sentence of a mistake', () => {
  it.each(BAD)('says what to write and what was found: %s', (_, file, place, reason) => {
    const [mistake = '', ...others] = mistakesIn(file);
    expect(others).toEqual([]);
    expect(mistake.startsWith(place), mistake).toBe(true);
    expect(mistake.slice(place.length)).toMatch(reason);
    expect(mistake).not.toMatch(JARGON);
  });

  it('is as plain for the rows of a compatibility table', () => {
    const read = parseCompatibility('talos:\n  "1.16": { kubernetes: { from: "1.35" }, hint: x }\n');
    const mistakes = read.kind === 'mistakes' ? read.mistakes : [];
    expect(mistakes).toHaveLength(2);
    for (const mistake of mistakes) expect(mistake).not.toMatch(JARGON);
  });
});

describe('what was found', () => {
  it.each([
    [undefined, 'it is missing'],
    [null, 'nothing is written there'],
    ['', 'an empty text was found'],
    [0, '0 was found'],
    [false, 'false was found'],
    [[], 'an empty list was found'],
    [[1], 'a list was found'],
    [{}, 'keys with values were found'],
    ['yes', '"yes" was found'],
    ['at-twice', '"at-twice" was found'],
    ['#platform', '"#platform" was found'],
    ['S012AB3CD', '"S012AB3CD" was found'],
    ['10.0.0.1', '"10.0.0.1" was found'],
    ['-5m', '"-5m" was found'],
    ['10 minutes', '"10 minutes" was found'],
  ])('%j is told as it is', (value, told) => {
    expect(foundIn(value)).toBe(told);
  });

  it.each([
    'hunter2-hunter2',
    'xoxb-1234-bot',
    'AGE-SECRET-KEY-1QQQ',
    'AKIAIOSFODNN7EXAMPLE',
    'redis://:pass-word@127.0.0.1:6379',
    'correct horse battery staple',
    'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    'p4ssw0rd',
    'x'.repeat(60),
  ])('%s may be a secret, and is only counted', (value) => {
    expect(foundIn(value)).toBe(`a text of ${value.length} characters was found`);
  });
});

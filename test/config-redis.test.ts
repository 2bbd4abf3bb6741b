// What the configuration says of Redis: its places, how many replicas must have a fact, and the keys that sign journals.
import { describe, expect, it } from 'vitest';
import { mistrusted, type Seals, sealsOf, signed } from '../src/store/seal.ts';
import { beside, LEAST, mistakesIn, SECRETS, settingsOf, text } from './a-configuration.ts';

const A = 'a'.repeat(44);
const B = 'b'.repeat(44);
const C = 'c'.repeat(44);
const PLAIN = text(...LEAST);

describe('Redis', () => {
  it.each([
    'redis+sentinel://:pass-word@a,b,c/talos',
    'redis+cluster://:pass-word@a,b,c',
    'rediss+cluster://a',
  ])('may be at %s', (url) => {
    expect(settingsOf(PLAIN, { ...SECRETS, REDIS_URL: url }).redis.url).toBe(url);
  });

  it.each([
    [{ REDIS_URL: 'redis+sentinel://:pass-word@a,b,c' }, 'REDIS_URL names no master'],
    [{ REDIS_URL: 'redis+cluster://:pass-word@a/1' }, 'Redis Cluster has only one'],
    [{ JOURNAL_KEY: 'pass-word' }, 'JOURNAL_KEY: expects at least 32 characters'],
    [{ JOURNAL_KEY: A, JOURNAL_KEYS_FORMER: `${B} pass-word` }, 'JOURNAL_KEYS_FORMER: expects at least 32'],
    [{ JOURNAL_KEYS_FORMER: B }, 'JOURNAL_KEYS_FORMER: expects JOURNAL_KEY beside it'],
    [{ JOURNAL_KEY: `${B},pass-word` }, 'JOURNAL_KEY: expects no space and no comma within it'],
    [{ JOURNAL_KEY: `${B} pass-word` }, 'JOURNAL_KEYS_FORMER between double quotes'],
    [{ JOURNAL_KEY: `${B}\npass-word` }, 'take a new key (openssl rand -base64 32)'],
    [{ JOURNAL_KEY: ` \n${' '.repeat(40)}` }, 'JOURNAL_KEY: expects at least 32 characters'],
  ])('is refused with a sentence that repeats no secret (%#)', (environment, why) => {
    const mistakes = mistakesIn(PLAIN, { ...SECRETS, ...environment });
    expect(mistakes).toEqual([expect.stringContaining(why)]);
    expect(mistakes.join()).not.toMatch(/pass-word|bbbb/);
  });

  it.each([
    ['replicas: -1', 'bot.yaml:6 redis.replicas'],
    ['replicas: many', 'bot.yaml:6 redis.replicas'],
    ['unsigned: perhaps', 'bot.yaml:6 redis.unsigned'],
  ])('has no %s', (line, why) => {
    expect(mistakesIn(beside('redis:', `  ${line}`))).toEqual([expect.stringContaining(why)]);
  });

  it('asks for as many replicas as are written', () => {
    expect(settingsOf(beside('redis: { replicas: 0 }')).redis.replicas).toBe(0);
    expect(settingsOf(beside('redis: { replicas: 2 }')).redis.replicas).toBe(2);
  });

  it('signs with one key and believes former ones', () => {
    const environment = { ...SECRETS, JOURNAL_KEY: A, JOURNAL_KEYS_FORMER: ` ${B}, ${C}\n` };
    const { seals } = settingsOf(beside('redis: { unsigned: accepted }'), environment).redis;
    const asFiles = [A, B, C].map((key) => `${key}\n`);
    expect(seals).toEqual(sealsOf({ key: A, former: [B, C, ...asFiles], unsigned: 'accepted' }));
    expect(seals.key?.id).toMatch(/^[0-9a-f]{8}$/);
  });

  it('neither signs nor believes without a key', () => {
    expect(settingsOf(PLAIN, { ...SECRETS, JOURNAL_KEY: '' }).redis.seals).toMatchObject({
      ...{ key: null, former: [] },
    });
  });

  const HOME = { cluster: 'prod', rollout: 'r1' };
  const BARE = `{"n":1,"at":2,"prev":"${'a'.repeat(40)}","by":{"kind":"clock"}}`;
  const sealsBy = (environment: Readonly<Record<string, string>>): Seals =>
    settingsOf(PLAIN, { ...SECRETS, ...environment }).redis.seals;
  const doubt = (line: string, seals: Seals): string | null =>
    mistrusted(line, /"mac":"([^"]+)"/.exec(line)?.[1], HOME, seals);

  it.each([
    ['as it should be', A, A],
    ['with the newline of its file', `${A}\n`, A],
    ['with the newline of its file, in both variables', `${A}\n`, `${A}\n`],
    ['with a comma, between double quotes', `${A},${B}`, `"${A},${B}"`],
    [
      'with a space and a newline, between double quotes',
      'correct horse battery staple and so on\n',
      '"correct horse battery staple and so on"',
    ],
    ['beside another one', `${A}, ${B}`, `${C} "${A}, ${B}",${C}`],
    ['with quotes of its own', `"${A}"`, `"${A}" "${B}"`],
  ])('believes, as a former one, the key an earlier version took %s', (_, key, former) => {
    const line = signed(BARE, HOME, sealsOf({ key, former: [], unsigned: 'refused' }));
    expect(doubt(line, sealsBy({ JOURNAL_KEY: C.toUpperCase(), JOURNAL_KEYS_FORMER: former }))).toBeNull();
    expect(doubt(line, sealsBy({ JOURNAL_KEY: C.toUpperCase() }))).toContain('does not have');
  });

  it.each([`${A}\n`, `${A}\r\n`, ` ${A}`])('signs with the key alone, and believes what %j signed', (key) => {
    const line = signed(BARE, HOME, sealsOf({ key, former: [], unsigned: 'refused' }));
    const seals = sealsBy({ JOURNAL_KEY: key });
    expect(seals.key).toEqual(sealsBy({ JOURNAL_KEY: A }).key);
    expect(doubt(line, seals)).toBeNull();
  });
});

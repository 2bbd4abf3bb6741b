// What the configuration says of Redis: its places, how many replicas must have a fact, and the keys that sign journals.
import { describe, expect, it } from 'vitest';
import { sealsOf } from '../src/store/seal.ts';
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
    expect(seals).toEqual(sealsOf({ key: A, former: [B, C], unsigned: 'accepted' }));
    expect(seals.key?.id).toMatch(/^[0-9a-f]{8}$/);
  });
});

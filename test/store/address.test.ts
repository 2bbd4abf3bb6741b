import { describe, expect, it } from 'vitest';
import { describeAddress, redisAddress } from '../../src/store/address.ts';

describe('REDIS_URL', () => {
  it.each([
    ['redis://cache', { host: 'cache', port: 6379 }],
    ['redis://127.0.0.1:6380/2', { host: '127.0.0.1', port: 6380, db: 2 }],
    ['redis://[::1]:6380/', { host: '::1', port: 6380 }],
    [
      'redis://bot:s3cr%40t%2Fx@cache:6379',
      { host: 'cache', port: 6379, username: 'bot', password: 's3cr@t/x' },
    ],
    ['redis://:pw@cache', { host: 'cache', port: 6379, password: 'pw' }],
    ['rediss://cache:6390', { host: 'cache', port: 6390, tls: {} }],
    ['redis+unix:///run/redis/redis.sock', { path: '/run/redis/redis.sock' }],
    [
      'redis+unix://bot:pw@localhost/tmp/a%20b.sock?db=3',
      { path: '/tmp/a b.sock', db: 3, username: 'bot', password: 'pw' },
    ],
    [' redis://cache \n', { host: 'cache', port: 6379 }],
  ])('%s is understood', (url, address) => {
    expect(redisAddress(url)).toEqual(address);
  });

  it.each([
    ['', 'is not a URL'],
    ['cache:hunter2', 'unknown scheme'],
    ['http://bot:hunter2@cache', 'unknown scheme'],
    ['redis://bot:hunter2@/0', 'REDIS_URL'],
    ['redis://bot:hunter2@cache/first', 'a database that is not a number'],
    ['redis://bot:hunter2%zz@cache', 'broken percent escape'],
    ['redis+unix://bot:hunter2@host/path', 'names no socket'],
  ])('%s is refused with a sentence that does not repeat it', (url, why) => {
    expect(() => redisAddress(url)).toThrow(why);
    expect(() => redisAddress(url)).not.toThrow(/hunter2/);
  });

  it('is described without user and password', () => {
    expect(describeAddress(redisAddress('rediss://bot:hunter2@cache:6390/1'))).toBe('cache:6390');
    expect(describeAddress(redisAddress('redis+unix://bot:hunter2@localhost/run/r.sock'))).toBe(
      '/run/r.sock',
    );
  });
});

import { describe, expect, it } from 'vitest';
import { describePlace, redisPlace } from '../../src/store/place.ts';

describe('REDIS_URL', () => {
  it.each([
    ['redis://cache', { host: 'cache', port: 6379 }],
    [
      'redis+sentinel://a,b:26380,[::1]:26381/talos',
      {
        kind: 'sentinel',
        master: 'talos',
        sentinels: [
          { host: 'a', port: 26379 },
          { host: 'b', port: 26380 },
          { host: '::1', port: 26381 },
        ],
      },
    ],
    [
      'rediss+sentinel://bot:s3cr%40t@a/my%20master/2?sentinelUser=eye&sentinelPassword=x%26y',
      {
        kind: 'sentinel',
        master: 'my master',
        sentinels: [{ host: 'a', port: 26379 }],
        username: 'bot',
        password: 's3cr@t',
        tls: {},
        db: 2,
        sentinelUsername: 'eye',
        sentinelPassword: 'x&y',
      },
    ],
    [
      ' redis+cluster://:pw@10.0.0.1:7000,10.0.0.2:7001/\n',
      {
        kind: 'cluster',
        nodes: [
          { host: '10.0.0.1', port: 7000 },
          { host: '10.0.0.2', port: 7001 },
        ],
        password: 'pw',
      },
    ],
    ['rediss+cluster://cache', { kind: 'cluster', nodes: [{ host: 'cache', port: 6379 }], tls: {} }],
  ])('%s is understood', (url, place) => {
    expect(redisPlace(url)).toEqual(place);
  });

  it.each([
    ['redis+sentinel://bot:hunter2@a,b', 'names no master'],
    ['redis+sentinel://bot:hunter2@a/talos/0/1', 'names no master'],
    ['redis+sentinel://bot:hunter2@a/talos/first', 'a database that is not a number'],
    ['redis+sentinel://bot:hunter2@a/talos?password=hunter2', 'a setting that is not known'],
    ['redis+sentinel://bot:hunter2@/talos', 'Host 1 of REDIS_URL is not host[:port]'],
    ['redis+sentinel://bot:hunter2@a,b:port/talos', 'Host 2 of REDIS_URL'],
    ['redis+sentinel://bot:hunter2@a:99999/talos', 'Host 1 of REDIS_URL'],
    ['redis+sentinel://bot:hun@ter2@a/talos', 'Host 1 of REDIS_URL'],
    ['redis+sentinel://bot:hunter2%zz@a/talos', 'broken percent escape'],
    ['redis+cluster://bot:hunter2@a/3', 'Redis Cluster has only one'],
    ['redis+cluster://bot:hunter2@a?x=hunter2', 'a setting that is not known'],
    ['redis+cluster://bot:hunter2@a,,b', 'Host 2 of REDIS_URL'],
    ['redis+cluster:bot:hunter2@a', 'does not look like redis+cluster://'],
  ])('%s is refused with a sentence that does not repeat it', (url, why) => {
    expect(() => redisPlace(url)).toThrow(why);
    expect(() => redisPlace(url)).not.toThrow(/hunter2|ter2/);
  });

  it('is described without users and passwords', () => {
    const urls = [
      'redis://bot:hunter2@cache:6390',
      'redis+sentinel://bot:hunter2@a,b/talos?sentinelPassword=hunter2',
      'redis+cluster://bot:hunter2@a,b',
    ];
    expect(urls.map((url) => describePlace(redisPlace(url)))).toEqual([
      'cache:6390',
      'talos (Sentinel a:26379, b:26379)',
      'Cluster a:6379, b:6379',
    ]);
  });
});

// What Redis answers, as the faults that people and the engine act on.
import { expect, it } from 'vitest';
import { noMaster } from '../../src/engine/ports/redis-reply.ts';
import { storeFault } from '../../src/store/fault.ts';

function reply(message: string): Error {
  return Object.assign(new Error(message), { name: 'ReplyError' });
}

it.each([
  ['MOVED 3999 10.0.0.2:6379', 'busy', 'MOVED'],
  ['ASK 3999 10.0.0.2:6379', 'busy', 'ASK'],
  ['CLUSTERDOWN The cluster is down', 'busy', 'CLUSTERDOWN'],
  ['NOPERM this user has no permissions', 'refused', 'NOPERM'],
  ['WRONGTYPE Operation against a key', 'broken', 'WRONGTYPE'],
])('%j is %s', (message, kind, code) => {
  expect(storeFault(reply(message), 'redis:6379')).toMatchObject({ kind, code });
});

it.each([
  ["READONLY You can't write against a read only replica. script: 2f1f, on @user_script:1.", true],
  // Redis 6, inside a script.
  [
    "ERR Error running script (call to f_2f1f): @user_script:1: @user_script: 1: -READONLY You can't write.",
    true,
  ],
  ["MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", true],
  ['LOADING Redis is loading the dataset in memory', true],
  ['NOREPLICAS Not enough good replicas to write.', false],
  ['OOM command not allowed when used memory > maxmemory.', false],
  ['ERR no READONLY here', false],
])('%j is said by no master: %s', (message, expected) => {
  expect(noMaster(reply(message))).toBe(expected);
});

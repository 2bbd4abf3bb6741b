// What Redis answers, as the faults that people and the engine act on.
import { expect, it } from 'vitest';
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

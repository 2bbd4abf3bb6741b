// What might be a secret never reaches a person's screen; everything else in a log does.
import { describe, expect, it } from 'vitest';
import { HIDDEN, withoutSecrets } from '../../src/cluster/log-tail.ts';

const KEY = 'MC4CAQAwBQYDK2VwBCIEIJ1hd2Vzb21lc2VjcmV0a2V5';

describe('lines of a log', () => {
  it.each([
    [
      'service[kubelet](Running): Health check successful',
      'service[kubelet](Running): Health check successful',
    ],
    [
      'upgrade completed {"component": "lifecycle", "exit_code": 0}',
      'upgrade completed {"component": "lifecycle", "exit_code": 0}',
    ],
    // A digest is no secret.
    [`pulled installer@sha256:${'0a'.repeat(32)}`, `pulled installer@sha256:${'0a'.repeat(32)}`],
    ['machine.token: abc.def123', `machine.token: ${HIDDEN}`],
    ['{"password": "hunter2", "user": "ana"}', `{"password": "${HIDDEN}", "user": "ana"}`],
    ['Authorization: Bearer eyJhbGciOiJSUzI1NiJ9.e30.c2ln', `Authorization: Bearer ${HIDDEN}`],
    ['sent bearer eyJhbGciOiJSUzI1NiJ9', `sent bearer ${HIDDEN}`],
    ['GET https://ana:hunter2@registry.example/v2/', `GET https://${HIDDEN}@registry.example/v2/`],
    ['REDIS_URL is redis://:hunter2@redis:6379/0', `REDIS_URL is redis://${HIDDEN}@redis:6379/0`],
    ['0a'.repeat(32), '0a'.repeat(32)],
    ['/usr/bin/runc', '/usr/bin/runc'],
    [`crt: ${'QUJD'.repeat(40)}==`, `crt: ${HIDDEN}`],
    [`-----BEGIN PRIVATE KEY-----${KEY}-----END PRIVATE KEY-----`, HIDDEN],
  ])('%j is shown as %j', (line, shown) => {
    expect(withoutSecrets([line])).toEqual([shown]);
  });

  it('of a key over several lines none is shown', () => {
    const lines = ['before', '-----BEGIN PRIVATE KEY-----', KEY, '-----END PRIVATE KEY-----', 'after'];
    const shown = withoutSecrets(lines);
    expect(shown).toEqual(['before', HIDDEN, HIDDEN, HIDDEN, 'after']);
  });

  it('nor of one that begins before the first of them', () => {
    const lines = [KEY, KEY, 'Zm9vYmFy', '-----END PRIVATE KEY-----', 'after'];
    expect(withoutSecrets(lines)).toEqual([HIDDEN, HIDDEN, HIDDEN, HIDDEN, 'after']);
    // Also where its end is not among them.
    expect(withoutSecrets([KEY, 'after'])).toEqual([HIDDEN, 'after']);
  });
});

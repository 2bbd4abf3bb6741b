// What the way to a bucket says, as people read it: later may be better, a person must change something, or we are wrong.

import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import { expect, it, onTestFinished } from 'vitest';
import { bucketFault } from '../../src/archive/fault.ts';
import { s3Archive } from '../../src/archive/s3.ts';
import { anEtcdAuthority } from '../etcd/pki.ts';
import { CREDENTIALS } from './s3-stand-in.ts';

it.each([
  ['ECONNREFUSED', 'unreachable', 'The archive bucket b does not answer (ECONNREFUSED).'],
  ['ENOTFOUND', 'unreachable', 'The archive bucket b does not answer (ENOTFOUND).'],
  ['ERR_STREAM_PREMATURE_CLOSE', 'unreachable', 'The archive bucket b does not answer'],
  ['ERR_SOCKET_CLOSED', 'unreachable', 'The archive bucket b does not answer'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'refused', 'The TLS connection to the archive bucket b was refused'],
  ['CERT_HAS_EXPIRED', 'refused', 'The TLS connection to the archive bucket b was refused'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'refused', 'The TLS connection to the archive bucket b was refused'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'refused', 'The TLS connection to the archive bucket b was refused'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'refused', 'The TLS connection to the archive bucket b was refused'],
  ['ERR_INVALID_URL', 'broken', 'The archive bucket b failed (as Node puts it)'],
])('%s is %s', (code, kind, says) => {
  const fault = bucketFault(Object.assign(new Error('as Node puts it'), { code }), 'b');
  expect(fault).toMatchObject({ kind, code, message: expect.stringContaining(says) });
});

it('a certificate that nobody we trust has signed is no silence', async () => {
  const { crt, key } = await (await anEtcdAuthority()).issue({ addresses: ['127.0.0.1'] });
  const server = createServer({ cert: crt, key });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const archive = s3Archive({
    ...{ bucket: 'b', prefix: '', region: 'eu-central-1', credentials: CREDENTIALS, recipient: null },
    endpoint: `https://127.0.0.1:${port}`,
  });
  onTestFinished(() => archive.close());
  await expect(archive.list('prod')).rejects.toMatchObject({
    kind: 'refused',
    message: expect.stringMatching(/^The TLS connection to the archive bucket b was refused \([A-Z_]+\)\.$/),
  });
});

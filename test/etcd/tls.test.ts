// Certificates that do not fit: each trouble has its own sentence, and nobody is asked to trust blindly.
import type { AddressInfo } from 'node:net';
import { createServer as createPlainServer } from 'node:net';
import { createServer } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import type { QuorumRead } from '../../src/cluster/quorum-read.ts';
import type { EtcdCredentials } from '../../src/engine/ports/machines.ts';
import { etcdUpgradeMutex } from '../../src/etcd/mutex.ts';
import { type EtcdSettings, etcdWitness } from '../../src/etcd/witness.ts';
import { bounded, ETCD_TEST_MS, readThrough, summary, titled } from './asking.ts';
import { anEtcdCluster, withoutEtcd } from './etcd-cluster.ts';
import { anEtcdAuthority, type Issued } from './pki.ts';

const UNWELCOME = 'does not accept our client certificate (expired, or of another cluster)';
const UNTRUSTED =
  "shows a certificate that is expired or was not signed for it by the cluster's etcd authority";

describe.skipIf(withoutEtcd)(titled('a real etcd'), { timeout: ETCD_TEST_MS }, () => {
  it('does not let in who has another authority, an expired certificate, or none of it right', async () => {
    const cluster = await anEtcdCluster();
    const other = await anEtcdAuthority();
    const { ca } = cluster.credentials;
    const why = async (credentials: EtcdCredentials) =>
      summary(await readThrough(cluster, credentials))['cp-1'];
    expect(await why({ ...(await other.credentials()), ca })).toBe(UNWELCOME);
    expect(await why(await cluster.authority.credentials({ expired: true }))).toBe(UNWELCOME);
    expect(await why({ ...cluster.credentials, ca: other.ca })).toBe(UNTRUSTED);
    expect(await why(cluster.credentials)).toBe('served');
  });
});

/** A read through something on this port of loopback. */
async function readAt(port: number, credentials: EtcdCredentials): Promise<QuorumRead | undefined> {
  const endpoint = () => ({ host: '127.0.0.1', port });
  const witness = etcdWitness({ credentials: async () => credentials, endpoint, onlyLoopback: true });
  const [read] = await bounded(witness.read([{ node: 'cp-1', address: '127.0.0.1' }]));
  return read;
}

const SEAT = { node: 'cp-1', address: '127.0.0.1' };

/** One question after another through the same adapter. */
type Asking = (settings: EtcdSettings) => () => Promise<void>;

/** Something that shows this certificate and speaks no etcd. */
async function shows({ crt, key }: Issued): Promise<number> {
  const server = createServer({ cert: crt, key, ALPNProtocols: ['h2'] });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

describe('a member that is not what it should be', () => {
  it.each([
    ['an expired certificate', { expired: true, addresses: ['127.0.0.1'] }],
    ["another machine's certificate", { addresses: ['10.0.0.9'] }],
  ])('is not trusted with %s', async (_what, subject) => {
    const authority = await anEtcdAuthority();
    const read = await readAt(await shows(await authority.issue(subject)), await authority.credentials());
    expect(read).toEqual({ node: 'cp-1', kind: 'silent', why: `etcd on cp-1 ${UNTRUSTED}` });
  });

  it.each<[string, Asking]>([
    [
      'the direct witness',
      (settings) => {
        const witness = etcdWitness(settings);
        return async () => void (await witness.read([SEAT]));
      },
    ],
    [
      'the upgrade mutex',
      (settings) => {
        const mutex = etcdUpgradeMutex({ ...settings, clock: systemClock });
        return async () => void (await mutex.tryTake([SEAT]).catch(() => undefined));
      },
    ],
  ])('may be of a rotated authority: %s asks for credentials again', async (_what, asking) => {
    const [before, after] = [await anEtcdAuthority(), await anEtcdAuthority()];
    const port = await shows(await after.issue({ addresses: ['127.0.0.1'] }));
    let asked = 0;
    const ask = asking({
      credentials: async () => {
        asked += 1;
        return await before.credentials();
      },
      endpoint: () => ({ host: '127.0.0.1', port }),
      onlyLoopback: true,
    });
    await bounded(ask());
    expect(asked).toBe(1);
    await bounded(ask());
    expect(asked).toBe(2);
  });

  it('is told from one that does not speak TLS', async () => {
    const plain = createPlainServer((socket) => {
      socket.on('error', () => undefined);
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    });
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void plain.close());
    const authority = await anEtcdAuthority();
    const read = await readAt((plain.address() as AddressInfo).port, await authority.credentials());
    expect(read).toMatchObject({ kind: 'silent', why: 'etcd on cp-1 does not speak TLS' });
  });

  it('is not dialled at all with credentials that are none', async () => {
    const authority = await anEtcdAuthority();
    const credentials = await authority.credentials();
    const port = await shows(await authority.issue());
    const { key } = await authority.issue();
    for (const broken of [
      { ...credentials, key },
      { ca: 'x', crt: 'y', key: 'z' },
    ]) {
      const read = await readAt(port, broken);
      expect(read).toMatchObject({
        kind: 'silent',
        why: expect.stringMatching(/^Our etcd credentials cannot be used: /),
      });
      expect(JSON.stringify(read)).not.toContain('PRIVATE');
    }
  });
});

// What is wrong with an access, told apart against real TLS servers: each reason has a code and a sentence of its own.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { describe, expect, onTestFinished, test } from 'vitest';
import { clientOf } from '../../src/talos/channel.ts';
import { type Asked, talosFault } from '../../src/talos/fault.ts';
import { MachineService } from '../../src/talos/gen/machine/machine_pb.ts';
import { callUnary } from '../../src/talos/grpc.ts';
import { whoAnswers } from '../../src/talos/stranger.ts';
import { aConnection, aDeadPort, authority, identity, machinesAt, running } from './machine.ts';
import { aTalosAuthority, type Issued } from './pki.ts';

const DAY_MS = 86_400_000;
const node = '10.0.0.3';
const other = await aTalosAuthority();
const foreignCertificate = await other.server();
const misnamed = await authority.server({ addresses: ['10.9.9.9'] });
const outdated = await authority.server({ lifetimeMs: -DAY_MS });
const expired = await authority.client({ lifetimeMs: -DAY_MS });
const stranger = await other.client();

const identityOf = ({ crt, nodeKey }: Issued): typeof identity => ({ ca: authority.ca, crt, key: nodeKey });

type Access = { readonly port: number; readonly identity?: typeof identity };
const rows: readonly (readonly [what: string, access: () => Promise<Access>, code: string, says: RegExp])[] =
  [
    [
      'a port on which nobody listens',
      async () => ({ port: await aDeadPort() }),
      'CONNECTION_REFUSED',
      /refused/,
    ],
    [
      'a machine in maintenance mode',
      () => running({ certificate: foreignCertificate, clients: null }),
      'UNTRUSTED_SERVER',
      /it is in maintenance mode/,
    ],
    [
      "another cluster's machine",
      () => running({ certificate: foreignCertificate, clients: other.ca }),
      'FOREIGN_SERVER',
      /not signed by the talosconfig's ca: is it another cluster's/,
    ],
    [
      'a name that its certificate does not have',
      () => running({ certificate: misnamed }),
      'WRONG_HOST_NAME',
      /not for the name that was dialled: add it to machine\.certSANs/,
    ],
    [
      'a machine whose own certificate is out of date',
      () => running({ certificate: outdated }),
      'SERVER_EXPIRED',
      /its own certificate is not valid at this time/,
    ],
    [
      'our certificate, which has expired',
      async () => ({ ...(await running()), identity: identityOf(expired) }),
      'EXPIRED',
      /Our Talos client certificate expired on/,
    ],
    [
      'our role, which is not enough',
      () =>
        running({
          machine: {
            etcdForfeitLeadership: (_call, callback) =>
              callback({ code: status.PERMISSION_DENIED, details: 'not authorized' }),
          },
        }),
      'NOT_AUTHORIZED',
      /lacks the role for it: the bot needs os:admin/,
    ],
    [
      'a worker as endpoint',
      () =>
        running({
          machine: {
            version: (_call, callback) =>
              callback({ code: status.PERMISSION_DENIED, details: 'no request forwarding' }),
          },
        }),
      'NO_FORWARDING',
      /is a worker and forwards nothing/,
    ],
  ];

describe('an access', () => {
  test.each(rows)('that fails over %s says so', async (_what, access, code, says) => {
    const { port, identity: own = identity } = await access();
    const machines = machinesAt([port], { identity: own });
    await expect(machines.forfeitLeadership(node)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(says),
    });
  });

  test('has another code and another sentence for each reason', () => {
    expect(new Set(rows.map(([, , code]) => code)).size).toBe(rows.length);
  });
});

describe('who answers', () => {
  test('is not known where nobody does', async () => {
    expect(await whoAnswers({ host: '127.0.0.1', port: await aDeadPort() })).toBe('unknown');
  });
});

const openssl = spawnSync('openssl', ['version']).status === 0;

/** A TLS server that verifies clients itself and ends the handshake with an alert, as Go's does and Node's does not. */
async function alerting(clients: string): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'talos-chatops-tls-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const server = await authority.server();
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const port = await aDeadPort();
  const child = spawn(
    'openssl',
    [
      ...['s_server', '-accept', `127.0.0.1:${port}`, '-alpn', 'h2', '-Verify', '1', '-verify_return_error'],
      ...['-cert', file('crt', server.crt), '-key', file('key', server.nodeKey)],
      ...['-CAfile', file('ca', clients), '-no-CApath'],
    ],
    { stdio: ['pipe', 'pipe', 'ignore'] },
  );
  onTestFinished(() => void child.kill());
  await new Promise<void>((resolve, reject) => {
    child.once('exit', () => reject(new Error('openssl ended')));
    child.stdout.on('data', (bytes: Buffer) => {
      if (bytes.includes('ACCEPT')) resolve();
    });
  });
  return port;
}

describe.skipIf(!openssl)('a machine that ends the handshake over our certificate', () => {
  test.each([
    [
      'because it has expired by its clock',
      expired,
      'CERTIFICATE_EXPIRED',
      /has expired by its clock: renew/,
    ],
    ['because it does not know its authority', stranger, 'CERTIFICATE_REFUSED', /of another cluster\?/],
  ])('%s', async (_why, certificate, code, says) => {
    const port = await alerting(authority.ca);
    // Without the look at our own certificate before each call, which would answer first.
    const connection = aConnection([port], { identity: identityOf(certificate) });
    const client = clientOf({ host: '127.0.0.1', port }, connection.credentials());
    onTestFinished(() => client.close());
    const asked: Asked = { method: 'Version', node, via: `127.0.0.1:${port}` };
    const error: unknown = await callUnary(
      client,
      MachineService.method.version,
      {},
      { deadlineMs: 5_000 },
    ).catch((thrown: unknown) => thrown);
    const fault = talosFault(error, asked);
    expect(fault).toMatchObject({ kind: 'refused', code });
    expect(fault.message).toMatch(says);
  });
});

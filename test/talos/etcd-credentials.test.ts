// The etcd client certificate out of a machine's files: which files are read, and what an incomplete one is called.
import { status } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { anEtcdAuthority } from '../etcd/pki.ts';
import { type Behaviour, machinesAt, running } from './machine.ts';

const node = '10.0.0.3';
const authority = await anEtcdAuthority();
const credentials = await authority.credentials();
const other = await authority.issue();
/** As Talos sends files: never more at once. */
const CHUNK_BYTES = 1_024;

interface Asked {
  readonly path: string;
  readonly node: string;
}

/** A machine with these files, which notes what was read. */
function withFiles(files: Readonly<Record<string, string>>, asked: Asked[] = []): Behaviour {
  return {
    machine: {
      read: (call) => {
        asked.push({ path: call.request.path, node: call.metadata.get('node').join() });
        const text = files[call.request.path];
        if (text === undefined) {
          const details = `stat ${call.request.path}: no such file or directory`;
          call.emit('error', { code: status.NOT_FOUND, details });
          return;
        }
        const bytes = Buffer.from(text);
        for (let at = 0; at < bytes.length; at += CHUNK_BYTES)
          call.write({ bytes: bytes.subarray(at, at + CHUNK_BYTES) });
        call.end();
      },
    },
  };
}

const FOLDER = '/system/secrets/etcd';
const files = {
  [`${FOLDER}/ca.crt`]: credentials.ca,
  [`${FOLDER}/admin.crt`]: credentials.crt,
  [`${FOLDER}/admin.key`]: credentials.key,
};

async function readFrom(behaviour: Behaviour) {
  const machine = await running(behaviour);
  return machinesAt([machine.port]).etcdCredentials(node);
}

describe('the etcd client certificate of a machine', () => {
  test('is read from its three files, and nothing else is', async () => {
    const asked: Asked[] = [];
    expect(await readFrom(withFiles(files, asked))).toEqual(credentials);
    expect(asked.toSorted((a, b) => (a.path < b.path ? -1 : 1))).toEqual(
      Object.keys(files)
        .toSorted()
        .map((path) => ({ path, node })),
    );
  });

  test('comes whole when it is longer than one piece', async () => {
    const padded = `${'# a comment before the certificate\n'.repeat(100)}${credentials.crt}`;
    const read = await readFrom(withFiles({ ...files, [`${FOLDER}/admin.crt`]: padded }));
    expect(read.crt).toBe(padded);
  });

  test.each([
    ['its certificate ends early', 'admin.crt', credentials.crt.slice(0, 300)],
    ['its certificate is empty', 'admin.crt', ''],
    ['its key ends early', 'admin.key', credentials.key.slice(0, -40)],
    ['its key is empty', 'admin.key', ''],
    ['its key belongs to another certificate', 'admin.key', other.key],
    ["the authority's certificate ends early", 'ca.crt', credentials.ca.slice(0, 200)],
  ])('is refused when %s: a failing read looks like a short file', async (_what, name, text) => {
    const reading = readFrom(withFiles({ ...files, [`${FOLDER}/${name}`]: text }));
    await expect(reading).rejects.toMatchObject({
      kind: 'broken',
      message: `The etcd client certificate read from ${node} is incomplete.`,
    });
  });

  test('is missing on a worker', async () => {
    await expect(readFrom(withFiles({}))).rejects.toMatchObject({ kind: 'missing' });
  });

  test('is refused without os:admin', async () => {
    const reading = readFrom({
      machine: {
        read: (call) =>
          void call.emit('error', { code: status.PERMISSION_DENIED, details: 'not authorized' }),
      },
    });
    await expect(reading).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('os:admin'),
    });
  });
});

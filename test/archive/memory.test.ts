// A long snapshot costs no more memory than a short one: measured in a process of its own, the store in this one.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { describe, expect, it, onTestFinished } from 'vitest';
import { S3StandIn } from './s3-stand-in.ts';

const MIB = 1024 * 1024;
const SNAPSHOT_MIB = 256;
const MOST_GROWN_MIB = 20;
const PROGRAM = fileURLToPath(new URL('measured-put.ts', import.meta.url));
const run = promisify(execFile);

interface Measured {
  readonly bytes: number;
  readonly grownMib: number;
}

async function measured(kind: 'folder' | 's3', place: string, recipient: string): Promise<Measured> {
  const { stdout } = await run(process.execPath, [PROGRAM, kind, place, recipient, String(SNAPSHOT_MIB)]);
  return JSON.parse(stdout) as Measured;
}

const recipients = [
  ['as it is', async () => ''],
  ['for a recipient', async () => identityToRecipient(await generateX25519Identity())],
] as const;

describe(`the memory of a process that archives ${SNAPSHOT_MIB} MiB`, { timeout: 120_000 }, () => {
  it.each(recipients)('stays flat with a folder, %s', async (_how, recipient) => {
    const folder = await mkdtemp(join(tmpdir(), 'archive-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const { bytes, grownMib } = await measured('folder', folder, await recipient());
    expect(bytes).toBeGreaterThan(SNAPSHOT_MIB * MIB);
    expect(grownMib).toBeLessThan(MOST_GROWN_MIB);
  });

  it.each(recipients)('stays flat with a bucket, %s', async (_how, recipient) => {
    const store = new S3StandIn();
    store.keepsBodies = false;
    const endpoint = await store.start();
    onTestFinished(() => store.stop());
    const { bytes, grownMib } = await measured('s3', endpoint, await recipient());
    expect([...store.objects.values()].map(({ size }) => size)).toEqual([bytes]);
    expect(grownMib).toBeLessThan(MOST_GROWN_MIB);
  });
});

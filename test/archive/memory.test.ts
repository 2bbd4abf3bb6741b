// A long snapshot costs no more memory than a short one: measured in a process of its own, the store in this one.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { MemoryGrown } from '../../bench/memory-watch.ts';
import { S3StandIn } from './s3-stand-in.ts';

const MIB = 1024 * 1024;
const SNAPSHOT_MIB = 256;
/** Issue 3: flat means ± 20 MB. */
const MOST_GROWN_BYTES = 20_000_000;
/** Fewer looks than this would not have seen the stream. */
const LEAST_LOOKS = 4;
const PROGRAM = fileURLToPath(new URL('measured-put.ts', import.meta.url));
const run = promisify(execFile);

interface Measured {
  readonly bytes: number;
  readonly grown: MemoryGrown;
}

async function measured(
  kind: 'folder' | 's3' | 'hoard',
  place: string,
  recipient: string,
): Promise<Measured> {
  const words = [
    '--expose-gc',
    '--max-semi-space-size=4',
    PROGRAM,
    kind,
    place,
    recipient,
    String(SNAPSHOT_MIB),
  ];
  // As `npm start` and the image start the bot.
  const env = { ...process.env, MALLOC_ARENA_MAX: '1' };
  const { stdout } = await run(process.execPath, words, { env });
  return JSON.parse(stdout) as Measured;
}

/**
 * What is alive behind a garbage collection does not depend on how busy the machine is. What is resident does, a little: it is
 * looked at as well because memory that the garbage collector does not know shows only there.
 */
function expectFlat({ bytes, grown }: Measured): void {
  expect(bytes).toBeGreaterThan(SNAPSHOT_MIB * MIB);
  expect(grown.looks).toBeGreaterThanOrEqual(LEAST_LOOKS);
  expect(grown.liveBytes).toBeLessThan(MOST_GROWN_BYTES);
  expect(grown.residentBytes).toBeLessThan(MOST_GROWN_BYTES);
}

const recipients = [
  ['as it is', async () => ''],
  ['for a recipient', async () => identityToRecipient(await generateX25519Identity())],
] as const;

describe(`the memory of a process that archives ${SNAPSHOT_MIB} MiB`, { timeout: 300_000 }, () => {
  it.each(recipients)('stays flat with a folder, %s', async (_how, recipient) => {
    const folder = await mkdtemp(join(tmpdir(), 'archive-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    expectFlat(await measured('folder', folder, await recipient()));
  });

  it.each(recipients)('stays flat with a bucket, %s', async (_how, recipient) => {
    const store = new S3StandIn();
    store.keepsBodies = false;
    const endpoint = await store.start();
    onTestFinished(() => store.stop());
    const { bytes, grown } = await measured('s3', endpoint, await recipient());
    expect([...store.objects.values()].map(({ size }) => size)).toEqual([bytes]);
    expectFlat({ bytes, grown });
  });

  it('grows by the snapshot when it is held, so that flat means something', async () => {
    const { bytes, grown } = await measured('hoard', '', '');
    expect(bytes).toBeGreaterThan(SNAPSHOT_MIB * MIB);
    // A quarter had come before the process counted as warm.
    expect(grown.liveBytes).toBeGreaterThan((SNAPSHOT_MIB * MIB) / 2);
    expect(grown.residentBytes).toBeGreaterThan((SNAPSHOT_MIB * MIB) / 2);
  });
});

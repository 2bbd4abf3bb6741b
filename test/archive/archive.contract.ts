// What every `Archive` must do, wherever it keeps things (ports/archive.ts).
import { createHash } from 'node:crypto';
import { Decrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { describe, expect, it, vi } from 'vitest';
import { Fault } from '../../src/engine/ports/fault.ts';
import type { ArchiveUnderTest, OpenArchive } from './archive-under-test.ts';
import { aSnapshot, BROKEN, streamOf } from './snapshots.ts';

const AT = Date.UTC(2026, 10, 20, 15);
const DAY_MS = 86_400_000;
/** What comes by itself is waited for; a busy machine takes its time for the 12 MB of the long snapshot. */
export const SOON = { timeout: 15_000, interval: 20 };

function put(under: ArchiveUnderTest, bytes: Uint8Array = aSnapshot(), changed: object = {}) {
  const request = { cluster: 'prod', rollout: 'r0123456789', takenAt: AT, stream: streamOf(bytes) };
  return under.archive.put({ ...request, ...changed });
}

async function expectNothing(under: ArchiveUnderTest): Promise<void> {
  expect(await under.archive.list('prod')).toEqual([]);
  expect(await under.stored()).toEqual([]);
  await vi.waitFor(async () => expect(await under.unfinished()).toEqual([]), SOON);
}

export function archiveContract(open: OpenArchive): void {
  describe('a snapshot', () => storing(open));
  describe('what is kept', () => keeping(open));
}

function storing(open: OpenArchive): void {
  it.each([1, 64, 24_000])('of %d pages is stored as it came, with its size and digest', async (pages) => {
    const under = await open();
    const bytes = aSnapshot({ pages });
    const stored = await put(under, bytes);
    expect(stored).toEqual({
      name: 'prod/20261120T150000.000Z_prod_r0123456789.snapshot',
      bytes: bytes.length,
      digest: createHash('sha256').update(bytes).digest('hex'),
    });
    expect((await under.read(stored.name)).equals(bytes)).toBe(true);
    expect(await under.archive.list('prod')).toEqual([
      { name: stored.name, rollout: 'r0123456789', takenAt: AT, bytes: bytes.length, encrypted: false },
    ]);
    expect(await under.unfinished()).toEqual([]);
  });

  it.each(BROKEN)('%s is refused, and nothing of it is left', async (_how, bytes, says) => {
    const under = await open();
    const failing = put(under, bytes);
    await expect(failing).rejects.toMatchObject({ kind: 'broken', message: expect.stringMatching(says) });
    await expect(failing).rejects.toThrow(/^The etcd snapshot is not whole: .*It was not kept\.$/);
    await expectNothing(under);
  });

  it.each([
    ['before its first byte', 0],
    ['in the middle', 9_000],
    ['in a later part', 11_000_000],
  ])('whose stream breaks %s leaves nothing, and says what broke', async (_when, length) => {
    const under = await open();
    const fault = new Fault('unreachable', 'EtcdSnapshot of 10.0.0.1 failed: it went away.');
    const bytes = aSnapshot({ pages: 24_000 }).subarray(0, length);
    const stream = streamOf(bytes, () => {
      throw fault;
    });
    await expect(put(under, undefined, { stream })).rejects.toBe(fault);
    await expectNothing(under);
  });

  it('that finds no room is refused, leaves nothing and lets its stream go', async () => {
    const under = await open();
    under.fill();
    let letGo = false;
    async function* stream(): AsyncGenerator<Uint8Array, void> {
      try {
        yield* streamOf(aSnapshot({ pages: 24_000 }));
      } finally {
        letGo = true;
      }
    }
    await expect(put(under, undefined, { stream: stream() })).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(/ is full: make room, then retry/),
    });
    await expectNothing(under);
    await vi.waitFor(() => expect(letGo).toBe(true), SOON);
  });

  it('can be stored after one that failed', async () => {
    const under = await open();
    await expect(put(under, aSnapshot().subarray(0, 5_000))).rejects.toThrow(Fault);
    await put(under);
    expect(await under.stored()).toEqual(['prod/20261120T150000.000Z_prod_r0123456789.snapshot']);
  });

  it.each([64, 24_000])('of %d pages for a recipient can be opened by nobody else', async (pages) => {
    const identity = await generateX25519Identity();
    const under = await open({ recipient: await identityToRecipient(identity) });
    const bytes = aSnapshot({ pages });
    const stored = await put(under, bytes);
    expect(stored.name).toBe('prod/20261120T150000.000Z_prod_r0123456789.snapshot.age');
    const sealed = await under.read(stored.name);
    expect(sealed.length).toBe(stored.bytes);
    expect(createHash('sha256').update(sealed).digest('hex')).toBe(stored.digest);
    expect(sealed.includes(bytes.subarray(0, 64))).toBe(false);
    const opener = new Decrypter();
    opener.addIdentity(identity);
    expect(Buffer.from(await opener.decrypt(sealed)).equals(bytes)).toBe(true);
    const stranger = new Decrypter();
    stranger.addIdentity(await generateX25519Identity());
    await expect(stranger.decrypt(sealed)).rejects.toThrow();
    expect((await under.archive.list('prod')).map(({ encrypted }) => encrypted)).toEqual([true]);
  });

  it('for a recipient that is not whole leaves nothing either', async () => {
    const under = await open({ recipient: await identityToRecipient(await generateX25519Identity()) });
    await expect(put(under, aSnapshot().subarray(0, 20_000))).rejects.toThrow(/not whole/);
    await expectNothing(under);
  });

  it('cannot be given a name that leads elsewhere', async () => {
    const under = await open();
    for (const changed of [{ cluster: '../prod' }, { cluster: '' }, { rollout: 'a/b' }, { rollout: '..' }])
      await expect(put(under, undefined, changed)).rejects.toThrow(/named after/);
    expect(await under.stored()).toEqual([]);
  });
}

function keeping(open: OpenArchive): void {
  const days = async (under: ArchiveUnderTest, cluster = 'prod'): Promise<readonly number[]> =>
    (await under.archive.list(cluster)).map(({ takenAt }) => (takenAt - AT) / DAY_MS);

  it('is listed newest first, cluster by cluster', async () => {
    const under = await open();
    for (const day of [2, 0, 1]) await put(under, undefined, { takenAt: AT + day * DAY_MS });
    await put(under, undefined, { cluster: 'prod-2', takenAt: AT + 9 * DAY_MS });
    expect(await days(under)).toEqual([2, 1, 0]);
    expect(await days(under, 'prod-2')).toEqual([9]);
    expect(await days(under, 'homelab')).toEqual([]);
  });

  it('is the newest of this cluster, and none that is too old', async () => {
    const under = await open();
    for (const day of [0, 1, 2, 3, 4]) await put(under, undefined, { takenAt: AT + day * DAY_MS });
    await put(under, undefined, { cluster: 'staging' });
    const gone = await under.archive.prune('prod', { keep: 3, maxAgeMs: 90 * DAY_MS }, AT + 5 * DAY_MS, null);
    expect(gone).toEqual([
      'prod/20261121T150000.000Z_prod_r0123456789.snapshot',
      'prod/20261120T150000.000Z_prod_r0123456789.snapshot',
    ]);
    expect(await days(under)).toEqual([4, 3, 2]);
    await under.archive.prune('prod', { keep: 3, maxAgeMs: 2 * DAY_MS }, AT + 5 * DAY_MS, null);
    expect(await days(under)).toEqual([4, 3]);
    await under.archive.prune('prod', { keep: 3, maxAgeMs: 2 * DAY_MS }, AT + 365 * DAY_MS, null);
    expect(await days(under)).toEqual([4]);
    expect(await days(under, 'staging')).toEqual([0]);
  });

  it('is the copy just taken, also where a clock that was ahead made an older one look newer', async () => {
    const under = await open();
    for (const day of [3, 2]) await put(under, undefined, { rollout: 'r1', takenAt: AT + day * DAY_MS });
    const { name } = await put(under);
    const gone = await under.archive.prune('prod', { keep: 1, maxAgeMs: 90 * DAY_MS }, AT, name);
    expect(gone).toEqual(['prod/20261122T150000.000Z_prod_r1.snapshot']);
    expect(await days(under)).toEqual([3, 0]);
    expect((await under.archive.list('prod')).at(-1)?.name).toBe(name);
  });

  it('of a process that was killed is never listed, and is swept away when nobody can be writing it', async () => {
    const under = await open();
    await under.abandon();
    expect(await under.archive.list('prod')).toEqual([]);
    expect(await under.unfinished()).toHaveLength(1);
    await put(under);
    const retention = { keep: 10, maxAgeMs: 30 * DAY_MS };
    expect(await under.archive.prune('prod', retention, Date.now() + DAY_MS / 2, null)).toEqual([]);
    expect(await under.unfinished()).toHaveLength(1);
    await under.archive.prune('prod', retention, Date.now() + 2 * DAY_MS, null);
    expect(await under.unfinished()).toEqual([]);
    expect(await under.stored()).toHaveLength(1);
  });

  it('is nothing where nothing was ever stored', async () => {
    const under = await open();
    expect(await under.archive.list('prod')).toEqual([]);
    expect(await under.archive.prune('prod', { keep: 1, maxAgeMs: 1 }, AT, null)).toEqual([]);
  });
}

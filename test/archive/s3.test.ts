// The archive in a bucket: the contract over real HTTP, and what only stores do: parts, errors, silence.
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type S3Options, s3Archive } from '../../src/archive/s3.ts';
import { archiveContract, SOON } from './archive.contract.ts';
import type { OpenArchive } from './archive-under-test.ts';
import { BUCKET, CREDENTIALS, S3StandIn } from './s3-stand-in.ts';
import { aSnapshot, streamOf } from './snapshots.ts';

const PREFIX = 'backups/talos/';

async function aStore(changed: Partial<S3Options> = {}) {
  const store = new S3StandIn();
  const endpoint = await store.start();
  const archive = s3Archive({
    bucket: BUCKET,
    prefix: PREFIX,
    region: 'eu-central-1',
    endpoint,
    credentials: CREDENTIALS,
    recipient: null,
    ...changed,
  });
  onTestFinished(async () => {
    await archive.close();
    await store.stop();
  });
  return { store, archive };
}

const request = (pages = 64) => ({
  cluster: 'prod',
  rollout: 'r1',
  takenAt: 0,
  stream: streamOf(aSnapshot({ pages })),
});

const openBucket: OpenArchive = async ({ recipient = null } = {}) => {
  const { store, archive } = await aStore({ recipient });
  const bare = (key: string): string => {
    if (!key.startsWith(PREFIX)) throw new Error(`${key} is outside the prefix`);
    return key.slice(PREFIX.length);
  };
  return {
    archive,
    read: async (name) => store.objects.get(`${PREFIX}${name}`)?.bytes ?? Buffer.alloc(0),
    stored: async () => [...store.objects.keys()].map(bare).sort(),
    unfinished: async () => [...store.uploads.keys()],
    abandon: async () => {
      const stuck = streamOf(aSnapshot({ pages: 24_000 }), () => new Promise(() => undefined));
      void archive.put({ ...request(), stream: stuck });
      // Both whole parts: nothing is on its way any more that could fail while nobody listens.
      await vi.waitFor(() => {
        const [upload] = store.uploads.values();
        expect(upload?.parts.size).toBe(2);
      }, SOON);
    },
    fill: () => {
      store.trouble = ({ method, query }) =>
        method === 'PUT' && query.get('partNumber') !== '1'
          ? { status: 507, code: 'XMinioStorageFull' }
          : null;
    },
  };
};

describe('an archive in a bucket', () => archiveContract(openBucket));

describe('a bucket', () => {
  it('is given parts of the least size, one after the other, and a small snapshot at once', async () => {
    const { store, archive } = await aStore();
    await archive.put(request(24_000));
    const parts = store.requests.flatMap(({ query }) => query.get('partNumber') ?? []);
    expect(parts).toEqual(['1', '2', '3']);
    store.requests.length = 0;
    await archive.put(request());
    expect(store.requests.map(({ method }) => method)).toEqual(['PUT']);
  });

  it.each<readonly [code: string, status: number, kind: string, says: RegExp]>([
    ['AccessDenied', 403, 'refused', /its credentials lack a right/],
    ['InvalidAccessKeyId', 403, 'refused', /does not know the access key/],
    ['SignatureDoesNotMatch', 403, 'refused', /does not accept the secret access key/],
    ['NoSuchBucket', 404, 'missing', /does not exist/],
    ['SomethingElse', 400, 'refused', /does not accept the request/],
  ])('that says %s is told apart, and its own text is not repeated', async (code, status, kind, says) => {
    const { store, archive } = await aStore();
    store.trouble = () => ({ status, code });
    const failing = archive.put(request());
    await expect(failing).rejects.toMatchObject({
      name: 'Fault',
      kind,
      message: expect.stringMatching(says),
    });
    await expect(failing).rejects.not.toThrow(/the store says/);
  });

  it('in trouble for a moment is asked again', async () => {
    const { store, archive } = await aStore();
    const troubles = [{ status: 503, code: 'SlowDown' } as const, 'hang-up' as const];
    store.trouble = () => troubles.pop() ?? null;
    await archive.put(request());
    expect(store.objects.size).toBe(1);
    expect(store.requests).toHaveLength(3);
  });

  it('that never gets better is busy, and one that is away is unreachable', async () => {
    const { store, archive } = await aStore();
    store.trouble = () => ({ status: 503, code: 'ServiceUnavailable' });
    await expect(archive.put(request())).rejects.toMatchObject({ kind: 'busy' });
    await store.stop();
    await expect(archive.list('prod')).rejects.toMatchObject({ kind: 'unreachable' });
  });

  it('that forgets the upload at its end gives no snapshot', async () => {
    const { store, archive } = await aStore();
    store.trouble = ({ method, query }) => {
      if (method === 'POST' && query.has('uploadId')) store.uploads.clear();
      return null;
    };
    await expect(archive.put(request(24_000))).rejects.toMatchObject({ name: 'Fault' });
    expect(store.objects.size).toBe(0);
  });

  it('without a list of uploads is pruned all the same', async () => {
    const { store, archive } = await aStore();
    await archive.put(request());
    await archive.put({ ...request(), takenAt: 1_000 });
    store.trouble = ({ query }) => (query.has('uploads') ? { status: 501, code: 'NotImplemented' } : null);
    expect(await archive.prune('prod', { keep: 1, maxAgeMs: 1 }, 1_000, null)).toHaveLength(1);
    expect(store.objects.size).toBe(1);
  });

  it.each([
    ['of another store', { credentials: { accessKeyId: 'AKIASTRANGER', secretAccessKey: 'x' } }],
    ['that is not there', { bucket: 'another' }],
  ])('%s is refused', async (_how, changed) => {
    const { archive } = await aStore(changed);
    await expect(archive.list('prod')).rejects.toThrow(/^The archive bucket /);
  });
});

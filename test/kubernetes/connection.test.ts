// How the adapter reaches the API: credentials, reuse of connections, deadlines, retries, and what it refuses to dial.
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { ownSimulated, startSimulated } from './simulated.ts';

const simulated = ownSimulated();
const { open } = simulated;

/** Counts the requests of a method that arrive; `answer` decides what the n-th (from 1) gets. */
function inject(
  method: string,
  answer: (count: number) => 'reset' | 'hang' | 'garbage' | null,
): () => number {
  let count = 0;
  simulated.api.inject((request) => {
    if (request.method !== method) return null;
    count += 1;
    const kind = answer(count);
    return kind === null ? null : { kind };
  });
  return () => count;
}

/** Of whatever answers there, without TLS and credentials. */
function plainKubeconfig(port: number): string {
  const named = { name: 'plain' };
  return JSON.stringify({
    clusters: [
      { ...named, cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } },
    ],
    users: [{ ...named, user: {} }],
    contexts: [{ ...named, context: { cluster: 'plain', user: 'plain' } }],
    'current-context': 'plain',
  });
}

describe('connections', () => {
  it('are reused: many calls need few of them', async () => {
    const workloads = open();
    for (let call = 0; call < 20; call += 1) await workloads.nodes();
    // One would do; undici opens a second when the first is still busy with the end of an answer.
    expect(simulated.api.connections).toBeLessThanOrEqual(2);
  });

  it('are few, however much is asked at once', async () => {
    const workloads = open();
    const asked = await Promise.all(Array.from({ length: 50 }, () => workloads.nodes()));
    expect(asked.filter((nodes) => nodes.length === 6)).toHaveLength(50);
    expect(simulated.api.connections).toBeLessThanOrEqual(4);
  });

  it('are not opened before the first call', async () => {
    const workloads = open({ source: { kind: 'text', text: 'not even a kubeconfig: [' } });
    await workloads.close();
    expect(simulated.api.connections).toBe(0);
  });

  it('end with close, also for calls in flight', async () => {
    inject('GET', () => 'hang');
    const workloads = open();
    const asked = workloads.nodes();
    const refused = expect(asked).rejects.toMatchObject({ name: 'Fault', kind: 'unreachable' });
    while (simulated.api.connections === 0) await new Promise((resolve) => setImmediate(resolve));
    await workloads.close();
    await refused;
  });
});

describe('a read', () => {
  it('is asked again when its connection broke, once', async () => {
    const reads = inject('GET', (count) => (count === 1 ? 'reset' : null));
    expect(await open().nodes()).toHaveLength(6);
    expect(reads()).toBe(2);
    const more = inject('GET', () => 'reset');
    await expect(open().nodes()).rejects.toMatchObject({ kind: 'unreachable' });
    expect(more()).toBe(2);
  });

  it('has a deadline, and is not repeated after it', async () => {
    const reads = inject('GET', () => 'hang');
    // The handshake counts as well: with less time a busy machine would be out of it before the question arrives.
    await expect(open({ timeoutMs: 2_000 }).nodes()).rejects.toMatchObject({
      kind: 'unreachable',
      code: 'TIMEOUT',
    });
    expect(reads()).toBe(1);
  });

  it('of something that is not the API is broken', async () => {
    inject('GET', () => 'garbage');
    const broken = { name: 'Fault', kind: 'broken' };
    await expect(open().nodes()).rejects.toMatchObject(broken);
    await expect(open().cordon('w-1', 'rollout-1')).rejects.toMatchObject(broken);
    const pod = {
      namespace: 'shop',
      name: 'web-1',
      uid: '1',
      node: 'w-1',
      phase: 'Running',
      ready: true,
    } as const;
    const seen = {
      ...pod,
      ownerKind: null,
      workload: 'shop/web-1',
      waiting: null,
      mirror: false,
      emptyDir: false,
      labels: {},
      claims: [],
      finalizers: [],
      deletingAt: null,
      graceMs: 0,
      toleratesCordon: false,
    };
    await expect(open().gone(seen)).rejects.toMatchObject(broken);
  });

  it('starts a list afresh when its continuation expired', async () => {
    let lists = 0;
    simulated.api.inject(({ path }) => {
      if (path === '/api/v1/nodes') lists += 1;
      if (lists === 2) simulated.objects.compact();
      return null;
    });
    expect(await open({ pageSize: 2 }).nodes()).toHaveLength(6);
    expect(lists).toBe(5);
  });
});

describe('a write', () => {
  it('is not repeated when its connection broke', async () => {
    const patches = inject('PATCH', () => 'reset');
    await expect(open().cordon('w-1', 'rollout-1')).rejects.toMatchObject({ kind: 'unreachable' });
    expect(patches()).toBe(1);
  });

  it('of a cordon reads again when the node changed in between', async () => {
    let patches = 0;
    simulated.api.inject(({ method }) => {
      if (method !== 'PATCH') return null;
      patches += 1;
      if (patches < 3) simulated.objects.setNodeVersion('w-1', `v1.13.${patches}`);
      return null;
    });
    expect(await open().cordon('w-1', 'rollout-1')).toEqual({ found: 'schedulable' });
    expect(patches).toBe(3);
    expect(simulated.objects.actsOn('w-1').cordons).toBe(1);
  });

  it.each([
    ['in text', 'text/plain', '404 page not found\n'],
    ['that is no Status', 'application/json', '{"error":"no such route"}'],
    [
      'about something else',
      'application/json',
      '{"kind":"Status","code":404,"details":{"kind":"nodes","name":"w-2"}}',
    ],
  ])(
    'of an uncordon that ends in a 404 %s leaves the cordon owed: it does not say that the node is no more',
    async (_how, type, body) => {
      const server = createServer((_request, response) =>
        response.writeHead(404, { 'content-type': type }).end(body),
      );
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      try {
        const { port } = server.address() as AddressInfo;
        const source = { kind: 'text', text: plainKubeconfig(port) } as const;
        await expect(open({ source }).uncordon('w-1', 'rollout-1')).rejects.toMatchObject({ kind: 'busy' });
      } finally {
        server.close();
      }
    },
  );

  it('of a cordon gives up when the node never holds still', async () => {
    let patches = 0;
    simulated.api.inject(({ method }) => {
      if (method !== 'PATCH') return null;
      patches += 1;
      simulated.objects.setNodeVersion('w-1', `v1.13.${patches}`);
      return null;
    });
    await expect(open().cordon('w-1', 'rollout-1')).rejects.toMatchObject({ kind: 'busy', code: '409' });
    expect(patches).toBe(5);
    expect(simulated.objects.isCordoned('w-1')).toBe(false);
  });
});

describe('credentials', () => {
  it('that are not accepted are refused, and asked for again by the next call', async () => {
    const good = simulated.api.tokenKubeconfig();
    let fetched = 0;
    const fetch = async (): Promise<string> => {
      fetched += 1;
      return fetched === 1 ? good.replace(/token: .*/, 'token: stale') : good;
    };
    const workloads = open({ source: { kind: 'fetched', fetch } });
    await expect(workloads.nodes()).rejects.toMatchObject({ kind: 'refused', code: '401' });
    expect(await workloads.nodes()).toHaveLength(6);
    await workloads.nodes();
    expect(fetched).toBe(2);
  });

  it('that cannot be fetched now may be fetched later', async () => {
    let fetched = 0;
    const fetch = async (): Promise<string> => {
      fetched += 1;
      if (fetched === 1) throw new Error('not now');
      return simulated.api.kubeconfig();
    };
    const workloads = open({ source: { kind: 'fetched', fetch } });
    await expect(workloads.nodes()).rejects.toMatchObject({ name: 'Fault' });
    expect(await workloads.nodes()).toHaveLength(6);
  });

  it('are asked for again when the API is signed by another authority now', async () => {
    const former = await startSimulated();
    try {
      const asked = vi.fn(async () =>
        asked.mock.calls.length === 1 ? former.api.kubeconfig(simulated.api.url) : simulated.api.kubeconfig(),
      );
      const workloads = open({ source: { kind: 'fetched', fetch: asked } });
      await expect(workloads.nodes()).rejects.toMatchObject({ kind: 'refused' });
      await expect.poll(() => workloads.nodes().catch(() => [])).toHaveLength(6);
      expect(asked).toHaveBeenCalledTimes(2);
    } finally {
      await former.stop();
    }
  });

  it('are asked for again when no API answers where it was, and stay when they are not to be had', async () => {
    const former = await startSimulated();
    let asked = 0;
    const fetch = async (): Promise<string> => {
      asked += 1;
      if (asked === 1) return former.api.kubeconfig();
      throw new Error('not now');
    };
    const lasting = open({ source: { kind: 'fetched', fetch } });
    const moving = open({
      source: { kind: 'fetched', fetch: async () => (asked > 0 ? simulated : former).api.kubeconfig() },
    });
    await moving.nodes();
    await lasting.nodes();
    await former.stop();
    await expect(moving.nodes()).rejects.toMatchObject({ kind: 'unreachable' });
    await expect.poll(() => moving.nodes().catch(() => [])).toHaveLength(6);
    // Every call fails, and asks a machine only now and then.
    for (let call = 0; call < 5; call += 1)
      await expect(lasting.nodes()).rejects.toMatchObject({ kind: 'unreachable' });
    expect(asked).toBe(2);
  });

  it('from another authority end in a refusal', async () => {
    const other = await startSimulated();
    try {
      const source = { kind: 'text', text: other.api.kubeconfig(simulated.api.url) } as const;
      await expect(open({ source }).nodes()).rejects.toMatchObject({ kind: 'refused' });
    } finally {
      await other.stop();
    }
  });

  it('never show in a message, also when the kubeconfig is not readable', async () => {
    const text = 'users: [{ token: very-secret\n  broken';
    const error: unknown = await open({ source: { kind: 'text', text } })
      .nodes()
      .catch((fault: unknown) => fault);
    expect(error).toMatchObject({ name: 'Fault', kind: 'refused' });
    expect(String(error)).not.toContain('very-secret');
  });

  it('are read from a file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
    try {
      const path = join(folder, 'config');
      await writeFile(path, simulated.api.kubeconfig(), { mode: 0o600 });
      expect(await open({ source: { kind: 'file', path } }).nodes()).toHaveLength(6);
      const missing = open({ source: { kind: 'file', path: join(folder, 'nobody') } });
      await expect(missing.nodes()).rejects.toMatchObject({ kind: 'refused' });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

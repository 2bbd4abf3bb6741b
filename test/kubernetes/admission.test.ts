// Evictions and deletions before those who may refuse them: what webhooks are told, how long they may take, and what their answers mean.
import { describe, expect, it } from 'vitest';
import { failure } from '../../playground/world/kubernetes/statuses.ts';
import type { PodSeen } from '../../src/engine/ports/workloads.ts';
import { ADMISSION_TIMEOUT_MS } from '../../src/kubernetes/transport.ts';
import { ownSimulated } from './simulated.ts';

const simulated = ownSimulated();
const { open } = simulated;

/** Never answers requests of a method, and counts them. */
function silent(method: string): () => number {
  let count = 0;
  simulated.api.inject((request) => {
    if (request.method !== method) return null;
    count += 1;
    return { kind: 'hang' };
  });
  return () => count;
}

async function aPod(): Promise<PodSeen> {
  const pod = (await open().podsOn('w-1')).find((one) => one.namespace === 'shop');
  if (pod === undefined) throw new Error('no pod');
  return pod;
}

describe('a pod that shall go', () => {
  const timeout = { name: 'Fault', kind: 'unreachable', code: 'TIMEOUT' };

  it('has longer than any webhook may take', () => {
    expect(ADMISSION_TIMEOUT_MS).toBeGreaterThan(30_000);
  });

  it.each(['evict', 'remove'] as const)('has a deadline of its own to %s it', async (how) => {
    const pod = await aPod();
    silent(how === 'evict' ? 'POST' : 'DELETE');
    await expect(open({ admissionTimeoutMs: 50 })[how](pod)).rejects.toMatchObject(timeout);
  });

  it('has no more than any other call to be rehearsed, for which nobody waits', async () => {
    const pod = await aPod();
    silent('POST');
    await expect(open({ timeoutMs: 50 }).rehearse(pod)).rejects.toMatchObject(timeout);
  });

  it('is rehearsed so that webhooks know it', async () => {
    const pod = await aPod();
    const told: boolean[] = [];
    simulated.api.inject(({ method, dryRun }) => {
      if (method === 'POST') told.push(dryRun);
      return null;
    });
    expect(await open().rehearse(pod)).toEqual({ kind: 'accepted' });
    expect(await open().evict(pod)).toEqual({ kind: 'accepted' });
    expect(told).toEqual([true, false]);
    expect(simulated.api.acts).toEqual([`POST /api/v1/namespaces/shop/pods/${pod.name}/eviction`]);
  });

  it('leaves other calls their connections while webhooks stay silent', async () => {
    const pod = await aPod();
    const evictions = silent('POST');
    const workloads = open();
    const asked = Array.from({ length: 10 }, () => workloads.evict(pod));
    const given = Promise.allSettled(asked);
    while (evictions() < asked.length) await new Promise((resolve) => setImmediate(resolve));
    expect(await workloads.nodes()).toHaveLength(6);
    await workloads.close();
    expect((await given).every(({ status }) => status === 'rejected')).toBe(true);
  });

  it('and a 401, which may be a webhook’s, ends no other call; the credentials are asked for again', async () => {
    const pod = await aPod();
    let fetched = 0;
    const fetch = async (): Promise<string> => {
      fetched += 1;
      return simulated.api.kubeconfig();
    };
    const workloads = open({ source: { kind: 'fetched', fetch } });
    let asked = 0;
    simulated.api.inject(({ method }) => {
      if (method !== 'POST') return null;
      asked += 1;
      return asked === 1
        ? { kind: 'hang' }
        : { kind: 'status', status: failure(401, 'Unauthorized', 'log in first') };
    });
    let ended = false;
    const first = workloads.evict(pod).finally(() => {
      ended = true;
    });
    const aborted = expect(first).rejects.toMatchObject({ code: 'ABORTED' });
    while (asked === 0) await new Promise((resolve) => setImmediate(resolve));
    await expect(workloads.evict(pod)).rejects.toMatchObject({
      kind: 'refused',
      code: '401',
      message: expect.stringContaining('or for an admission webhook that answers so: log in first'),
    });
    expect(await workloads.nodes()).toHaveLength(6);
    expect(fetched).toBe(2);
    expect(ended).toBe(false);
    await workloads.close();
    await aborted;
  });
});

describe('an eviction that the API itself refuses', () => {
  it.each([
    [429, { kind: 'blocked', retryAfterMs: 2_000 }],
    [403, { kind: 'refused', why: 'because' }],
    [422, { kind: 'refused', why: 'because' }],
    [409, { kind: 'blocked', why: 'because', retryAfterMs: 0 }],
  ])('with %i is %o', async (code, answer) => {
    const workloads = open();
    const pod = (await workloads.podsOn('w-1')).find((one) => one.namespace === 'shop');
    simulated.api.inject(({ method }) =>
      method === 'POST'
        ? {
            kind: 'status',
            status: failure(code, 'Reason', 'because'),
            ...(code === 429 ? { retryAfterSeconds: 2 } : {}),
          }
        : null,
    );
    if (pod === undefined) throw new Error('no pod');
    expect(await workloads.evict(pod)).toMatchObject(answer);
  });

  const refusedWith = async (code: number, reason: string, why: string) => {
    const workloads = open();
    const pod = (await workloads.podsOn('w-1')).find((one) => one.namespace === 'shop');
    simulated.api.inject(({ method }) =>
      method === 'POST' ? { kind: 'status', status: failure(code, reason, why) } : null,
    );
    if (pod === undefined) throw new Error('no pod');
    return await workloads.evict(pod);
  };

  it.each([403, 400, 401, 409, 422, 500])(
    'by a webhook with %i is one for good, with its words',
    async (code) => {
      const why = 'admission webhook "guard.example.org" denied the request: not before Monday';
      expect(await refusedWith(code, 'Forbidden', why)).toEqual({ kind: 'refused', cause: 'refused', why });
    },
  );

  it('by a webhook that moves the pod itself is one for now: KubeVirt lets a machine migrate', async () => {
    const why =
      'admission webhook "virt-launcher-eviction-interceptor.kubevirt.io" denied the request: Eviction triggered evacuation of VMI "vms/db-1"';
    const answer = { kind: 'blocked', cause: 'webhook', why, retryAfterMs: 0 };
    expect(await refusedWith(429, 'TooManyRequests', why)).toEqual(answer);
  });

  it('because a webhook does not answer names the webhook', async () => {
    const why = 'Internal error occurred: failed calling webhook "guard.example.org": connection refused';
    expect(await refusedWith(500, 'InternalError', why)).toMatchObject({ kind: 'refused', why });
  });

  it.each([
    [500, 'broken'],
    [503, 'busy'],
    [401, 'refused'],
  ])('with %i is a Fault %s', async (code, kind) => {
    const workloads = open();
    const pod = (await workloads.podsOn('w-1')).find((one) => one.namespace === 'shop');
    simulated.api.inject(({ method }) =>
      method === 'POST' ? { kind: 'status', status: failure(code, 'Reason', 'because') } : null,
    );
    if (pod === undefined) throw new Error('no pod');
    await expect(workloads.evict(pod)).rejects.toMatchObject({ name: 'Fault', kind });
  });
});

// The eviction sub-resource answers as kubernetes.md 2.3 describes, and the budgets compute what they allow.
import { describe, expect, it } from 'vitest';
import type { BudgetObject } from '../../../playground/world/kubernetes/objects.ts';
import { aKubernetes, type SmallWorld, statusOf } from './kubernetes-builder.ts';

const evictNow = { dryRun: false };

function budget(world: SmallWorld, name: string): BudgetObject['status'] {
  const answer = world.objects.api.get('poddisruptionbudgets', 'shop', name);
  if (answer.kind === 'refused') throw new Error(answer.status.message);
  return answer.object.status;
}

describe('budgets', () => {
  it('count healthy pods, what is wanted and what may go', () => {
    const world = aKubernetes();
    expect(budget(world, 'web')).toMatchObject({
      expectedPods: 3,
      currentHealthy: 3,
      desiredHealthy: 1,
      disruptionsAllowed: 2,
    });
    expect(budget(world, 'cache')).toMatchObject({
      expectedPods: 2,
      currentHealthy: 2,
      desiredHealthy: 1,
      disruptionsAllowed: 1,
    });
  });

  it('stop counting pods of a node that is away', () => {
    const world = aKubernetes();
    world.objects.setNodeReady('w-1', false);
    expect(budget(world, 'web')).toMatchObject({ currentHealthy: 2, disruptionsAllowed: 1 });
  });

  it('allow again when the successor is Ready', () => {
    const world = aKubernetes({ timings: { podReadyMs: 500 } });
    world.objects.api.evict('shop', world.podsOf('cache')[0]?.metadata.name ?? '', evictNow);
    expect(budget(world, 'cache').disruptionsAllowed).toBe(0);
    world.clock.advance(500);
    expect(budget(world, 'cache').disruptionsAllowed).toBe(1);
  });

  it.each([
    [{ minAvailable: '50%' }, 2, 1],
    [{ minAvailable: 3 }, 3, 0],
    [{ maxUnavailable: 0 }, 3, 0],
    [{ maxUnavailable: '34%' }, 1, 2],
  ])('with %o want %i of three and allow %i', (limits, desiredHealthy, disruptionsAllowed) => {
    const world = aKubernetes();
    world.objects.addBudget({ namespace: 'shop', name: 'extra', app: 'web', limits });
    expect(budget(world, 'extra')).toMatchObject({ desiredHealthy, disruptionsAllowed });
  });

  it('are blocked by the fault and released as they were', () => {
    const world = aKubernetes();
    world.objects.blockBudget(null);
    expect(budget(world, 'web').disruptionsAllowed).toBe(0);
    world.objects.blockBudget('shop');
    world.objects.unblockBudget(null);
    expect(budget(world, 'web')).toMatchObject({ desiredHealthy: 1, disruptionsAllowed: 2 });
  });
});

describe('an eviction', () => {
  it('is refused with 429, the budget and its figures when the budget forbids it', () => {
    const world = aKubernetes();
    world.objects.blockBudget(null);
    const { name } = world.podOn('w-1', 'web').metadata;
    const status = statusOf(world.objects.api.evict('shop', name, evictNow));
    expect(status).toMatchObject({
      code: 429,
      reason: 'TooManyRequests',
      details: {
        causes: [
          {
            reason: 'DisruptionBudget',
            message: 'The disruption budget web needs 3 healthy pods and has 3 currently',
          },
        ],
      },
    });
    expect(status?.details?.retryAfterSeconds).toBeUndefined();
    expect(world.objects.actsOn('w-1')).toMatchObject({ evictions: 0, refusedEvictions: 1 });
  });

  it('is refused with 500 when two budgets select the pod', () => {
    const world = aKubernetes();
    world.objects.addBudget({ namespace: 'shop', name: 'second', app: 'web', limits: { maxUnavailable: 3 } });
    const status = statusOf(
      world.objects.api.evict('shop', world.podOn('w-1', 'web').metadata.name, evictNow),
    );
    expect(status).toMatchObject({
      code: 500,
      message: expect.stringContaining('more than one PodDisruptionBudget'),
    });
  });

  it('answers 404 for an unknown pod and 409 for another uid', () => {
    const world = aKubernetes();
    expect(statusOf(world.objects.api.evict('shop', 'nobody', evictNow))?.code).toBe(404);
    const { name } = world.podOn('w-1', 'web').metadata;
    const status = statusOf(world.objects.api.evict('shop', name, { dryRun: false, uid: 'another' }));
    expect(status).toMatchObject({ code: 409, reason: 'Conflict' });
    expect(world.podsOf('web')).toHaveLength(3);
  });

  it('is refused with 403 and its cause in a namespace that is being deleted', () => {
    const world = aKubernetes();
    world.objects.terminateNamespace('shop');
    const status = statusOf(
      world.objects.api.evict('shop', world.podOn('w-1', 'web').metadata.name, evictNow),
    );
    expect(status).toMatchObject({ code: 403, details: { causes: [{ reason: 'NamespaceTerminating' }] } });
  });

  it('does nothing in a dry run, and says what it would say', () => {
    const world = aKubernetes();
    const { name } = world.podOn('w-1', 'web').metadata;
    expect(world.objects.api.evict('shop', name, { dryRun: true }).kind).toBe('object');
    expect(world.podsOf('web')).toHaveLength(3);
    world.objects.blockBudget(null);
    expect(statusOf(world.objects.api.evict('shop', name, { dryRun: true }))?.code).toBe(429);
  });

  it('asks no budget about a pod that is already terminating', () => {
    const world = aKubernetes();
    const { name } = world.podOn('w-1', 'web').metadata;
    world.objects.api.evict('shop', name, evictNow);
    world.objects.blockBudget(null);
    expect(world.objects.api.evict('shop', name, evictNow).kind).toBe('object');
  });

  it('lets an unready pod go when enough others are healthy, or the budget does not mind', () => {
    const world = aKubernetes();
    world.objects.setNodeReady('w-1', false);
    const { name } = world.podOn('w-1', 'web').metadata;
    expect(world.objects.api.evict('shop', name, { dryRun: true }).kind).toBe('object');
    world.objects.blockBudget(null);
    expect(statusOf(world.objects.api.evict('shop', name, { dryRun: true }))?.code).toBe(429);

    const tolerant = aKubernetes({
      workloads: {
        deployments: [
          {
            namespace: 'shop',
            name: 'web',
            replicas: 3,
            image: 'web',
            graceSeconds: 30,
            volumes: [],
            toleratesControlPlane: false,
          },
        ],
        daemons: [],
        budgets: [
          {
            namespace: 'shop',
            name: 'web',
            app: 'web',
            limits: { minAvailable: 3, unhealthyPodEvictionPolicy: 'AlwaysAllow' },
          },
        ],
      },
    });
    tolerant.objects.setNodeReady('w-1', false);
    const unready = tolerant.podOn('w-1', 'web').metadata.name;
    expect(tolerant.objects.api.evict('shop', unready, { dryRun: true }).kind).toBe('object');
  });

  it('of a daemon pod or a mirror brings it back on the same node', () => {
    const world = aKubernetes();
    for (const app of ['kube-flannel', 'kube-apiserver']) {
      const { name, uid } = world.podOn('cp-1', app).metadata;
      world.objects.api.evict('kube-system', name, evictNow);
      world.clock.advance(1_000);
      expect(world.podOn('cp-1', app).metadata.uid).not.toBe(uid);
    }
  });
});

describe('a deletion', () => {
  it('does not ask the budgets, and is counted apart from evictions', () => {
    const world = aKubernetes();
    world.objects.blockBudget(null);
    const { name } = world.podOn('w-1', 'web').metadata;
    expect(world.objects.api.deletePod('shop', name, { dryRun: false, graceSeconds: 0 }).kind).toBe('object');
    expect(world.podsOf('web').map((pod) => pod.metadata.name)).not.toContain(name);
    expect(world.objects.actsOn('w-1')).toMatchObject({ deletions: 1, evictions: 0 });
  });
});

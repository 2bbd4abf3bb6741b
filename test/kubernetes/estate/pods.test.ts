// Pods, budgets and volumes as they come, and what the checks see of them.
import { describe, expect, it } from 'vitest';
import { budgetView, localVolumeView, podView } from '../../../src/kubernetes/estate/pods.ts';
import { cpuMilli, quantity } from '../../../src/kubernetes/estate/quantity.ts';

describe('a quantity', () => {
  it.each([
    ['100m', 0.1],
    ['1.5', 1.5],
    ['1Gi', 2 ** 30],
    ['128974848', 128_974_848],
    ['129e6', 129_000_000],
    ['64k', 64_000],
    ['', 0],
    ['lots', 0],
    [undefined, 0],
  ])('%s is %d', (text, amount) => {
    expect(quantity(text)).toBeCloseTo(amount, 9);
  });

  it('of CPU is rounded up to thousandths', () => {
    expect([cpuMilli('250m'), cpuMilli('2'), cpuMilli('1n')]).toEqual([250, 2_000, 1]);
  });
});

describe('a pod', () => {
  const pod = {
    metadata: {
      namespace: 'shop',
      name: 'web-7d9f-abc',
      uid: 'u1',
      creationTimestamp: '1970-01-01T00:00:01Z',
      labels: { app: 'web', 'pod-template-hash': '7d9f' },
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-7d9f', uid: 'r', controller: true },
      ],
    },
    spec: {
      nodeName: 'w-1',
      containers: [
        { name: 'a', resources: { requests: { cpu: '250m', memory: '1Gi' } } },
        { name: 'b', resources: { requests: { cpu: '1' } } },
      ],
      volumes: [
        { name: 'cache', emptyDir: {} },
        { name: 'data', persistentVolumeClaim: { claimName: 'data' } },
      ],
    },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  };

  it('shows its owner as people know it, its claims and what it asks for', () => {
    expect(podView(pod)).toEqual({
      namespace: 'shop',
      name: 'web-7d9f-abc',
      node: 'w-1',
      phase: 'Running',
      ready: true,
      waiting: null,
      createdAt: 1_000,
      deleting: false,
      labels: { app: 'web', 'pod-template-hash': '7d9f' },
      owner: { kind: 'ReplicaSet', name: 'web' },
      mirror: false,
      emptyDir: true,
      claims: ['data'],
      requests: { cpuMilli: 1_250, memoryBytes: 2 ** 30 },
    });
  });

  it('waits for what its containers say, or for a place', () => {
    const waiting = (reason: string, restartCount: number) => ({
      ...pod,
      status: {
        containerStatuses: [
          { name: 'a', image: '', imageID: '', ready: false, restartCount, state: { waiting: { reason } } },
        ],
      },
    });
    const crashing = waiting('CrashLoopBackOff', 9);
    const starting = waiting('ContainerCreating', 0);
    const homeless = {
      ...pod,
      status: { conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }] },
    };
    expect([crashing, starting, homeless].map((one) => podView(one).waiting)).toEqual([
      'CrashLoopBackOff',
      null,
      'Unschedulable',
    ]);
  });
});

describe('a disruption budget', () => {
  const budget = {
    metadata: { namespace: 'shop', name: 'web', generation: 2 },
    spec: { selector: { matchLabels: { app: 'web' } } },
    status: {
      observedGeneration: 2,
      disruptionsAllowed: 1,
      currentHealthy: 3,
      desiredHealthy: 2,
      expectedPods: 3,
    },
  };

  it('shows its counts and whom it guards', () => {
    expect(budgetView(budget)).toEqual({
      namespace: 'shop',
      name: 'web',
      selector: { matchLabels: { app: 'web' }, matchExpressions: [] },
      disruptionsAllowed: 1,
      currentHealthy: 3,
      desiredHealthy: 2,
      expectedPods: 3,
      observed: true,
      unhealthyPods: 'if-healthy-budget',
    });
  });

  it('has not been counted while its status is about an older generation, or about none', () => {
    expect(budgetView({ ...budget, metadata: { ...budget.metadata, generation: 3 } }).observed).toBe(false);
    expect(budgetView({ metadata: { name: 'new', generation: 1 }, spec: {} })).toMatchObject({
      observed: false,
      selector: null,
    });
  });
});

describe('a persistent volume', () => {
  it('is local when its affinity names hosts, and is nobody’s business otherwise', () => {
    const affinity = {
      required: {
        nodeSelectorTerms: [
          { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['w-1'] }] },
        ],
      },
    };
    const local = {
      metadata: { name: 'pv-1' },
      spec: { nodeAffinity: affinity, claimRef: { namespace: 'shop', name: 'data' } },
    };
    expect(localVolumeView(local)).toEqual({
      name: 'pv-1',
      claim: { namespace: 'shop', name: 'data' },
      hostnames: ['w-1'],
    });
    expect(localVolumeView({ metadata: { name: 'nfs' }, spec: {} })).toBeNull();
  });
});

// What every implementation of the port Workloads does, told against a simulated cluster or a real API.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { drainVerdict } from '../../src/cluster/pod.ts';
import type { Workloads } from '../../src/engine/ports/workloads.ts';
import { type ClusterHands, nameAsIs } from './cluster-hands.ts';
import { describeCordon } from './cordoning.contract.ts';
import { describeEvict, podOn } from './evicting.contract.ts';

export interface WorkloadsUnderTest {
  readonly workloads: Workloads;
  /** The cluster behind it: cp-1 to cp-3 and w-1 to w-3 with the default workloads, pods ending within milliseconds. */
  readonly objects: ClusterHands;
  /** What this cluster calls the node or namespace that is called so here; absent = the same. */
  readonly called?: (name: string) => string;
  readonly stop: () => Promise<void>;
}

const mark = 'rollout-1';

function describeNodes(get: () => WorkloadsUnderTest): void {
  const n = nameAsIs(get);
  const node = async (name: string) => (await get().workloads.nodes()).find((one) => one.name === n(name));

  it('shows every node with what a survey compares', async () => {
    const nodes = await get().workloads.nodes();
    const ours = ['cp-1', 'cp-2', 'cp-3', 'w-1', 'w-2', 'w-3'].map(n);
    expect(
      nodes
        .map((one) => one.name)
        .filter((name) => ours.includes(name))
        .toSorted(),
    ).toEqual(ours);
    expect(await node('cp-1')).toMatchObject({
      addresses: ['127.40.0.1'],
      controlPlane: true,
      ready: true,
      unschedulable: false,
      cordonedBy: null,
      kubeletVersion: 'v1.35.4',
    });
    expect((await node('w-1'))?.controlPlane).toBe(false);
  });

  it('shows a node that leaves and returns with a new boot id', async () => {
    const { objects } = get();
    const before = (await node('w-1'))?.bootId;
    await objects.setNodeReady(n('w-1'), false);
    expect(await node('w-1')).toMatchObject({ ready: false, bootId: before });
    await objects.rebooted(n('w-1'), 'boot-2');
    await objects.setNodeReady(n('w-1'), true);
    expect(await node('w-1')).toMatchObject({ ready: true, bootId: 'boot-2' });
  });

  it('shows the static pods of the control plane, and their silence with their node', async () => {
    const { workloads, objects } = get();
    const components = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];
    const views = await workloads.staticPods();
    for (const name of ['cp-1', 'cp-3']) expect([...views.keys()]).toContain(n(name));
    expect([...views.keys()]).not.toContain(n('w-1'));
    expect(views.get(n('cp-2'))).toEqual(components.map((component) => ({ component, ready: true })));
    await objects.setNodeReady(n('cp-2'), false);
    const later = await workloads.staticPods();
    expect(later.get(n('cp-2'))?.some((pod) => pod.ready)).toBe(false);
    expect(later.get(n('cp-1'))?.every((pod) => pod.ready)).toBe(true);
  });

  it('shows the pods of one node with what the drain rules ask', async () => {
    const { workloads } = get();
    const worker = await workloads.podsOn(n('w-1'));
    expect(worker.every((pod) => pod.node === n('w-1'))).toBe(true);
    expect(await podOn(workloads, n('w-1'), 'web')).toMatchObject({
      namespace: n('shop'),
      phase: 'Running',
      ready: true,
      ownerKind: 'ReplicaSet',
      workload: `${n('shop')}/ReplicaSet web`,
      waiting: null,
      mirror: false,
      emptyDir: false,
      deletingAt: null,
      graceMs: 30_000,
      toleratesCordon: false,
    });
    expect(await podOn(workloads, n('w-1'), 'kube-flannel')).toMatchObject({
      ownerKind: 'DaemonSet',
      toleratesCordon: true,
      mirror: false,
    });
    expect(await podOn(workloads, n('cp-1'), 'kube-apiserver')).toMatchObject({
      ownerKind: 'Node',
      mirror: true,
    });
    const emptyDirs = (
      await Promise.all(['w-1', 'w-2', 'w-3'].map((name) => workloads.podsOn(n(name))))
    ).flat();
    expect(emptyDirs.filter((pod) => pod.emptyDir).map((pod) => pod.namespace)).toEqual([
      n('shop'),
      n('shop'),
    ]);
    expect(await workloads.podsOn(n('nobody'))).toEqual([]);
  });

  it('shows a pod whose DaemonSet is gone as one that nobody would make again', async () => {
    const { workloads, objects } = get();
    await objects.removeDaemonSet('kube-system', 'kube-flannel');
    const pod = await podOn(workloads, n('w-1'), 'kube-flannel');
    expect(pod).toMatchObject({ ownerKind: null, mirror: false });
    expect(pod === undefined ? null : drainVerdict(pod)).toBe('evict');
  });
}

/** Runs the suite; `start` makes a fresh cluster each time. */
export function describeWorkloads(name: string, start: () => Promise<WorkloadsUnderTest>): void {
  describe(`Workloads: ${name}`, () => {
    let current: WorkloadsUnderTest | null = null;
    const get = (): WorkloadsUnderTest => {
      if (current === null) throw new Error('the cluster has not been started');
      return current;
    };
    beforeEach(async () => {
      current = await start();
    });
    afterEach(async () => {
      await current?.workloads.close();
      await current?.stop();
      current = null;
    });
    describe('what it shows', () => describeNodes(get));
    describe('cordon', () => describeCordon(get));
    describe('evict', () => describeEvict(get));

    it('says unreachable while the API is away and works when it is back', async (context) => {
      const { workloads, objects } = get();
      if (objects.apiServerUp === undefined) return context.skip('nobody may take a real API away');
      objects.apiServerUp(false);
      await expect(workloads.nodes()).rejects.toMatchObject({ name: 'Fault', kind: 'unreachable' });
      await expect(workloads.cordon('w-1', mark)).rejects.toMatchObject({
        name: 'Fault',
        kind: 'unreachable',
      });
      objects.apiServerUp(true);
      expect(await workloads.nodes()).toHaveLength(6);
    });
  });
}

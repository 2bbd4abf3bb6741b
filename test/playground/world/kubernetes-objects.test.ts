// The simulated nodes and pods behave as those of a cluster do when machines leave, return and are emptied.
import { describe, expect, it } from 'vitest';
import { isTrue, type PodObject } from '../../../playground/world/kubernetes/objects.ts';
import { aKubernetes } from './kubernetes-builder.ts';

const ready = (pod: PodObject): boolean => isTrue(pod.status.conditions, 'Ready');
const evictNow = { dryRun: false };

describe('a fresh cluster', () => {
  it('spreads replicas over the workers, all Ready', () => {
    const web = aKubernetes().podsOf('web');
    expect(new Set(web.map((pod) => pod.spec.nodeName))).toEqual(new Set(['w-1', 'w-2', 'w-3']));
    expect(web.every(ready)).toBe(true);
  });

  it('runs a daemon pod on every node, owned by its DaemonSet', () => {
    const daemons = aKubernetes().podsOf('kube-flannel');
    expect(daemons).toHaveLength(6);
    expect(daemons.every((pod) => pod.metadata.ownerReferences?.[0]?.kind === 'DaemonSet')).toBe(true);
  });

  it('mirrors three static pods on each control-plane node and none on workers', () => {
    const mirrors = aKubernetes()
      .pods('kube-system')
      .filter((pod) => pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined);
    expect(mirrors).toHaveLength(9);
    expect(new Set(mirrors.map((pod) => pod.spec.nodeName))).toEqual(new Set(['cp-1', 'cp-2', 'cp-3']));
    expect(mirrors[0]?.metadata.labels?.['k8s-app']).toBe('kube-apiserver');
  });

  it('says in each Node what Talos says', () => {
    const { metadata, spec, status } = aKubernetes().node('cp-1');
    expect(metadata.labels).toHaveProperty(['node-role.kubernetes.io/control-plane'], '');
    expect(metadata.annotations).toHaveProperty(['extensions.talos.dev/schematic'], 'schematic-of-cp-1');
    expect(status.addresses).toContainEqual({ type: 'InternalIP', address: '127.40.0.1' });
    expect(status.nodeInfo).toMatchObject({ osImage: 'Talos (v1.13.4)', kubeletVersion: 'v1.35.4' });
    expect(spec.taints).toEqual([{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }]);
  });

  it('lets ordinary pods onto the control plane only when told so', () => {
    const alone = aKubernetes({ controlPlaneSchedulable: true }, ['cp-1']);
    expect(alone.podsOf('web').map((pod) => pod.spec.nodeName)).toEqual(['cp-1', 'cp-1', 'cp-1']);
    const tainted = aKubernetes({}, ['cp-1']);
    expect(tainted.podsOf('web').map((pod) => pod.status.phase)).toEqual(['Pending', 'Pending', 'Pending']);
  });
});

describe('an evicted replica', () => {
  it('terminates, and its successor becomes Ready on another schedulable node', () => {
    const world = aKubernetes({ timings: { terminationMs: 1_000, podReadyMs: 300 } });
    const pod = world.podOn('w-1', 'web');
    world.objects.setUnschedulable('w-1', true);
    expect(world.objects.api.evict('shop', pod.metadata.name, evictNow).kind).toBe('object');
    expect(world.podsOf('web')).toHaveLength(4);
    world.clock.advance(999);
    expect(world.podsOf('web').map((one) => one.metadata.uid)).toContain(pod.metadata.uid);
    world.clock.advance(1);
    const left = world.podsOf('web');
    expect(left.map((one) => one.metadata.uid)).not.toContain(pod.metadata.uid);
    expect(left.map((one) => one.spec.nodeName)).not.toContain('w-1');
    expect(left.every(ready)).toBe(true);
  });

  it('carries the deletion timestamp of request plus grace and the mark of an eviction', () => {
    const world = aKubernetes();
    const { name } = world.podOn('w-1', 'web').metadata;
    world.objects.api.evict('shop', name, evictNow);
    const marked = world.podsOf('web').find((one) => one.metadata.name === name);
    expect(marked?.metadata.deletionTimestamp).toBe('2026-11-20T12:00:30Z');
    expect(isTrue(marked?.status.conditions ?? [], 'DisruptionTarget')).toBe(true);
  });

  it('waits as Pending while no node takes it, and lands when one does', () => {
    const world = aKubernetes();
    for (const name of ['w-1', 'w-2', 'w-3']) world.objects.setUnschedulable(name, true);
    world.objects.api.evict('shop', world.podOn('w-1', 'web').metadata.name, evictNow);
    world.clock.runUntilIdle(60_000);
    const pending = world.podsOf('web').filter((pod) => pod.status.phase === 'Pending');
    expect(pending).toHaveLength(1);
    expect(pending[0]?.status.conditions[0]).toMatchObject({ type: 'PodScheduled', reason: 'Unschedulable' });
    world.objects.setUnschedulable('w-2', false);
    world.clock.runUntilIdle(60_000);
    expect(world.podsOf('web').filter((pod) => pod.spec.nodeName === 'w-2')).toHaveLength(2);
  });

  it('stays while a finalizer holds it', () => {
    const world = aKubernetes();
    const { name, uid } = world.podOn('w-1', 'web').metadata;
    world.objects.setFinalizer('shop', name, 'example.org/hold');
    world.objects.api.evict('shop', name, evictNow);
    world.clock.advance(60_000);
    expect(world.podsOf('web').map((pod) => pod.metadata.uid)).toContain(uid);
    world.objects.setFinalizer('shop', name, null);
    expect(world.podsOf('web').map((pod) => pod.metadata.uid)).not.toContain(uid);
  });

  it('stays on a node that is away until the node is back', () => {
    const world = aKubernetes();
    const { name, uid } = world.podOn('w-1', 'cache').metadata;
    world.objects.setNodeReady('w-1', false);
    world.objects.api.evict('shop', name, evictNow);
    world.clock.advance(60_000);
    expect(world.podsOf('cache').map((pod) => pod.metadata.uid)).toContain(uid);
    world.objects.setNodeReady('w-1', true);
    expect(world.podsOf('cache').map((pod) => pod.metadata.uid)).not.toContain(uid);
  });
});

describe('a node that leaves and returns', () => {
  it('takes the readiness of its pods with it and gives it back after a moment', () => {
    const world = aKubernetes({ timings: { podReadyMs: 200 } });
    const onCp1 = (): readonly PodObject[] => world.pods().filter((pod) => pod.spec.nodeName === 'cp-1');
    world.objects.setNodeReady('cp-1', false);
    expect(onCp1().some(ready)).toBe(false);
    world.objects.rebooted('cp-1', 'boot-2');
    world.objects.setNodeReady('cp-1', true);
    expect(onCp1().some(ready)).toBe(false);
    world.clock.advance(200);
    expect(onCp1().every(ready)).toBe(true);
    expect(onCp1().every((pod) => pod.status.containerStatuses[0]?.restartCount === 1)).toBe(true);
    expect(world.node('cp-1').status.nodeInfo['bootID']).toBe('boot-2');
  });

  it('is Ready=False at once and Ready=Unknown when it stays silent', () => {
    const world = aKubernetes({ timings: { nodeLostMs: 40_000 } });
    const condition = (): string | undefined =>
      world.node('w-1').status.conditions.find((one) => one.type === 'Ready')?.status;
    world.objects.setNodeReady('w-1', false);
    expect(condition()).toBe('False');
    world.clock.advance(40_000);
    expect(condition()).toBe('Unknown');
    expect(world.node('w-1').spec.taints?.map((taint) => taint.key)).toContain(
      'node.kubernetes.io/unreachable',
    );
    world.objects.setNodeReady('w-1', true);
    expect(condition()).toBe('True');
    expect(world.node('w-1').spec.taints).toBeUndefined();
  });

  it('does not become Unknown when it came back in time', () => {
    const world = aKubernetes();
    world.objects.setNodeReady('w-1', false);
    world.objects.setNodeReady('w-1', true);
    world.clock.advance(120_000);
    expect(isTrue(world.node('w-1').status.conditions, 'Ready')).toBe(true);
  });

  it('shows its new version and schematic', () => {
    const world = aKubernetes();
    world.objects.setNodeVersion('w-1', 'v1.13.5');
    world.objects.setNodeSchematic('w-1', 'other');
    expect(world.node('w-1').status.nodeInfo['osImage']).toBe('Talos (v1.13.5)');
    expect(world.node('w-1').metadata.annotations).toHaveProperty(
      ['extensions.talos.dev/schematic'],
      'other',
    );
  });
});

describe('what is counted and told', () => {
  it('counts the acts of callers per node, and not what the machine does itself', () => {
    const world = aKubernetes();
    world.objects.setUnschedulable('w-1', true);
    world.objects.setUnschedulable('w-1', false);
    const cordon = (value: boolean): void => {
      world.objects.api.patchNode('w-1', {
        patch: { spec: { unschedulable: value } },
        kind: 'merge',
        dryRun: false,
      });
    };
    cordon(true);
    cordon(true);
    cordon(false);
    world.objects.api.evict('shop', world.podOn('w-1', 'web').metadata.name, evictNow);
    world.objects.api.evict('shop', world.podOn('w-2', 'web').metadata.name, { dryRun: true });
    expect(world.objects.actsOn('w-1')).toEqual({
      cordons: 1,
      uncordons: 1,
      evictions: 1,
      refusedEvictions: 0,
      deletions: 0,
    });
    expect(world.objects.actsOn('w-2').evictions).toBe(0);
  });

  it('tells its listeners about every change', () => {
    const world = aKubernetes();
    let changes = 0;
    world.objects.onChange(() => {
      changes += 1;
    });
    world.objects.setNodeVersion('w-1', 'v1.13.5');
    expect(changes).toBe(1);
  });

  it('tells when the API comes and goes, once each', () => {
    const world = aKubernetes();
    const seen: boolean[] = [];
    world.objects.onApiServer((up) => seen.push(up));
    for (const up of [true, false, false, true]) world.objects.apiServerUp(up);
    expect(seen).toEqual([false, true]);
  });
});

// Which pods a drain evicts, and what a control plane's own pods lack.
import { describe, expect, it } from 'vitest';
import { drainVerdict, staticPodAilments } from '../../src/cluster/pod.ts';

describe('drainVerdict', () => {
  it.each([
    ['a pod of a ReplicaSet', { phase: 'Running', ownerKind: 'ReplicaSet', mirror: false }, 'evict'],
    ['a pod nobody would create again', { phase: 'Running', ownerKind: null, mirror: false }, 'evict'],
    ['a pod that has not started', { phase: 'Pending', ownerKind: 'Job', mirror: false }, 'evict'],
    ['a finished pod', { phase: 'Succeeded', ownerKind: 'Job', mirror: false }, 'evict'],
    ['a DaemonSet pod', { phase: 'Running', ownerKind: 'DaemonSet', mirror: false }, 'leave'],
    ['a failed DaemonSet pod', { phase: 'Failed', ownerKind: 'DaemonSet', mirror: false }, 'evict'],
    ['a static pod', { phase: 'Running', ownerKind: 'Node', mirror: true }, 'leave'],
    ['a failed static pod', { phase: 'Failed', ownerKind: 'Node', mirror: true }, 'leave'],
  ] as const)('%s', (_what, pod, verdict) => {
    expect(drainVerdict(pod)).toBe(verdict);
  });
});

describe('staticPodAilments', () => {
  const api = { component: 'kube-apiserver', ready: true };
  const scheduler = { component: 'kube-scheduler', ready: true };
  it.each([
    ['all ready', [api, scheduler], []],
    ['a scheduler that is switched off', [api], []],
    ['none at all', [], ['shows no static pods']],
    ['no API server', [scheduler], ['shows no kube-apiserver']],
    ['one not ready', [api, { ...scheduler, ready: false }], ['waits for kube-scheduler']],
  ] as const)('%s', (_what, pods, whys) => {
    expect(staticPodAilments(pods)).toEqual(whys);
  });
});

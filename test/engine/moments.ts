// A pod that falls ill on the first worker, and how a rollout ends that was watched for one.
import { expect } from 'vitest';
import type { PodSeen } from '../../src/engine/ports/workloads.ts';
import type { Scene } from './scene.ts';

export const ILL: PodSeen = {
  ...{ namespace: 'shop', name: 'agent-1', uid: 'agent-1', node: 'w-1', phase: 'Running', ready: false },
  ...{ ownerKind: 'DaemonSet', workload: 'shop/DaemonSet agent', waiting: 'CrashLoopBackOff' },
  ...{ mirror: false, emptyDir: false, deletingAt: null, graceMs: 0, labels: {}, claims: [], finalizers: [] },
  toleratesCordon: true,
};

/** The pod is there whenever `isThere` says so. */
export function withIll(scene: Scene, isThere: () => boolean): Scene {
  return scene.between((ports) => ({
    ...ports,
    workloads: {
      ...ports.workloads,
      podsOn: async (node) => [
        ...(await ports.workloads.podsOn(node)),
        ...(node === 'w-1' && isThere() ? [ILL] : []),
      ],
    },
  }));
}

/** Upgraded, and no promise was broken on the way. */
export function wellEnded(scene: Scene): void {
  scene.audit.close();
  expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
  expect(scene.audit.broken).toEqual([]);
}

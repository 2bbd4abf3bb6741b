// Starts a simulated Kubernetes API with the default cluster, for the tests of the adapter and of the server itself.
import { afterEach, beforeEach } from 'vitest';
import { type KubeApi, startKubeApi } from '../../playground/cluster/kube-api.ts';
import type { WorldClock } from '../../playground/world/clock.ts';
import { Gitops } from '../../playground/world/kubernetes/gitops.ts';
import { KubernetesObjects } from '../../playground/world/kubernetes/kubernetes-objects.ts';
import type { Workloads } from '../../src/engine/ports/workloads.ts';
import { type KubernetesSettings, openKubernetes } from '../../src/kubernetes/open.ts';

export interface Simulated {
  readonly objects: KubernetesObjects;
  readonly api: KubeApi;
  readonly stop: () => Promise<void>;
}

interface OwnSimulated extends Pick<Simulated, 'objects' | 'api'> {
  /** Over a connection of its own, which is closed after the test. */
  readonly open: (settings?: Partial<KubernetesSettings>) => Workloads;
}

interface RunningClock extends WorldClock {
  stop(): void;
}

function runningClock(): RunningClock {
  const timers = new Set<NodeJS.Timeout>();
  return {
    now: () => Date.now(),
    after: (ms, run) => {
      const timer = setTimeout(() => {
        timers.delete(timer);
        run();
      }, ms);
      timers.add(timer);
      return () => clearTimeout(timer);
    },
    stop: () => {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

export async function startSimulated(): Promise<Simulated> {
  const clock = runningClock();
  const objects = new KubernetesObjects({ clock, timings: { terminationMs: 20, podReadyMs: 5 } });
  ['cp-1', 'cp-2', 'cp-3', 'w-1', 'w-2', 'w-3'].forEach((name, index) => {
    objects.addNode({
      name,
      role: name.startsWith('cp') ? 'control-plane' : 'worker',
      address: `127.40.0.${index + 1}`,
      talosVersion: 'v1.13.4',
      kubernetesVersion: 'v1.35.4',
      schematic: 'none',
    });
  });
  const api = await startKubeApi({ objects, host: '127.0.0.1' });
  return {
    objects,
    api,
    stop: async () => {
      await api.stop();
      clock.stop();
    },
  };
}

/** A GitOps controller in it that never gets its turn: what it would apply is written by the test. */
export function idleGitops({ objects: { shelf } }: Simulated): Gitops {
  return new Gitops({ shelf, clock: { now: () => 0, after: () => () => undefined } });
}

/** To be called once by the file, above its tests: each of them has one of its own, which ends with it. */
export function ownSimulated(): OwnSimulated {
  let up: Simulated | null = null;
  const opened: Workloads[] = [];
  const running = (): Simulated => {
    if (up === null) throw new Error('no test runs yet');
    return up;
  };
  beforeEach(async () => {
    up = await startSimulated();
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((workloads) => workloads.close()));
    await up?.stop();
    up = null;
  });
  return {
    get objects() {
      return running().objects;
    },
    get api() {
      return running().api;
    },
    open: (settings = {}) => {
      const source = { kind: 'text', text: running().api.kubeconfig() } as const;
      const { workloads } = openKubernetes({ source, ...settings });
      opened.push(workloads);
      return workloads;
    },
  };
}

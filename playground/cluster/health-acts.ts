/** ClusterService.HealthCheck: checks one after another, each polled until it holds (facts/talos-api.md 5). */
import type { ClusterService } from '../../src/talos/gen/cluster/cluster_pb.ts';
import { WorldError } from '../world/error.ts';
import type { World } from '../world/world.ts';
import { type Acts, assertControlPlane } from './act.ts';

interface HealthCheck {
  readonly text: string;
  /** Why it does not hold, or null. */
  readonly failure: (world: World) => string | null;
}

/** The real server looks each 5 s; the playground's cluster lives faster. */
const POLL_MS = 100;

function firstNode(
  world: World,
  complaint: (node: ReturnType<World['snapshot']>['nodes'][number]) => string | null,
): string | null {
  for (const node of world.snapshot().nodes) {
    const text = complaint(node);
    if (text !== null) return `${node.address}: ${text}`;
  }
  return null;
}

const CHECKS: readonly HealthCheck[] = [
  {
    text: 'etcd to be healthy',
    failure: ({ etcd }) => {
      const sick = etcd.members().find((member) => !member.up);
      return sick === undefined ? null : `${sick.address}: service "etcd" not in expected state "Running"`;
    },
  },
  {
    text: 'etcd members to be consistent across nodes',
    failure: ({ etcd }) => {
      const views = etcd.members().map(({ name }) =>
        etcd
          .memberList(name, { queryLocal: true })
          .map((one) => one.id)
          .join(),
      );
      return new Set(views).size === 1 ? null : 'etcd member ids are inconsistent';
    },
  },
  { text: 'etcd members to be control plane nodes', failure: () => null },
  {
    text: 'apid to be ready',
    failure: (world) => firstNode(world, (node) => (node.listening ? null : 'connection refused')),
  },
  { text: 'all nodes memory sizes', failure: () => null },
  { text: 'all nodes disk sizes', failure: () => null },
  { text: 'no diagnostics', failure: () => null },
  {
    text: 'kubelet to be healthy',
    failure: (world) => firstNode(world, (node) => unmet(node.unmet, 'services')),
  },
  {
    text: 'all nodes to finish boot sequence',
    failure: (world) =>
      firstNode(world, (node) => (node.stage === 'running' ? null : `machine stage is ${node.stage}`)),
  },
  { text: 'all k8s nodes to report', failure: () => null },
  {
    text: 'all control plane static pods to be running',
    failure: (world) => firstNode(world, (node) => unmet(node.unmet, 'staticPods')),
  },
  { text: 'all control plane components to be ready', failure: () => null },
  {
    text: 'all k8s nodes to report ready',
    failure: (world) => firstNode(world, (node) => unmet(node.unmet, 'nodeReady')),
  },
  { text: 'kube-proxy to report ready', failure: () => null },
  { text: 'coredns to report ready', failure: () => null },
  {
    text: 'all k8s nodes to report schedulable',
    failure: (world) => firstNode(world, (node) => (node.cordoned ? `${node.name} is unschedulable` : null)),
  },
];

function unmet(conditions: readonly { name: string; reason: string }[], name: string): string | null {
  return conditions.find((one) => one.name === name)?.reason ?? null;
}

/** An error on the way is the reason too: the check goes on asking. */
function failureOf(check: HealthCheck, world: World): string | null {
  try {
    return check.failure(world);
  } catch (error) {
    if (error instanceof WorldError) return `rpc error: ${error.message}`;
    throw error;
  }
}

export const healthActs: Acts<typeof ClusterService> = {
  healthCheck: async ({ waitTimeout }, call, replies) => {
    assertControlPlane(call, 'health check');
    const { world } = call;
    const waitMs = Number(waitTimeout?.seconds ?? 0n) * 1000 + (waitTimeout?.nanos ?? 0) / 1_000_000;
    const untilMs = world.clock.now() + waitMs;
    const late = new WorldError('DEADLINE_EXCEEDED', 'context deadline exceeded');
    if (waitMs <= 0) throw late;
    const addresses = world.machines().map((one) => one.node.address);
    replies.send({ message: `discovered nodes: [${addresses.join(' ')}]` });
    for (const check of CHECKS) {
      replies.send({ message: `waiting for ${check.text}: ...` });
      for (;;) {
        // Bounded by the caller's own wait_timeout.
        if (replies.ended.aborted) return;
        const failure = failureOf(check, world);
        replies.send({ message: `waiting for ${check.text}: ${failure ?? 'OK'}` });
        if (failure === null) break;
        if (world.clock.now() + POLL_MS > untilMs) throw late;
        await new Promise<void>((resolve) => world.clock.after(POLL_MS, resolve));
      }
    }
  },
};

// The Kubernetes side of one cluster over its real API: implements the port Workloads.
import type { Workloads } from '../engine/ports/workloads.ts';
import { KubernetesConnection } from './connection.ts';
import { cordon, uncordon } from './cordon.ts';
import { evict, isGone } from './evict.ts';
import type { KubeconfigSettings } from './kubeconfig.ts';
import { nodeView } from './node-view.ts';
import { allPages, PAGE_SIZE } from './pages.ts';
import { podSeen, staticPodSelector, staticPodsByNode } from './pod-view.ts';

export interface KubernetesSettings extends KubeconfigSettings {
  /** The longest a single call may take, in milliseconds. */
  readonly timeoutMs?: number;
  /** Items per page of a list. */
  readonly pageSize?: number;
}

/** Long enough for a page of 500 pods from a busy API server, short enough to notice a dead one within a step. */
const CALL_TIMEOUT_MS = 10_000;

/**
 * Opens the Kubernetes side of one cluster; nothing is read or dialled before the first call. Every method throws Fault;
 * a kubeconfig that cannot be used is a Fault `refused`.
 */
export function kubernetesWorkloads(settings: KubernetesSettings): Workloads {
  const { timeoutMs = CALL_TIMEOUT_MS, pageSize = PAGE_SIZE } = settings;
  const connection = new KubernetesConnection({ ...settings, timeoutMs });
  return {
    nodes: async () => {
      const nodes = await allPages(
        (page) => connection.read('to list nodes', ({ core }) => core.listNode(page)),
        pageSize,
      );
      return nodes.map(nodeView);
    },
    staticPods: async () => {
      const query = { namespace: 'kube-system', labelSelector: staticPodSelector };
      const pods = await allPages(
        (page) =>
          connection.read('to list static pods', ({ core }) => core.listNamespacedPod({ ...query, ...page })),
        pageSize,
      );
      return staticPodsByNode(pods);
    },
    podsOn: async (node) => {
      const query = { fieldSelector: `spec.nodeName=${node}` };
      const pods = await allPages(
        (page) =>
          connection.read(`to list the pods on ${node}`, ({ core }) =>
            core.listPodForAllNamespaces({ ...query, ...page }),
          ),
        pageSize,
      );
      return pods.map(podSeen);
    },
    cordon: (node, mark) => cordon(connection, node, mark),
    uncordon: (node, mark) => uncordon(connection, node, mark),
    evict: (pod) => evict(connection, pod),
    gone: (pod) => isGone(connection, pod),
    close: () => connection.close(),
  };
}

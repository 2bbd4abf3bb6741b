// The port Workloads over the real Kubernetes API: the nodes, their pods, and what a drain does to them.
import type { Workloads } from '../engine/ports/workloads.ts';
import { attachmentsOn } from './attachments.ts';
import type { KubernetesConnection } from './connection.ts';
import { cordon, uncordon } from './cordon.ts';
import { lostByDaemonSets } from './daemon-sets.ts';
import { listPlain } from './estate/plain.ts';
import { budgetView } from './estate/pods.ts';
import { evict, isGone, remove } from './evict.ts';
import { nodeView } from './node-view.ts';
import { allPages } from './pages.ts';
import { podSeen, staticPodSelector, staticPodsByNode } from './pod-view.ts';

/** Every method throws Fault. Closing it closes the connection. */
export function workloadsOver(connection: KubernetesConnection, pageSize: number): Workloads {
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
      const lost = await lostByDaemonSets(connection, pods, pageSize);
      return pods.map(podSeen).map((pod) => (lost.has(pod.uid) ? { ...pod, ownerKind: null } : pod));
    },
    cordon: (node, mark, options) => cordon(connection, { ...options, node, mark }),
    uncordon: (node, mark, options) => uncordon(connection, { ...options, node, mark }),
    evict: (pod) => evict(connection, pod),
    remove: (pod) => remove(connection, pod),
    budgets: async (namespace) => {
      const collection = { group: 'policy', version: 'v1', plural: 'poddisruptionbudgets', namespace };
      return (await listPlain(connection, collection, pageSize)).map(budgetView);
    },
    attachments: (node) => attachmentsOn(connection, node, pageSize),
    rehearse: (pod) => evict(connection, pod, { dryRun: true }),
    gone: (pod) => isGone(connection, pod),
    close: () => connection.close(),
  };
}

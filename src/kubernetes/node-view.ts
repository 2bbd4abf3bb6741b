// A Kubernetes Node as the engine sees it, and the mark a rollout leaves on it.
import type { V1Node } from '@kubernetes/client-node';
import type { WorkloadNodeView } from '../cluster/snapshot.ts';

/** Which rollout cordoned the node. Written in the same patch as the cordon (kubernetes.md 2.1). */
export const cordonedByAnnotation = 'talos-chatops.dev/cordoned-by';
/** Whether somebody had cordoned the node before the rollout did: `true` or `false`. */
export const wasUnschedulableAnnotation = 'talos-chatops.dev/was-unschedulable';

export const controlPlaneLabel = 'node-role.kubernetes.io/control-plane';

/** The rollout whose mark the node carries, or null. */
export function cordonMark(node: V1Node): string | null {
  return node.metadata?.annotations?.[cordonedByAnnotation] ?? null;
}

export function isUnschedulable(node: V1Node): boolean {
  return node.spec?.unschedulable ?? false;
}

export function isControlPlane(node: V1Node): boolean {
  return node.metadata?.labels?.[controlPlaneLabel] !== undefined;
}

/** Unknown (a silent kubelet) is not ready either. */
export function isNodeReady(node: V1Node): boolean {
  return (node.status?.conditions ?? []).some(({ type, status }) => type === 'Ready' && status === 'True');
}

function addressesOf(node: V1Node): readonly string[] {
  const of = (type: string): readonly string[] =>
    (node.status?.addresses ?? []).filter((address) => address.type === type).map(({ address }) => address);
  // Internal ones first: that is where the machine's own API listens.
  return [...of('InternalIP'), ...of('ExternalIP')];
}

export function nodeView(node: V1Node): WorkloadNodeView {
  return {
    name: node.metadata?.name ?? '',
    addresses: addressesOf(node),
    controlPlane: isControlPlane(node),
    ready: isNodeReady(node),
    unschedulable: isUnschedulable(node),
    cordonedBy: cordonMark(node),
    kubeletVersion: node.status?.nodeInfo?.kubeletVersion ?? '',
    bootId: node.status?.nodeInfo?.bootID ?? '',
  };
}

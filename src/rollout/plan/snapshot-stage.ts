// The copy of etcd before a control plane is touched: which node gives it, and what the plan says when none is taken.
import type { Finding } from '../../checks/finding.ts';
import type { PlannedNode } from '../plan.ts';
import type { LaneDraft } from './lanes.ts';

/**
 * The only control-plane node, if it is: then etcd goes away with it, and is copied in its own lane instead of a stage before. It
 * is the snapshot's word: a cluster of three of which two do not show is not planned, because etcd tells of them.
 */
export function isAlone(node: PlannedNode, nodes: readonly PlannedNode[]): boolean {
  return (
    node.role === 'control-plane' &&
    nodes.every(({ role, name }) => role !== 'control-plane' || name === node.name)
  );
}

/** The node whose etcd is copied: the first control-plane node in walking order, which puts the leader last. Null when no control-plane node is touched. */
export function snapshotNode(ordered: readonly PlannedNode[]): PlannedNode | null {
  const controlPlane = ordered.filter((node) => node.role === 'control-plane');
  return controlPlane.some((node) => node.touched) ? (controlPlane[0] ?? null) : null;
}

export function snapshotDraft(node: PlannedNode): LaneDraft {
  return { node: node.name, role: node.role, steps: [{ kind: 'snapshot', params: {} }] };
}

/** One finding when a control-plane node will be touched, none otherwise. */
export function snapshotFindings(
  node: Pick<PlannedNode, 'name'> | null,
  { archived, alone }: { readonly archived: boolean; readonly alone: boolean },
): readonly Finding[] {
  if (node === null) return [];
  if (alone) return [copyOfTheOnly(node.name, archived)];
  const check = 'etcd-snapshot';
  if (archived) {
    const sentence = `etcd is copied into the archive from ${node.name} before the first control-plane node.`;
    return [{ check, level: 'ok', subject: 'etcd', sentence, advice: null }];
  }
  const sentence = 'No etcd snapshot will be taken: no archive is configured.';
  const advice = 'Configure `archive` for this cluster, or take one by hand: talosctl etcd snapshot.';
  return [{ check, level: 'warning', subject: 'etcd', sentence, advice }];
}

/** No policy may set it aside: of the only member the copy is all that would be left (design.md invariant 2). */
export function copyOfTheOnly(node: string, archived: boolean): Finding {
  const about = { check: 'etcd-copy', subject: 'etcd' } as const;
  if (archived) {
    const sentence = `etcd is copied into the archive after ${node} was approved, and again before it restarts when that was more than an hour ago.`;
    return { ...about, level: 'ok', sentence, advice: null };
  }
  const sentence = `${node} has the only member of etcd, and there is no archive to copy it into first.`;
  const advice = 'Configure `archive` for this cluster: without a fresh copy the only member never goes.';
  return { ...about, level: 'blocker', sentence, advice };
}

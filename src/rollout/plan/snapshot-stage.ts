// The copy of etcd before a control plane is touched: which node gives it, and what the plan says when none is taken.
import type { Finding } from '../../checks/finding.ts';
import type { PlannedNode } from '../plan.ts';
import type { LaneDraft } from './lanes.ts';

/** The node whose etcd is copied: the first control-plane node in walking order, which puts the leader last. Null when no control-plane node is touched. */
export function snapshotNode(ordered: readonly PlannedNode[]): PlannedNode | null {
  const controlPlane = ordered.filter((node) => node.role === 'control-plane');
  return controlPlane.some((node) => node.touched) ? (controlPlane[0] ?? null) : null;
}

export function snapshotDraft(node: PlannedNode): LaneDraft {
  return { node: node.name, role: node.role, steps: [{ kind: 'snapshot', params: {} }] };
}

/** One finding when a control-plane node will be touched, none otherwise. */
export function snapshotFindings(node: PlannedNode | null, archived: boolean): readonly Finding[] {
  if (node === null) return [];
  const check = 'etcd-snapshot';
  if (archived) {
    const sentence = `etcd is copied into the archive from ${node.name} before the first control-plane node.`;
    return [{ check, level: 'ok', subject: 'etcd', sentence, advice: null }];
  }
  const sentence = 'No etcd snapshot will be taken: no archive is configured.';
  const advice = 'Configure `archive` for this cluster, or take one by hand: talosctl etcd snapshot.';
  return [{ check, level: 'warning', subject: 'etcd', sentence, advice }];
}

// The steps of one node of an upgrade, by the generation of its API and the manner asked for.
import { methodFor, preserveFor } from '../../cluster/version.ts';
import type { PlannedNode } from '../plan.ts';
import type { LaneDraft, StepDraft } from './lanes.ts';
import type { Manner } from './manner.ts';
import { arrivalParams, returnParams } from './upgraded-node.ts';

export function pullDraft(node: PlannedNode): LaneDraft {
  return { node: node.name, role: node.role, steps: [{ kind: 'pull', params: { image: node.image } }] };
}

/** The first part of a staged upgrade from 1.13 on: the node stays up, so nothing is drained for it. */
export function installDraft(node: PlannedNode): LaneDraft {
  return { node: node.name, role: node.role, steps: [installStep(node)] };
}

/** What the cluster around a node makes of its usual order. */
export interface Surroundings {
  /** goes: the node has the only member of etcd, which nobody can take over and which is copied right before. */
  readonly etcd: 'stays' | 'goes';
  /** stay: there is no other place for them, so a drain would only wait (kubernetes.md 2.8). */
  readonly pods: 'move' | 'stay';
}

/** The order of one node (design.md section 6); of a staged one only what its restart needs. */
export function nodeDraft(node: PlannedNode, manner: Manner, { etcd, pods }: Surroundings): LaneDraft {
  const lifecycle = methodFor(node.from) === 'lifecycle';
  const installs = lifecycle && !manner.staged;
  // Pulled again right before use: unreferenced images are collected after an hour (design.md section 6).
  const pull: readonly StepDraft[] = installs ? [{ kind: 'pull', params: { image: node.image } }] : [];
  const install: readonly StepDraft[] = installs ? [installStep(node)] : [];
  // Talos refuses to hand leadership over to nobody (talos-api.md 2.2).
  const forfeit: readonly StepDraft[] =
    node.role === 'control-plane' && etcd === 'stays' ? [{ kind: 'forfeit', params: {} }] : [];
  const moves = pods === 'move';
  const steps: readonly StepDraft[] = [
    ...pull,
    ...copySteps(etcd),
    ...(moves ? CLEARING : []),
    ...install,
    ...forfeit,
    lifecycle ? rebootStep(node, manner) : legacyStep(node, manner),
    { kind: 'return', params: returnParams(node) },
    ...(moves ? RESTORING : []),
  ];
  return { node: node.name, role: node.role, steps };
}

const CLEARING: readonly StepDraft[] = [
  { kind: 'cordon', params: {} },
  { kind: 'drain', params: {} },
];
const RESTORING: readonly StepDraft[] = [{ kind: 'uncordon', params: {} }];

/** In the lane and after its gate, so that the copy is as young as the restart needs it. */
export function copySteps(etcd: Surroundings['etcd']): readonly StepDraft[] {
  return etcd === 'goes' ? [{ kind: 'snapshot', params: {} }] : [];
}

function installStep(node: PlannedNode): StepDraft {
  return { kind: 'install', params: { image: node.image, ...arrivalParams(node) } };
}

function rebootStep(node: PlannedNode, manner: Manner): StepDraft {
  return { kind: 'reboot', params: { ...arrivalParams(node), ...modeParams(manner) } };
}

function legacyStep(node: PlannedNode, manner: Manner): StepDraft {
  const stage = manner.staged ? { stage: true } : {};
  const preserve = preserveFor(node.from);
  return {
    kind: 'upgrade-legacy',
    params: { image: node.image, preserve, ...stage, ...modeParams(manner), ...arrivalParams(node) },
  };
}

/** Absent means default: so plans of before there were modes mean the same, and have the same fingerprints. */
function modeParams({ rebootMode }: Manner): StepDraft['params'] {
  return rebootMode === 'default' ? {} : { mode: rebootMode };
}

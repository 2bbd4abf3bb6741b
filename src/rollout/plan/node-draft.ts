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

/** The order of one node (design.md section 6); of a staged one only what its restart needs. */
export function nodeDraft(node: PlannedNode, manner: Manner): LaneDraft {
  const lifecycle = methodFor(node.from) === 'lifecycle';
  const installs = lifecycle && !manner.staged;
  // Pulled again right before use: unreferenced images are collected after an hour (design.md section 6).
  const pull: readonly StepDraft[] = installs ? [{ kind: 'pull', params: { image: node.image } }] : [];
  const install: readonly StepDraft[] = installs ? [installStep(node)] : [];
  const forfeit: readonly StepDraft[] =
    node.role === 'control-plane' ? [{ kind: 'forfeit', params: {} }] : [];
  const steps: readonly StepDraft[] = [
    ...pull,
    { kind: 'cordon', params: {} },
    { kind: 'drain', params: {} },
    ...install,
    ...forfeit,
    lifecycle ? rebootStep(node, manner) : legacyStep(node, manner),
    { kind: 'return', params: returnParams(node) },
    { kind: 'uncordon', params: {} },
  ];
  return { node: node.name, role: node.role, steps };
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

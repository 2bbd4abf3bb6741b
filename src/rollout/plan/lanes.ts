// What plans of every goal are made of: numbered lanes, steps, and gates bound to what they assume.
import type { Role } from '../../cluster/node.ts';
import { fingerprintOf, type Gate } from '../gate.ts';
import type { Goal } from '../goal.ts';
import type { Lane, PlannedNode } from '../plan.ts';
import type { Limits } from '../policy.ts';
import type { Step, StepFacts, StepKind } from '../step.ts';

/** How each kind of step behaves, in one place: a wrong entry here would be a wrong promise everywhere. */
const KINDS: Readonly<
  Record<StepKind, Pick<Step, 'repeat' | 'presence'> & { readonly limit: keyof Limits }>
> = {
  pull: { repeat: 'freely', presence: 'stays', limit: 'pullMs' },
  snapshot: { repeat: 'freely', presence: 'stays', limit: 'snapshotMs' },
  cordon: { repeat: 'freely', presence: 'stays', limit: 'proveMs' },
  drain: { repeat: 'freely', presence: 'stays', limit: 'drainMs' },
  install: { repeat: 'never', presence: 'stays', limit: 'installMs' },
  forfeit: { repeat: 'freely', presence: 'stays', limit: 'proveMs' },
  reboot: { repeat: 'never', presence: 'departs', limit: 'rebootMs' },
  'upgrade-legacy': { repeat: 'never', presence: 'departs', limit: 'installMs' },
  rollback: { repeat: 'never', presence: 'departs', limit: 'rebootMs' },
  return: { repeat: 'freely', presence: 'stays', limit: 'returnMs' },
  uncordon: { repeat: 'freely', presence: 'stays', limit: 'proveMs' },
};

export interface StepDraft {
  readonly kind: StepKind;
  readonly params: StepFacts;
}

export interface LaneDraft {
  readonly node: string;
  readonly role: Role;
  readonly steps: readonly StepDraft[];
}

/** Numbers a lane and its steps: lane `03-cp-1`, steps `03-cp-1-cordon`, … A cordon owes its lane's uncordon. */
export function laneOf(number: number, draft: LaneDraft, limits: Limits): Lane {
  const id = `${String(number).padStart(2, '0')}-${draft.node}`;
  const uncordon = draft.steps.some((step) => step.kind === 'uncordon') ? `${id}-uncordon` : null;
  const steps = draft.steps.map((step): Step => {
    const { limit, repeat, presence } = KINDS[step.kind];
    return {
      id: `${id}-${step.kind}`,
      kind: step.kind,
      node: draft.node,
      limitMs:
        step.kind === 'upgrade-legacy' ? limits.pullMs + limits.installMs + limits.rebootMs : limits[limit],
      repeat,
      presence,
      owes: step.kind === 'cordon' ? uncordon : null,
      params: step.params,
    };
  });
  return { id, node: draft.node, role: draft.role, gate: null, steps };
}

/** What an approval of this lane assumes besides the lane itself. Leader, raft index and pods are proved instead. */
export interface Assumptions {
  readonly goal: Goal;
  readonly nodes: readonly PlannedNode[];
  readonly etcdMembers: readonly string[];
}

export function gated(lane: Lane, proof: Gate['proof'], assumed: Assumptions): Lane {
  const { goal } = assumed;
  const fingerprint = fingerprintOf({
    goal,
    proof,
    steps: lane.steps,
    node: assumed.nodes.find((node) => node.name === lane.node),
    nodeSet: assumed.nodes.map((node) => [node.name, node.address, node.role]),
    etcdMembers: assumed.etcdMembers,
  });
  return { ...lane, gate: { id: `gate:${lane.node}`, node: lane.node, proof, fingerprint } };
}

/** etcd member ids all witnesses named, sorted; of several views the largest. */
export function memberIdsOf(
  views: readonly { readonly members: readonly { readonly id: string }[] }[],
): readonly string[] {
  return [...new Set(views.flatMap((view) => view.members.map((member) => member.id)))].sort();
}

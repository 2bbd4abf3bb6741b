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
  backup: { repeat: 'freely', presence: 'stays', limit: 'snapshotMs' },
  suspend: { repeat: 'freely', presence: 'stays', limit: 'proveMs' },
  cordon: { repeat: 'freely', presence: 'stays', limit: 'proveMs' },
  drain: { repeat: 'freely', presence: 'stays', limit: 'drainMs' },
  install: { repeat: 'never', presence: 'stays', limit: 'installMs' },
  forfeit: { repeat: 'freely', presence: 'stays', limit: 'proveMs' },
  reboot: { repeat: 'never', presence: 'departs', limit: 'rebootMs' },
  'upgrade-legacy': { repeat: 'never', presence: 'departs', limit: 'installMs' },
  rollback: { repeat: 'never', presence: 'departs', limit: 'rebootMs' },
  return: { repeat: 'freely', presence: 'stays', limit: 'returnMs' },
  uncordon: { repeat: 'freely', presence: 'stays', limit: 'proveMs' },
  soak: { repeat: 'freely', presence: 'stays', limit: 'proveMs' },
  resume: { repeat: 'freely', presence: 'stays', limit: 'proveMs' },
};

export interface StepDraft {
  readonly kind: StepKind;
  readonly params: StepFacts;
  /** Absent: the limit of its kind. */
  readonly limitMs?: number;
}

export interface LaneDraft {
  readonly node: string;
  /** Null when it is about no node. */
  readonly role: Role | null;
  readonly steps: readonly StepDraft[];
}

/** Numbers a lane and its steps: lane `03-cp-1`, steps `03-cp-1-cordon`, … A cordon owes its lane's uncordon. */
export function laneOf(number: number, draft: LaneDraft, limits: Limits): Lane {
  const id = `${String(number).padStart(2, '0')}-${draft.role === null ? slugOf(draft.node) : draft.node}`;
  const uncordon = draft.steps.some((step) => step.kind === 'uncordon') ? `${id}-uncordon` : null;
  const steps = draft.steps.map((step): Step => {
    const { limit, repeat, presence } = KINDS[step.kind];
    return {
      id: `${id}-${step.kind}`,
      kind: step.kind,
      node: draft.node,
      limitMs: step.kind === 'upgrade-legacy' ? legacyLimitMs(step, limits) : (step.limitMs ?? limits[limit]),
      repeat,
      presence,
      owes: step.kind === 'cordon' ? uncordon : null,
      params: step.params,
    };
  });
  return { id, node: draft.node, role: draft.role, gate: null, steps };
}

/** Ids are read in journals and logs: longer names of objects are cut, the number keeps them apart. */
const MAX_SLUG = 60;

function slugOf(subject: string): string {
  return subject
    .toLowerCase()
    .replaceAll(/[^a-z0-9.-]+/g, '-')
    .slice(0, MAX_SLUG);
}

/** One call pulls, installs and restarts; a staged one restarts once more, to install in the boot between. */
function legacyLimitMs({ params }: StepDraft, limits: Limits): number {
  const restarts = params['stage'] === true ? 2 : 1;
  return limits.pullMs + limits.installMs + restarts * limits.rebootMs;
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

// One act on one subject: the unit of resuming.
import { type RebootMode, readRebootMode } from '../cluster/reboot-mode.ts';

/** Each kind has a file in src/engine/steps that observes, captures, acts and settles it. */
export type StepKind =
  | 'pull'
  | 'snapshot'
  | 'backup'
  | 'suspend'
  | 'cordon'
  | 'drain'
  | 'install'
  | 'forfeit'
  | 'reboot'
  | 'upgrade-legacy'
  | 'rollback'
  | 'return'
  | 'uncordon'
  | 'soak'
  | 'resume';

export type StepValue = string | number | boolean | null;
/** Facts written into the journal: before acting (evidence) and after (result). Flat, small, and never a secret. */
export type StepFacts = Readonly<Record<string, StepValue>>;

export interface Step {
  /** Unique within the plan and readable: `02-cp-1-reboot`. */
  readonly id: string;
  readonly kind: StepKind;
  /** What it is about: a node, or in lanes that have no role something else, by a name people know. */
  readonly node: string;
  readonly limitMs: number;
  /** never: sent once per "begun"; whoever finds it begun without an end only observes. */
  readonly repeat: 'freely' | 'never';
  /** departs: from its beginning the node counts as away, and the departure must be proved right before it. */
  readonly presence: 'stays' | 'departs';
  /** The step of the same plan that puts back what this one changes: from its beginning a Debt, until that step ends. */
  readonly owes: string | null;
  readonly params: StepFacts;
}

/** Absent: default. Throws for a mode this bot does not know: an act is never sent as something else than was approved. */
export function rebootModeOf({ id, params }: Step): RebootMode {
  const given = params['mode'] ?? 'default';
  const mode = readRebootMode(given);
  if (mode === null) throw new Error(`step ${id} asks for the unknown reboot mode ${String(given)}`);
  return mode;
}

/** What leaves every node as it was: an image pulled beside the running one, copies, and what is about no node at all. */
const BESIDE: readonly StepKind[] = ['pull', 'snapshot', 'backup', 'suspend', 'soak', 'resume'];

export function changesNode({ kind }: Step): boolean {
  return !BESIDE.includes(kind);
}

// One act on one subject: the unit of resuming.

/** Each kind has a file in src/engine/steps that observes, captures, acts and settles it. */
export type StepKind =
  | 'pull'
  | 'snapshot'
  | 'cordon'
  | 'drain'
  | 'install'
  | 'forfeit'
  | 'reboot'
  | 'upgrade-legacy'
  | 'rollback'
  | 'return'
  | 'uncordon';

export type StepValue = string | number | boolean | null;
/** Facts written into the journal: before acting (evidence) and after (result). Flat, small, and never a secret. */
export type StepFacts = Readonly<Record<string, StepValue>>;

export interface Step {
  /** Unique within the plan and readable: `02-cp-1-reboot`. */
  readonly id: string;
  readonly kind: StepKind;
  readonly node: string;
  readonly limitMs: number;
  /** never: sent once per "begun"; whoever finds it begun without an end only observes. */
  readonly repeat: 'freely' | 'never';
  /** departs: from its beginning the node counts as away, and the departure must be proved right before it. */
  readonly presence: 'stays' | 'departs';
  /** The step of the same lane that puts back what this one changes: from its beginning a Debt, until that step ends. */
  readonly owes: string | null;
  readonly params: StepFacts;
}

/** False for what leaves its node as it was: an image pulled beside the running one, a copy of etcd. */
export function changesNode({ kind }: Step): boolean {
  return kind !== 'pull' && kind !== 'snapshot';
}

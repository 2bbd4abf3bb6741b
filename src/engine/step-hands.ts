// What one process takes a step in hand with: what it is about, and the code of its kind.
import { plannedNode } from '../rollout/plan.ts';
import type { Step } from '../rollout/step.ts';
import { faultOf } from './ports/fault.ts';
import type { Doer, StepContext, SubjectContext } from './steps/doer.ts';
import { DOERS, isAboutNode, SUBJECT_DOERS } from './steps/kinds.ts';
import type { TaskContext } from './work.ts';

/** Notes are chatter for the card: at most one per node in this time. */
const NOTE_EVERY_MS = 500;

export interface Hands {
  readonly about: SubjectContext;
  /** What it knows of its node; null for a step that is about none. */
  readonly onNode: StepContext | null;
  readonly doer: Doer;
}

/** Throws for a step about a node that is not in the plan: then the plan was built wrongly. */
export function doing(about: SubjectContext): Hands {
  const { rollout, step } = about;
  const { kind } = step;
  if (!isAboutNode(kind)) return { about, onNode: null, doer: SUBJECT_DOERS[kind](about) };
  const node = rollout.plan === null ? null : plannedNode(rollout.plan, step.node);
  if (node === null) throw new Error(`step ${step.id} is about ${step.node}, which is not in the plan`);
  const onNode = { ...about, node };
  return { about, onNode, doer: DOERS[kind](onNode) };
}

/** `isProved`: whether what was proved about its departure, if it departs, still holds. */
export function subjectContext(
  { session, work, parts, loops }: TaskContext,
  step: Step,
  isProved: () => boolean = () => true,
): SubjectContext {
  let notedAt = Number.NEGATIVE_INFINITY;
  const note = (sentence: string): void => {
    const now = parts.clock.monotonic();
    if (now - notedAt < NOTE_EVERY_MS) return;
    notedAt = now;
    const { cluster, id } = session.rollout;
    parts.journal.note(cluster, id, step.node, sentence).catch((error: unknown) => {
      parts.log.warn('a note for the card was lost', { rollout: id, error: faultOf(error).message });
    });
  };
  return {
    rollout: session.rollout,
    current: () => session.rollout,
    step,
    ...work,
    clock: parts.clock,
    storeNow: () => session.now(),
    signal: loops,
    may: () => session.holds() && !loops.aborted && isProved(),
    note,
  };
}

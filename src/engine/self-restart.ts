// A node that an earlier lane installed and that restarted by itself since: its lane has nothing to clear, and nothing to restart.
import type { Departure } from '../rollout/departure.ts';
import type { RolloutEvent } from '../rollout/event.ts';
import { type Lane, laneOfStep } from '../rollout/plan.ts';
import { nodesArmed, type Rollout, stepDone, stepState } from '../rollout/rollout.ts';
import type { Step, StepFacts } from '../rollout/step.ts';
import { faultOf } from './ports/fault.ts';
import { doing, subjectContext } from './step-hands.ts';
import type { TaskContext } from './work.ts';

/** The departing step of a lane whose node was armed in another one (docs/decisions/0015), while it is still to come. */
function armedDeparture(rollout: Rollout, lane: Lane): Step | null {
  const departing = lane.steps.find(({ presence }) => presence === 'departs');
  const installs = lane.steps.some(({ kind }) => kind === 'install');
  if (departing === undefined || installs || stepState(rollout, departing.id).state !== 'open') return null;
  return departing;
}

/**
 * What the departing step of this lane sees before it, when the node runs what it was armed with in another boot than it was
 * installed in; null when the restart is still to come. Throws Fault when nobody can see that, or when the node fell back.
 */
async function restartedItself(context: TaskContext, lane: Lane): Promise<StepFacts | null> {
  const { rollout } = context.session;
  const departing = armedDeparture(rollout, lane);
  // Most lanes belong to no staged upgrade: they are not looked at once more.
  if (departing === null || !nodesArmed(rollout).includes(lane.node)) return null;
  const seen = await doing(subjectContext(context, departing)).doer.observe();
  if (typeof seen?.['restartedItself'] !== 'string') return null;
  subjectContext(context, departing).note(
    `restarted by itself and runs ${seen['restartedItself']}; nothing is restarted again`,
  );
  return seen;
}

export type There =
  | { readonly kind: 'there' }
  | { readonly kind: 'gone'; readonly seen: StepFacts }
  /** A card about its restart would be about something that nobody can say is still to come. */
  | { readonly kind: 'unclear'; readonly departure: Departure };

/** As `restartedItself`, asked before people are asked. Never rejects. */
export async function stillThere(context: TaskContext, lane: Lane): Promise<There> {
  try {
    const seen = await restartedItself(context, lane);
    return seen === null ? { kind: 'there' } : { kind: 'gone', seen };
  } catch (error) {
    const { kind, message } = faultOf(error);
    // What only a person can change will not be proved by waiting.
    const departure: Departure = { kind: kind === 'refused' ? 'drifted' : 'unproved', whys: [message] };
    return { kind: 'unclear', departure };
  }
}

/** As `restartedItself`, asked before each step of the lane that comes before the departure; that one looks itself. */
export async function goneBefore(context: TaskContext, step: Step): Promise<StepFacts | null> {
  const { plan } = context.session.rollout;
  const lane = laneOfStep(plan, step.id);
  if (lane === null || step.presence === 'departs') return null;
  return await restartedItself(context, lane);
}

/**
 * Everything up to the departure is already so, and what was never changed needs no putting back: `return` judges what came up.
 * Null when the rollout has moved on.
 */
export function alreadyGone(rollout: Rollout, lane: Lane, seen: StepFacts): readonly RolloutEvent[] | null {
  const departing = armedDeparture(rollout, lane);
  if (departing === null) return null;
  const before = lane.steps.slice(0, lane.steps.indexOf(departing) + 1);
  const unchanged = before
    .filter(({ id }) => (rollout.begins.get(id) ?? 0) === 0)
    .flatMap(({ owes }) => lane.steps.filter(({ id }) => id === owes));
  return [...before, ...unchanged]
    .filter((step) => !stepDone(rollout, step) && stepState(rollout, step.id).state === 'open')
    .map((step) => ({ kind: 'step-ended', step: step.id, result: seen }));
}

// Which facts can follow on what is known: one that cannot was not written by this program, and nobody goes on from it.
import type { RolloutEvent } from './event.ts';
import { laneOfGate, lanesOf, stepById } from './plan.ts';
import { type GateState, gateState, type Phase, type Rollout, type StepState, stepState } from './rollout.ts';

type Later = Exclude<RolloutEvent, { kind: 'asked' }>;
type StepEvent = Extract<Later, { kind: `step-${string}` }>;
type GateEvent = Extract<Later, { gate: string }>;

/**
 * In which states of its step a fact finds it. One that was found to be so ends without having begun, one that could not be begun fails
 * without having begun; who began a step writes its outcome only while it is begun, and what was in doubt is asked of people.
 */
const STEPS: Readonly<Record<StepEvent['kind'], readonly StepState['state'][]>> = {
  'step-begun': ['open'],
  'step-ended': ['open', 'begun', 'doubted'],
  'step-failed': ['open', 'begun'],
  'step-withdrawn': ['begun'],
  'step-doubted': ['begun'],
  'step-outdated': ['ended'],
  'step-slow': ['begun'],
};

const GATES: Readonly<Record<GateEvent['kind'], GateState['state']>> = {
  'gate-opened': 'closed',
  approved: 'open',
  denied: 'open',
  'gate-passed': 'open',
  'gate-voided': 'open',
  'gate-expired': 'open',
  'gate-withheld': 'closed',
};

/** Why this fact cannot be, as half a sentence; null when it can. Acts that are odd but possible are none of this. */
export function contradiction(rollout: Rollout, event: Later): string | null {
  const { phase } = rollout;
  if (phase.phase === 'finished') return `${event.kind} after its end`;
  switch (event.kind) {
    case 'planned':
    case 'declined':
      return during(phase, event.kind, ['asked']);
    case 'started':
    case 'expired':
      return during(phase, event.kind, ['proposed']);
    case 'finished':
      if (phase.phase === 'tidying' && phase.outcome !== event.outcome)
        return `finished as ${event.outcome} while it ends as ${phase.outcome}`;
      return during(phase, event.kind, ['running', 'tidying']);
    case 'lane-deferred':
    case 'skipped':
      return hasLane(rollout, event.lane) ? null : missing(`lane ${event.lane}`);
    case 'soak-shortened':
    case 'debt-taken':
    case 'drain-blocked':
    case 'drain-cleared':
    case 'drain-proposed':
    case 'drain-decided':
      return hasStep(rollout, event.step) ? null : missing(`step ${event.step}`);
    case 'retried':
      return retrying(rollout, event.subject);
    case 'overridden':
    case 'handed-over':
    case 'paused':
    case 'resumed':
    case 'aborted':
      return null;
    default:
      return 'gate' in event ? aboutGate(rollout, event) : aboutStep(rollout, event);
  }
}

function aboutStep(rollout: Rollout, { kind, step }: StepEvent): string | null {
  if (!hasStep(rollout, step)) return missing(`step ${step}`);
  const { state } = stepState(rollout, step);
  return STEPS[kind].includes(state) ? null : `step ${step} ${past(kind)} while ${state}`;
}

function aboutGate(rollout: Rollout, event: GateEvent): string | null {
  const { kind, gate } = event;
  if (!hasGate(rollout, gate)) return missing(gate);
  const state = gateState(rollout, gate);
  if (state.state !== GATES[kind]) return `${gate} ${past(kind)} while ${state.state}`;
  if (state.state !== 'open') return null;
  if (event.kind === 'gate-passed' && state.approvals.length < state.needs)
    return `${gate} passed with ${state.approvals.length} of ${state.needs} approvals`;
  if (event.kind !== 'approved') return null;
  if (event.fingerprint !== state.fingerprint) return `${gate} approved as something else than was shown`;
  return state.approvals.some(({ user }) => user === event.user)
    ? `${gate} approved twice by the same person`
    : null;
}

/** "again" is the answer to a failure, a doubt, or a gate that could not be opened. */
function retrying(rollout: Rollout, subject: string): string | null {
  if (hasGate(rollout, subject)) {
    const { state } = gateState(rollout, subject);
    return state === 'closed' ? null : `${subject} retried while ${state}`;
  }
  if (!hasStep(rollout, subject)) return missing(`step ${subject}`);
  const { state } = stepState(rollout, subject);
  return state === 'failed' || state === 'doubted' ? null : `step ${subject} retried while ${state}`;
}

function during(phase: Phase, kind: Later['kind'], phases: readonly Phase['phase'][]): string | null {
  return phases.includes(phase.phase) ? null : `${kind} while ${phase.phase}`;
}

function missing(what: string): string {
  return `${what} is not in its plan`;
}

function hasLane({ plan }: Rollout, lane: string): boolean {
  return plan !== null && lanesOf(plan).some(({ id }) => id === lane);
}

function hasStep({ plan }: Rollout, step: string): boolean {
  return plan !== null && stepById(plan, step) !== null;
}

function hasGate({ plan }: Rollout, gate: string): boolean {
  return plan !== null && laneOfGate(plan, gate) !== null;
}

/** `step-begun`: begun. */
function past(kind: string): string {
  return kind.slice(kind.indexOf('-') + 1);
}

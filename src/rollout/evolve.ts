// Folds facts into a rollout: replay(journal) is the only memory there is.
import type { Entry, RolloutEvent } from './event.ts';
import { stepById } from './plan.ts';
import {
  type GateState,
  gateState,
  type Halt,
  type Held,
  type Phase,
  type Rollout,
  type StepState,
  stepState,
  stepsInHand,
} from './rollout.ts';

export type Entries = readonly Entry[];

/** Returns the rollout these entries tell of, or null for an empty journal. Throws when the facts contradict each other. */
export function fold(entries: Entries): Rollout | null {
  return entries.reduce<Rollout | null>(evolve, null);
}

/** Adds one fact. Throws on facts that cannot follow: a journal that says so was not written by this program. */
export function evolve(before: Rollout | null, entry: Entry): Rollout {
  const { event } = entry;
  if (event.kind === 'asked') {
    if (before !== null) throw new Error(`rollout ${event.rollout} was asked twice`);
    return asked(event, entry);
  }
  if (before === null) throw new Error(`a journal begins with "asked", not with "${event.kind}"`);
  if (entry.n !== before.version + 1)
    throw new Error(`rollout ${before.id}: entry ${entry.n} follows ${before.version}`);
  const counted: Rollout = {
    ...before,
    version: entry.n,
    lastAt: entry.at,
    peopleMs: before.peopleMs + (waitsForPeople(before.phase) ? Math.max(0, entry.at - before.lastAt) : 0),
    deliveries:
      'delivery' in event && event.delivery !== null
        ? new Set([...before.deliveries, event.delivery])
        : before.deliveries,
  };
  return settled(apply(counted, event, entry.at));
}

function asked(event: Extract<RolloutEvent, { kind: 'asked' }>, entry: Entry): Rollout {
  return {
    id: event.rollout,
    cluster: event.cluster,
    goal: event.goal,
    user: event.user,
    channel: event.channel,
    askedAt: entry.at,
    version: entry.n,
    lastAt: entry.at,
    phase: { phase: 'asked' },
    plan: null,
    findings: [],
    startedAt: null,
    steps: new Map(),
    gates: new Map(),
    skipped: new Map(),
    debtsTaken: new Map(),
    deferred: [],
    begins: new Map(),
    deliveries: new Set([event.delivery]),
    peopleMs: 0,
  };
}

/** True while nothing can move before a person does. */
export function waitsForPeople(phase: Phase): boolean {
  return (
    phase.phase === 'proposed' ||
    phase.phase === 'at-gate' ||
    phase.phase === 'paused' ||
    phase.phase === 'held'
  );
}

type Later = Exclude<RolloutEvent, { kind: 'asked' }>;

function apply(rollout: Rollout, event: Later, at: number): Rollout {
  switch (event.kind) {
    case 'planned':
      return {
        ...rollout,
        plan: event.plan,
        findings: event.findings,
        phase: { phase: 'proposed', expiresAt: event.expiresAt },
      };
    case 'declined':
      return {
        ...rollout,
        findings: event.findings,
        phase: { phase: 'finished', outcome: event.outcome, sentence: event.sentence },
      };
    case 'started':
      return { ...rollout, startedAt: at, phase: { phase: 'running', halt: null } };
    case 'lane-deferred':
      return {
        ...rollout,
        deferred: [...rollout.deferred.filter((lane) => lane !== event.lane), event.lane],
      };
    case 'skipped':
      return {
        ...rollout,
        skipped: new Map([...rollout.skipped, [event.lane, event.user]]),
        phase: running(),
      };
    case 'retried':
      return retried(rollout, event.subject, event.notBefore);
    case 'debt-taken':
      return {
        ...rollout,
        debtsTaken: new Map([...rollout.debtsTaken, [event.step, event.user]]),
        phase: afterHeld(rollout),
      };
    case 'paused':
      return halted(closeOpenGates(rollout), { kind: 'pause', user: event.user });
    case 'resumed':
      return { ...rollout, phase: running() };
    case 'aborted':
      return halted(closeOpenGates(rollout), { kind: 'ending', outcome: 'aborted' });
    case 'expired':
      return halted(rollout, { kind: 'ending', outcome: 'expired' });
    case 'finished':
      return { ...rollout, phase: { phase: 'finished', outcome: event.outcome, sentence: null } };
    case 'step-begun':
    case 'step-ended':
    case 'step-failed':
    case 'step-withdrawn':
    case 'step-doubted':
      return applyToStep(rollout, event, at);
    default:
      return applyToGate(rollout, event, at);
  }
}

function running(): Phase {
  return { phase: 'running', halt: null };
}

/** A person decided about what held the rollout: it goes on with what it was doing. */
function afterHeld(rollout: Rollout): Phase {
  const ending = rollout.phase.phase === 'held' ? rollout.phase.ending : null;
  return ending === null ? running() : { phase: 'tidying', outcome: ending };
}

/** A halt starts nothing new and interrupts no act; of several halts the gravest counts. */
function halted(rollout: Rollout, halt: Halt): Rollout {
  const { phase } = rollout;
  if (phase.phase === 'tidying' || phase.phase === 'finished') return rollout;
  const weight = { pause: 1, failure: 2, ending: 3 } as const;
  const present = phase.phase === 'running' ? phase.halt : null;
  if (present !== null && weight[present.kind] >= weight[halt.kind]) return rollout;
  return { ...rollout, phase: { phase: 'running', halt } };
}

/** The phase changes only once nothing is in hand. */
function settled(rollout: Rollout): Rollout {
  const { phase } = rollout;
  if (phase.phase !== 'running' || phase.halt === null || stepsInHand(rollout).length > 0) return rollout;
  switch (phase.halt.kind) {
    case 'pause':
      return { ...rollout, phase: { phase: 'paused', user: phase.halt.user } };
    case 'failure':
      return { ...rollout, phase: { phase: 'held', held: phase.halt.held, ending: null } };
    case 'ending':
      return { ...rollout, phase: { phase: 'tidying', outcome: phase.halt.outcome } };
  }
}

function withStep(rollout: Rollout, step: string, state: StepState): Rollout {
  return { ...rollout, steps: new Map([...rollout.steps, [step, state]]) };
}

function withGate(rollout: Rollout, gate: string, state: GateState): Rollout {
  return { ...rollout, gates: new Map([...rollout.gates, [gate, state]]) };
}

/** A pause or an abort takes the card's buttons away: after a resume the proof and the card are made afresh. */
function closeOpenGates(rollout: Rollout): Rollout {
  const open = [...rollout.gates].filter(([, state]) => state.state === 'open');
  return open.reduce((after, [gate]) => withGate(after, gate, { state: 'closed', notBefore: 0 }), rollout);
}

type StepEvent = Extract<Later, { kind: `step-${string}` }>;

function applyToStep(rollout: Rollout, event: StepEvent, at: number): Rollout {
  const state = stepState(rollout, event.step);
  if (event.kind === 'step-begun') {
    if (state.state !== 'open')
      throw new Error(`rollout ${rollout.id}: step ${event.step} begun while ${state.state}`);
    const begins = new Map([...rollout.begins, [event.step, (rollout.begins.get(event.step) ?? 0) + 1]]);
    return withStep({ ...rollout, begins }, event.step, {
      state: 'begun',
      at,
      by: event.by,
      evidence: event.evidence,
    });
  }
  if (event.kind === 'step-ended') {
    // A step found already so ends without having begun; a doubted one may still be seen to have happened.
    const begunAt = state.state === 'begun' ? state.at : state.state === 'doubted' ? state.begunAt : at;
    return withStep(rollout, event.step, { state: 'ended', at, begunAt, result: event.result });
  }
  if (event.kind === 'step-withdrawn') return withStep(rollout, event.step, { state: 'open', notBefore: 0 });
  if (event.kind === 'step-failed') {
    return stopped(
      withStep(rollout, event.step, { state: 'failed', at, why: event.why }),
      heldBy(rollout, 'failed', event),
    );
  }
  if (state.state !== 'begun')
    throw new Error(`rollout ${rollout.id}: step ${event.step} doubted while ${state.state}`);
  const doubted: StepState = { ...state, state: 'doubted', at, begunAt: state.at, why: event.why };
  return stopped(withStep(rollout, event.step, doubted), heldBy(rollout, 'doubted', event));
}

function heldBy(rollout: Rollout, kind: 'failed' | 'doubted', event: { step: string; why: string }): Held {
  const step = rollout.plan === null ? null : stepById(rollout.plan, event.step);
  return { kind, subject: event.step, node: step?.node ?? '', why: event.why };
}

/** A step failed: running rollouts halt; one that was tidying is held, and remembers how it was going to end. */
function stopped(rollout: Rollout, held: Held): Rollout {
  if (rollout.phase.phase === 'tidying') {
    return { ...rollout, phase: { phase: 'held', held, ending: rollout.phase.outcome } };
  }
  return halted(rollout, { kind: 'failure', held });
}

type GateEvent = Extract<Later, { gate: string }>;

function applyToGate(rollout: Rollout, event: GateEvent, at: number): Rollout {
  const state = gateState(rollout, event.gate);
  switch (event.kind) {
    case 'gate-opened': {
      const open: GateState = {
        state: 'open',
        fingerprint: event.fingerprint,
        proof: event.proof,
        needs: event.needs,
        openedAt: at,
        expiresAt: event.expiresAt,
        approvals: [],
      };
      return { ...withGate(rollout, event.gate, open), phase: { phase: 'at-gate', gate: event.gate } };
    }
    case 'approved': {
      if (state.state !== 'open')
        throw new Error(`rollout ${rollout.id}: ${event.gate} approved while ${state.state}`);
      const approved = withGate(rollout, event.gate, {
        ...state,
        approvals: [...state.approvals, { user: event.user, at }],
      });
      // Enough people agreed: from here on the machine is what the rollout waits for.
      return state.approvals.length + 1 >= state.needs ? { ...approved, phase: running() } : approved;
    }
    case 'gate-passed': {
      const approvals = state.state === 'open' ? state.approvals : [];
      return {
        ...withGate(rollout, event.gate, { state: 'passed', at, proof: event.proof, approvals }),
        phase: running(),
      };
    }
    case 'gate-voided':
      return { ...withGate(rollout, event.gate, { state: 'closed', notBefore: 0 }), phase: running() };
    case 'denied':
      return halted(
        withGate(rollout, event.gate, { state: 'denied', at, user: event.user, reason: event.reason }),
        {
          kind: 'ending',
          outcome: 'denied',
        },
      );
    case 'gate-expired':
      return halted(withGate(rollout, event.gate, { state: 'expired', at }), {
        kind: 'ending',
        outcome: 'expired',
      });
    case 'gate-withheld': {
      const node =
        rollout.plan?.stages.flatMap((s) => s.lanes).find((lane) => lane.gate?.id === event.gate)?.node ?? '';
      return halted(rollout, {
        kind: 'failure',
        held: { kind: 'withheld', subject: event.gate, node, why: event.why },
      });
    }
  }
}

/** A person said "again" to a step, or to a gate whose proof could not be had. */
function retried(rollout: Rollout, subject: string, notBefore: number): Rollout {
  const phase = afterHeld(rollout);
  const isStep = rollout.plan !== null && stepById(rollout.plan, subject) !== null;
  if (!isStep) return { ...withGate(rollout, subject, { state: 'closed', notBefore }), phase };
  return { ...withStep(rollout, subject, { state: 'open', notBefore }), phase };
}

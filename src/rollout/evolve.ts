// Folds facts into a rollout: replay(journal) is the only memory there is.
import { drained, waitsForAnswers } from './blockade.ts';
import type { Entry, RolloutEvent } from './event.ts';
import { contradiction } from './evolve-order.ts';
import { applyToStep, withStep } from './evolve-step.ts';
import { added } from './layered.ts';
import { withOccasion } from './occasion.ts';
import { halted, moving, pauserOf, settled, waitsForPeople } from './phase.ts';
import { laneOfGate, stepById } from './plan.ts';
import { type GateState, gateState, laneTouched, type Rollout } from './rollout.ts';

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
  const wrong = contradiction(before, event);
  if (wrong !== null) throw new Error(`rollout ${before.id}: ${wrong}`);
  const counted: Rollout = {
    ...before,
    version: entry.n,
    lastAt: entry.at,
    peopleMs: before.peopleMs + (areAwaited(before) ? Math.max(0, entry.at - before.lastAt) : 0),
    deliveries:
      'delivery' in event && event.delivery !== null
        ? added(before.deliveries, event.delivery, entry.n)
        : before.deliveries,
  };
  return withOccasion(before, settled(apply(counted, event, entry)), entry);
}

/** Whose time it is that passes until the next fact. */
function areAwaited(rollout: Rollout): boolean {
  return waitsForPeople(rollout.phase) || waitsForAnswers(rollout);
}

function asked(event: Extract<RolloutEvent, { kind: 'asked' }>, entry: Entry): Rollout {
  return {
    id: event.rollout,
    cluster: event.cluster,
    goal: event.goal,
    user: event.user,
    channel: event.channel,
    // One of a later version is none to us: it is shown, and nothing is decided by it.
    journey: event.journey?.v === 1 ? event.journey : null,
    way: null,
    askedAt: entry.at,
    version: entry.n,
    lastAt: entry.at,
    keeper: event.user,
    phase: { phase: 'asked' },
    plan: null,
    findings: [],
    estimate: null,
    baseline: null,
    aftermath: [],
    overrides: [],
    usuals: {},
    slow: new Map(),
    startedAt: null,
    steps: new Map(),
    gates: new Map(),
    occasions: new Map(),
    lastChoice: null,
    shortened: new Map(),
    skipped: new Map(),
    debtsTaken: new Map(),
    deferred: [],
    drains: new Map(),
    outdated: new Map(),
    firstEnds: new Map(),
    doubts: new Map(),
    begins: new Map(),
    deliveries: new Map([[event.delivery, entry.n]]),
    peopleMs: 0,
  };
}

type Later = Exclude<RolloutEvent, { kind: 'asked' }>;

function apply(rollout: Rollout, event: Later, entry: Pick<Entry, 'at' | 'by'>): Rollout {
  const { at } = entry;
  switch (event.kind) {
    case 'planned':
      return {
        ...rollout,
        plan: event.plan,
        findings: event.findings,
        estimate: event.estimate ?? null,
        usuals: event.usuals ?? {},
        // One of a later version is none to us.
        baseline: event.baseline?.v === 1 ? event.baseline : null,
        phase: { phase: 'proposed', expiresAt: event.expiresAt },
      };
    case 'declined':
      return {
        ...rollout,
        way: event.way?.v === 1 ? event.way : null,
        findings: event.findings,
        phase: { phase: 'finished', outcome: event.outcome, sentence: event.sentence },
      };
    case 'overridden': {
      const { kind: _kind, delivery: _delivery, ...override } = event;
      return { ...rollout, overrides: [...rollout.overrides, { ...override, at }] };
    }
    case 'started':
      return { ...rollout, startedAt: at, phase: { phase: 'running', halt: null } };
    case 'lane-deferred':
      return {
        ...rollout,
        deferred: [...rollout.deferred.filter((lane) => lane !== event.lane), event.lane],
      };
    case 'soak-shortened':
      return { ...rollout, shortened: new Map([...rollout.shortened, [event.step, event.user]]) };
    case 'skipped':
      return moving({ ...rollout, skipped: new Map([...rollout.skipped, [event.lane, event.user]]) });
    case 'retried':
      return retried(rollout, event.subject, notBeforeOf(event, at));
    case 'debt-taken':
      return moving({ ...rollout, debtsTaken: new Map([...rollout.debtsTaken, [event.step, event.user]]) });
    case 'handed-over':
      return { ...rollout, keeper: event.to };
    case 'paused':
      return halted(closeGates(rollout), { kind: 'pause', user: event.user });
    case 'resumed':
      return moving(rollout);
    case 'aborted':
      return halted(closeGates(rollout), { kind: 'ending', outcome: 'aborted' });
    case 'expired':
      return halted(rollout, { kind: 'ending', outcome: 'expired' });
    case 'finished':
      return {
        ...rollout,
        aftermath: event.findings ?? [],
        phase: { phase: 'finished', outcome: event.outcome, sentence: null },
      };
    case 'step-begun':
    case 'step-ended':
    case 'step-failed':
    case 'step-withdrawn':
    case 'step-doubted':
    case 'step-outdated':
    case 'step-slow':
      return applyToStep(rollout, event, entry);
    case 'drain-blocked':
    case 'drain-cleared':
    case 'drain-proposed':
    case 'drain-decided':
      return drained(rollout, event, at);
    default:
      return applyToGate(rollout, event, at);
  }
}

function withGate(rollout: Rollout, gate: string, state: GateState): Rollout {
  return { ...rollout, gates: added(rollout.gates, gate, state) };
}

/**
 * A pause or an abort takes the card's buttons away, and with them a yes that nothing was done about yet: after a resume the proof and
 * the card are made afresh, under the rules of then.
 */
function closeGates(rollout: Rollout): Rollout {
  const stale = [...rollout.gates].filter(([gate, state]) => {
    if (state.state === 'open') return true;
    const lane = rollout.plan === null ? null : laneOfGate(rollout.plan, gate);
    return state.state === 'passed' && lane !== null && !laneTouched(rollout, lane);
  });
  return stale.reduce((after, [gate]) => withGate(after, gate, { state: 'closed', notBefore: 0 }), rollout);
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
      return state.approvals.length + 1 >= state.needs ? moving(approved) : approved;
    }
    case 'gate-passed': {
      const approvals = state.state === 'open' ? state.approvals : [];
      return moving(withGate(rollout, event.gate, { state: 'passed', at, proof: event.proof, approvals }));
    }
    case 'gate-voided':
      return moving(withGate(rollout, event.gate, { state: 'closed', notBefore: 0 }));
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
      const node = (rollout.plan === null ? null : laneOfGate(rollout.plan, event.gate))?.node ?? '';
      return halted(rollout, {
        kind: 'failure',
        held: { kind: 'withheld', subject: event.gate, node, why: event.why },
        pausedBy: pauserOf(rollout.phase),
      });
    }
  }
}

/** The wish came after the last possible sender had stopped, so its own moment is late enough to count from. */
function notBeforeOf({ notBefore, waitMs }: Extract<Later, { kind: 'retried' }>, at: number): number {
  if (waitMs === undefined) return notBefore;
  return waitMs === 0 ? 0 : at + waitMs;
}

/** A person said "again" to a step, or to a gate whose proof could not be had. */
function retried(rollout: Rollout, subject: string, notBefore: number): Rollout {
  const isStep = rollout.plan !== null && stepById(rollout.plan, subject) !== null;
  return moving(
    isStep
      ? withStep(rollout, subject, { state: 'open', notBefore })
      : withGate(rollout, subject, { state: 'closed', notBefore }),
  );
}

// What comes before a step begins: is it so already, may it happen now, and what shall be written down with it.
import { companionsAway } from '../rollout/company.ts';
import type { RolloutEvent } from '../rollout/event.ts';
import { next } from '../rollout/next.ts';
import { laneOfStep } from '../rollout/plan.ts';
import { nodesAway, type Rollout, stepState } from '../rollout/rollout.ts';
import type { Step, StepFacts } from '../rollout/step.ts';
import type { Attempt } from './begun.ts';
import type { Guarded } from './guard.ts';
import { leased } from './lease-need.ts';
import { beforeNode } from './moments.ts';
import { guarded } from './mutex-need.ts';
import { faultOf } from './ports/fault.ts';
import { type Trouble, touchTrouble } from './prove.ts';
import { rest } from './rest.ts';
import { alreadyGone, goneBefore } from './self-restart.ts';
import { LeaseLost } from './session.ts';
import { afterSoak } from './soaked.ts';
import type { TaskContext } from './work.ts';

/** Milliseconds a proof counts while the evidence is captured; after that it is asked for again (design.md invariant 2). */
const PROOF_STANDS_MS = 1_000;

export interface Ready {
  readonly evidence: StepFacts;
  /** Who was away when it was proved. */
  readonly away: readonly string[];
}

/** How much longer than usual something is worth waiting for. */
type Patience =
  /** Counted from the first look, or from now. */
  | { readonly kind: 'others'; readonly since: 'first-asked' | 'now'; readonly ms: number }
  /** Counted from when it was seen in another hand. */
  | { readonly kind: 'guard'; readonly ms: number }
  /** Not at all: a "no" that only a person can change is not asked for again and again. */
  | { readonly kind: 'refused' };

interface Waiting {
  readonly kind: 'waiting';
  readonly why: string;
  readonly patience?: Patience;
  /** Milliseconds until it is worth looking again. */
  readonly againMs?: number;
}

/** What one look comes to; `over`: it was so already, or something else comes first, and that is written down. */
type Looked = { readonly kind: 'ready'; readonly ready: Ready } | { readonly kind: 'over' } | Waiting;

const OVER: Looked = { kind: 'over' };

/** By the monotonic clock. */
interface Term {
  readonly until: number;
  /** Since when the Lease or the mutex is seen in another hand; null when it is not what was looked at last. */
  readonly guardedSince: number | null;
}

/** Sees whether it is already so, proves a departure, and captures the evidence; null when nothing is left to begin. */
export async function prepare(attempt: Attempt): Promise<Ready | null> {
  const { session, parts, loops, step } = attempt;
  const { clock, pollMs } = parts;
  const since = clock.monotonic();
  let term: Term = { until: since + limitOf(attempt), guardedSince: null };
  let againMs = pollMs;
  while (!loops.aborted && mayBegin(attempt, session.rollout, step)) {
    const looked = await look(attempt);
    if (looked.kind === 'ready') return looked.ready;
    if (looked.kind === 'over') return null;
    const { why } = looked;
    term = prolonged(term, looked, { since, now: clock.monotonic() });
    againMs = Math.max(pollMs, looked.againMs ?? againMs);
    if (clock.monotonic() >= term.until) {
      await session.commit((rollout) =>
        mayBegin(attempt, rollout, step) ? [{ kind: 'step-failed', step: step.id, why }] : null,
      );
      return null;
    }
    attempt.about.note(`waiting: ${why}`);
    // At its limit it is asked a last time.
    await rest(attempt, Math.min(againMs, Math.max(pollMs, term.until - clock.monotonic())));
  }
  return null;
}

/** Only what `next` still asks for: since this task was started the rollout may have been halted, skipped or sent to tidy up. */
export function mayBegin({ session }: TaskContext, rollout: Rollout, step: Step): boolean {
  return next(rollout, session.now()).tasks.some(
    (task) => task.kind === 'step' && task.step.id === step.id && !task.begun,
  );
}

function limitOf({ step, work }: Attempt): number {
  return step.presence === 'departs' ? Math.min(step.limitMs, work.policy.limits.proveMs) : step.limitMs;
}

function prolonged(
  { until, guardedSince }: Term,
  { patience }: Waiting,
  { since, now }: { readonly since: number; readonly now: number },
): Term {
  switch (patience?.kind) {
    case 'others': {
      const from = patience.since === 'now' ? now : since;
      // A holder is known to be gone by whoever watched it for its time, and not while something else was waited for.
      return { until: Math.max(until, from + patience.ms), guardedSince: null };
    }
    case 'guard': {
      const from = guardedSince ?? now;
      return { until: Math.max(until, from + patience.ms), guardedSince: from };
    }
    case 'refused':
      return { until: Number.NEGATIVE_INFINITY, guardedSince };
    case undefined:
      return { until, guardedSince };
  }
}

/** Rejects with LeaseLost only. */
async function look(attempt: Attempt): Promise<Looked> {
  try {
    return (await settledAlready(attempt)) ? OVER : await allowed(attempt);
  } catch (error) {
    if (error instanceof LeaseLost) throw error;
    const { kind, message } = faultOf(error);
    return { kind: 'waiting', why: message, ...(kind === 'refused' ? { patience: { kind } } : {}) };
  }
}

/** It is so already, or its node restarted by itself and the lane goes on with its return. */
async function settledAlready(attempt: Attempt): Promise<boolean> {
  const { session, step, doer } = attempt;
  const already = await doer.observe();
  if (already !== null) {
    await session.commit((rollout) =>
      mayBegin(attempt, rollout, step) ? [{ kind: 'step-ended', step: step.id, result: already }] : null,
    );
    return true;
  }
  const gone = await goneBefore(attempt, step);
  if (gone === null) return false;
  await session.commit((rollout) => {
    const lane = laneOfStep(rollout.plan, step.id);
    return lane === null || !mayBegin(attempt, rollout, step) ? null : alreadyGone(rollout, lane, gone);
  });
  return true;
}

/** Whether others let it happen now. */
async function allowed(attempt: Attempt): Promise<Looked> {
  const { step, parts } = attempt;
  const early = step.kind === 'soak' ? await afterSoak(attempt, step) : await beforeNode(attempt, step);
  if (early !== null) {
    const { why, againMs, since, patienceMs } = early;
    return { kind: 'waiting', why, againMs, patience: { kind: 'others', since, ms: patienceMs } };
  }
  const lease = await leased(attempt, step);
  if (lease.kind === 'waiting') return inOtherHands(lease, parts);
  const mutex = await guarded(attempt, step);
  if (mutex.kind === 'waiting') return inOtherHands(mutex, parts);
  return proved(attempt, { ...lease.facts, ...mutex.facts });
}

function inOtherHands(
  { why, patienceMs }: Extract<Guarded, { kind: 'waiting' }>,
  { pollMs }: Attempt['parts'],
): Waiting {
  return { kind: 'waiting', why, againMs: pollMs, patience: { kind: 'guard', ms: patienceMs } };
}

/** Proves a departure, and captures the evidence; `guards`: what it says of the Lease and the mutex. */
async function proved(attempt: Attempt, guards: StepFacts): Promise<Looked> {
  const { session, parts, step, doer } = attempt;
  const { clock, pollMs } = parts;
  const away = nodesAway(session.rollout);
  let trouble = await touchTrouble(attempt, step);
  if (trouble === null) {
    const provedAt = clock.monotonic();
    const evidence = await doer.capture();
    // A machine that is slow to tell lets the proof grow old, and an image may have to be pulled again.
    if (clock.monotonic() - provedAt > PROOF_STANDS_MS) trouble = await touchTrouble(attempt, step);
    if (trouble === null) return { kind: 'ready', ready: { evidence: { ...evidence, ...guards }, away } };
  }
  if (trouble.kind === 'unproved')
    return { kind: 'waiting', why: trouble.why, againMs: pollMs, ...patienceBeside(attempt) };
  await outdate(attempt, trouble);
  return OVER;
}

/** While others of its batch are away it may be them that a departure waits for: its own time begins when they are back. */
function patienceBeside({ session: { rollout }, step, work }: Attempt): Pick<Waiting, 'patience'> {
  const lane = laneOfStep(rollout.plan, step.id);
  if (step.presence !== 'departs' || lane === null || companionsAway(rollout, lane).length === 0) return {};
  return { patience: { kind: 'others', since: 'now', ms: work.policy.limits.proveMs } };
}

/** Opens earlier steps again: they are what `next` asks for then, and this one after them. */
async function outdate(
  attempt: Attempt,
  { steps, why }: Extract<Trouble, { kind: 'outdated' }>,
): Promise<void> {
  await attempt.session.commit((rollout) => {
    const ended = steps.filter((step) => stepState(rollout, step).state === 'ended');
    if (!mayBegin(attempt, rollout, attempt.step)) return null;
    return ended.map((step): RolloutEvent => ({ kind: 'step-outdated', step, why }));
  });
}

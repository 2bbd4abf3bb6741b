// One step through its life: observe · capture · begun · act · settle · ended. Nothing acts before it is written down.
import { next } from '../rollout/next.ts';
import { laneOfStep, plannedNode } from '../rollout/plan.ts';
import { type Rollout, stepState } from '../rollout/rollout.ts';
import type { Step, StepFacts } from '../rollout/step.ts';
import { faultOf } from './ports/fault.ts';
import { LeaseLost } from './session.ts';
import type { Acted, Doer, Settled } from './steps/doer.ts';
import { DOERS } from './steps/kinds.ts';
import { prove, type TaskContext } from './tasks.ts';

/** An act withdrawn this often is not going to leave: the node cannot be reached for acting, and a person should know. */
const MAX_WITHDRAWALS = 5;
/** Notes are chatter for the card: at most one per node in this time. */
const NOTE_EVERY_MS = 500;

export async function runStep(context: TaskContext, step: Step): Promise<void> {
  const doer = DOERS[step.kind](stepContext(context, step));
  const present = stepState(context.session.rollout, step.id);
  if (present.state === 'begun') {
    const mine = present.by === context.session.owner;
    // Found begun: a "never" step is only observed from here on, whoever began it; others are simply done again.
    if (step.repeat === 'never') return settle(context, step, doer, present.evidence);
    if (!mine)
      context.parts.log.info('taking a begun step over', {
        rollout: context.session.rollout.id,
        step: step.id,
      });
    return act(context, step, doer, present.evidence);
  }
  const evidence = await prepare(context, step, doer);
  if (evidence === null) return;
  const begun = await context.session.commit((rollout) =>
    mayBegin(context, rollout, step)
      ? [{ kind: 'step-begun', step: step.id, evidence, by: context.session.owner }]
      : null,
  );
  if (begun) await act(context, step, doer, evidence);
}

function stepContext(context: TaskContext, step: Step): Parameters<(typeof DOERS)[Step['kind']]>[0] {
  const { session, work, parts, loops } = context;
  const node = session.rollout.plan === null ? null : plannedNode(session.rollout.plan, step.node);
  if (node === null) throw new Error(`step ${step.id} is about ${step.node}, which is not in the plan`);
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
  return { rollout: session.rollout, step, node, ...work, clock: parts.clock, signal: loops, note };
}

/** Only what `next` still asks for: since this task was started the rollout may have been halted, skipped or sent to tidy up. */
function mayBegin({ parts }: TaskContext, rollout: Rollout, step: Step): boolean {
  return next(rollout, parts.clock.now()).tasks.some(
    (task) => task.kind === 'step' && task.step.id === step.id && !task.begun,
  );
}

/** Sees whether it is already so, proves a departure, and captures the evidence; null when nothing is left to begin. */
async function prepare(context: TaskContext, step: Step, doer: Doer): Promise<StepFacts | null> {
  const { session, parts, loops } = context;
  const until = parts.clock.monotonic() + step.limitMs;
  for (let why = 'it could not be looked at'; ; ) {
    if (loops.aborted || !mayBegin(context, session.rollout, step)) return null;
    try {
      const already = await doer.observe();
      if (already !== null) {
        await session.commit((rollout) =>
          mayBegin(context, rollout, step) ? [{ kind: 'step-ended', step: step.id, result: already }] : null,
        );
        return null;
      }
      const unproved = await departureTrouble(context, step);
      if (unproved === null) return await doer.capture();
      why = unproved;
    } catch (error) {
      if (error instanceof LeaseLost) throw error;
      why = faultOf(error).message;
    }
    const limit = step.presence === 'departs' ? Math.min(until, proofDeadline(context, until, step)) : until;
    if (parts.clock.monotonic() >= limit) {
      await fail(context, step, why);
      return null;
    }
    await parts.clock.sleep(parts.pollMs, loops);
  }
}

function proofDeadline(context: TaskContext, until: number, step: Step): number {
  return until - step.limitMs + context.work.policy.limits.proveMs;
}

/** Why a control-plane node may not go now; null when it may, or when the step takes no control-plane node away. */
async function departureTrouble(context: TaskContext, step: Step): Promise<string | null> {
  const { plan } = context.session.rollout;
  const lane = plan === null ? null : laneOfStep(plan, step.id);
  if (step.presence !== 'departs' || lane === null || lane.role !== 'control-plane') return null;
  const { departure } = await prove(context, lane);
  return departure.kind === 'proved' ? null : `${step.node} may not go now: ${departure.whys.join('; ')}`;
}

async function act(context: TaskContext, step: Step, doer: Doer, evidence: StepFacts): Promise<void> {
  const { session, parts } = context;
  const acted = await acting(context, step, doer, evidence);
  switch (acted.kind) {
    case 'ended':
      return end(context, step, acted.result);
    case 'failed':
      return fail(context, step, acted.why);
    case 'withdrawn': {
      if ((session.rollout.begins.get(step.id) ?? 0) >= MAX_WITHDRAWALS)
        return fail(context, step, acted.why);
      await session.commit(
        (rollout) =>
          isBegun(rollout, step) ? [{ kind: 'step-withdrawn', step: step.id, why: acted.why }] : null,
        'outcome',
      );
      return parts.clock.sleep(parts.pollMs, context.loops);
    }
    case 'sent':
      return settle(context, step, doer, evidence);
  }
}

/** Sends a "never" act once, and only while the lease is ours by our own clock; repeats a "freely" one until its limit. */
async function acting(context: TaskContext, step: Step, doer: Doer, evidence: StepFacts): Promise<Acted> {
  const { session, parts, loops } = context;
  if (!session.holds()) return { kind: 'withdrawn', why: 'the lease ran out before the call was sent' };
  if (step.repeat === 'never') return doer.act(evidence);
  const until = parts.clock.monotonic() + step.limitMs;
  for (;;) {
    try {
      return await doer.act(evidence);
    } catch (error) {
      const fault = faultOf(error);
      if (loops.aborted) throw new LeaseLost(fault.message);
      if (fault.kind === 'refused' || fault.kind === 'missing') return { kind: 'failed', why: fault.message };
      if (parts.clock.monotonic() >= until)
        return { kind: 'failed', why: `${limitSentence(step)}: ${fault.message}` };
      await parts.clock.sleep(parts.pollMs, loops);
    }
  }
}

/** Looks until the step has ended, or its limit, counted from when it was begun. */
async function settle(context: TaskContext, step: Step, doer: Doer, evidence: StepFacts): Promise<void> {
  const { session, parts, loops } = context;
  const state = stepState(session.rollout, step.id);
  const until = (state.state === 'begun' ? state.at : parts.clock.now()) + step.limitMs;
  let why = 'nothing was seen of it';
  // Another process that began it may write down how it ended, or begin it anew: then this watch is over.
  while (!loops.aborted && isBegun(session.rollout, step)) {
    const settled = await look(doer, evidence);
    if (settled.kind === 'ended') return end(context, step, settled.result);
    if (settled.kind === 'failed') return fail(context, step, settled.why);
    why = settled.why;
    if (parts.clock.now() >= until) return giveUp(context, step, why);
    await parts.clock.sleep(parts.pollMs, loops);
  }
}

async function look(doer: Doer, evidence: StepFacts): Promise<Settled> {
  try {
    return await doer.settle(evidence);
  } catch (error) {
    return { kind: 'waiting', why: `an answer (${faultOf(error).message})` };
  }
}

/** A "never" step at its limit is held in doubt: nobody can say that it did not happen. */
async function giveUp(context: TaskContext, step: Step, why: string): Promise<void> {
  const sentence = `${limitSentence(step)}, waiting for ${why}.`;
  if (step.repeat === 'freely') return fail(context, step, sentence);
  await context.session.commit(
    (rollout) => (isBegun(rollout, step) ? [{ kind: 'step-doubted', step: step.id, why: sentence }] : null),
    'outcome',
  );
}

function limitSentence(step: Step): string {
  return `${step.node}: ${step.kind} did not finish within ${Math.round(step.limitMs / 1000)} s`;
}

function isBegun(rollout: Rollout, step: Step): boolean {
  return stepState(rollout, step.id).state === 'begun';
}

async function end(context: TaskContext, step: Step, result: StepFacts): Promise<void> {
  await context.session.commit(
    (rollout) => (isBegun(rollout, step) ? [{ kind: 'step-ended', step: step.id, result }] : null),
    'outcome',
  );
}

async function fail(context: TaskContext, step: Step, why: string): Promise<void> {
  await context.session.commit((rollout) => {
    const stands = isBegun(rollout, step) || mayBegin(context, rollout, step);
    return stands ? [{ kind: 'step-failed', step: step.id, why }] : null;
  }, 'outcome');
}

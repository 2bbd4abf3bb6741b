// One step through its life: observe · capture · begun · act · settle · ended. Nothing acts before it is written down.

import { asking, type Blocker } from '../rollout/blockade.ts';
import { deadlineOf } from '../rollout/deadline.ts';
import type { RolloutEvent } from '../rollout/event.ts';
import { nodesAway, type Rollout, stepState } from '../rollout/rollout.ts';
import type { Step, StepFacts } from '../rollout/step.ts';
import {
  type Attempt,
  asBegun,
  type Begun,
  noteSent,
  record,
  stands,
  timesBegun,
  timesWithdrawn,
  wasSent,
} from './begun.ts';
import { keptOut, outbid } from './lease-need.ts';
import { afterStep } from './moments.ts';
import { pursued, unguarded } from './mutex-need.ts';
import { faultOf } from './ports/fault.ts';
import { mayBegin, prepare } from './prepare.ts';
import { limitSentence, repeated } from './repeating.ts';
import { timed } from './slow.ts';
import { doing, subjectContext } from './step-hands.ts';
import type { Acted, Settled } from './steps/doer.ts';
import { listening } from './watched.ts';
import type { TaskContext } from './work.ts';

/** An act withdrawn this often is not going to leave: the node cannot be reached for acting, and a person should know. */
const MAX_WITHDRAWALS = 5;
/**
 * Milliseconds from the proof of a departure until its call leaves: the store, the mutex and the way to the machine may take longer than
 * anybody would rest a quorum on. Twice the 1.2 s of a slow store, for "begun" and for reading it back, pass, with a dead endpoint or
 * another lane's "begun" before.
 */
const SENT_WITHIN_MS = 5_000;
/** What is sent once is not broken off from here: who began it hears how it ended. */
const UNBROKEN = new AbortController().signal;

export async function runStep(context: TaskContext, step: Step): Promise<void> {
  const { session, parts } = context;
  let sentBy = Number.POSITIVE_INFINITY;
  const isProved = (): boolean => parts.clock.monotonic() <= sentBy;
  const attempt: Attempt = { ...context, step, isProved, ...doing(subjectContext(context, step, isProved)) };
  const present = stepState(session.rollout, step.id);
  if (present.state === 'begun') return resume(asBegun(attempt, present.evidence), present.by);
  const ready = await prepare(attempt);
  if (ready === null) return;
  const { evidence, away } = ready;
  if (step.presence === 'departs') sentBy = parts.clock.monotonic() + SENT_WITHIN_MS;
  let time = 0;
  const written = await session.commit((rollout) => {
    if (!mayBegin(context, rollout, step) || leftSince(rollout, step, away)) return null;
    time = timesBegun(rollout, step) + 1;
    return [{ kind: 'step-begun', step: step.id, evidence, by: session.owner }];
  });
  const begun: Begun = { ...attempt, evidence, time };
  // Read back late, it may be over already, and begun anew by somebody else: theirs is not ours to send or to withdraw.
  if (written && stands(begun, session.rollout)) await act(begun);
}

/** Lanes of a batch are proved side by side: what was proved does not hold any more once another one left. */
function leftSince(rollout: Rollout, { node, presence }: Step, away: readonly string[]): boolean {
  return presence === 'departs' && nodesAway(rollout).some((one) => one !== node && !away.includes(one));
}

/** Found begun: a "never" step is only observed from here on, whoever began it; others are simply done again. */
async function resume(begun: Begun, by: string): Promise<void> {
  const { session, parts, step } = begun;
  const mine = by === session.owner;
  // Our own "begun" whose append was answered too late, or by too few: nothing was done after it, and nobody else can have.
  if (mine && !wasSent(begun))
    return withdraw(begun, 'the journal answered too late for the call to be sent');
  if (step.repeat === 'never') return attended(begun, () => settling(begun, false));
  if (!mine) parts.log.info('taking a begun step over', { rollout: session.rollout.id, step: step.id });
  return act(begun);
}

async function act(begun: Begun): Promise<void> {
  // Listened to from before the call: a machine may say at once that nothing comes of it, and say it only once.
  await attended(begun, async () => {
    const acted = await acting(begun);
    switch (acted.kind) {
      case 'ended':
        return end(begun, acted.result);
      case 'failed':
        return fail(begun, acted.why);
      case 'withdrawn':
        return withdraw(begun, acted.why);
      case 'sent':
      case 'lost':
        return settling(begun, acted.kind === 'sent');
    }
  });
}

/** Sends a "never" act once, and only while the lease is ours by our own clock; repeats a "freely" one until its limit. */
async function acting(begun: Begun): Promise<Acted> {
  const { step, evidence } = begun;
  const once = step.repeat === 'never';
  const under = once ? evidence : {};
  const unfit = outbid(begun, under) ?? (await unguarded(begun, step, under));
  if (unfit !== null) return { kind: 'withdrawn', why: unfit };
  if (once && !begun.isProved())
    return { kind: 'withdrawn', why: 'its proof grew old before the call was sent' };
  // Then it is only observed.
  if (once && wasSent(begun)) return { kind: 'lost' };
  noteSent(begun);
  return once ? withinLimit(begun) : repeated(begun);
}

/** A call may stay silent far longer than its step may take: then it counts as lost, and evidence decides. */
async function withinLimit({ doer, evidence, step, parts }: Begun): Promise<Acted> {
  const over = new AbortController();
  const late = parts.clock.sleep(step.limitMs, over.signal).then((): Acted => ({ kind: 'lost' }));
  try {
    return await Promise.race([doer.act(evidence, UNBROKEN), late]);
  } finally {
    over.abort();
  }
}

/** It provably never left, so it may begin again; too often, and a person should know. */
async function withdraw(begun: Begun, why: string): Promise<void> {
  const { parts, loops, step } = begun;
  const withdrawn: RolloutEvent = { kind: 'step-withdrawn', step: step.id, why };
  if (timesWithdrawn(begun) + 1 >= MAX_WITHDRAWALS)
    return record(begun, withdrawn, { kind: 'step-failed', step: step.id, why });
  await record(begun, withdrawn);
  await parts.clock.sleep(parts.pollMs, loops);
}

/** Meanwhile people see what a departing machine says of itself, and hear when it takes longer than usual. */
function attended(begun: Begun, work: () => Promise<void>): Promise<void> {
  return listening(begun, () => timed(begun, work));
}

/** Looks until the step has ended, or its limit. */
async function settling(begun: Begun, acknowledged: boolean): Promise<void> {
  const { session, parts, loops, step } = begun;
  const since = session.now();
  let why = 'nothing was seen of it';
  // Another process that began it may write down how it ended, or begin it anew: then this watch is over.
  while (!loops.aborted && stands(begun, session.rollout)) {
    const settled = await look(begun);
    if (settled.kind === 'ended') return end(begun, settled.result);
    if (settled.kind === 'failed') return fail(begun, settled.why);
    why = settled.why;
    if (settled.blockers !== undefined) await ask(begun, settled.blockers);
    if (session.now() >= deadlineOf(session.rollout, step, since)) return giveUp(begun, why);
    pursued(begun, step, acknowledged);
    keptOut(begun, step);
    await parts.clock.sleep(parts.pollMs, loops);
  }
}

/** People are asked once about the same pods; it is tried on meanwhile. */
async function ask(begun: Begun, blockers: readonly Blocker[]): Promise<void> {
  await begun.session.commit((rollout) =>
    stands(begun, rollout) ? asking(rollout, begun.step.id, blockers) : null,
  );
}

async function look({ doer, evidence, step, about }: Begun): Promise<Settled> {
  try {
    return await doer.settle(evidence);
  } catch (error) {
    const why = `an answer (${faultOf(error).message})`;
    // What was told last is not so any more. A node that restarts is silent by nature.
    if (step.presence === 'stays' && step.kind !== 'return') about.note(`waiting for ${why}`);
    return { kind: 'waiting', why };
  }
}

/** A "never" step at its limit is held in doubt: nobody can say that it did not happen. */
async function giveUp(begun: Begun, why: string): Promise<void> {
  const { step } = begun;
  const sentence = `${limitSentence(step)}, waiting for ${why}.`;
  if (step.repeat === 'freely') return fail(begun, sentence);
  await record(begun, { kind: 'step-doubted', step: step.id, why: sentence });
}

async function end(begun: Begun, result: StepFacts): Promise<void> {
  const seen = await afterStep(begun, begun.step);
  await record(begun, { kind: 'step-ended', step: begun.step.id, result: { ...result, ...seen } });
}

async function fail(begun: Begun, why: string): Promise<void> {
  await record(begun, { kind: 'step-failed', step: begun.step.id, why });
}

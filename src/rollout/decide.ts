// Judges an intent against the rollout and the cluster's policy: facts to append, or a refusal.
import { approve, deny } from './approval.ts';
import { type Circumstances, type Decided, decided } from './decided.ts';
import { chooseDrain } from './drain.ts';
import type { RolloutEvent } from './event.ts';
import { describeGoal } from './goal.ts';
import { handOver } from './hand-over.ts';
import { type Asked, type Intent, type Refusal, refuse } from './intent.ts';
import { crossedBy, isOutOfDate, type Said } from './occasion.ts';
import { notOverridden, override } from './override.ts';
import { stillPaused } from './pause.ts';
import { isEnding } from './phase.ts';
import { type Lane, laneOfGate, laneOfStep, lanesOf, stepById, stepsOn } from './plan.ts';
import { isOperator, type Policy } from './policy.ts';
import { type Held, isOwed, laneDone, laneTouched, type Phase, type Rollout, stepState } from './rollout.ts';
import { lastingSoak } from './soak.ts';
import { changesNode } from './step.ts';

/** Rules in order: may this person do it at all, does it make sense now, and what is true afterwards. */
export function decide(rollout: Rollout | null, asked: Asked, around: Circumstances): Decided | Refusal {
  const { intent } = asked;
  if (intent.kind === 'ask') return ask(rollout, intent, asked, around.policy);
  if (rollout === null) return refuse('unknown-rollout', 'That rollout is not in the journal (any more).');
  if (intent.kind === 'approve') return approve(rollout, asked, intent, around);
  if (intent.kind === 'deny') return deny(rollout, asked, intent, around);
  if (intent.kind === 'override') return override(rollout, asked, intent, around);
  if (intent.kind === 'drain') return chooseDrain(rollout, asked, intent, around);
  if (!isOperator(around.policy, asked.user)) return notOperator(rollout.cluster, around.policy);
  const steered = steer(rollout, intent, asked, around);
  return steered.kind === 'decided' ? stillPaused(rollout, steered, around.now) : steered;
}

function notOperator(cluster: string, policy: Policy): Refusal {
  const who =
    policy.operators.length === 0
      ? 'nobody is configured as an operator'
      : `its operators are ${policy.operators.map((user) => `<@${user}>`).join(', ')}`;
  return refuse('not-operator', `You are not an operator of ${cluster}: ${who}.`);
}

function ask(
  rollout: Rollout | null,
  intent: Extract<Intent, { kind: 'ask' }>,
  asked: Asked,
  policy: Policy,
): Decided | Refusal {
  if (rollout !== null) return decided();
  if (!isOperator(policy, asked.user)) return notOperator(intent.cluster, policy);
  return decided({
    kind: 'asked',
    rollout: intent.rollout,
    cluster: intent.cluster,
    goal: intent.goal,
    user: asked.user,
    channel: intent.channel,
    delivery: asked.delivery,
    ...(intent.journey === undefined ? {} : { journey: intent.journey }),
  });
}

type Steering = Exclude<Intent, { kind: 'ask' | 'approve' | 'deny' | 'override' | 'drain' }>;

function steer(rollout: Rollout, intent: Steering, asked: Asked, around: Circumstances): Decided | Refusal {
  const { user, delivery } = asked;
  const { phase } = rollout;
  switch (intent.kind) {
    case 'start':
      if (phase.phase === 'proposed') {
        if (around.now >= phase.expiresAt)
          return refuse('wrong-phase', 'This plan expired before it was started. Ask again for a fresh one.');
        return notOverridden(rollout, around.policy) ?? decided({ kind: 'started', user, delivery });
      }
      return rollout.startedAt === null ? notNow(rollout, 'started') : decided();
    case 'pause':
      if (phase.phase === 'paused') return decided();
      if (phase.phase === 'running' && phase.halt === null)
        return decided({ kind: 'paused', user, delivery });
      if (phase.phase === 'running' && phase.halt?.kind === 'pause') return decided();
      if (phase.phase === 'at-gate') return decided({ kind: 'paused', user, delivery });
      return notNow(rollout, 'paused');
    case 'resume':
      if (phase.phase === 'paused') return decided({ kind: 'resumed', user, delivery });
      if (phase.phase === 'running' && phase.halt?.kind === 'pause')
        return decided({ kind: 'resumed', user, delivery });
      return notNow(rollout, 'resumed');
    case 'continue':
      return shorten(rollout, intent, asked, around.now);
    case 'retry':
      if (phase.phase !== 'held') return notNow(rollout, 'retried');
      return (
        meantEarlier(rollout, phase.held, intent, { user, now: around.now }) ??
        retry(rollout, phase.held, asked, around)
      );
    case 'skip':
      if (phase.phase !== 'held') return notNow(rollout, 'skipped');
      return (
        meantEarlier(rollout, phase.held, intent, { user, now: around.now }) ??
        skip(rollout, phase.held, asked)
      );
    case 'hand-over':
      return handOver(rollout, intent.to, asked, around.policy);
    case 'abort':
      return abort(rollout, phase, asked);
  }
}

function abort(rollout: Rollout, phase: Phase, asked: Asked): Decided | Refusal {
  if (phase.phase === 'finished' || phase.phase === 'tidying') return notNow(rollout, 'aborted');
  if (isEnding(phase)) return decided();
  if (phase.phase === 'held' && phase.ending !== null) return notNow(rollout, 'aborted');
  return decided({ kind: 'aborted', user: asked.user, delivery: asked.delivery });
}

/** Only the rest of the time is given up: what is asked at the end of a soak is asked all the same. */
function shorten(
  rollout: Rollout,
  intent: Extract<Intent, { kind: 'continue' }>,
  { user, delivery }: Asked,
  now: number,
): Decided | Refusal {
  const soaking = lastingSoak(rollout, now);
  if (soaking === null) return refuse('wrong-phase', 'Nothing soaks now, so there is nothing to cut short.');
  const { id } = soaking.step;
  if (isOutOfDate(rollout, id, intent))
    return refuse('wrong-phase', 'This button was about an earlier soak. The present one is on the card.');
  return decided({ kind: 'soak-shortened', step: id, user, delivery });
}

/** Somebody was quicker: it was meant for an earlier cause, and this one is not theirs to decide unseen. */
function meantEarlier(rollout: Rollout, held: Held, intent: Choosing, said: Said): Refusal | null {
  if (isOutOfDate(rollout, held.subject, intent))
    return refuse(
      'wrong-phase',
      `That is out of date: it was decided already, and now the rollout is held at ${held.node}. Its newest card is in the thread.`,
    );
  const crossed = intent.occasion === undefined ? crossedBy(rollout, said) : null;
  if (crossed === null) return null;
  const { user, node, agoMs, leftMs } = crossed;
  return refuse(
    'wrong-phase',
    `<@${user}> decided about ${node} ${wholeSeconds(agoMs)} s ago, and now the rollout is held at ${held.node}${node === held.node ? ' again' : ''}. ` +
      `If you mean that, say it again in ${wholeSeconds(leftMs)} s, or use its newest card in the thread.`,
  );
}

type Choosing = Extract<Intent, { kind: 'retry' | 'skip' }>;

/** Rounded up, so that whoever waits for them has waited long enough. */
function wholeSeconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1_000));
}

/** A doubted act is sent again only when its first copy can no longer arrive; clocks may differ, so the later one counts. */
function retry(rollout: Rollout, held: Held, asked: Asked, around: Circumstances): Decided {
  const state = stepState(rollout, held.subject);
  const step = rollout.plan === null ? null : stepById(rollout.plan, held.subject);
  const inDoubt = state.state === 'doubted' && step?.repeat === 'never';
  const waitMs = inDoubt ? around.policy.limits.flightMs : 0;
  // For readers older than `waitMs`, by whichever clock is later.
  const notBefore = inDoubt ? Math.max(state.at, around.now) + waitMs : 0;
  return decided({
    kind: 'retried',
    subject: held.subject,
    user: asked.user,
    notBefore,
    waitMs,
    delivery: asked.delivery,
  });
}

/** A worker may be left behind; a control-plane node only while nothing was done to it. */
function skip(rollout: Rollout, held: Held, asked: Asked): Decided | Refusal {
  const plan = rollout.plan;
  if (isOwed(rollout, held.subject)) {
    return decided({ kind: 'debt-taken', step: held.subject, user: asked.user, delivery: asked.delivery });
  }
  const lane = plan === null ? null : (laneOfStep(plan, held.subject) ?? laneOfGate(plan, held.subject));
  if (lane === null) return refuse('not-skippable', 'There is no node to skip here.');
  if (held.kind === 'doubted' || isInDoubt(rollout, lane.node)) {
    return refuse(
      'not-skippable',
      `Nobody knows yet whether ${lane.node} acts on the last call. Retry or abort instead.`,
    );
  }
  if (lane.role === 'control-plane' && nodeTouched(rollout, lane)) {
    return refuse(
      'not-skippable',
      `${lane.node} is a control-plane node that was already changed: the next one may not go before it is back. Retry or abort instead.`,
    );
  }
  const { user, delivery } = asked;
  return decided(
    ...[lane, ...lanesBehind(rollout, lane)].map(
      ({ id }): RolloutEvent => ({ kind: 'skipped', lane: id, user, delivery }),
    ),
  );
}

/** Whichever of its steps is held: a call that is in doubt may still arrive while others go. */
function isInDoubt(rollout: Rollout, node: string): boolean {
  const steps = rollout.plan === null ? [] : stepsOn(rollout.plan, node);
  return steps.some(({ id }) => rollout.doubts.has(id));
}

/** In any lane it has: a node that was installed is changed, though its restart is another lane. */
function nodeTouched(rollout: Rollout, { node }: Lane): boolean {
  if (rollout.plan === null) return false;
  return lanesOf(rollout.plan).some((lane) => lane.node === node && laneTouched(rollout, lane));
}

/** A node that has no image, or was not installed, is not restarted either: it is left behind in the lanes it still has. */
function lanesBehind(rollout: Rollout, skipped: Lane): readonly Lane[] {
  const leads = skipped.steps.some((step) => step.kind === 'pull' || changesNode(step));
  if (rollout.plan === null || !leads) return [];
  return lanesOf(rollout.plan).filter(
    (lane) => lane.node === skipped.node && lane.id !== skipped.id && !laneDone(rollout, lane),
  );
}

function notNow(rollout: Rollout, done: string): Refusal {
  return refuse(
    'wrong-phase',
    `This rollout (${describeGoal(rollout.goal)}) ${phaseClause(rollout)}, so it cannot be ${done}.`,
  );
}

/** "is at the gate of cp-2": completes a sentence about the rollout. */
export function phaseClause(rollout: Rollout): string {
  const { phase } = rollout;
  switch (phase.phase) {
    case 'asked':
      return 'is still being planned';
    case 'proposed':
      return 'waits to be started';
    case 'running':
      return phase.halt === null ? 'is running' : 'is finishing the step in hand';
    case 'at-gate':
      return `waits for approval at ${phase.gate}`;
    case 'paused':
      return 'is paused';
    case 'held':
      return `is held at ${phase.held.node}`;
    case 'tidying':
      return 'is putting things back';
    case 'finished':
      return `is over (${phase.outcome})`;
  }
}

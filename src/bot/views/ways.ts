// What a way on from a held rollout comes to: the same words on its card, in the dialog of its button, and in the answer to the command.
import type { RolloutEvent } from '../../rollout/event.ts';
import { pauserOf } from '../../rollout/phase.ts';
import { type Lane, laneOfStep, lanesOf, stepById } from '../../rollout/plan.ts';
import {
  debtsOf,
  type Held,
  laneDone,
  laneTouched,
  nodesArmed,
  orderedLanes,
  type Rollout,
} from '../../rollout/rollout.ts';
import type { Step } from '../../rollout/step.ts';
import { besideRetry } from './beside.ts';
import { bold, code, joined, type Mrkdwn, mrkdwn } from './text.ts';
import { outcomeWord, stepWords } from './words.ts';

/** What was decided, or would be: its facts, and the rollout on both sides of them. */
export interface Change {
  readonly before: Rollout;
  readonly events: readonly RolloutEvent[];
  readonly after: Rollout;
}

export interface Told {
  /** Completes "*Skip* …" and "The upgrade of prod …". */
  readonly does: Mrkdwn;
  /** What comes of it, as sentences without their full stop. */
  readonly follows: readonly Mrkdwn[];
}

/** Skipping asks before it is done. */
export interface Skipping extends Told {
  readonly label: 'Skip' | 'Take over';
  readonly title: string;
  readonly yes: string;
  /** The end of its line on the card. */
  readonly tail: Mrkdwn;
}

/** Sentences without their full stop, as text that ends with one. */
export function sentences(told: readonly Mrkdwn[]): Mrkdwn {
  return joined(
    told.map((one) => mrkdwn`${one}.`),
    ' ',
  );
}

/** What skipping means depends on what is held: a node is left behind, what is about no node is done without, a Debt is taken over. */
export function skipTold(change: Change): Skipping {
  const { before, events } = change;
  const plan = before.plan;
  const taken = events.find((event) => event.kind === 'debt-taken');
  const pay = plan === null || taken === undefined ? null : stepById(plan, taken.step);
  if (pay !== null) return takenOver(change, pay);
  const left = events.find((event) => event.kind === 'skipped');
  const lane = plan === null ? undefined : lanesOf(plan).find(({ id }) => id === left?.lane);
  return (lane === undefined ? null : besideTold(change, lane)) ?? leftBehind(change, lane?.node ?? 'it');
}

function takenOver(change: Change, { kind, node }: Step): Skipping {
  const yours =
    kind === 'resume'
      ? mrkdwn`It is yours to resume by hand`
      : mrkdwn`What was changed there (its cordon) is yours to put back by hand`;
  return {
    ...{ label: 'Take over', title: `Take over ${node}?`, yes: 'Take it over' },
    does: mrkdwn`leaves ${code(node)} as it is`,
    follows: [mrkdwn`${yours}: nothing more is tried on ${code(node)}`, ...onward(change, 'what else')],
    tail: mrkdwn`, for you to ${kind === 'resume' ? 'resume' : 'put back'} by hand`,
  };
}

function leftBehind(change: Change, node: string): Skipping {
  const { after } = change;
  const stands = standsStill(change);
  const owed = debtsOf(after).some((debt) => debt.node === node);
  const back = mrkdwn`hat was changed on ${code(node)} is put back as far as possible`;
  return {
    ...{ label: 'Skip', title: `Leave ${node} behind?`, yes: 'Skip it' },
    does: mrkdwn`leaves ${code(node)} behind`,
    follows: [
      ...(nodesArmed(after).includes(node)
        ? [mrkdwn`${code(node)} stays armed: any restart boots its new version`]
        : []),
      ...(isUntouched(after, node) ? [mrkdwn`${code(node)} stays as it is`] : []),
      ...(stands === null ? [] : [stands]),
      ...(owed ? [stands === null ? mrkdwn`W${back}` : mrkdwn`Then w${back}`] : []),
      ...(stands === null ? onward(change) : []),
    ],
    tail: goesOnWith(change),
  };
}

/** In any lane it has. */
function isUntouched(rollout: Rollout, node: string): boolean {
  const lanes = rollout.plan === null ? [] : lanesOf(rollout.plan);
  return !lanes.some((lane) => lane.node === node && laneTouched(rollout, lane));
}

/** Null for a lane that is about a node. */
function besideTold(change: Change, lane: Lane): Skipping | null {
  const beside = besideOf(lane);
  if (beside === null) return null;
  const { so, ...rest } = beside;
  return { ...rest, label: 'Skip', yes: 'Go on', follows: [so, ...onward(change)], tail: goesOnWith(change) };
}

type Beside = Pick<Skipping, 'title' | 'does'> & { readonly so: Mrkdwn };

function besideOf({ gate, steps, node }: Lane): Beside | null {
  const has = (kind: Step['kind']): boolean => steps.some((step) => step.kind === kind);
  // In a lane with a gate it belongs to the node, which does not go without it.
  if (gate === null && has('snapshot'))
    return {
      title: 'Go on without a snapshot?',
      does: mrkdwn`does without a snapshot of etcd`,
      so: mrkdwn`No copy of etcd is taken before the control plane`,
    };
  if (has('backup'))
    return {
      title: 'Go on with what there is of a backup?',
      does: mrkdwn`makes do with what there is of a backup`,
      so: mrkdwn`No other backup is made`,
    };
  if (has('soak'))
    return {
      title: 'Go on in spite of it?',
      does: mrkdwn`ends the soak in spite of what was found`,
      so: mrkdwn`What was upgraded stays as it is`,
    };
  if (has('suspend'))
    return {
      title: `Leave ${node} at work?`,
      does: mrkdwn`leaves ${code(node)} at work`,
      so: mrkdwn`It may act while nodes are away`,
    };
  return null;
}

/** What is tried again, by the node. The `advice` is for who has not chosen yet. */
export function retryTold(
  rollout: Rollout,
  held: Held,
): { readonly does: Mrkdwn; readonly advice: Mrkdwn | null } {
  const does = (words: Mrkdwn): { does: Mrkdwn; advice: null } => ({ does: words, advice: null });
  const lane = laneOfStep(rollout.plan, held.subject);
  const step = lane?.steps.find(({ id }) => id === held.subject);
  // Sent twice it would go forward again (talos-api.md section 4).
  if (held.kind === 'doubted' && step?.kind === 'rollback')
    return does(
      mrkdwn`sends the call again only if the log of the machine shows that it never arrived, and else restarts it: it then boots whichever entry is the default`,
    );
  if (held.kind === 'doubted')
    return does(
      mrkdwn`sends the call to ${code(held.node)} again, as soon as the first copy can no longer arrive`,
    );
  if (held.kind === 'withheld') return does(mrkdwn`proves ${code(held.node)} again and posts a new card`);
  if (step?.kind === 'return') {
    const away = lane?.role === 'worker' ? 'abort (or skip this worker)' : 'abort';
    return {
      does: mrkdwn`only looks again at ${code(held.node)}, which may still become ready or be mended by you`,
      advice: mrkdwn`If it fell back, or runs another version or image: ${away} and ask again`,
    };
  }
  const beside = besideRetry(step?.kind);
  if (beside !== null) return does(mrkdwn`${beside}`);
  return does(
    mrkdwn`does the ${step === undefined ? 'step' : bold(stepWords(step))} of ${code(held.node)} again`,
  );
}

/** What comes after the choice: that it still stands still, how it ends, or where it goes on. */
export function onward(change: Change, changed: 'what' | 'what else' = 'what'): readonly Mrkdwn[] {
  const stands = standsStill(change) ?? ending(change.after, changed);
  if (stands !== null) return [stands];
  const next = nextNode(change.after);
  return [
    next === null ? mrkdwn`No other node is left, and the rollout ends` : mrkdwn`${code(next)} is next`,
  ];
}

/** That people are still waited for, or wait; null when it moves. */
export function standsStill({ before, after }: Change): Mrkdwn | null {
  const { phase } = after;
  if (phase.phase === 'held') {
    const was = before.phase.phase === 'held' ? before.phase.held.subject : null;
    const node = code(phase.held.node);
    if (was === null) return mrkdwn`The rollout is held at ${node}: an operator has to decide`;
    if (was === phase.held.subject) return mrkdwn`The rollout is held at ${node} again`;
    const too = phase.pausedBy === null ? '' : ', and stays paused after that';
    return mrkdwn`The rollout stays held until ${node} is decided as well${too}`;
  }
  return pauserOf(phase) === null ? null : mrkdwn`The rollout stays paused until somebody resumes it`;
}

/** Null for a rollout that does not end. */
export function ending(after: Rollout, changed: 'what' | 'what else' = 'what'): Mrkdwn | null {
  const { phase } = after;
  if (phase.phase !== 'tidying') return null;
  const once = debtsOf(after).length === 0 ? '' : ` once ${changed} was changed is put back`;
  return mrkdwn`The rollout ends as ${outcomeWord(phase.outcome)}${once}`;
}

/** The end of a line on the card, which tells of a pause and of the end by itself. */
function goesOnWith(change: Change): Mrkdwn {
  if (standsStill(change) !== null || ending(change.after) !== null) return mrkdwn``;
  const next = nextNode(change.after);
  return next === null ? mrkdwn`, and ends` : mrkdwn` and goes on with ${code(next)}`;
}

/** The first in the order of the plan that still has something to do. */
function nextNode(rollout: Rollout): string | null {
  for (const stage of rollout.plan?.stages ?? []) {
    const lane = orderedLanes(rollout, stage).find((one) => one.role !== null && !laneDone(rollout, one));
    if (lane !== undefined) return lane.node;
  }
  return null;
}

// The sentences people read about phases, goals and outcomes, kept in one place so that they are the same everywhere.
import type { Finding, Level } from '../../checks/finding.ts';
import { describeWish } from '../../cluster/schematic.ts';
import { blockedDrains } from '../../rollout/blockade.ts';
import { isOverFor } from '../../rollout/drain.ts';
import type { Outcome } from '../../rollout/event.ts';
import { flightsOf } from '../../rollout/flight.ts';
import { describeManner, type Goal } from '../../rollout/goal.ts';
import { standing } from '../../rollout/override.ts';
import { pauserOf } from '../../rollout/phase.ts';
import { stepById } from '../../rollout/plan.ts';
import { type Held, type Phase, type Rollout, stepsInHand } from '../../rollout/rollout.ts';
import type { Step } from '../../rollout/step.ts';
import { unbootedOf } from './finish.ts';
import { soakLine } from './soak.ts';
import { code, type Mrkdwn, mrkdwn, people, person, plainWords, plural, time, unended } from './text.ts';

/** "Upgrade prod to Talos v1.13.5". Plain text: for headers. */
export function titleOf(cluster: string, goal: Goal): string {
  switch (goal.kind) {
    case 'upgrade-talos':
      return `Upgrade ${cluster} to Talos ${goal.version}${describeWish(goal.schematic)}${describeManner(goal)}`;
    case 'rollback-node':
      return `Roll back ${goal.node} in ${cluster}`;
    case 'finish-node':
      return `Finish the upgrade of ${goal.node} in ${cluster}`;
    case 'disarm-node':
      return `Disarm ${goal.node} in ${cluster}`;
  }
}

/** "the upgrade of prod to Talos v1.13.5". */
export function nounOf(cluster: string, goal: Goal): string {
  switch (goal.kind) {
    case 'upgrade-talos':
      return `the upgrade of ${cluster} to Talos ${goal.version}${describeWish(goal.schematic)}${bracketed(describeManner(goal))}`;
    case 'rollback-node':
      return `the rollback of ${goal.node} in ${cluster}`;
    case 'finish-node':
      return `the unfinished upgrade of ${goal.node} in ${cluster}`;
    case 'disarm-node':
      return `the disarming of ${goal.node} in ${cluster}`;
  }
}

/** The noun stands within sentences, where another comma would end it. */
function bracketed(clause: string): string {
  return clause === '' ? '' : ` (${clause.replace(/^, /, '')})`;
}

/** "reboot", "reboot (force)", "upgrade legacy (staged, two restarts)": a step as a card and a plan name it. */
export function stepWords({ kind, params }: Step): string {
  const { mode } = params;
  const remarks = [
    ...(params['stage'] === true ? ['staged, two restarts'] : []),
    ...(typeof mode === 'string' ? [mode] : []),
  ];
  const name = kind.replaceAll('-', ' ');
  return remarks.length === 0 ? name : `${name} (${remarks.join(', ')})`;
}

/**
 * A symbol with the word beside it, never alone: Slack's own warning sign only where a person must act. `now`: milliseconds since 1970;
 * nothing is written down while the rollout waits for a time to be over, so the last fact does not tell that it is.
 */
export function phaseLine(rollout: Rollout, now: number): Mrkdwn {
  const { phase } = rollout;
  switch (phase.phase) {
    case 'asked':
      return mrkdwn`*Planning*: looking at the cluster`;
    case 'proposed':
      return proposedLine(rollout, phase.expiresAt);
    case 'running':
      return (
        soakLine(rollout, now) ?? blockedLine(rollout) ?? flightLine(rollout, now) ?? runningLine(phase.halt)
      );
    case 'at-gate':
      return mrkdwn`:raised_hand: *Waiting for approval*: ${code(nodeOfGate(phase.gate))}, see the card in the thread`;
    case 'paused':
      return mrkdwn`:double_vertical_bar: *Paused* by ${person(phase.user)}: nothing is in hand`;
    case 'held':
      return mrkdwn`:warning: *Held* at ${code(phase.held.node)}: a person has to decide, see the thread${pausedToo(phase, 'and it stays paused after that')}`;
    case 'tidying':
      return mrkdwn`*Putting back* what was changed, then it ends as ${outcomeWord(phase.outcome)}`;
    case 'finished':
      return outcomeLine(rollout, phase);
  }
}

function proposedLine(rollout: Rollout, expiresAt: number): Mrkdwn {
  const { length } = standing(rollout);
  return length === 0
    ? mrkdwn`*Proposed*: nothing happens before an operator presses Start. Expires ${time(expiresAt)}`
    : mrkdwn`:raised_hand: *Proposed, and stopped* by ${plural(length, 'finding')}: nothing starts before an approver overrides ${length === 1 ? 'it' : 'them'}, see the plan in the thread. Expires ${time(expiresAt)}`;
}

/** Null while nobody is asked about a drain, or the rollout ends anyway. */
function blockedLine(rollout: Rollout): Mrkdwn | null {
  const { phase, plan } = rollout;
  if (phase.phase !== 'running' || isOverFor(rollout) || plan === null) return null;
  const nodes = blockedDrains(rollout).flatMap((step) => stepById(plan, step)?.node ?? []);
  const [node] = nodes;
  if (node === undefined) return null;
  const others = nodes.length === 1 ? '' : ` and ${nodes.length - 1} more`;
  return mrkdwn`:warning: *Blocked*: the drain of ${code(node)}${others} waits for pods that stay; a person may decide, see the thread${afterDrains(phase.halt)}`;
}

/** What comes when the drains that are asked about are over, as the end of a sentence. */
function afterDrains(halt: Extract<Phase, { phase: 'running' }>['halt']): Mrkdwn {
  if (halt?.kind === 'pause') return mrkdwn`. After that it pauses, asked by ${person(halt.user)}`;
  if (halt?.kind === 'failure')
    return mrkdwn`. After that it is held: ${code(halt.held.node)} has a problem${pausedToo({ phase: 'running', halt }, 'and it stays paused')}`;
  return mrkdwn``;
}

/** Null while anything is in hand, or nothing is to be sent again. */
function flightLine(rollout: Rollout, now: number): Mrkdwn | null {
  const [flight] = flightsOf(rollout, now);
  if (flight === undefined || stepsInHand(rollout).length > 0) return null;
  return mrkdwn`:hourglass_flowing_sand: *Waiting* until ${time(flight.until)}: the last call to ${code(flight.step.node)} may still arrive, so it is not sent again before`;
}

function runningLine(halt: Extract<Phase, { phase: 'running' }>['halt']): Mrkdwn {
  if (halt === null) return mrkdwn`:arrow_forward: *Running*`;
  switch (halt.kind) {
    case 'pause':
      return mrkdwn`*Pausing*: finishing what is in hand, asked by ${person(halt.user)}`;
    case 'failure':
      return mrkdwn`:warning: *Stopping*: ${code(halt.held.node)} has a problem; finishing what is in hand${pausedToo({ phase: 'running', halt }, 'and it stays paused')}`;
    case 'ending':
      return mrkdwn`*Ending* as ${outcomeWord(halt.outcome)}: finishing what is in hand`;
  }
}

/** A pause that a graver cause outranks, as the end of a sentence; nothing where nobody paused it. */
function pausedToo(phase: Phase, then: string): Mrkdwn {
  const user = pauserOf(phase);
  return user === null ? mrkdwn`` : mrkdwn`; ${person(user)} had paused it, ${then}`;
}

const WELL: readonly Outcome[] = ['upgraded', 'rolled-back', 'disarmed'];

function outcomeLine(
  rollout: Rollout,
  { outcome, sentence: said }: Extract<Phase, { phase: 'finished' }>,
): Mrkdwn {
  const unbooted = WELL.includes(outcome) ? unbootedOf(rollout) : null;
  if (unbooted !== null)
    return mrkdwn`*Finished*: ${code(unbooted.node)} runs ${unbooted.runs}; what was installed did not boot`;
  const mark = WELL.includes(outcome) ? ':white_check_mark: ' : '';
  const why = said === null ? mrkdwn`` : mrkdwn`: ${unended(plainWords(said, MAX_SAID))}`;
  return mrkdwn`${{ mrkdwn: mark }}*${capital(outcomeWord(outcome))}*${why}`;
}

/** A planner's sentence names what is wrong; longer ones are cut. */
const MAX_SAID = 600;

const OUTCOMES: Readonly<Record<Outcome, string>> = {
  upgraded: 'upgraded',
  'rolled-back': 'rolled back',
  disarmed: 'disarmed',
  denied: 'denied',
  expired: 'expired',
  blocked: 'blocked',
  refused: 'refused',
  aborted: 'aborted',
  unchanged: 'nothing to do',
};

export function outcomeWord(outcome: Outcome): string {
  return OUTCOMES[outcome];
}

/** `gate:cp-2` → `cp-2`. */
export function nodeOfGate(gate: string): string {
  return gate.startsWith('gate:') ? gate.slice('gate:'.length) : gate;
}

/** The people of whom one has to agree, as the end of a sentence. */
export function whoMay(users: readonly string[]): Mrkdwn {
  return users.length === 0 ? mrkdwn`nobody is configured who may` : people(users, 'or');
}

export function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** Why it is held, as a clause for a person who was not there. */
export function heldClause(held: Held): string {
  switch (held.kind) {
    case 'failed':
      return 'a step failed';
    case 'doubted':
      return 'nobody can say whether the last call happened';
    case 'withheld':
      return 'the proof that the cluster survives its departure could not be had';
  }
}

const LEVELS: Readonly<Record<Level, string>> = {
  blocker: 'Blockers',
  unknown: 'Unknown (blocks like a blocker)',
  warning: 'Warnings',
  ok: 'Fine',
  skipped: 'Not checked',
};

export function levelTitle(level: Level): string {
  return LEVELS[level];
}

/** Characters of a finding's sentence, and of its advice, on a card. */
export const MAX_FINDING = 300;

/** The finding on one line, the advice on the next. */
export function findingLine(finding: Finding): Mrkdwn {
  const told = plainWords(finding.sentence, MAX_FINDING);
  // The cluster is what the whole message is about.
  const what =
    finding.subject === 'cluster' || told.includes(finding.subject)
      ? mrkdwn`• ${told}`
      : mrkdwn`• ${code(finding.subject)} ${told}`;
  if (finding.advice === null) return what;
  return mrkdwn`${what}\n_What to do:_ ${plainWords(finding.advice, MAX_FINDING)}`;
}

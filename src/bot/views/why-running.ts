// What a rollout that runs waits for: people where it asks them, time where it soaks, else machines.
import { blockedDrains, type Question, questionOf } from '../../rollout/blockade.ts';
import { confirmersOf, isOverFor } from '../../rollout/drain.ts';
import { flightsOf } from '../../rollout/flight.ts';
import { isWaiting, type Notes, standingNotes } from '../../rollout/note.ts';
import { stepById } from '../../rollout/plan.ts';
import type { Policy } from '../../rollout/policy.ts';
import { debtsOf, type Rollout } from '../../rollout/rollout.ts';
import { lastingSoak } from '../../rollout/soak.ts';
import { DRAIN_CHOICE_NAMES } from './drain-buttons.ts';
import {
  code,
  joined,
  lines,
  type Mrkdwn,
  mrkdwn,
  people,
  person,
  plainWords,
  time,
  unended,
} from './text.ts';
import { capital, stepWords } from './words.ts';

export interface Seen {
  readonly policy: Policy;
  readonly notes: Notes;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Whether the steps in hand are told below. */
  readonly inHand: boolean;
  /** Why no worker told them, in a sentence; null when one did. */
  readonly trouble: string | null;
}

/** Notes of nodes that wait, without a step in hand; and drains that people are asked about. */
const MAX_TOLD = 5;
/** A sentence about a worker. */
const MAX_TROUBLE = 400;
/** Pods named of one drain: its card names all of them. */
const MAX_PODS = 3;

export function whyRunning(rollout: Rollout, seen: Seen): Mrkdwn {
  const { policy, notes, now, inHand, trouble } = seen;
  const nobody = trouble === null ? null : nobodyKnown(trouble);
  const asked = blockedLines(rollout, policy);
  if (asked.length > 0) return lines(...asked, nobody);
  const soak = lastingSoak(rollout, now);
  if (soak !== null)
    return lines(
      mrkdwn`It watches what was upgraded until ${time(soak.until)}, and then looks whether all of it is still whole. An operator may end that with Continue now (${people(policy.operators, 'or')}).`,
      nobody,
    );
  if (rollout.phase.phase === 'tidying') return tidying(rollout, nobody);
  const flights = flightLines(rollout, now);
  if (flights.length > 0)
    return lines(
      ...flights,
      nobody ?? (inHand ? mrkdwn`The rest is at work, and waits for nobody. In hand:` : null),
    );
  const waiting = Object.entries(standingNotes(rollout, notes, now))
    .filter(([, note]) => isWaiting(note))
    .slice(0, MAX_TOLD)
    .map(([node, { sentence }]) => mrkdwn`${code(node)}: ${plainWords(sentence, 400)}`);
  if (waiting.length > 0) return lines(...waiting, nobody);
  if (nobody !== null) return nobody;
  return inHand
    ? mrkdwn`It is at work, and waits for nobody. In hand:`
    : mrkdwn`It is at work, and waits for nobody.`;
}

/** What can be said when no worker told what it does; `trouble`: why, in a sentence. */
export function nobodyKnown(trouble: string): Mrkdwn {
  return mrkdwn`${capital(unended(plainWords(trouble, MAX_TROUBLE)))}: nothing is known to be at work on it.`;
}

/** Until when a call in doubt is not sent again, and why. */
function flightLines(rollout: Rollout, now: number): readonly Mrkdwn[] {
  return flightsOf(rollout, now)
    .slice(0, MAX_TOLD)
    .map(
      ({ step, until }) =>
        mrkdwn`It waits until ${time(until)} for ${code(step.node)}: the call before (${stepWords(step)}) may still be on its way, and two of them could do harm. Then it looks, and sends the call again only if that is safe. Nobody has to do anything.`,
    );
}

/** `nobody`: that no worker is known to be at it; null when one is. */
function tidying(rollout: Rollout, nobody: Mrkdwn | null): Mrkdwn {
  const owed = debtsOf(rollout)
    .slice(0, MAX_TOLD)
    .map(({ pay }) => mrkdwn`${code(pay.node)} (${stepWords(pay)})`);
  if (nobody !== null)
    return owed.length === 0
      ? nobody
      : lines(mrkdwn`It has to put back what it changed: ${joined(owed, ', ')}.`, nobody);
  return owed.length === 0
    ? mrkdwn`It is about to end, and waits for nobody.`
    : mrkdwn`It puts back what it changed, and waits for nobody: ${joined(owed, ', ')}.`;
}

function blockedLines(rollout: Rollout, policy: Policy): readonly Mrkdwn[] {
  const { plan } = rollout;
  if (plan === null || isOverFor(rollout)) return [];
  return blockedDrains(rollout)
    .slice(0, MAX_TOLD)
    .flatMap((id) => {
      const question = questionOf(rollout, id);
      return question === null ? [] : [blockedSentence(stepById(plan, id)?.node ?? id, question, policy)];
    });
}

/** One sentence about a drain that people are asked about: what stays, and whose word counts. */
export function blockedSentence(node: string, { blockers, proposal }: Question, policy: Policy): Mrkdwn {
  const hidden = blockers.length - MAX_PODS;
  const pods = blockers.slice(0, MAX_PODS).map(({ namespace, name }) => code(`${namespace}/${name}`));
  const stays = mrkdwn`The drain of ${code(node)} waits for pods that stay: ${joined(pods, ', ')}${hidden > 0 ? ` and ${hidden} more` : ''}`;
  if (proposal === null)
    return mrkdwn`${stays}. It keeps trying; an operator or approver may decide on its card in the thread.`;
  return mrkdwn`${stays}. ${person(proposal.user)} asked for ${DRAIN_CHOICE_NAMES[proposal.choice]}, which an approver has to confirm: ${people(confirmersOf(policy, proposal.user), 'or')}.`;
}

// The answer to "why is nothing happening": what is waited for, and who or what can end the waiting.

import type { WhyReport } from '../../engine/ports/errands.ts';
import { mayApprove } from '../../rollout/approval.ts';
import type { Notes } from '../../rollout/note.ts';
import { standing } from '../../rollout/override.ts';
import { stepById } from '../../rollout/plan.ts';
import type { Policy } from '../../rollout/policy.ts';
import { gateState, type Phase, type Rollout } from '../../rollout/rollout.ts';
import { armedLines, armedRows, doubtLines } from './armed.ts';
import { actions, type Message, message, packed, section } from './blocks.ts';
import { withoutCopies } from './log-lines.ts';
import { isMachine, logButtonFor, usualWords } from './slow.ts';
import {
  bold,
  code,
  duration,
  lines,
  type Mrkdwn,
  mrkdwn,
  people,
  person,
  plainWords,
  plural,
  spoken,
  time,
  unended,
  verbatim,
} from './text.ts';
import { nobodyKnown, whyRunning } from './why-running.ts';
import { capital, heldClause, nodeOfGate, nounOf, phaseLine, stepWords, whoMay } from './words.ts';

export interface Why {
  readonly rollout: Rollout;
  readonly policy: Policy;
  readonly notes: Notes;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Null when no worker was asked, or none answered: then `trouble` says why, in a sentence. */
  readonly report: WhyReport | null;
  readonly trouble: string | null;
}

const MAX_LINES = 10;

/** True while the next move is a worker's: whether one is there to make it, only a worker can tell. */
export function isUpToWorkers({ phase }: Rollout): boolean {
  return phase.phase === 'asked' || phase.phase === 'running' || phase.phase === 'tidying';
}

export function whyMessage(why: Why): Message {
  const { rollout, now, report } = why;
  const noun = capital(nounOf(rollout.cluster, rollout.goal));
  const reason = reasonOf(why);
  const steps = report?.steps ?? [];
  return message(mrkdwn`${noun}: ${uncapital(spoken(reason))}`, [
    section(lines(mrkdwn`${bold(noun)}`, phaseLine(rollout, now), reason)),
    ...packed(doubtLines(rollout)),
    ...steps.flatMap(({ node, step, forMs, usual, evidence, log = [] }) => [
      section(
        mrkdwn`${stepName(rollout, step)} has been in hand for ${duration(forMs)}. ${usualWords(usual)}.`,
      ),
      ...(evidence.length === 0
        ? []
        : [section(verbatim(withoutCopies([...evidence, ...log]).slice(0, MAX_LINES)))]),
      actions(`log:${step}`, isMachine(rollout, node) ? [logButtonFor(rollout, node)] : []),
    ]),
  ]);
}

/** Nothing runs there; `last` may have left something to settle all the same. `settles`: whether this person may press what settles it. */
export function idleMessage(cluster: string, last: Rollout | null, settles: boolean): Message {
  const idle = mrkdwn`Nothing is running on ${cluster}, so nothing is waited for. See \`/talos status ${cluster}\`.`;
  const left = last === null ? [] : armedLines(last);
  return message(idle, [
    section(idle),
    ...packed(left),
    ...(last === null || !settles ? [] : armedRows(last)),
  ]);
}

/** It goes on after a colon there. */
function uncapital({ mrkdwn: text }: Mrkdwn): Mrkdwn {
  return { mrkdwn: text.charAt(0).toLowerCase() + text.slice(1) };
}

function stepName({ plan }: Rollout, id: string): Mrkdwn {
  const step = plan === null ? null : stepById(plan, id);
  return step === null ? code(id) : mrkdwn`${bold(capital(stepWords(step)))} of ${code(step.node)}`;
}

function reasonOf({ rollout, policy, notes, now, report, trouble }: Why): Mrkdwn {
  const { phase } = rollout;
  switch (phase.phase) {
    case 'asked':
      return trouble === null
        ? mrkdwn`It is being planned: the cluster is looked at, and registries may have to build images.`
        : nobodyKnown(trouble);
    case 'proposed':
      return proposed(rollout, phase, policy);
    case 'at-gate':
      return atGate(rollout, phase.gate, policy);
    case 'paused':
      return mrkdwn`It waits for an operator to resume it (${people(policy.operators, 'or')}): ${person(phase.user)} paused it.`;
    case 'held':
      return mrkdwn`It waits for an operator (${people(policy.operators, 'or')}) to choose on its card in the thread. Held at ${code(phase.held.node)} because ${heldClause(phase.held)}: ${unended(plainWords(phase.held.why, 600))}.${stays(phase.pausedBy)}`;
    case 'running':
    case 'tidying':
      return whyRunning(rollout, { policy, notes, now, trouble, inHand: (report?.steps.length ?? 0) > 0 });
    case 'finished':
      return mrkdwn`It is over: nothing is waited for.`;
  }
}

/** Nothing where nobody had paused it. */
function stays(pausedBy: string | null): Mrkdwn {
  return pausedBy === null
    ? mrkdwn``
    : mrkdwn` After Retry or Skip it stays paused until somebody resumes it: ${person(pausedBy)} had paused it before.`;
}

function proposed(
  rollout: Rollout,
  { expiresAt }: Extract<Phase, { phase: 'proposed' }>,
  policy: Policy,
): Mrkdwn {
  if (standing(rollout).length === 0)
    return mrkdwn`It waits for an operator to press Start (${people(policy.operators, 'or')}), until ${time(expiresAt)}.`;
  return mrkdwn`It waits for an approver to override what stops it (${whoMay(mayApprove(policy, rollout.user))}), until ${time(expiresAt)}; or settle what was found, and ask again.`;
}

function atGate(rollout: Rollout, gate: string, policy: Policy): Mrkdwn {
  const state = gateState(rollout, gate);
  if (state.state !== 'open') return mrkdwn`The card of ${code(nodeOfGate(gate))} is being prepared.`;
  const given = state.approvals.map(({ user }) => user);
  const may = mayApprove(policy, rollout.user).filter((user) => !given.includes(user));
  const missing = Math.max(0, state.needs - given.length);
  return mrkdwn`It waits for ${plural(missing, 'approval')} for ${code(nodeOfGate(gate))}, by ${whoMay(may)}, until ${time(state.expiresAt)}.`;
}

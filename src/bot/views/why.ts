// The answer to "why is nothing happening": what is waited for, and who or what can end the waiting.

import type { WhyReport } from '../../engine/ports/errands.ts';
import type { Policy } from '../../rollout/policy.ts';
import { gateState, type Rollout } from '../../rollout/rollout.ts';
import { actions, context, type Message, message, section } from './blocks.ts';
import type { Notes } from './card.ts';
import { logButtonFor, usualWords } from './slow.ts';
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
  verbatim,
} from './text.ts';
import { capital, heldClause, nodeOfGate, nounOf, phaseLine } from './words.ts';

export interface Why {
  readonly rollout: Rollout;
  readonly policy: Policy;
  readonly notes: Notes;
  /** Null when no worker was asked, or none answered: then `trouble` says so. */
  readonly report: WhyReport | null;
  readonly trouble: string | null;
}

/** Notes of nodes that wait, without a step in hand. */
const MAX_NOTES = 5;
const MAX_LINES = 10;

export function whyMessage(why: Why): Message {
  const { rollout, report, trouble } = why;
  const noun = capital(nounOf(rollout.cluster, rollout.goal));
  const reason = reasonOf(why);
  const steps = report?.steps ?? [];
  return message(mrkdwn`${noun}: ${spoken(reason)}`, [
    section(lines(mrkdwn`${bold(noun)}`, phaseLine(rollout), reason)),
    ...steps.flatMap(({ node, step, forMs, usual, evidence }) => [
      section(lines(mrkdwn`${code(step)} has been in hand for ${duration(forMs)}. ${usualWords(usual)}.`)),
      ...(evidence.length === 0 ? [] : [section(verbatim(evidence.slice(0, MAX_LINES)))]),
      actions(`log:${step}`, [logButtonFor(rollout, node)]),
    ]),
    ...(trouble === null ? [] : [context(mrkdwn`${trouble}`)]),
  ]);
}

function reasonOf({ rollout, policy, notes, report }: Why): Mrkdwn {
  const { phase } = rollout;
  switch (phase.phase) {
    case 'asked':
      return mrkdwn`It is being planned: the cluster is looked at, and registries may have to build images.`;
    case 'proposed':
      return mrkdwn`It waits for an operator to press Start (${people(policy.operators, 'or')}), until ${time(phase.expiresAt)}.`;
    case 'at-gate':
      return atGate(rollout, phase.gate, policy);
    case 'paused':
      return mrkdwn`${person(phase.user)} paused it: an operator resumes it (${people(policy.operators, 'or')}).`;
    case 'held':
      return mrkdwn`It is held at ${code(phase.held.node)} because ${heldClause(phase.held)}: ${plainWords(phase.held.why, 600)} It waits for an operator (${people(policy.operators, 'or')}).`;
    case 'running':
    case 'tidying':
      return running(notes, report);
    case 'finished':
      return mrkdwn`It is over: nothing is waited for.`;
  }
}

function atGate(rollout: Rollout, gate: string, policy: Policy): Mrkdwn {
  const state = gateState(rollout, gate);
  if (state.state !== 'open') return mrkdwn`The card of ${code(nodeOfGate(gate))} is being prepared.`;
  const given = state.approvals.map(({ user }) => user);
  const may = policy.approvers.filter(
    (user) => !given.includes(user) && (user !== rollout.user || policy.selfApproval === 'allowed'),
  );
  const missing = Math.max(0, state.needs - given.length);
  return mrkdwn`It waits for ${plural(missing, 'approval')} for ${code(nodeOfGate(gate))}, by ${people(may, 'or')}, until ${time(state.expiresAt)}.`;
}

function running(notes: Notes, report: WhyReport | null): Mrkdwn {
  const waiting = Object.entries(notes)
    .filter(([, { sentence }]) => sentence.startsWith('waiting'))
    .slice(0, MAX_NOTES)
    .map(([node, { sentence }]) => mrkdwn`${code(node)}: ${plainWords(sentence, 400)}`);
  if (waiting.length > 0) return lines(...waiting);
  return (report?.steps.length ?? 0) > 0
    ? mrkdwn`It works; this is what is in hand:`
    : mrkdwn`It works: no step has been in hand long enough to say more.`;
}

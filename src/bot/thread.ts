// The thread as a pure projection of the journal: which messages there should be, and what each should say now.
import type { Entry } from '../rollout/event.ts';
import type { Notes } from '../rollout/note.ts';
import { occasionOf } from '../rollout/occasion.ts';
import { standing } from '../rollout/override.ts';
import type { Policy } from '../rollout/policy.ts';
import type { Rollout } from '../rollout/rollout.ts';
import { type Moment, walk } from './moments.ts';
import { type Message, message } from './views/blocks.ts';
import { card } from './views/card.ts';
import { drainCard, proposalLine, questionsKey } from './views/drain.ts';
import { gateCard } from './views/gate.ts';
import { handOverMessage } from './views/hand-over.ts';
import { heldCard } from './views/held.ts';
import { eventLine } from './views/lines.ts';
import { declinedMessage, planMessage } from './views/plan.ts';
import { isFolded, type Report, reportOf } from './views/report.ts';
import { slowMessage } from './views/slow.ts';
import { summaryMessage } from './views/summary.ts';
import { mrkdwn, plural } from './views/text.ts';
import { nounOf } from './views/words.ts';

export interface Slot {
  /** `card`, `plan`, `gate:cp-2`, `held:31`, …: the same for the same message, for ever. */
  readonly name: string;
  /** card: the parent; reply: in its thread; loud-reply: shown in the channel too; private: for the requester's eyes only; file: in the thread, as it is for ever. */
  readonly where: 'card' | 'reply' | 'loud-reply' | 'private' | 'file';
  /** What a slot of the kind `file` holds; its message is the word above it. */
  readonly file?: Report;
  readonly message: Message;
  /** When this changed too, an edit is worth doing at once; else it is progress and may wait. */
  readonly state: string;
}

export interface Thread {
  readonly rollout: Rollout;
  /** In the order they are posted. Empty while there is nothing to show yet. */
  readonly slots: readonly Slot[];
}

export interface ThreadInput {
  readonly entries: readonly Entry[];
  readonly policy: Policy;
  readonly notes: Notes;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Null for an empty journal. Throws on a journal whose facts contradict each other. */
export function threadOf(input: ThreadInput): Thread | null {
  const { rollout, moments } = walk(input.entries);
  if (rollout === null) return null;
  return { rollout, slots: slotsOf(rollout, moments, input) };
}

function slotsOf(rollout: Rollout, moments: readonly Moment[], input: ThreadInput): readonly Slot[] {
  const { phase } = rollout;
  const blocked = phase.phase === 'finished' && phase.outcome === 'blocked';
  if (rollout.plan === null && !blocked)
    return phase.phase === 'finished' ? [privateAnswer(rollout, phase)] : [];
  const parent: Slot = {
    name: 'card',
    where: 'card',
    message: card({ rollout, policy: input.policy, notes: input.notes, now: input.now }),
    state: stateKey(rollout),
  };
  const replies = moments.flatMap((moment) => replyOf(rollout, moment, input));
  const ended = phase.phase === 'finished' && rollout.plan !== null;
  return [
    parent,
    ...(blocked ? reportSlots(rollout) : []),
    ...replies,
    ...(ended ? [reply('summary', summaryMessage(rollout))] : []),
  ];
}

/** What makes a person look again at the card, as text to compare. */
function stateKey(rollout: Rollout): string {
  const { phase } = rollout;
  switch (phase.phase) {
    case 'running':
      return `running ${phase.halt?.kind ?? ''} ${questionsKey(rollout)}`;
    case 'at-gate':
      return phase.gate;
    case 'proposed':
      return `proposed ${standing(rollout).length}`;
    case 'held':
      return `held ${phase.held.subject} ${occasionOf(rollout, phase.held.subject)}`;
    default:
      return phase.phase;
  }
}

function reply(name: string, message: Message, where: Slot['where'] = 'reply'): Slot {
  return { name, where, message, state: message.text };
}

function replyOf(rollout: Rollout, moment: Moment, { policy }: ThreadInput): readonly Slot[] {
  switch (moment.kind) {
    case 'plan': {
      if (rollout.plan === null) return [];
      const { cluster, plan, findings, estimate } = rollout;
      const proposed = { rollout, policy };
      return [
        reply(moment.slot, planMessage({ cluster, plan, findings, estimate, use: 'thread', proposed })),
        ...reportSlots(rollout),
      ];
    }
    case 'gate':
      return [reply(moment.slot, gateCard(rollout, moment.card, policy))];
    case 'held':
      return [reply(moment.slot, heldCard(rollout, moment.card, policy), 'loud-reply')];
    case 'slow':
      return [reply(moment.slot, slowMessage(rollout, moment.card))];
    case 'hand-over':
      return [reply(moment.slot, handOverMessage(moment.rollout, moment.how))];
    case 'drain':
      return [reply(moment.slot, drainCard(rollout, moment.card, policy), 'loud-reply')];
    case 'line': {
      const { event } = moment;
      const message =
        event.kind === 'drain-proposed' ? proposalLine(rollout, event, policy) : eventLine(rollout, event);
      return message === null ? [] : [reply(moment.slot, message)];
    }
  }
}

/** The whole of what a message has to fold: the plan, or what stood against one. */
function reportSlots({ cluster, goal, plan, findings, estimate }: Rollout): readonly Slot[] {
  if (!isFolded(plan, findings)) return [];
  const noun = nounOf(cluster, goal);
  const all = plan === null ? 'All' : 'The whole plan and all';
  const word = message(mrkdwn`${all} ${plural(findings.length, 'finding')} of ${noun} are in this file.`, []);
  const file = reportOf({ cluster, noun, plan, findings, estimate });
  return [{ name: 'report', where: 'file', message: word, file, state: 'report' }];
}

type Finished = Extract<Rollout['phase'], { phase: 'finished' }>;

/** A wish that came to nothing is nobody's business but the requester's. */
function privateAnswer(rollout: Rollout, phase: Finished): Slot {
  const { outcome, sentence } = phase;
  const message = declinedMessage(rollout.cluster, rollout.goal, {
    outcome,
    sentence,
    findings: rollout.findings,
  });
  return { name: 'answer', where: 'private', message, state: outcome };
}

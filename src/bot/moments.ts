// Walks a journal and keeps the moments that get a message of their own in the thread, in the order they happened.

import { questionOf } from '../rollout/blockade.ts';
import type { Entry, RolloutEvent } from '../rollout/event.ts';
import { evolve } from '../rollout/evolve.ts';
import { stepById } from '../rollout/plan.ts';
import { gateState, type Rollout, type StepState, stepState } from '../rollout/rollout.ts';
import type { DrainCard, DrainEnding } from './views/drain.ts';
import type { GateCard, GateEnding } from './views/gate.ts';
import type { HandOver } from './views/hand-over.ts';
import type { HeldCard, HeldChoice } from './views/held.ts';
import type { SlowCard, SlowEnd } from './views/slow.ts';

export type Moment =
  | { readonly kind: 'plan'; readonly slot: 'plan' }
  | { readonly kind: 'gate'; readonly slot: string; readonly card: GateCard }
  | { readonly kind: 'held'; readonly slot: string; readonly card: HeldCard }
  | { readonly kind: 'slow'; readonly slot: string; readonly card: SlowCard }
  | { readonly kind: 'hand-over'; readonly slot: string; readonly rollout: Rollout; readonly how: HandOver }
  | { readonly kind: 'drain'; readonly slot: string; readonly card: DrainCard }
  | { readonly kind: 'line'; readonly slot: string; readonly event: RolloutEvent };

export interface Walked {
  readonly rollout: Rollout | null;
  readonly moments: readonly Moment[];
}

/** Events that become one line in the thread. */
const LINES: readonly RolloutEvent['kind'][] = [
  'overridden',
  'started',
  'paused',
  'resumed',
  'soak-shortened',
  'drain-proposed',
  'aborted',
  'denied',
];

/** Throws on a journal whose facts contradict each other, as folding does. */
export function walk(entries: readonly Entry[]): Walked {
  return entries.reduce<Walked>(
    (walked, entry) => {
      const rollout = evolve(walked.rollout, entry);
      const moments = [withGates, withDrains, withHolds, withSlow].reduce(
        (before, take) => take(before, { entry, before: walked.rollout, rollout }),
        walked.moments,
      );
      return { rollout, moments: withOthers(moments, entry, rollout) };
    },
    { rollout: null, moments: [] },
  );
}

interface Change {
  readonly entry: Entry;
  readonly before: Rollout | null;
  readonly rollout: Rollout;
}

function withOthers(moments: readonly Moment[], { n, event }: Entry, rollout: Rollout): readonly Moment[] {
  if (event.kind === 'handed-over') {
    const how = { from: event.user, to: event.to };
    return [...moments, { kind: 'hand-over', slot: `hand-over:${n}`, rollout, how }];
  }
  if (event.kind === 'planned') return [...moments, { kind: 'plan', slot: 'plan' }];
  if (LINES.includes(event.kind)) return [...moments, { kind: 'line', slot: `${event.kind}:${n}`, event }];
  return moments;
}

function withGates(moments: readonly Moment[], { entry, rollout }: Change): readonly Moment[] {
  const { event, at } = entry;
  if (event.kind === 'gate-opened') {
    const earlier = moments.filter(
      (moment) => moment.kind === 'gate' && moment.card.gate === event.gate,
    ).length;
    const slot = earlier === 0 ? event.gate : `${event.gate}/${earlier + 1}`;
    const { remarks = [] } = event;
    const card: GateCard = { ...event, remarks, approvals: [], ending: { kind: 'open' } };
    return [...moments, { kind: 'gate', slot, card }];
  }
  return moments.map((moment) => {
    if (moment.kind !== 'gate' || !undecided(moment.card.ending)) return moment;
    return { ...moment, card: judged(moment.card, rollout, { event, at }) };
  });
}

function undecided(ending: GateEnding): boolean {
  return ending.kind === 'open' || ending.kind === 'proving';
}

/** What a fact makes of a card that was still undecided. */
function judged(card: GateCard, rollout: Rollout, { event, at }: Pick<Entry, 'event' | 'at'>): GateCard {
  const state = gateState(rollout, card.gate);
  const mine = 'gate' in event && event.gate === card.gate;
  const ended = (ending: GateEnding): GateCard => ({ ...card, ending });
  if (mine && event.kind === 'gate-voided') return ended({ kind: 'voided', at, why: event.why });
  if (mine && event.kind === 'gate-withheld') return ended({ kind: 'voided', at, why: event.why });
  switch (state.state) {
    case 'open':
      return {
        ...card,
        approvals: state.approvals,
        ending: { kind: state.approvals.length < state.needs ? 'open' : 'proving' },
      };
    case 'passed':
      return ended({ kind: 'passed', at: state.at });
    case 'denied':
      return ended({ kind: 'denied', at: state.at, user: state.user, reason: state.reason });
    case 'expired':
      return ended({ kind: 'expired', at: state.at });
    case 'closed':
      return ended({ kind: 'closed', at });
  }
}

function withDrains(moments: readonly Moment[], { entry, rollout }: Change): readonly Moment[] {
  const { event, at, n } = entry;
  const before = moments.map((moment): Moment => {
    if (moment.kind !== 'drain' || moment.card.ending !== null) return moment;
    return { ...moment, card: answered(moment.card, rollout, { event, at }) };
  });
  if (event.kind !== 'drain-blocked') return before;
  const { step, blockers } = event;
  const node = (rollout.plan === null ? null : stepById(rollout.plan, step))?.node ?? '';
  const card: DrainCard = { step, node, blockers, at, waited: null, ending: null };
  return [...before, { kind: 'drain', slot: `drain:${n}`, card }];
}

/** What a fact makes of a drain's card that still asked. */
function answered(card: DrainCard, rollout: Rollout, { event, at }: Pick<Entry, 'event' | 'at'>): DrainCard {
  const mine = 'step' in event && event.step === card.step;
  if (mine && event.kind === 'drain-decided') {
    const { choice, askedBy, user } = event;
    if (choice === 'wait') return { ...card, waited: { user, at } };
    return { ...card, ending: { kind: 'decided', choice, askedBy, user, at } };
  }
  if (mine && event.kind === 'drain-blocked') return { ...card, ending: { kind: 'replaced', at } };
  return questionOf(rollout, card.step) === null ? { ...card, ending: settledAs(card, rollout, at) } : card;
}

function settledAs({ step }: DrainCard, rollout: Rollout, at: number): DrainEnding {
  const state = stepState(rollout, step);
  if (state.state === 'failed') return { kind: 'over', at };
  const stopped = state.state === 'ended' && state.result['stopped'] === true;
  return { kind: stopped ? 'stopped' : 'cleared', at };
}

/** Said once for a step; when the step is over, so is that, however it went. */
function withSlow(moments: readonly Moment[], { entry, rollout }: Change): readonly Moment[] {
  const { event, at, n } = entry;
  if (event.kind === 'step-slow')
    return [...moments, { kind: 'slow', slot: `slow:${n}`, card: { event, at, over: null } }];
  return moments.map((moment) => {
    if (moment.kind !== 'slow' || moment.card.over !== null || rollout.slow.has(moment.card.event.step))
      return moment;
    const how = endOf(stepState(rollout, moment.card.event.step));
    return { ...moment, card: { ...moment.card, over: { at, how } } };
  });
}

/** A step that was begun is open again only when it was withdrawn. */
function endOf({ state }: StepState): SlowEnd {
  return state === 'ended' || state === 'failed' || state === 'doubted' ? state : 'withdrawn';
}

function withHolds(moments: readonly Moment[], { entry, before, rollout }: Change): readonly Moment[] {
  const was = before?.phase.phase === 'held' ? before.phase.held : null;
  const is = rollout.phase.phase === 'held' ? rollout.phase.held : null;
  const same = was?.subject === is?.subject && was?.why === is?.why;
  if (same) return moments;
  const settled = was === null ? moments : moments.map((moment) => decidedNow(moment, entry));
  if (is === null) return settled;
  return [
    ...settled,
    { kind: 'held', slot: `held:${entry.n}`, card: { held: is, at: entry.at, choice: null } },
  ];
}

function decidedNow(moment: Moment, { event, at }: Entry): Moment {
  if (moment.kind !== 'held' || moment.card.choice !== null) return moment;
  return { ...moment, card: { ...moment.card, choice: { ...choiceOf(event), at } } };
}

function choiceOf(event: RolloutEvent): Omit<HeldChoice, 'at'> {
  switch (event.kind) {
    case 'retried':
      return { what: 'retried', user: event.user };
    case 'skipped':
      return { what: 'skipped', user: event.user };
    case 'aborted':
      return { what: 'aborted', user: event.user };
    case 'debt-taken':
      return { what: 'taken over', user: event.user };
    default:
      return { what: 'settled', user: null };
  }
}

// The one door for intents: decide on the folded journal, append, and ring the bell.
import { decide } from '../rollout/decide.ts';
import type { RolloutEvent } from '../rollout/event.ts';
import type { Entries } from '../rollout/evolve.ts';
import { describeGoal } from '../rollout/goal.ts';
import { type Asked, type Refusal, refuse } from '../rollout/intent.ts';
import { boundTo } from '../rollout/occasion.ts';
import type { Policy } from '../rollout/policy.ts';
import type { Rollout } from '../rollout/rollout.ts';
import { folded, rehearse } from './folding.ts';
import type { Bells } from './ports/bells.ts';
import type { Clock } from './ports/clock.ts';
import type { Answer, Deliveries, Meant } from './ports/deliveries.ts';
import { Fault } from './ports/fault.ts';
import { type AppendRequest, type Journal, UnreadableEntry } from './ports/journal.ts';
import { unreadableSentence } from './unreadable.ts';

interface Target {
  readonly cluster: string;
  readonly rollout: string;
}

/** What somebody says something to. */
export interface Addressee {
  readonly cluster: string;
  /** Null: typed, so to the rollout that has the cluster. */
  readonly rollout: string | null;
}

/** taken: facts were written; already: this delivery (or the same wish) had been taken before, nothing was written. */
export type Submitted =
  | { readonly kind: 'taken' | 'already'; readonly rollout: Rollout; readonly written: Written }
  | Refusal;

/** What this delivery wrote down, now or when it came first, and upon what. No facts: the wish was so already. */
export interface Written {
  readonly before: Rollout | null;
  readonly events: readonly RolloutEvent[];
}

export type Submit = (addressee: Addressee, asked: Asked) => Promise<Submitted>;

export interface SubmitParts {
  readonly journal: Journal;
  readonly deliveries: Deliveries;
  readonly bells: Bells;
  readonly clock: Clock;
  /** The cluster's present policy, or null for a cluster that is not configured. */
  readonly policyOf: (cluster: string) => Policy | null;
}

/** Drivers append a few facts a second at most; more lost races than this mean that something is wrong with the store. */
const MAX_RACES = 20;

/** Rejects with Fault `unreachable` when the store does not answer; every domain "no" is a Refusal. */
export function submitter(parts: SubmitParts): Submit {
  return async (addressee, asked) => {
    const policy = parts.policyOf(addressee.cluster);
    if (policy === null) return refuse('unknown-cluster', `No cluster is called ${addressee.cluster}.`);
    return heard(parts, addressee, asked, policy).catch((error: unknown) => closed(error));
  };
}

/** What it is about is kept before anything is decided: a copy of it that comes later is about the same, and acts upon nothing else. */
async function heard(
  parts: SubmitParts,
  { cluster, rollout }: Addressee,
  asked: Asked,
  policy: Policy,
): Promise<Submitted> {
  const about = rollout ?? (await parts.journal.claimOf(cluster));
  const meant = await parts.deliveries.first(cluster, asked.delivery, about);
  if (meant.rollout === null) return nothingRuns(cluster, asked);
  const word: Word = { target: { cluster, rollout: meant.rollout }, meant, asked, policy };
  for (let race = 0; race < MAX_RACES; race += 1) {
    const submitted = await attempt(parts, word);
    if (submitted !== 'moved') return submitted;
  }
  return refuse(
    'journal-busy',
    'The rollout is moving faster than this click could be written down. Press again.',
  );
}

function nothingRuns(cluster: string, { intent }: Asked): Refusal {
  return refuse(
    'unknown-rollout',
    `Nothing is running on ${cluster}, so there is nothing to ${intent.kind.replace('-', ' ')}. See \`/talos status ${cluster}\`.`,
  );
}

/** Codes of faults that say that nothing was written down, until a person mends the store. */
const CLOSED = ['UNFIT_STORE', 'NOREPLICAS', 'OOM', 'MISCONF'];

/** What a person must hear as it is; anything else is thrown on. */
function closed(error: unknown): Refusal {
  if (error instanceof UnreadableEntry) return refuse('journal-unreadable', unreadableSentence(error));
  if (error instanceof Fault && CLOSED.includes(error.code))
    return refuse('journal-closed', `Nothing was written down: ${error.message}`);
  throw error;
}

/** What a bell is called after: the goal of the rollout, or of what would have become one. */
function goalOf(before: Rollout | null, { intent }: Asked): string {
  if (before !== null) return before.goal.kind;
  return intent.kind === 'ask' ? intent.goal.kind : 'unknown';
}

/** It is in the store, and counts as soon as a driver gets the lease: that waits until the replicas have it (store/writing.ts). */
async function unsure({ bells }: SubmitParts, target: Target, goal: string): Promise<Refusal> {
  await bells.ring({ goal, ...target });
  return refuse(
    'journal-closed',
    'It was written down, but no replica of Redis has confirmed it yet. It counts as soon as one does: the thread shows it then. ' +
      'If Redis fails over before, it is lost, and you have to ask again.',
  );
}

/** What a person said, what it was about when it came first, and the rules of now. */
interface Word {
  readonly target: Target;
  readonly meant: Meant;
  readonly asked: Asked;
  readonly policy: Policy;
}

async function attempt(parts: SubmitParts, word: Word): Promise<Submitted | 'moved'> {
  const { target, meant, asked } = word;
  const entries: Entries = await parts.journal.read(target.cluster, target.rollout);
  const before = folded(target.rollout, entries);
  if (before?.deliveries.has(asked.delivery))
    return { kind: 'already', rollout: before, written: writtenBy(target, entries, asked.delivery) };
  if (meant.answer?.kind === 'refusal') return meant.answer;
  const then = meant.answer === null ? null : folded(target.rollout, entries.slice(0, meant.answer.version));
  if (then !== null) return soAlready(then);
  const { decided, upon } = judged(word, { entries, before, now: parts.clock.now() });
  if (decided.kind === 'refusal') return answered(parts, word, decided);
  if (decided.events.length === 0) {
    if (upon === null) throw new Error('what is so already is so of a rollout');
    await answered(parts, word, { kind: 'so-already', version: upon.version });
    return soAlready(upon);
  }
  const written: Written = { before, events: decided.events };
  rehearse(before, decided.events, parts.clock.now());
  const link = entries.at(-1)?.link;
  const append: AppendRequest = {
    ...target,
    expect: entries.length,
    ...(link === undefined ? {} : { link }),
    events: decided.events,
    by: { kind: 'person', user: asked.user },
    ...(asked.intent.kind === 'ask' ? { claim: 'take' as const } : {}),
  };
  const reply = await parts.journal.append(append).catch((error: unknown) => {
    if (error instanceof Fault && error.code === 'UNACKNOWLEDGED') return 'unsure' as const;
    throw error;
  });
  if (reply === 'unsure') return unsure(parts, target, goalOf(before, asked));
  if (reply.kind === 'moved' || reply.kind === 'forked') return 'moved';
  if (reply.kind === 'claimed')
    return answered(parts, word, await claimedBy(parts.journal, target.cluster, reply.holder));
  if (reply.kind === 'lease-lost') throw new Error('an append without a lease cannot lose one');
  const after = folded(target.rollout, await parts.journal.read(target.cluster, target.rollout));
  if (after === null) throw new Error(`rollout ${target.rollout} was appended to and is not there`);
  await parts.bells.ring({ goal: after.goal.kind, ...target });
  return { kind: 'taken', rollout: after, written };
}

interface Standing {
  readonly entries: Entries;
  readonly before: Rollout | null;
  readonly now: number;
}

/**
 * Judged as it stood when the word came first, and as it stands: a copy that comes after the process that heard the first one died may
 * still be taken, but never for what only arose since.
 */
function judged(
  { target, meant, asked, policy }: Word,
  { entries, before, now }: Standing,
): { readonly decided: ReturnType<typeof decide>; readonly upon: Rollout | null } {
  const then =
    entries.length <= meant.version ? before : folded(target.rollout, entries.slice(0, meant.version));
  const decided = decide(then, asked, { policy, now });
  if (decided.kind === 'refusal' || decided.events.length === 0 || then === before)
    return { decided, upon: then };
  return {
    decided: decide(before, { ...asked, intent: boundTo(then, asked.intent) }, { policy, now }),
    upon: before,
  };
}

/** Nothing is written down for it, so the first answer is kept for its copies. Without: they are judged upon what stood then. */
async function answered<A extends Answer>(
  parts: SubmitParts,
  { target, asked }: Word,
  answer: A,
): Promise<A> {
  await parts.deliveries.answer(target.cluster, asked.delivery, answer).catch(() => undefined);
  return answer;
}

function soAlready(rollout: Rollout): Submitted {
  return { kind: 'already', rollout, written: { before: rollout, events: [] } };
}

/** Of a delivery that came again. */
function writtenBy({ rollout }: Target, entries: Entries, delivery: string): Written {
  const mine = entries.filter(({ event }) => 'delivery' in event && event.delivery === delivery);
  const earlier = entries.filter(({ n }) => n < (mine[0]?.n ?? 0));
  return { before: folded(rollout, earlier), events: mine.map(({ event }) => event) };
}

async function claimedBy(journal: Journal, cluster: string, holder: string): Promise<Refusal> {
  const other = await journal
    .read(cluster, holder)
    .then((entries) => folded(holder, entries))
    .catch((error: unknown) => {
      if (error instanceof UnreadableEntry) return error;
      throw error;
    });
  if (other instanceof UnreadableEntry) {
    const sentence = `${cluster} is taken by a rollout that nobody can go on with. ${unreadableSentence(other)}`;
    return refuse('journal-unreadable', sentence);
  }
  const who = other === null ? 'another rollout' : `<@${other.user}>'s ${describeGoal(other.goal)}`;
  return refuse(
    'claimed',
    `${cluster} is taken by ${who} (rollout ${holder}). Wait for its end, or abort it with \`/talos abort ${cluster}\`.`,
  );
}

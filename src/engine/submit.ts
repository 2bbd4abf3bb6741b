// The one door for intents: decide on the folded journal, append, and ring the bell.
import { decide } from '../rollout/decide.ts';
import type { Entries } from '../rollout/evolve.ts';
import { describeGoal } from '../rollout/goal.ts';
import { type Asked, type Refusal, refuse } from '../rollout/intent.ts';
import type { Policy } from '../rollout/policy.ts';
import type { Rollout } from '../rollout/rollout.ts';
import { folded } from './folding.ts';
import type { Bells } from './ports/bells.ts';
import type { Clock } from './ports/clock.ts';
import { Fault } from './ports/fault.ts';
import { type Journal, UnreadableEntry } from './ports/journal.ts';
import { unreadableSentence } from './unreadable.ts';

export interface Target {
  readonly cluster: string;
  readonly rollout: string;
}

/** taken: facts were written; already: this delivery (or the same wish) had been taken before, nothing was written. */
export type Submitted =
  | { readonly kind: 'taken'; readonly rollout: Rollout }
  | { readonly kind: 'already'; readonly rollout: Rollout }
  | Refusal;

export type Submit = (target: Target, asked: Asked) => Promise<Submitted>;

export interface SubmitParts {
  readonly journal: Journal;
  readonly bells: Bells;
  readonly clock: Clock;
  /** The cluster's present policy, or null for a cluster that is not configured. */
  readonly policyOf: (cluster: string) => Policy | null;
}

/** Drivers append a few facts a second at most; more lost races than this mean that something is wrong with the store. */
const MAX_RACES = 20;

/** Rejects with Fault `unreachable` when the store does not answer; every domain "no" is a Refusal. */
export function submitter(parts: SubmitParts): Submit {
  return async (target, asked) => {
    const policy = parts.policyOf(target.cluster);
    if (policy === null) return refuse('unknown-cluster', `No cluster is called ${target.cluster}.`);
    for (let race = 0; race < MAX_RACES; race += 1) {
      const submitted = await attempt(parts, target, asked, policy).catch((error: unknown) => closed(error));
      if (submitted !== 'moved') return submitted;
    }
    return refuse(
      'journal-busy',
      'The rollout is moving faster than this click could be written down. Press again.',
    );
  };
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

async function attempt(
  parts: SubmitParts,
  target: Target,
  asked: Asked,
  policy: Policy,
): Promise<Submitted | 'moved'> {
  const entries: Entries = await parts.journal.read(target.cluster, target.rollout);
  const before = folded(target.rollout, entries);
  if (before?.deliveries.has(asked.delivery)) return { kind: 'already', rollout: before };
  const decided = decide(before, asked, { policy, now: parts.clock.now() });
  if (decided.kind === 'refusal') return decided;
  if (decided.events.length === 0 && before !== null) return { kind: 'already', rollout: before };
  const link = entries.at(-1)?.link;
  const reply = await parts.journal.append({
    ...target,
    expect: entries.length,
    ...(link === undefined ? {} : { link }),
    events: decided.events,
    by: { kind: 'person', user: asked.user },
    ...(asked.intent.kind === 'ask' ? { claim: 'take' as const } : {}),
  });
  if (reply.kind === 'moved' || reply.kind === 'forked') return 'moved';
  if (reply.kind === 'claimed') return claimedBy(parts.journal, target.cluster, reply.holder);
  if (reply.kind === 'lease-lost') throw new Error('an append without a lease cannot lose one');
  const after = folded(target.rollout, await parts.journal.read(target.cluster, target.rollout));
  if (after === null) throw new Error(`rollout ${target.rollout} was appended to and is not there`);
  await parts.bells.ring({ goal: after.goal.kind, ...target });
  return { kind: 'taken', rollout: after };
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

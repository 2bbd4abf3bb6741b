// The system of record: journals, the claim of a cluster, the lease of a driver, and when to look next (design.md 4.6-4.9).
import type { Actor, Entry, RolloutEvent } from '../../rollout/event.ts';
import { Fault } from './fault.ts';

/** Proof of being the driver: given by `take`, checked by the store's script on every append that names it. */
export interface Lease {
  readonly rollout: string;
  readonly cluster: string;
  readonly token: string;
}

export interface AppendRequest {
  readonly cluster: string;
  readonly rollout: string;
  /** The journal's length this was decided on; anything else is answered with `moved`. */
  readonly expect: number;
  /** The link of the last entry this was decided on: where another entry stands in its place, the answer is `forked`. */
  readonly link?: string;
  readonly events: readonly RolloutEvent[];
  readonly by: Actor;
  /** A driver's append names its lease; without one the append is a person's or the clock's. */
  readonly lease?: Lease;
  /** take: the cluster must be unclaimed (or ours); give: the claim is given back. Both in the same script as the fact that says so. */
  readonly claim?: 'take' | 'give';
}

export type AppendReply =
  | { readonly kind: 'appended'; readonly version: number; readonly at: number }
  /** The journal has another length: fold again and decide again. */
  | { readonly kind: 'moved'; readonly version: number }
  | { readonly kind: 'claimed'; readonly holder: string }
  /** The store lost facts this was decided on (a fail-over, a restored copy) and went on without them: read it all again. */
  | { readonly kind: 'forked' }
  | { readonly kind: 'lease-lost' };

/** What helps: the version of the program that wrote it, the right key, or only a person with a copy of the journal. */
export type Remedy = 'newer-version' | 'key' | 'person';

/** A journal that this version must not act on: damaged, of a newer version, or not the journal it claims to be. */
export class UnreadableEntry extends Fault {
  readonly rollout: string;
  readonly n: number;
  /** What was found there, as half a sentence. */
  readonly why: string;
  readonly remedy: Remedy;
  /** What could be read before it, from where the reader began. */
  readonly readable: readonly Entry[];

  constructor(
    rollout: string,
    n: number,
    found: { readonly why: string; readonly remedy?: Remedy; readonly readable?: readonly Entry[] },
  ) {
    super('broken', `Entry ${n} of rollout ${rollout} cannot be read: ${found.why}.`, {
      code: 'UNREADABLE_ENTRY',
    });
    this.name = 'UnreadableEntry';
    this.rollout = rollout;
    this.n = n;
    this.why = found.why;
    this.remedy = found.remedy ?? 'person';
    this.readable = found.readable ?? [];
  }
}

/** What a reader remembers of a journal is not what the store holds: it must forget, and read from the beginning. */
export class JournalForked extends Fault {
  constructor(rollout: string, after: number) {
    super(
      'broken',
      `Rollout ${rollout} is not what it was up to entry ${after}: the store lost facts (a fail-over, a restored copy).`,
      { code: 'JOURNAL_FORKED' },
    );
    this.name = 'JournalForked';
  }
}

/** Where a journal ends: its length, and the link of its last entry ('' when there is none). */
export interface JournalEnd {
  readonly version: number;
  readonly link: string;
}

export type TakeReply =
  /** `at`: the store's clock then, milliseconds since 1970. `end`: of the journal then, where the lease was taken. */
  | { readonly kind: 'taken'; readonly lease: Lease; readonly at: number; readonly end: JournalEnd }
  | { readonly kind: 'held-elsewhere' };

export interface DueLook {
  readonly cluster: string;
  readonly rollout: string;
}

/** Every method rejects with Fault `unreachable` when the store does not answer in time. */
export interface Journal {
  /**
   * Entries after number `after` (0 = all), oldest first. Empty for an unknown rollout. `link`: of entry `after` as the reader knows
   * it. Rejects with UnreadableEntry at the first entry this version must not act on, and with JournalForked when entry `after` is
   * missing or another one.
   */
  read(cluster: string, rollout: string, after?: number, link?: string): Promise<readonly Entry[]>;
  /** Appends all events or none, sets the Look to now (or removes it when the last event is `finished` or `declined`). */
  append(request: AppendRequest): Promise<AppendReply>;
  /** The rollout that has the cluster, or null. */
  claimOf(cluster: string): Promise<string | null>;
  /** Ids of this cluster's rollouts, newest first, at most `limit`. */
  recent(cluster: string, limit: number): Promise<readonly string[]>;
  /**
   * Becomes the driver for `leaseMs`; the Look moves to the lease's end. Where replicas must have each fact, it is answered when they
   * have all of this journal up to now, and rejects like an append otherwise: then nobody drives. A store of several servers may have
   * answered `read` from another one, that was a master once: only who then reads up to `end` has read what it drives.
   */
  take(cluster: string, rollout: string, owner: string): Promise<TakeReply>;
  /** Prolongs the lease; answers the journal's present version, so that a driver notices what others appended. */
  renew(
    lease: Lease,
  ): Promise<{ readonly kind: 'renewed'; readonly version: number } | { readonly kind: 'lease-lost' }>;
  /**
   * Gives the lease back and sets the Look to `nextLook` (milliseconds since 1970; null = only an append wakes it, kept as a far Look).
   * Refused when the journal moved past `seen`, or its last entry is not the one with this `link`.
   */
  letGo(
    lease: Lease,
    seen: number,
    nextLook: number | null,
    link?: string,
  ): Promise<'let-go' | 'moved' | 'lease-lost'>;
  /** Rollouts of these clusters whose Look has come, by the store's clock, at most `limit`. */
  due(clusters: readonly string[], limit: number): Promise<readonly DueLook[]>;
  /** Chatter for display: the latest sentence per node, capped and expiring; not events. */
  note(cluster: string, rollout: string, node: string, sentence: string): Promise<void>;
  notes(
    cluster: string,
    rollout: string,
  ): Promise<Readonly<Record<string, { readonly sentence: string; readonly at: number }>>>;
}

/** Milliseconds a lease lasts without renewal, and between renewals (design.md 2). */
export const LEASE_MS = 3_000;
export const RENEW_MS = 750;

// One driver's hold on one rollout: the lease, the folded journal, and the only way to append to it.

import type { RolloutEvent } from '../rollout/event.ts';
import type { Entries } from '../rollout/evolve.ts';
import type { Rollout } from '../rollout/rollout.ts';
import { folded, followed, rehearse } from './folding.ts';
import type { Clock } from './ports/clock.ts';
import { Fault, faultOf } from './ports/fault.ts';
import {
  type Journal,
  type JournalEnd,
  JournalForked,
  LEASE_MS,
  type Lease,
  RENEW_MS,
  UnreadableEntry,
} from './ports/journal.ts';
import { Slots } from './slots.ts';

/** The lease is gone: another process may be driving. New acts and loops stop. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/** Appends compete with people's clicks only; more lost races than this mean that something is wrong. */
const MAX_RACES = 50;

/** Facts to append given the rollout as it stands, or null when they are no longer true. */
export type Facts = (rollout: Rollout) => readonly RolloutEvent[] | null;

export class Session {
  readonly lost: AbortController = new AbortController();
  /** One thing at a time. */
  readonly #turns = new Slots(1);
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #lease: Lease;
  readonly #owner: string;
  #heldUntil: number;
  #entries: Entries = [];
  #rollout: Rollout;
  /** The store's clock less our monotonic one: our own wall clock may be hours off, and may jump. */
  #ahead = 0;

  private constructor(
    parts: SessionParts,
    lease: Lease,
    heldUntil: number,
    entries: Entries,
    rollout: Rollout,
  ) {
    this.#journal = parts.journal;
    this.#clock = parts.clock;
    this.#owner = parts.owner;
    this.#lease = lease;
    this.#heldUntil = heldUntil;
    this.#entries = entries;
    this.#rollout = rollout;
  }

  /**
   * Folds the journal and takes the lease; null when another process drives, or there is nothing to drive. In this order: who
   * cannot read a journal must not keep the lease from somebody who can (design.md 4.7). Rejects with Fault `busy` when what it reads ends
   * before what the lease was taken on: after a fail-over it reads from a former master, and would act on what is long over.
   */
  static async open(parts: SessionParts, cluster: string, id: string): Promise<Session | null> {
    const entries = await parts.journal.read(cluster, id);
    const rollout = folded(id, entries);
    if (rollout === null) return null;
    const asked = parts.clock.monotonic();
    const reply = await parts.journal.take(cluster, id, parts.owner);
    if (reply.kind === 'held-elsewhere') return null;
    const session = new Session(parts, reply.lease, asked + LEASE_MS, entries, rollout);
    session.#ahead = reply.at - parts.clock.monotonic();
    await session.refresh();
    if (session.#hasRead(reply.end)) return session;
    await session.#decline(reply.end);
    const behind = `Rollout ${id} was read from a server that is behind the one that its lease was taken at.`;
    throw new Fault('busy', behind, { code: 'STALE_READ' });
  }

  get rollout(): Rollout {
    return this.#rollout;
  }

  /** The journal as this driver has read it. */
  get entries(): Entries {
    return this.#entries;
  }

  get owner(): string {
    return this.#owner;
  }

  /**
   * The store's time, in milliseconds since 1970, as far as it is known here: never ahead of it. Every moment in the journal is the
   * store's, so a limit or a wait that is counted from one of them is counted with this and with no other clock.
   */
  now(): number {
    return this.#clock.monotonic() + this.#ahead;
  }

  /** True while the lease is ours by our own clock: the store's word alone could be late. */
  holds(): boolean {
    return !this.lost.signal.aborted && this.#clock.monotonic() < this.#heldUntil;
  }

  /** Renews until the signal aborts; marks the lease lost when the store says so or when it ran out unanswered. */
  async keep(until: AbortSignal): Promise<void> {
    while (!until.aborted) {
      await this.#clock.sleep(RENEW_MS, until);
      if (until.aborted) return;
      const asked = this.#clock.monotonic();
      try {
        const reply = await this.#journal.renew(this.#lease);
        if (reply.kind === 'lease-lost') this.lost.abort();
        else {
          this.#heldUntil = asked + LEASE_MS;
          // Fewer: the store lost facts.
          if (reply.version !== this.#rollout.version) await this.refresh();
        }
      } catch (error) {
        faultOf(error); // The store is away; the lease runs out by our own clock below.
      }
      if (!this.holds()) this.lost.abort();
      if (this.lost.signal.aborted) return;
    }
  }

  /** Reads what others appended. */
  refresh(): Promise<void> {
    return this.#turns.run(() => this.#catchUp());
  }

  /**
   * Appends facts decided on the latest state; answers false when they no longer hold.
   * `outcome` facts may be appended without the lease: whoever began a step may say how it ended (design.md 4.5).
   */
  commit(facts: Facts, what: 'decision' | 'outcome' = 'decision'): Promise<boolean> {
    return this.#turns.run(() => this.#append(facts, what));
  }

  /** Gives the lease back; false when the journal moved meanwhile, so that the driver looks again. */
  async letGo(nextLook: number | null): Promise<boolean> {
    const reply = await this.#journal.letGo(
      this.#lease,
      this.#rollout.version,
      nextLook,
      this.#entries.at(-1)?.link,
    );
    if (reply !== 'moved') return true;
    await this.refresh();
    return false;
  }

  /**
   * Gives the lease away while acts may still be in flight, so that whoever drives next need not wait for them: from here on
   * nothing is decided or sent, and only how begun steps ended is written down. Never rejects; without an answer the lease runs out.
   */
  async surrender(): Promise<void> {
    this.lost.abort();
    try {
      for (let race = 0; race < MAX_RACES; race += 1) if (await this.letGo(this.now())) return;
    } catch (error) {
      faultOf(error); // The store is away.
    }
  }

  #hasRead({ version, link }: JournalEnd): boolean {
    return this.#entries[version - 1]?.link === link;
  }

  /** Nothing was done under it, and whoever reads the whole journal need not wait for its end. Without an answer it runs out. */
  async #decline({ version, link }: JournalEnd): Promise<void> {
    this.lost.abort();
    try {
      await this.#journal.letGo(this.#lease, version, this.now(), link);
    } catch (error) {
      faultOf(error); // The store is away.
    }
  }

  async #catchUp(): Promise<void> {
    const { cluster, id, version } = this.#rollout;
    try {
      const fresh = await this.#journal.read(cluster, id, version, this.#entries.at(-1)?.link);
      this.#rollout = followed(this.#rollout, fresh);
      this.#entries = [...this.#entries, ...fresh];
    } catch (error) {
      // Whoever remembers what the store does not hold must not go on from it; who cannot read it must not keep others from it.
      if (error instanceof JournalForked || error instanceof UnreadableEntry) this.lost.abort();
      throw error;
    }
  }

  async #append(facts: Facts, what: 'decision' | 'outcome'): Promise<boolean> {
    let leased = !this.lost.signal.aborted;
    for (let race = 0; race < MAX_RACES; race += 1) {
      if (!leased && what === 'decision')
        throw new LeaseLost('the lease ended before a decision was written down');
      const events = facts(this.#rollout);
      if (events === null || events.length === 0) return false;
      rehearse(this.#rollout, events, this.now());
      const last = events.at(-1);
      const reply = await this.#journal.append({
        cluster: this.#rollout.cluster,
        rollout: this.#rollout.id,
        expect: this.#rollout.version,
        ...linkIn(this.#entries),
        events,
        by: { kind: 'driver', name: this.#owner },
        ...(leased ? { lease: this.#lease } : {}),
        ...(last?.kind === 'finished' || last?.kind === 'declined' ? { claim: 'give' as const } : {}),
      });
      if (reply.kind === 'appended') {
        // A store's clock may be put right, or be another one's after a fail-over: its last word counts.
        this.#ahead = reply.at - this.#clock.monotonic();
        await this.#catchUp();
        return true;
      }
      if (reply.kind === 'forked') {
        this.lost.abort();
        throw new LeaseLost('the store lost facts that this was decided on');
      }
      if (reply.kind === 'claimed')
        throw new Error(`cluster ${this.#rollout.cluster} is claimed by ${reply.holder}, not by us`);
      if (reply.kind === 'lease-lost') {
        leased = false;
        this.lost.abort();
      } else await this.#catchUp();
    }
    throw new Error(`rollout ${this.#rollout.id}: ${MAX_RACES} appends lost their race`);
  }
}

/** What an append names beside the version: the last entry it was decided on. */
function linkIn(entries: Entries): { readonly link?: string } {
  const link = entries.at(-1)?.link;
  return link === undefined ? {} : { link };
}

export interface SessionParts {
  readonly journal: Journal;
  readonly clock: Clock;
  /** This process, as it names itself in the journal. */
  readonly owner: string;
}

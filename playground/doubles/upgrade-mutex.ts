// Talos's upgrade mutex in memory: leases that end unless somebody renews them, and a queue of keys whose first one holds.
import type { Fault } from '../../src/engine/ports/fault.ts';
import {
  MUTEX_TTL_MS,
  type MutexHold,
  type MutexReply,
  type Release,
  type UpgradeMutex,
} from '../../src/engine/ports/upgrade-mutex.ts';
import type { WorldClock } from '../world/clock.ts';
import type { Life } from './mortal.ts';

const RENEWALS_PER_TTL = 3;

interface Session {
  readonly holder: string;
  readonly owner: string;
  endsAt: number;
}

/** One mutex for a whole house. It has no etcd: what a member would refuse is said with `trouble`. */
export class SimulatedMutex {
  /** Thrown instead of an answer, as when no member can commit. */
  trouble: Fault | null = null;
  /** Every change of hands: who, or null when it was freed, and when. */
  readonly told: { readonly at: number; readonly owner: string | null }[] = [];
  readonly #clock: WorldClock;
  #session: Session | null = null;
  #leases = 0;

  constructor(clock: WorldClock) {
    this.#clock = clock;
  }

  /** Who holds it now: a process, or whatever name `seize` was given. */
  get owner(): string | null {
    return this.#present()?.owner ?? null;
  }

  get holder(): string | null {
    return this.#present()?.holder ?? null;
  }

  /** Somebody else takes it, such as a node of Talos <= 1.12, and keeps it until they call what is returned. Throws when it is not free. */
  seize(owner: string): () => void {
    if (this.#present() !== null) throw new Error(`${owner} finds the mutex held by ${this.owner}`);
    const session = this.#begin(owner, Number.POSITIVE_INFINITY);
    return () => this.#end(session);
  }

  /** What etcd does when a person revokes the lease: nobody is told. */
  revoke(): void {
    const session = this.#present();
    if (session !== null) this.#end(session);
  }

  /** The lease ends as when its process was frozen for too long: its holder knows at once, by its own clock. */
  expireNow(): void {
    const session = this.#present();
    if (session === null) return;
    session.endsAt = this.#clock.now();
    this.#end(session);
  }

  /** The port as one process has it: its renewals end with its life. */
  of(life: Life): UpgradeMutex {
    const closed = { yes: false };
    return {
      tryTake: async (): Promise<MutexReply> => {
        if (this.trouble !== null) throw this.trouble;
        const present = this.#present();
        if (present !== null) return { kind: 'held-elsewhere', holder: present.holder };
        const session = this.#begin(life.owner, this.#clock.now() + MUTEX_TTL_MS);
        return { kind: 'taken', hold: this.#hold(session, () => life.alive && !closed.yes) };
      },
      close: async () => {
        closed.yes = true;
      },
    };
  }

  #hold(session: Session, lives: () => boolean): MutexHold {
    const lost = new AbortController();
    let kept = true;
    const renew = (): void => {
      if (!kept || !lives()) return;
      if (this.trouble === null && this.#present() === session)
        session.endsAt = this.#clock.now() + MUTEX_TTL_MS;
      else if (this.trouble === null || this.#clock.now() >= session.endsAt) {
        lost.abort();
        return;
      }
      this.#clock.after(MUTEX_TTL_MS / RENEWALS_PER_TTL, renew);
    };
    this.#clock.after(MUTEX_TTL_MS / RENEWALS_PER_TTL, renew);
    return {
      holder: session.holder,
      lost: lost.signal,
      holds: () => kept && !lost.signal.aborted && this.#clock.now() < session.endsAt,
      confirm: async () => {
        if (this.trouble === null && this.#present() !== session) lost.abort();
        return kept && !lost.signal.aborted && this.#clock.now() < session.endsAt;
      },
      release: async (): Promise<Release> => {
        kept = false;
        const withinMs = Math.max(0, session.endsAt - this.#clock.now());
        if (this.trouble !== null) return { kind: 'expires', withinMs, why: this.trouble.message };
        if (this.#present() === session) this.#end(session);
        return { kind: 'released' };
      },
      letExpire: () => {
        kept = false;
      },
    };
  }

  #present(): Session | null {
    const session = this.#session;
    if (session !== null && this.#clock.now() >= session.endsAt) this.#end(session);
    return this.#session;
  }

  #begin(owner: string, endsAt: number): Session {
    this.#leases += 1;
    const holder = `694d${this.#leases.toString(16).padStart(4, '0')}`;
    this.#session = { holder, owner, endsAt };
    this.told.push({ at: this.#clock.now(), owner });
    return this.#session;
  }

  #end(session: Session): void {
    if (this.#session !== session) return;
    this.#session = null;
    this.told.push({ at: Math.min(this.#clock.now(), session.endsAt), owner: null });
  }
}

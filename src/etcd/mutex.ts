// The port `UpgradeMutex`: Talos's own upgrade mutex in etcd, taken now or not at all.
import type { Clock } from '../engine/ports/clock.ts';
import { faultOf } from '../engine/ports/fault.ts';
import { MUTEX_TTL_MS, type MutexReply, type UpgradeMutex } from '../engine/ports/upgrade-mutex.ts';
import type { EtcdSeat } from '../engine/ports/witness.ts';
import { type AskAny, askAny } from './any-member.ts';
import { CredentialKeeper, type CredentialSource } from './credentials.ts';
import { Hold } from './hold.ts';
import { grantLease, holderOf, leave, newLeaseId, queue } from './mutex-layout.ts';
import type { DialSettings } from './question.ts';

/** Seconds without a renewal after which etcd frees the mutex (talos-api.md 3.4). */
const TTL_S = MUTEX_TTL_MS / 1_000;

export interface MutexSettings extends DialSettings {
  readonly credentials: CredentialSource;
  readonly clock: Clock;
  /** Default `TTL_S`; a test takes less, to see it expire. */
  readonly ttlSeconds?: number;
}

/** Dials nothing until asked. */
export function etcdUpgradeMutex(settings: MutexSettings): UpgradeMutex {
  const { clock, ttlSeconds = TTL_S } = settings;
  const keeper = new CredentialKeeper(settings.credentials);
  const closed = new AbortController();
  const strays = new Strays();
  const tryTake = async (seats: readonly EtcdSeat[]): Promise<MutexReply> => {
    const credentials = await keeper.through(seats.map((seat) => seat.address));
    const ask = askAny(seats, { dial: settings, credentials });
    // Our own forgotten place would keep us out as well as anybody.
    await strays.giveBack(ask);
    const id = newLeaseId();
    const askedAt = clock.monotonic();
    try {
      const lease = await ask((client) => grantLease(client, id, ttlSeconds));
      const { holder } = await ask((client) => queue(client, id));
      if (holder === holderOf(id)) {
        const release = () => strays.leave(ask, id);
        return {
          kind: 'taken',
          hold: new Hold({ lease, askedAt, ask, release, clock, closed: closed.signal }),
        };
      }
      await strays.leave(ask, id).catch(() => undefined);
      return { kind: 'held-elsewhere', holder };
    } catch (error) {
      await strays.leave(ask, id).catch(() => undefined);
      throw error;
    }
  };
  return {
    tryTake: async (seats) => {
      try {
        return await tryTake(seats);
      } catch (error) {
        const fault = faultOf(error);
        keeper.forgetAfter(fault);
        throw fault;
      }
    },
    close: async () => closed.abort(),
  };
}

/**
 * Leases that nobody confirmed to be gone: under load a reply comes too late, and the place stands in the queue for as long as
 * its lease lasts. They are few: nothing new is tried before they are gone.
 */
class Strays {
  readonly #ids = new Set<string>();

  /** Throws Fault when nobody confirmed it; then it is remembered. */
  async leave(ask: AskAny, id: string): Promise<void> {
    this.#ids.add(id);
    await ask((client) => leave(client, id));
    this.#ids.delete(id);
  }

  /** Throws Fault: who cannot give back cannot take either. */
  async giveBack(ask: AskAny): Promise<void> {
    for (const id of this.#ids) await this.leave(ask, id);
  }
}

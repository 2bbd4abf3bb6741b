// The port `UpgradeMutex`: Talos's own upgrade mutex in etcd. No step takes it yet: that is work of the rollout to come.
import type { Clock } from '../engine/ports/clock.ts';
import type { UpgradeMutex } from '../engine/ports/upgrade-mutex.ts';
import { askAny } from './any-member.ts';
import { CredentialKeeper, type CredentialSource } from './credentials.ts';
import { Hold } from './hold.ts';
import { grantLease, holderOf, leave, queue } from './mutex-layout.ts';
import type { DialSettings } from './question.ts';

/** Seconds without a renewal after which etcd frees the mutex: Talos's own number (talos-api.md 3.4). */
const TTL_S = 60;

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
  return {
    tryTake: async (seats) => {
      const credentials = await keeper.through(seats.map((seat) => seat.address));
      const ask = askAny(seats, { dial: settings, credentials });
      const askedAt = clock.monotonic();
      const lease = await ask((client) => grantLease(client, ttlSeconds));
      // What cannot be given back now expires: nothing renews it.
      const giveBack = () => ask((client) => leave(client, lease.id)).catch(() => undefined);
      try {
        const { holder } = await ask((client) => queue(client, lease.id));
        if (holder === holderOf(lease.id)) {
          return { kind: 'taken', hold: new Hold({ lease, askedAt, ask, clock, closed: closed.signal }) };
        }
        await giveBack();
        return { kind: 'held-elsewhere', holder };
      } catch (error) {
        await giveBack();
        throw error;
      }
    },
    close: async () => closed.abort(),
  };
}

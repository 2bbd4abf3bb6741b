// A random walk over a Journal: the same seed asks every store the same questions, so that their answers can be compared.
import { createRandom, type Random } from '../../playground/world/random.ts';
import type { Lease } from '../../src/engine/ports/journal.ts';
import type { RolloutEvent } from '../../src/rollout/event.ts';
import { anAsk, declined, finished, request, type StoreUnderTest, started } from './journal-under-test.ts';

const ROLLOUTS = ['r1', 'r2', 'r3', 'r4'];
const EVENTS: readonly RolloutEvent[] = [started, started, { kind: 'expired' }, finished, declined];

/** Each call of the returned function does one thing and answers what the store said, without tokens and times. */
export function aWalk(store: StoreUnderTest, seed: number): () => Promise<unknown> {
  const random = createRandom(seed);
  const leases: Lease[] = [];
  return async () => {
    const rollout = pick(random, ROLLOUTS);
    switch (random.int(6)) {
      case 0:
      case 1:
        return append(store, random, { rollout, leases });
      case 2: {
        const reply = await store.journal.take('prod', rollout, 'worker-1');
        if (reply.kind === 'taken') leases.push(reply.lease);
        return reply.kind === 'taken' ? reply.end.version : reply.kind;
      }
      case 3: {
        const lease = leases[random.int(Math.max(1, leases.length))];
        return lease === undefined ? 'no lease' : store.journal.renew(lease);
      }
      case 4: {
        const lease = leases[random.int(Math.max(1, leases.length))];
        if (lease === undefined) return 'no lease';
        const seen = (await store.lines('prod', lease.rollout)).length - (random.int(4) === 0 ? 1 : 0);
        return store.journal.letGo(lease, seen, random.int(2) === 0 ? null : (await store.now()) + 3_600_000);
      }
      default:
        return [
          await store.journal.claimOf('prod'),
          await store.journal.recent('prod', 9),
          await dueSet(store),
        ];
    }
  };
}

async function append(
  store: StoreUnderTest,
  random: Random,
  { rollout, leases }: { readonly rollout: string; readonly leases: readonly Lease[] },
): Promise<unknown> {
  const version = (await store.lines('prod', rollout)).length;
  const lease = random.int(2) === 0 ? leases.findLast((one) => one.rollout === rollout) : undefined;
  const claim = pick(random, [undefined, undefined, 'take', 'give'] as const);
  const events =
    version === 0 ? [anAsk(rollout)] : Array.from({ length: 1 + random.int(3) }, () => pick(random, EVENTS));
  const reply = await store.journal.append(
    request(random.int(5) === 0 ? version + 1 : version, events, {
      rollout,
      ...(lease === undefined ? {} : { lease }),
      ...(claim === undefined ? {} : { claim }),
    }),
  );
  return reply.kind === 'appended' ? { ...reply, at: 0 } : reply;
}

/** The rollouts that have a Look. */
export async function withLook(store: StoreUnderTest): Promise<string[]> {
  return [...(await store.looks('prod')).keys()].sort();
}

/** The rollouts whose journal does not end with an end. */
export async function unfinished(store: StoreUnderTest): Promise<string[]> {
  const going: string[] = [];
  for (const rollout of ROLLOUTS) {
    const last = (await store.journal.read('prod', rollout)).at(-1)?.event.kind;
    if (last !== undefined && last !== 'finished' && last !== 'declined') going.push(rollout);
  }
  return going;
}

async function dueSet(store: StoreUnderTest): Promise<string[]> {
  return (await store.journal.due(['prod'], 9)).map((look) => look.rollout).sort();
}

function pick<T>(random: Random, from: readonly T[]): T {
  const one = from[random.int(from.length)];
  if (one === undefined && from.length === 0) throw new Error('nothing to pick from');
  return one as T;
}

// The journal in a real Redis that writes every append to the disk: how long an append takes, and how long a long history takes to fold.
import { bringRedis } from '../playground/redis.ts';
import type { Actor, RolloutEvent } from '../src/rollout/event.ts';
import { fold } from '../src/rollout/evolve.ts';
import { redisAddress } from '../src/store/address.ts';
import { StoreConnection } from '../src/store/connection.ts';
import { RedisJournal } from '../src/store/journal.ts';
import { MOST_EVENTS } from '../src/store/limits.ts';
import { APPROVER } from '../test/builders/plan.ts';
import { figure, type Measurement, type Part, quantile, ratio } from './measurement.ts';
import { timed, timedEach } from './stopwatch.ts';
import { factsOf, halfway, longHistory } from './stories.ts';

const BY: Actor = { kind: 'driver', name: 'bench' };
const CLUSTER = 'bench';
/** A short history to hold the long one against: what each entry costs must not grow with their number. */
const SHORT = 10;
/** Folding a long history takes long enough to be told after a few times. */
const FOLDS = 3;

export const journal: Measurement = {
  name: 'journal',
  sentence: 'Appending to the journal in a real Redis, and folding a long history.',
  run: async ({ nodes, entries, rounds }, say) => {
    const redis = await bringRedis();
    const store = new StoreConnection({ address: redisAddress(redis.url) });
    try {
      const own = new RedisJournal(store, { prefix: redis.prefix });
      say(`${rounds} appends`);
      const appends = await appended(own, { store, prefix: redis.prefix, rounds });
      say(`a history of ${entries} entries`);
      return [
        appends,
        await remembered(own, 'r2', {
          what: `an upgrade of ${nodes} nodes, halfway`,
          facts: factsOf(halfway(nodes)),
        }),
        await remembered(own, 'r3', {
          what: `the same, paused and resumed for ${entries} facts`,
          facts: longHistory(nodes, entries),
        }),
      ];
    } finally {
      store.close();
      await redis.stop();
    }
  },
};

async function appended(
  own: RedisJournal,
  {
    store,
    prefix,
    rounds,
  }: { readonly store: StoreConnection; readonly prefix: string; readonly rounds: number },
): Promise<Part> {
  const [asked, ...rest] = longHistory(SHORT, SHORT);
  if (asked === undefined) throw new Error('a history begins with asked');
  await append(own, 'r1', 0, [asked, ...rest]);
  const appendUs = await timedEach(rounds, (round) => append(own, 'r1', SHORT + round, [turn(round)]));
  // The same bytes into a bare list: what the disk and the way to Redis cost whoever writes.
  const line = JSON.stringify(turn(0));
  const key = `${prefix}:bench`;
  const bareUs = await timedEach(rounds, () => store.call((redis) => redis.rpush(key, line)));
  await store.call((redis) => redis.del(key));
  const median = quantile(appendUs, 0.5);
  return {
    title: 'an append of one fact, on the disk when it is answered',
    figures: [
      figure('append, median', median, 'µs'),
      figure('append, 99 of 100', quantile(appendUs, 0.99), 'µs'),
      ratio('append ÷ bare write', median, quantile(bareUs, 0.5)),
    ],
  };
}

interface History {
  readonly what: string;
  readonly facts: readonly RolloutEvent[];
}

async function remembered(own: RedisJournal, rollout: string, { what, facts }: History): Promise<Part> {
  for (let at = 0; at < facts.length; at += MOST_EVENTS)
    await append(own, rollout, at, facts.slice(at, at + MOST_EVENTS));
  const begunMs = performance.now();
  const entries = await own.read(CLUSTER, rollout);
  const readUs = (performance.now() - begunMs) * 1_000;
  const short = entries.slice(0, Math.ceil(entries.length / SHORT));
  const foldUs = quantile(
    timed(FOLDS, () => fold(entries)),
    0.5,
  );
  const shortUs = quantile(
    timed(FOLDS, () => fold(short)),
    0.5,
  );
  return {
    title: what,
    figures: [
      figure('entries', entries.length),
      figure('read and checked', readUs / 1_000, 'ms'),
      figure('folded', foldUs / 1_000, 'ms'),
      ratio('folded ÷ read', foldUs, readUs),
      ratio(
        `an entry's fold ÷ that of ${short.length} entries`,
        foldUs / entries.length,
        shortUs / short.length,
      ),
    ],
  };
}

function turn(round: number): RolloutEvent {
  const kind = round % 2 === 0 ? 'paused' : 'resumed';
  return { kind, user: APPROVER, delivery: `bench-${round}` };
}

async function append(
  own: RedisJournal,
  rollout: string,
  expect: number,
  events: readonly RolloutEvent[],
): Promise<void> {
  // The stories are told of another rollout; a journal refuses what belongs to another one.
  const mine = events.map((event) =>
    event.kind === 'asked' ? { ...event, rollout, cluster: CLUSTER } : event,
  );
  const reply = await own.append({ cluster: CLUSTER, rollout, expect, events: mine, by: BY });
  if (reply.kind !== 'appended') throw new Error(`the journal answered ${reply.kind}`);
}

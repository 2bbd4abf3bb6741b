// Many clusters that roll at once in one worker: what memory and processor the worker alone takes, and that all of them get there.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startGithub } from '../playground/github/server.ts';
import { bringRedis } from '../playground/redis.ts';
import { doubtsIn } from '../playground/scenarios/figures.ts';
import { systemClock } from '../src/clock.ts';
import { parseSettings } from '../src/config.ts';
import { submitter } from '../src/engine/submit.ts';
import { BullBells } from '../src/jobs/bells.ts';
import { redisAddress } from '../src/store/address.ts';
import { StoreConnection } from '../src/store/connection.ts';
import { RedisDeliveries } from '../src/store/deliveries.ts';
import { RedisJournal } from '../src/store/journal.ts';
import { gatherCrowd } from './fleet-crowd.ts';
import { FleetCrowd, type Followed, TARGET } from './fleet-people.ts';
import { configOf, type Surroundings, startMeasuredWorker } from './fleet-worker.ts';
import { figure, judged, type Measurement, type Part, ratio } from './measurement.ts';
import type { Standing } from './programs/fleet-talk.ts';
import type { Told } from './programs/telling.ts';

/** Issue 5: at most 400 MB resident with 100 clusters rolling at once. */
const MOST_MB = 400;
const MB = 1_000_000;
/** Long enough that the first to begin is not over before the last begins, short enough to be waited for. */
const PACE = { pullMs: 500, installMs: 2_000, rebootMs: 3_000, drainMs: 500 } as const;
const SHAPE = { controlPlanes: 3, workers: 1, talosVersion: 'v1.13.4' } as const;

export const fleet: Measurement = {
  name: 'fleet',
  sentence:
    'Many clusters that roll at once in one worker: its memory alone, and that all of them get there.',
  run: async ({ clusters }, say) => {
    const names = Array.from({ length: clusters }, (_, at) => `c${at + 1}`);
    const folder = await mkdtemp(join(tmpdir(), 'talos-chatops-fleet-'));
    const undo: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
    try {
      const redis = await bringRedis();
      undo.push(() => redis.stop());
      say(`starting ${clusters} clusters`);
      const crowd = await gatherCrowd(names, { ...SHAPE, ...PACE });
      undo.push(() => crowd.stop());
      const github = await startGithub();
      undo.push(() => github.stop());
      const rolled = await rolledBy({ folder, redis, doors: crowd.doors, github: github.url, say });
      return [partOf({ ...rolled, standings: await crowd.standings() })];
    } finally {
      // Last up, first down; one that fails must not keep the others standing.
      for (const down of undo.reverse()) await down().catch(() => undefined);
    }
  },
};

/** What was seen of a fleet that was upgraded. */
export interface Rolled {
  readonly followed: readonly Followed[];
  readonly standings: readonly Standing[];
  /** What the worker took when it was ready and nobody had asked for anything, and when it had ended. */
  readonly ready: Told;
  readonly ended: Told;
  /** Errors in the worker's log. */
  readonly errors: number;
  readonly seconds: number;
}

async function rolledBy(given: Surroundings): Promise<Omit<Rolled, 'standings'>> {
  const { redis, doors, say } = given;
  const address = redisAddress(redis.url);
  const store = new StoreConnection({ address });
  const queues = { connection: address, prefix: redis.prefix };
  const bells = new BullBells({ ...queues, onError: () => undefined });
  const worker = await startMeasuredWorker(given);
  try {
    const journal = new RedisJournal(store, { prefix: redis.prefix });
    const deliveries = new RedisDeliveries(store, { prefix: redis.prefix });
    const policies = policiesOf(given);
    const policyOf = (cluster: string) => policies.get(cluster) ?? null;
    const submit = submitter({ journal, deliveries, bells, clock: systemClock, policyOf });
    const people = new FleetCrowd(
      { journal, submit },
      doors.map(({ name }) => name),
    );
    const ready = worker.told();
    say(`asking for ${doors.length} upgrades`);
    const begunMs = performance.now();
    await people.propose();
    say(`starting ${doors.length} upgrades`);
    const followed = await people.roll().catch((error: unknown) => {
      throw new Error(`${error instanceof Error ? error.message : String(error)}; ${worker.standing()}`);
    });
    const seconds = (performance.now() - begunMs) / 1_000;
    await worker.stop();
    return { followed, ready, ended: worker.told(), errors: worker.errors(), seconds };
  } finally {
    await worker.stop();
    await bells.close();
    store.close();
  }
}

/** As the worker reads them from the same text. */
function policiesOf(given: Surroundings) {
  const environment = { REDIS_URL: given.redis.url };
  const loaded = parseSettings(configOf(given), join(given.folder, 'worker.yaml'), environment, [
    '--role',
    'worker',
  ]);
  if (loaded.kind === 'mistakes') throw new Error(loaded.mistakes.join(' '));
  return new Map(loaded.settings.clusters.map(({ name, policy }) => [name, policy]));
}

/** How many were between their start and their end at one moment, by the store's clock. */
export function mostAtOnce(followed: readonly Followed[]): number {
  const turns = followed.flatMap(({ rollout: { startedAt, lastAt } }) =>
    startedAt === null
      ? []
      : [
          { at: startedAt, by: 1 },
          { at: lastAt, by: -1 },
        ],
  );
  let now = 0;
  let most = 0;
  for (const { by } of turns.toSorted((a, b) => a.at - b.at || a.by - b.by)) {
    now += by;
    most = Math.max(most, now);
  }
  return most;
}

/** Throws when they were not all rolling at once: whoever rolls a few at a time is small. */
export function partOf({ followed, standings, ready, ended, errors, seconds }: Rolled): Part {
  const together = mostAtOnce(followed);
  if (together < followed.length)
    throw new Error(`only ${together} of ${followed.length} clusters were rolling at once`);
  const short = followed.filter(({ rollout: { phase }, cluster }) => {
    const standing = standings.find(({ name }) => name === cluster);
    const upgraded = phase.phase === 'finished' && phase.outcome === 'upgraded';
    return !(upgraded && standing !== undefined && isWell(standing));
  });
  const doubts = doubtsIn(followed.map(({ entries }) => entries));
  const away = Math.max(...standings.map(({ mostAway }) => mostAway));
  const nodes = standings.reduce((sum, { versions }) => sum + versions.length, 0);
  const cpuS = (ended.cpuMs - ready.cpuMs) / 1_000;
  return {
    title: `${followed.length} clusters of ${nodes / standings.length} nodes at once`,
    figures: [
      judged(figure('resident, at most', ended.mostBytes / MB, 'MB'), MOST_MB),
      figure('resident when ready', ready.residentBytes / MB, 'MB'),
      ratio('resident ÷ that when ready', ended.mostBytes, ready.residentBytes),
      judged(figure('clusters not upgraded', short.length), 0),
      judged(figure('steps held in doubt', doubts), 0),
      judged(figure('control-plane nodes of a cluster away at once', away), 1),
      figure('rolling at once', together),
      figure("errors in the worker's log", errors),
      figure('time', seconds, 's'),
      figure('processor time a node', (cpuS * 1_000) / nodes, 'ms'),
      ratio('processor time ÷ time', cpuS, seconds),
    ],
  };
}

/** Every machine runs what was asked for and restarted once. */
function isWell({ versions, reboots }: Standing): boolean {
  return versions.every((version) => version === TARGET) && reboots.every((count) => count === 1);
}

// From a click to the first call at a machine: the intent into a real Redis, the bell through BullMQ, the driver, the proof.
import { bringRedis } from '../playground/redis.ts';
import { systemClock } from '../src/clock.ts';
import { createDriver } from '../src/engine/drive.ts';
import type { Log } from '../src/engine/ports/log.ts';
import { type Submit, submitter } from '../src/engine/submit.ts';
import type { ClusterWork } from '../src/engine/work.ts';
import { BullBells } from '../src/jobs/bells.ts';
import { startSweep } from '../src/jobs/sweep.ts';
import { startWorker } from '../src/jobs/worker.ts';
import { fold } from '../src/rollout/evolve.ts';
import type { Intent } from '../src/rollout/intent.ts';
import type { Rollout } from '../src/rollout/rollout.ts';
import { redisAddress } from '../src/store/address.ts';
import { StoreConnection } from '../src/store/connection.ts';
import { RedisDeliveries } from '../src/store/deliveries.ts';
import { RedisJournal } from '../src/store/journal.ts';
import { APPROVER, REQUESTER } from '../test/builders/plan.ts';
import { type ClusterProcess, startClusterProcess } from './cluster-process.ts';
import { aClusterWork, CLUSTER } from './cluster-work.ts';
import { figure, type Measurement, type Part, quantile, ratio } from './measurement.ts';
import type { Manners } from './programs/cluster-talk.ts';

/** Each control-plane node has a gate, and each gate is a click. */
const GATES = 5;
const TARGET = { cluster: CLUSTER, rollout: 'r1' };
const MANNERS: Manners = { usualMs: [0, 0], slow: null, dead: null };
const QUIET: Log = { info: () => {}, warn: () => {}, error: () => {} };
/** A node of this cluster is back within a second; whoever waits longer waits in vain. */
const WAIT_LIMIT_MS = 60_000;
const LOOK_EVERY_MS = 5;

export const click: Measurement = {
  name: 'click',
  sentence: 'From an approval to the first call at a machine, through Redis and BullMQ.',
  run: async (_sizes, say) => {
    const cluster = await startClusterProcess({
      // The pods of the machines that leave need somewhere to go.
      ...{ controlPlanes: GATES, workers: 3 },
      ...{ pullMs: 10, installMs: 10, rebootMs: 100, drainMs: 10 },
    });
    const work = aClusterWork(cluster);
    try {
      return [await withBot(work, (bot) => clicked(cluster, bot, say))];
    } finally {
      await Promise.all([work.machines.close(), work.workloads.close()]);
      await cluster.stop();
    }
  },
};

interface Bot {
  readonly journal: RedisJournal;
  readonly submit: Submit;
}

/** What `src/app.ts` puts together, without Slack. */
async function withBot<T>(work: ClusterWork, use: (bot: Bot) => Promise<T>): Promise<T> {
  const redis = await bringRedis();
  const address = redisAddress(redis.url);
  const store = new StoreConnection({ address });
  const journal = new RedisJournal(store, { prefix: redis.prefix });
  const deliveries = new RedisDeliveries(store, { prefix: redis.prefix });
  const queues = { connection: address, prefix: redis.prefix };
  const bells = new BullBells({ ...queues, onError: () => undefined });
  const clusterOf = (): ClusterWork => work;
  const parts = { journal, clock: systemClock, log: QUIET, owner: 'bench', clusterOf, pollMs: 100 };
  const driver = createDriver(parts);
  const drive = (bell: { readonly cluster: string; readonly rollout: string }): Promise<void> =>
    driver.drive(bell.cluster, bell.rollout);
  const onErrand = async () => ({ kind: 'failed', sentence: 'Nobody asks here.' }) as const;
  const worker = startWorker({ ...queues, concurrency: 10, onBell: drive, onErrand, log: QUIET });
  const onError = (): void => undefined;
  const sweep = startSweep({ journal, clusters: [CLUSTER], clock: systemClock, onDue: drive, onError });
  try {
    await worker.ready();
    return await use({
      journal,
      submit: submitter({ journal, deliveries, bells, clock: systemClock, policyOf: () => work.policy }),
    });
  } finally {
    await Promise.all([sweep.stop(), driver.stop(1_000)]);
    await worker.stop(1_000);
    await bells.close();
    store.close();
    await redis.stop();
  }
}

async function clicked(cluster: ClusterProcess, bot: Bot, say: (line: string) => void): Promise<Part> {
  const goal = { kind: 'upgrade-talos', version: 'v1.13.5' } as const;
  await press(bot, { kind: 'ask', ...TARGET, goal, channel: 'C0BENCH' }, REQUESTER);
  await untilAt(bot, 'proposed');
  await press(bot, { kind: 'start' }, REQUESTER);
  const writtenMs: number[] = [];
  const heardMs: number[] = [];
  for (let number = 1; number <= GATES; number += 1) {
    const { phase } = await untilAt(bot, 'at-gate');
    if (phase.phase !== 'at-gate') throw new Error('unreachable');
    say(`click ${number} of ${GATES}`);
    await cluster.prepare(MANNERS);
    const clickMs = performance.timeOrigin + performance.now();
    await press(bot, { kind: 'approve', gate: phase.gate }, APPROVER);
    writtenMs.push(performance.timeOrigin + performance.now() - clickMs);
    heardMs.push((await firstHeardMs(cluster)) - clickMs);
  }
  await untilAt(bot, 'finished');
  const written = quantile(writtenMs, 0.5);
  const heard = quantile(heardMs, 0.5);
  return {
    title: `${GATES} approvals`,
    figures: [
      figure('written and rung, median', written, 'ms'),
      figure('first call at a machine, median', heard, 'ms'),
      figure('first call at a machine, most', Math.max(...heardMs), 'ms'),
      ratio('first call ÷ written and rung', heard, written),
    ],
  };
}

async function press({ submit }: Bot, intent: Intent, user: string): Promise<void> {
  const delivery = `${intent.kind}-${performance.now()}`;
  const submitted = await submit(TARGET, { intent, user, delivery });
  if (submitted.kind === 'refusal') throw new Error(`${intent.kind} was refused: ${submitted.sentence}`);
}

async function untilAt({ journal }: Bot, wanted: Rollout['phase']['phase']): Promise<Rollout> {
  const rollout = await until(async () => {
    const now = fold(await journal.read(TARGET.cluster, TARGET.rollout));
    const stuck = now?.phase.phase === 'held' || now?.phase.phase === 'finished';
    return now !== null && (now.phase.phase === wanted || stuck) ? now : null;
  }, wanted);
  if (rollout.phase.phase !== wanted)
    throw new Error(`the rollout was to be ${wanted} and is ${JSON.stringify(rollout.phase)}`);
  return rollout;
}

/** By the clock of the servers' process, which began at another time on the same machine. */
function firstHeardMs(cluster: ClusterProcess): Promise<number> {
  return until(async () => {
    const first = [...(await cluster.heard()).values()].map((one) => one.firstMs);
    return first.length === 0 ? null : Math.min(...first);
  }, 'the first call');
}

async function until<T>(look: () => Promise<T | null>, what: string): Promise<T> {
  const deadlineMs = performance.now() + WAIT_LIMIT_MS;
  while (performance.now() < deadlineMs) {
    const seen = await look();
    if (seen !== null) return seen;
    await systemClock.sleep(LOOK_EVERY_MS);
  }
  throw new Error(`waited ${WAIT_LIMIT_MS / 1_000} s for ${what}`);
}

// Wiring only: settings → store, clusters, driver, jobs, bot; and how all of it stops.
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { startBot } from './bot/bot.ts';
import { systemClock as clock } from './clock.ts';
import { openClusters } from './clusters.ts';
import { load, type Settings } from './config.ts';
import { createDriver } from './engine/drive.ts';
import { planned } from './engine/planning.ts';
import { faultOf } from './engine/ports/fault.ts';
import { submitter } from './engine/submit.ts';
import { BullBells } from './jobs/bells.ts';
import { BullErrands } from './jobs/errands.ts';
import { startSweep } from './jobs/sweep.ts';
import { startWorker } from './jobs/worker.ts';
import { createLog } from './log.ts';
import { redisAddress } from './store/address.ts';
import { StoreConnection } from './store/connection.ts';
import { inspectStore } from './store/guard.ts';
import { RedisJournal } from './store/journal.ts';
import { RedisThreads } from './store/threads.ts';

/** Acts in flight are given this long to be answered at a stop; what is left is observed by whoever drives next. */
const STOP_LIMIT_MS = 10_000;

const log = createLog(process.env['LOG_LEVEL'] ?? 'info');

function giveUp(title: string, sentences: readonly string[]): never {
  process.stderr.write(`${title}\n${sentences.map((sentence) => `  - ${sentence}\n`).join('')}`);
  process.exit(1);
}

async function start(settings: Settings): Promise<() => Promise<void>> {
  const opened = openClusters(settings, clock.now(), log);
  if (opened.kind === 'mistakes') giveUp('The clusters cannot be used as configured:', opened.mistakes);
  const { clusters } = opened;
  const address = redisAddress(settings.redis.url);
  const { prefix } = settings.redis;
  const store = new StoreConnection({
    address,
    onChange: (state, sentence) => log.warn(sentence, { redis: state }),
  });
  const fitness = await inspectStore(store);
  if (fitness.kind === 'unfit') giveUp('Redis cannot be used as it is set up:', [fitness.sentence]);
  for (const warning of fitness.warnings) log.warn(warning);

  const owner = `${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`;
  const journal = new RedisJournal(store, { prefix });
  const threads = new RedisThreads(store, { prefix });
  const queues = { connection: address, prefix };
  const bells = new BullBells({
    ...queues,
    onError: (error) => log.warn('a bell was not rung', { error: faultOf(error).message }),
  });
  const errands = new BullErrands({
    ...queues,
    onError: (error) => log.warn('an errand failed', { error: faultOf(error).message }),
  });
  const clusterOf = (name: string) => clusters.get(name) ?? null;
  const driver = createDriver({ journal, clock, log, owner, clusterOf, pollMs: settings.pollMs });

  const bot = await startBot({
    slack: settings.slack,
    clusters: settings.clusters,
    journal,
    threads,
    errands,
    submit: submitter({ journal, bells, clock, policyOf: (name) => clusterOf(name)?.policy ?? null }),
    clock,
    log,
    owner,
  });
  const worker = startWorker({
    ...queues,
    concurrency: Math.max(10, clusters.size),
    onBell: (bell) => {
      bot.nudge(bell.cluster, bell.rollout);
      return driver.drive(bell.cluster, bell.rollout);
    },
    onErrand: async (errand) => {
      const work = clusterOf(errand.cluster);
      if (work === null)
        return { kind: 'failed', sentence: `This worker does not know a cluster called ${errand.cluster}.` };
      return planned(errand.cluster, errand.goal, { journal, clock, work });
    },
    log,
  });
  const sweep = startSweep({
    journal,
    clusters: [...clusters.keys()],
    clock,
    onDue: (look) => driver.drive(look.cluster, look.rollout),
    onError: (error) => log.warn('a sweep failed', { error: faultOf(error).message }),
  });
  await worker.ready();
  log.info('ready', { clusters: [...clusters.keys()].join(', '), owner });

  return async () => {
    await Promise.all([sweep.stop(), driver.stop(STOP_LIMIT_MS)]);
    await Promise.all([worker.stop(), bot.stop()]);
    await Promise.all([bells.close(), errands.close()]);
    await Promise.allSettled(
      [...clusters.values()].flatMap(({ machines, workloads }) => [machines.close(), workloads.close()]),
    );
    store.close();
  };
}

/** A promise nobody waited for is our mistake: say so and let the orchestrator start a clean process. */
process.on('unhandledRejection', (error) => {
  log.error('an error nobody handled; ending so that a clean process can take over', {
    error: faultOf(error).message,
  });
  process.exit(1);
});

const loaded = load(process.env);
if (loaded.kind === 'mistakes') giveUp('The configuration cannot be used:', loaded.mistakes);
const stop = await start(loaded.settings).catch((error: unknown) =>
  giveUp('talos-chatops cannot start:', [faultOf(error).message]),
);

let stopping = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (stopping) process.exit(1);
    stopping = true;
    log.info('stopping', { signal });
    void stop().then(() => process.exit(0));
  });
}

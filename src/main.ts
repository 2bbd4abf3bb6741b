// The program: environment → settings → parts → app, and how it stops.
import { startApp } from './app.ts';
import { systemClock as clock } from './clock.ts';
import { openClusters } from './clusters.ts';
import { load, type Settings } from './config.ts';
import { faultOf } from './engine/ports/fault.ts';
import { createLog } from './log.ts';
import { redisAddress } from './store/address.ts';
import { StoreConnection } from './store/connection.ts';
import { redisDoctor } from './store/doctor.ts';
import { inspectStore } from './store/guard.ts';
import { RedisJournal } from './store/journal.ts';
import { RedisThreads } from './store/threads.ts';

const log = createLog(process.env['LOG_LEVEL'] ?? 'info');

function giveUp(title: string, sentences: readonly string[]): never {
  process.stderr.write(`${title}\n${sentences.map((sentence) => `  - ${sentence}\n`).join('')}`);
  process.exit(1);
}

async function start(settings: Settings): Promise<() => Promise<void>> {
  const opened = openClusters(settings, clock.now(), log);
  if (opened.kind === 'mistakes') giveUp('The clusters cannot be used as configured:', opened.mistakes);
  const address = redisAddress(settings.redis.url);
  const { prefix } = settings.redis;
  const store = new StoreConnection({
    address,
    onChange: (state, sentence) => log.warn(sentence, { redis: state }),
  });
  const fitness = await inspectStore(store);
  if (fitness.kind === 'unfit') giveUp('Redis cannot be used as it is set up:', [fitness.sentence]);
  for (const warning of fitness.warnings) log.warn(warning);
  const app = await startApp({
    slack: settings.slack,
    clusters: settings.clusters,
    works: opened.clusters,
    journal: new RedisJournal(store, { prefix }),
    threads: new RedisThreads(store, { prefix }),
    store: redisDoctor(store),
    queues: { connection: address, prefix },
    clock,
    log,
    pollMs: settings.pollMs,
  });
  return async () => {
    await app.stop();
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

/** A terminal signals a whole group at once, and a parent may pass the signal on as well: what comes so soon is the same one. */
const SAME_SIGNAL_MS = 1_000;
let stoppingSince: number | null = null;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    const now = clock.monotonic();
    if (stoppingSince !== null && now - stoppingSince > SAME_SIGNAL_MS) process.exit(1);
    if (stoppingSince !== null) return;
    stoppingSince = now;
    log.info('stopping', { signal });
    void stop().then(() => process.exit(0));
  });
}

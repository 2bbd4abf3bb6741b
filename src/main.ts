// The program: environment → settings → parts → app, and how it stops.
import { type App, startApp } from './app.ts';
import { systemClock as clock } from './clock.ts';
import type { Opened } from './clusters.ts';
import { load, type Settings } from './config.ts';
import { works } from './config-role.ts';
import { faultOf } from './engine/ports/fault.ts';
import { createLog } from './log.ts';
import { startProbes } from './probes.ts';
import { openStore } from './store/open.ts';

const log = createLog(process.env['LOG_LEVEL'] ?? 'info');

function giveUp(title: string, sentences: readonly string[]): never {
  process.stderr.write(`${title}\n${sentences.map((sentence) => `  - ${sentence}\n`).join('')}`);
  process.exit(1);
}

/** Why this process cannot do its work now, for the probes of an orchestrator; null while it can. */
let trouble: string | null = 'starting';
let redisAway = false;

/** Loaded only where it is needed: a bot has no use for the clients of Talos, etcd and Kubernetes. */
async function open(settings: Settings): Promise<Opened> {
  const { openClusters } = await import('./clusters.ts');
  return openClusters(settings, clock.now(), log);
}

/** Everything that is up by now, in the order it came up. */
const up: (() => Promise<void>)[] = [];
let ending = false;

async function start(settings: Settings): Promise<void> {
  const opened = works(settings.role) ? await open(settings) : null;
  if (opened?.kind === 'mistakes') giveUp('The clusters cannot be used as configured:', opened.mistakes);
  let app: App | null = null;
  const { probePort: port } = settings;
  const whyNot = (): string | null => trouble ?? (redisAway ? 'Redis is away' : (app?.trouble() ?? null));
  if (port !== null) {
    const probes = await startProbes({ port, trouble: whyNot });
    up.push(() => probes.close());
  }
  const store = await openStore(settings.redis, {
    log,
    onChange: (state, sentence) => {
      redisAway = state === 'away';
      log.warn(sentence, { redis: state });
    },
  });
  if (store.kind === 'unfit') giveUp('Redis cannot be used as it is set up:', [store.sentence]);
  up.push(async () => store.close());
  if (ending) return;
  app = startApp({
    slack: settings.slack,
    clusters: settings.clusters,
    works: opened?.clusters ?? null,
    journal: store.journal,
    deliveries: store.deliveries,
    threads: store.threads,
    store: store.doctor,
    queues: { connection: store.queues, prefix: settings.redis.prefix },
    clock,
    log,
    pollMs: settings.pollMs,
  });
  const { started } = app;
  up.push(async () => app?.stop());
  trouble = null;
  await started;
}

/** Stops what is up so far, what came up last first. */
async function stop(): Promise<void> {
  trouble = 'stopping';
  for (const close of up.splice(0).toReversed()) await close();
}

function end(code: number): void {
  if (ending) return;
  ending = true;
  void stop().finally(() => process.exit(code));
}

/** A promise nobody waited for is our mistake: say so, give away what is in hand, and let the orchestrator start a clean process. */
process.on('unhandledRejection', (error) => {
  log.error('an error nobody handled; ending so that a clean process can take over', {
    error: faultOf(error).message,
  });
  end(1);
});

/** A terminal signals a whole group at once, and a parent may pass the signal on as well: what comes so soon is the same one. */
const SAME_SIGNAL_MS = 1_000;
let signalledAt: number | null = null;
// Before anything is started: a process that is told to end while it starts may hold leases already.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    const now = clock.monotonic();
    if (signalledAt !== null && now - signalledAt > SAME_SIGNAL_MS) process.exit(1);
    if (signalledAt !== null) return;
    signalledAt = now;
    log.info('stopping', { signal });
    end(0);
  });
}

const loaded = load(process.env, process.argv.slice(2));
if (loaded.kind === 'mistakes') giveUp('The configuration cannot be used:', loaded.mistakes);
await start(loaded.settings).catch((error: unknown) => {
  // What is being stopped may well complain.
  if (!ending) giveUp('talos-chatops cannot start:', [faultOf(error).message]);
});

// Puts the parts of one process together and starts them; what comes in is given, so that a test can give something else.
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { startBot } from './bot/bot.ts';
import type { BotCluster } from './bot/command-parts.ts';
import { examine } from './engine/doctor.ts';
import { createDriver } from './engine/drive.ts';
import { pathFor } from './engine/paths.ts';
import { planned } from './engine/planning.ts';
import type { Clock } from './engine/ports/clock.ts';
import { faultOf } from './engine/ports/fault.ts';
import type { Journal } from './engine/ports/journal.ts';
import type { Log } from './engine/ports/log.ts';
import type { StoreDoctor } from './engine/ports/store-health.ts';
import type { Threads } from './engine/ports/threads.ts';
import { submitter } from './engine/submit.ts';
import type { ClusterWork } from './engine/work.ts';
import { BullBells } from './jobs/bells.ts';
import { BullErrands } from './jobs/errands.ts';
import type { QueuesOptions } from './jobs/queues.ts';
import { startSweep } from './jobs/sweep.ts';
import { startWorker } from './jobs/worker.ts';

export interface AppParts {
  readonly slack: { readonly botToken: string; readonly appToken: string; readonly apiUrl: string };
  /** What the bot may tell people: name, channel and policy of each cluster. */
  readonly clusters: readonly BotCluster[];
  /** What the worker may touch. */
  readonly works: ReadonlyMap<string, ClusterWork>;
  readonly journal: Journal;
  readonly threads: Threads;
  /** How the store is set up, for `/talos doctor`; absent: nothing is said about it. */
  readonly store?: StoreDoctor;
  readonly queues: QueuesOptions;
  readonly clock: Clock;
  readonly log: Log;
  readonly pollMs: number;
}

export interface App {
  /** Takes nothing new, waits for acts in flight (bounded), and closes what it opened. Never rejects. */
  stop(): Promise<void>;
}

/** Acts in flight are given this long to be answered at a stop; what is left is observed by whoever drives next. */
const STOP_LIMIT_MS = 10_000;
/** Whoever only asked for a plan waits a minute for it: a longer build goes on at the factory, and the next ask finds it done. */
const ERRAND_BUILD_MS = 40_000;
/** Bells in hand at once; at least one per cluster, or one cluster's approval waits behind another's rollout. */
const LEAST_CONCURRENCY = 10;

/** Resolves when the bot hears and the worker works. Rejects with Fault when Slack or Redis do not let it. */
export async function startApp(parts: AppParts): Promise<App> {
  const { clusters, works, journal, threads, queues, clock, log } = parts;
  const owner = `${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`;
  const complain = (message: string) => (error: unknown) =>
    log.warn(message, { error: faultOf(error).message });
  const bells = new BullBells({
    ...queues,
    onError: (_bell, error) => complain('a bell was not rung')(error),
  });
  const errands = new BullErrands({
    ...queues,
    onError: (_errand, error) => complain('an errand was not run')(error),
  });
  const workOf = (cluster: string): ClusterWork | null => works.get(cluster) ?? null;
  // What the driver writes down is shown at once: the speaker is told of every append of this process.
  let tell: (cluster: string, rollout: string) => void = () => undefined;
  const told = telling(journal, (cluster, rollout) => tell(cluster, rollout));
  const driver = createDriver({ journal: told, clock, log, owner, clusterOf: workOf, pollMs: parts.pollMs });
  const policyOf = (cluster: string) => clusters.find(({ name }) => name === cluster)?.policy ?? null;
  const submit = submitter({ journal, bells, clock, policyOf });
  const bot = await startBot({
    slack: parts.slack,
    clusters,
    journal,
    threads,
    errands,
    ...(parts.store === undefined ? {} : { store: parts.store }),
    submit,
    clock,
    log,
    owner,
  });
  tell = (cluster, rollout) => bot.nudge(cluster, rollout);
  const worker = startWorker({
    ...queues,
    concurrency: Math.max(LEAST_CONCURRENCY, works.size),
    onBell: (bell) => {
      bot.nudge(bell.cluster, bell.rollout);
      return driver.drive(bell.cluster, bell.rollout);
    },
    onErrand: async (errand) => {
      const work = workOf(errand.cluster);
      if (work === null)
        return { kind: 'failed', sentence: `This worker does not know a cluster called ${errand.cluster}.` };
      if (errand.kind === 'setup') return examine({ work, clock });
      if (errand.kind === 'path') return pathFor(errand.target, { work, clock, journal });
      return planned(errand.cluster, errand.goal, { journal, clock, work, buildMs: ERRAND_BUILD_MS });
    },
    log,
  });
  const sweep = startSweep({
    journal,
    clusters: [...works.keys()],
    clock,
    onDue: (look) => driver.drive(look.cluster, look.rollout),
    onError: complain('a sweep failed'),
  });
  await worker.ready();
  // Says in the log what our role lacks; a machine that does not answer now is asked again by the first plan.
  for (const { access } of works.values()) void access?.seen();
  log.info('ready', { clusters: [...works.keys()].join(', '), owner });
  return {
    stop: async () => {
      await Promise.all([sweep.stop(), driver.stop(STOP_LIMIT_MS)]);
      await Promise.all([worker.stop(), bot.stop()]);
      await Promise.all([bells.close(), errands.close()]);
      await Promise.allSettled(
        [...works.values()].flatMap((work) => [
          work.machines.close(),
          work.workloads.close(),
          work.images.factory.close(),
          ...(work.access === undefined ? [] : [work.access.close()]),
          ...(work.releases === undefined ? [] : [work.releases.close()]),
          ...(work.witness === undefined ? [] : [work.witness.close()]),
          ...(work.mutex === undefined ? [] : [work.mutex.close()]),
          ...(work.archiving === undefined ? [] : [work.archiving.archive.close()]),
        ]),
      );
    },
  };
}

/** The same journal, with somebody told of what was appended through it. */
function telling(journal: Journal, tell: (cluster: string, rollout: string) => void): Journal {
  return {
    read: (cluster, rollout, after) => journal.read(cluster, rollout, after),
    append: async (request) => {
      const reply = await journal.append(request);
      if (reply.kind === 'appended') tell(request.cluster, request.rollout);
      return reply;
    },
    claimOf: (cluster) => journal.claimOf(cluster),
    recent: (cluster, limit) => journal.recent(cluster, limit),
    take: (cluster, rollout, owner) => journal.take(cluster, rollout, owner),
    renew: (lease) => journal.renew(lease),
    letGo: (lease, seen, nextLook) => journal.letGo(lease, seen, nextLook),
    due: (clusters, limit) => journal.due(clusters, limit),
    note: (cluster, rollout, node, sentence) => journal.note(cluster, rollout, node, sentence),
    notes: (cluster, rollout) => journal.notes(cluster, rollout),
  };
}

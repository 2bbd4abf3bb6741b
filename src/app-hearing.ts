// The half of a process that hears and speaks in Slack: it knows clusters by name, channel and policy, and calls none of them.
import { startBot } from './bot/bot.ts';
import type { BotCluster } from './bot/command-parts.ts';
import type { Clock } from './engine/ports/clock.ts';
import { faultOf } from './engine/ports/fault.ts';
import type { Journal } from './engine/ports/journal.ts';
import type { Log } from './engine/ports/log.ts';
import type { StoreDoctor } from './engine/ports/store-health.ts';
import type { Threads } from './engine/ports/threads.ts';
import { submitter } from './engine/submit.ts';
import { BullBells } from './jobs/bells.ts';
import { BullErrands } from './jobs/errands.ts';
import type { QueuesOptions } from './jobs/queues.ts';

export interface HearingParts {
  readonly slack: { readonly botToken: string; readonly appToken: string; readonly apiUrl: string };
  /** What the bot may tell people: name, channel and policy of each cluster. */
  readonly clusters: readonly BotCluster[];
  readonly journal: Journal;
  readonly threads: Threads;
  /** How the store is set up, for `/talos doctor`; absent: nothing is said about it. */
  readonly store?: StoreDoctor;
  readonly queues: QueuesOptions;
  readonly clock: Clock;
  readonly log: Log;
  readonly owner: string;
}

export interface Hearing {
  /** The journal of this rollout moved: its thread is looked at at once. */
  nudge(cluster: string, rollout: string): void;
  /** False while no socket is open: nobody is heard. */
  healthy(): boolean;
  /** Finishes what is in hand (bounded), and closes what it opened. */
  stop(): Promise<void>;
}

/** Milliseconds between two attempts to reach Slack at the start; doubled each time. Its outages last minutes to hours. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/**
 * Resolves once the sockets are open, or with null when it was stopped before. While Slack does not answer it asks again, as long as
 * the process lives; rejects with Fault when Slack refuses.
 */
export async function hear(parts: HearingParts, stopping: AbortSignal): Promise<Hearing | null> {
  const { clock, log } = parts;
  for (let pauseMs = FIRST_PAUSE_MS; !stopping.aborted; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      const hearing = await startHearing(parts);
      if (!stopping.aborted) return hearing;
      await hearing.stop();
    } catch (error) {
      const fault = faultOf(error);
      if (fault.kind !== 'unreachable') throw fault;
      if (stopping.aborted) return null;
      log.warn('Slack does not answer; nobody is heard until it does', {
        error: fault.message,
        againInMs: pauseMs,
      });
      await clock.sleep(pauseMs, stopping);
    }
  }
  return null;
}

/** Resolves once the sockets are open. Rejects with Fault when Slack does not let it. */
async function startHearing(parts: HearingParts): Promise<Hearing> {
  const { slack, clusters, journal, threads, queues, clock, log, owner } = parts;
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
  const policyOf = (cluster: string) => clusters.find(({ name }) => name === cluster)?.policy ?? null;
  const close = (): Promise<unknown> => Promise.all([bells.close(), errands.close()]);
  const bot = await startBot({
    slack,
    clusters,
    journal,
    threads,
    errands,
    ...(parts.store === undefined ? {} : { store: parts.store }),
    submit: submitter({ journal, bells, clock, policyOf }),
    clock,
    log,
    owner,
  }).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  return {
    nudge: (cluster, rollout) => bot.nudge(cluster, rollout),
    healthy: () => bot.healthy(),
    stop: async () => {
      await bot.stop();
      await close();
    },
  };
}

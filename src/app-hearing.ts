// The half of a process that hears and speaks in Slack: it knows clusters by name, channel and policy, and calls none of them.
import { startBot } from './bot/bot.ts';
import type { BotCluster } from './bot/command-parts.ts';
import type { Clock } from './engine/ports/clock.ts';
import type { Deliveries } from './engine/ports/deliveries.ts';
import { type Fault, faultOf } from './engine/ports/fault.ts';
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
  readonly deliveries: Deliveries;
  readonly threads: Threads;
  /** How the store is set up, for `/talos doctor`; absent: nothing is said about it. */
  readonly store?: StoreDoctor;
  readonly queues: QueuesOptions;
  readonly clock: Clock;
  readonly log: Log;
  readonly owner: string;
  /** Whether this process has more to do than to hear: then a token that Slack refuses at the start does not end it. */
  readonly worksOn: () => Promise<boolean>;
}

export interface Hearing {
  /** The journal of this rollout moved: its thread is looked at at once. */
  nudge(cluster: string, rollout: string): void;
  /** False while no socket is open: nobody is heard. */
  healthy(): boolean;
  /** Finishes what is in hand (bounded), and closes what it opened. */
  stop(): Promise<void>;
}

/** Milliseconds between two attempts to be heard at the start; doubled each time. Slack's outages last minutes to hours. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/**
 * Resolves once the sockets are open, or with null when it was stopped before. While Slack does not answer it asks again, as long as
 * the process lives; also when Slack refuses, while there is other work. Rejects with Fault when Slack refuses and there is none.
 */
export async function hear(parts: HearingParts, stopping: AbortSignal): Promise<Hearing | null> {
  const { clock } = parts;
  for (let pauseMs = FIRST_PAUSE_MS; !stopping.aborted; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      const hearing = await startHearing(parts);
      if (!stopping.aborted) return hearing;
      await hearing.stop();
    } catch (error) {
      if (stopping.aborted) return null;
      await complain(parts, faultOf(error), pauseMs);
      await clock.sleep(pauseMs, stopping);
    }
  }
  return null;
}

/** Throws the fault when asking again makes no sense. */
async function complain({ log, worksOn }: HearingParts, fault: Fault, againInMs: number): Promise<void> {
  const about = { error: fault.message, againInMs };
  if (fault.kind === 'unreachable') log.warn('Slack does not answer; nobody is heard until it does', about);
  else if (fault.kind === 'refused' && (await worksOn()))
    log.error('Slack does not take a token; rollouts go on, and nobody is heard until it does', about);
  else throw fault;
}

/** Resolves once the sockets are open. Rejects with Fault when Slack does not let it. */
async function startHearing(parts: HearingParts): Promise<Hearing> {
  const { slack, clusters, journal, deliveries, threads, queues, clock, log, owner } = parts;
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
    submit: submitter({ journal, deliveries, bells, clock, policyOf }),
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

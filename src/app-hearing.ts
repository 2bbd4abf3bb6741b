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

/** Resolves once the sockets are open. Rejects with Fault when Slack does not let it. */
export async function startHearing(parts: HearingParts): Promise<Hearing> {
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
  });
  return {
    nudge: (cluster, rollout) => bot.nudge(cluster, rollout),
    healthy: () => bot.healthy(),
    stop: async () => {
      await bot.stop();
      await Promise.all([bells.close(), errands.close()]);
    },
  };
}

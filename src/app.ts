// Puts the parts of one process together and starts them; what comes in is given, so that a test can give something else.
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Hearing, HearingParts } from './app-hearing.ts';
import type { Working, WorkingParts } from './app-working.ts';
import type { Clock } from './engine/ports/clock.ts';
import type { Journal } from './engine/ports/journal.ts';
import type { Log } from './engine/ports/log.ts';
import type { QueuesOptions } from './jobs/queues.ts';

export interface AppParts
  extends Omit<HearingParts, 'slack' | 'owner'>,
    Omit<WorkingParts, 'works' | 'owner' | 'onMoved'> {
  /** Null in a worker: no socket is opened, and nothing is ever said in Slack. */
  readonly slack: HearingParts['slack'] | null;
  /** What the worker may touch; null in a bot: no cluster is ever called. */
  readonly works: WorkingParts['works'] | null;
  readonly journal: Journal;
  readonly queues: QueuesOptions;
  readonly clock: Clock;
  readonly log: Log;
}

export interface App {
  /** How this process signs its facts. */
  readonly owner: string;
  /** False while nobody can be heard, where this process hears. */
  healthy(): boolean;
  /** Takes nothing new, waits for acts in flight (bounded), and closes what it opened. Never rejects. */
  stop(): Promise<void>;
}

/** Resolves when the bot hears and the worker works. Rejects with Fault when Slack or Redis do not let it. */
export async function startApp(parts: AppParts): Promise<App> {
  const { slack, works, log } = parts;
  const owner = `${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`;
  const hearing = slack === null ? null : await hear({ ...parts, slack, owner });
  // Without a speaker in this process the one elsewhere notices by itself, within 300 ms.
  const onMoved = (cluster: string, rollout: string): void => hearing?.nudge(cluster, rollout);
  const working = works === null ? null : await work({ ...parts, works, owner, onMoved });
  log.info('ready', {
    role: hearing === null ? 'worker' : working === null ? 'bot' : 'all',
    clusters: parts.clusters.map(({ name }) => name).join(', '),
    owner,
  });
  return {
    owner,
    healthy: () => hearing?.healthy() ?? true,
    stop: async () => {
      // The worker first: what its last acts came to is still shown.
      await working?.stop();
      await hearing?.stop();
    },
  };
}

/** Loaded only where it is needed: a worker has no use for Slack's libraries. */
async function hear(parts: HearingParts): Promise<Hearing> {
  const { startHearing } = await import('./app-hearing.ts');
  return startHearing(parts);
}

async function work(parts: WorkingParts): Promise<Working> {
  const { startWorking } = await import('./app-working.ts');
  return startWorking(parts);
}

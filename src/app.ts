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
  extends Omit<HearingParts, 'slack' | 'owner' | 'worksOn'>,
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
  /**
   * Resolves when the worker works and the bot hears, or when it was stopped before. Rejects with Fault, after it stopped what was up,
   * when Slack refuses and no rollout is under way here; otherwise, and while Slack does not answer, the worker works and the bot goes
   * on asking.
   */
  readonly started: Promise<void>;
  /** Why it cannot do all of its work now, in a few words; null when it can. */
  trouble(): string | null;
  /** Takes nothing new, waits for acts in flight (bounded), and closes what it opened so far. Never rejects. */
  stop(): Promise<void>;
}

/** Starts what the role asks for; it can be stopped from the first moment on. */
export function startApp(parts: AppParts): App {
  const { slack, works } = parts;
  const owner = `${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`;
  const stopping = new AbortController();
  const up: Up = { working: null, hearing: null };
  const stop = async (): Promise<void> => {
    stopping.abort();
    // The worker first: what its last acts came to is still shown.
    await up.working?.stop();
    await up.hearing?.stop();
  };
  const started = rise({ ...parts, owner }, up, stopping.signal).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return {
    owner,
    started,
    trouble: () => {
      if (works !== null && up.working === null) return 'starting';
      return slack === null || up.hearing?.healthy() === true ? null : 'no socket to Slack is open';
    },
    stop,
  };
}

/** What has been started by now. */
interface Up {
  working: Working | null;
  hearing: Hearing | null;
}

/** Each half is loaded only where it is needed: a worker has no use for Slack's libraries, nor a bot for those of a cluster. */
async function rise(
  parts: AppParts & { readonly owner: string },
  up: Up,
  stopping: AbortSignal,
): Promise<void> {
  const { slack, works, log, owner } = parts;
  // First: rollouts go on while Slack is away. Without a speaker in this process the one elsewhere notices by itself, within 300 ms.
  const onMoved = (cluster: string, rollout: string): void => up.hearing?.nudge(cluster, rollout);
  if (works !== null) {
    const { startWorking } = await import('./app-working.ts');
    if (stopping.aborted) return;
    up.working = startWorking({ ...parts, works, onMoved });
  }
  if (slack !== null) {
    const { hear } = await import('./app-hearing.ts');
    up.hearing = await hear({ ...parts, slack, worksOn: () => underWay(parts) }, stopping);
  }
  await up.working?.listening;
  if (stopping.aborted) return;
  log.info('ready', {
    role: slack === null ? 'worker' : works === null ? 'bot' : 'all',
    clusters: parts.clusters.map(({ name }) => name).join(', '),
    owner,
  });
}

/** Whether a rollout that is driven here has a cluster; a journal that does not answer does not say that none has. */
async function underWay({ works, clusters, journal }: AppParts): Promise<boolean> {
  if (works === null) return false;
  const claims = await Promise.allSettled(clusters.map(({ name }) => journal.claimOf(name)));
  return claims.some((claim) => claim.status === 'rejected' || claim.value !== null);
}

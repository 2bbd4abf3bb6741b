// The half of a process that touches clusters: it drives rollouts and answers errands, and never speaks to Slack.
import { condition } from './engine/condition.ts';
import { examine } from './engine/doctor.ts';
import { createDriver } from './engine/drive.ts';
import { pathFor } from './engine/paths.ts';
import { planned } from './engine/planning.ts';
import type { Clock } from './engine/ports/clock.ts';
import type { Errand, ErrandReport } from './engine/ports/errands.ts';
import { faultOf } from './engine/ports/fault.ts';
import type { Journal } from './engine/ports/journal.ts';
import type { Log } from './engine/ports/log.ts';
import { logOf, whyOf } from './engine/why.ts';
import type { ClusterWork } from './engine/work.ts';
import { type QueuesOptions, within } from './jobs/queues.ts';
import { startSweep } from './jobs/sweep.ts';
import { startWorker } from './jobs/worker.ts';

export interface WorkingParts {
  /** What the worker may touch. */
  readonly works: ReadonlyMap<string, ClusterWork>;
  readonly journal: Journal;
  readonly queues: QueuesOptions;
  readonly clock: Clock;
  readonly log: Log;
  readonly pollMs: number;
  readonly owner: string;
  /** Told of every append of this process, and of every bell it hears. */
  readonly onMoved: (cluster: string, rollout: string) => void;
}

export interface Working {
  /** Resolves when both queues are listened to, or after LISTEN_LIMIT_MS: the sweep finds everything without them. Never rejects. */
  readonly listening: Promise<void>;
  /** Gives its leases away at once and takes nothing new; waits for acts and errands in hand at most STOP_LIMIT_MS. Never rejects. */
  stop(): Promise<void>;
}

/**
 * Acts in flight are given this long to be answered at a stop; what is left is observed by whoever drives next. With the bot's own
 * goodbye it fits into the 30 s that Kubernetes leaves a pod by default.
 */
const STOP_LIMIT_MS = 15_000;
/** Redis answered a moment ago; longer than this the start does not wait for BullMQ, which goes on trying by itself. */
const LISTEN_LIMIT_MS = 5_000;
/** Whoever only asked for a plan waits a minute for it: a longer build goes on at the factory, and the next ask finds it done. */
const ERRAND_BUILD_MS = 40_000;
/** Bells in hand at once; at least one per cluster, or one cluster's approval waits behind another's rollout. */
const LEAST_CONCURRENCY = 10;

/** Drives from now on what is due, and answers errands as soon as the queues are listened to. */
export function startWorking(parts: WorkingParts): Working {
  const { works, queues, clock, log, owner, onMoved } = parts;
  const complain = (message: string) => (error: unknown) =>
    log.warn(message, { error: faultOf(error).message });
  const driver = createDriver({
    journal: telling(parts.journal, onMoved),
    clock,
    log,
    owner,
    clusterOf: (cluster) => works.get(cluster) ?? null,
    pollMs: parts.pollMs,
  });
  const worker = startWorker({
    ...queues,
    concurrency: Math.max(LEAST_CONCURRENCY, works.size),
    onBell: (bell) => {
      onMoved(bell.cluster, bell.rollout);
      return driver.drive(bell.cluster, bell.rollout);
    },
    onErrand: (errand) => answer(errand, parts),
    log,
  });
  const sweep = startSweep({
    journal: parts.journal,
    clusters: [...works.keys()],
    clock,
    onDue: (look) => driver.drive(look.cluster, look.rollout),
    onError: complain('a sweep failed'),
  });
  // Says in the log what our role lacks; a machine that does not answer now is asked again by the first plan.
  for (const { access } of works.values()) void access?.seen();
  return {
    listening: within(LISTEN_LIMIT_MS, worker.ready()).then((heard) => {
      if (heard !== 'late' && 'value' in heard) return;
      log.warn('the queues are not listened to yet; rollouts go on, questions wait', {
        error: heard === 'late' ? 'no answer yet' : faultOf(heard.error).message,
      });
    }),
    stop: async () => {
      // At once: a bell that a stopping worker takes is heard by nobody else.
      await Promise.all([sweep.stop(), driver.stop(STOP_LIMIT_MS), worker.stop(STOP_LIMIT_MS)]);
      await Promise.allSettled([...works.values()].flatMap(closing));
    },
  };
}

async function answer(
  errand: Errand,
  { works, clock, journal }: Pick<WorkingParts, 'works' | 'clock' | 'journal'>,
): Promise<ErrandReport> {
  const work = works.get(errand.cluster);
  if (work === undefined)
    return { kind: 'failed', sentence: `This worker does not know a cluster called ${errand.cluster}.` };
  if (errand.kind === 'setup') return examine({ work, clock });
  if (errand.kind === 'check') return condition({ work, clock, journal });
  if (errand.kind === 'path') return pathFor(errand.target, { work, clock, journal });
  if (errand.kind === 'why') return whyOf(errand.cluster, { work, clock, journal });
  if (errand.kind === 'log') return logOf(errand, { work, journal });
  return planned(errand.cluster, errand.goal, { journal, clock, work, buildMs: ERRAND_BUILD_MS });
}

function closing(work: ClusterWork): readonly Promise<void>[] {
  return [
    work.machines.close(),
    work.workloads.close(),
    work.images.factory.close(),
    ...(work.access === undefined ? [] : [work.access.close()]),
    ...(work.releases === undefined ? [] : [work.releases.close()]),
    ...(work.witness === undefined ? [] : [work.witness.close()]),
    ...(work.mutex === undefined ? [] : [work.mutex.close()]),
    ...(work.lease === undefined ? [] : [work.lease.close()]),
    ...(work.archiving === undefined ? [] : [work.archiving.archive.close()]),
  ];
}

/** The same journal, with somebody told of what was appended through it. */
function telling(journal: Journal, tell: (cluster: string, rollout: string) => void): Journal {
  return {
    read: (cluster, rollout, after, link) => journal.read(cluster, rollout, after, link),
    append: async (request) => {
      const reply = await journal.append(request);
      if (reply.kind === 'appended') tell(request.cluster, request.rollout);
      return reply;
    },
    claimOf: (cluster) => journal.claimOf(cluster),
    recent: (cluster, limit) => journal.recent(cluster, limit),
    take: (cluster, rollout, owner) => journal.take(cluster, rollout, owner),
    renew: (lease) => journal.renew(lease),
    letGo: (lease, seen, nextLook, link) => journal.letGo(lease, seen, nextLook, link),
    due: (clusters, limit) => journal.due(clusters, limit),
    note: (cluster, rollout, node, sentence) => journal.note(cluster, rollout, node, sentence),
    notes: (cluster, rollout) => journal.notes(cluster, rollout),
  };
}

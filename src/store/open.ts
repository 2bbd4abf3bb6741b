// Opens everything that lies in Redis for one process, or says why it must not be used.
import type { Deliveries } from '../engine/ports/deliveries.ts';
import { type Fault, faultOf } from '../engine/ports/fault.ts';
import type { Journal } from '../engine/ports/journal.ts';
import type { Log } from '../engine/ports/log.ts';
import type { StoreDoctor } from '../engine/ports/store-health.ts';
import type { Threads } from '../engine/ports/threads.ts';
import { queueConnection } from './clients.ts';
import { StoreConnection } from './connection.ts';
import { RedisDeliveries } from './deliveries.ts';
import { redisDoctor } from './doctor.ts';
import type { StoreFitness } from './guard.ts';
import { RedisJournal } from './journal.ts';
import { passes } from './masters.ts';
import { redisPlace } from './place.ts';
import { neededReplicas } from './replicas.ts';
import type { Seals } from './seal.ts';
import { RedisThreads } from './threads.ts';
import { type StoreWatch, watchStore } from './watch.ts';
import type { Writing } from './writing.ts';

export interface StoreSettings {
  /** REDIS_URL. A secret. */
  readonly url: string;
  readonly prefix: string;
  /** Replicas that must have each fact before it counts; null: one where a replica can take over, as far as we can know. */
  readonly replicas: number | null;
  readonly seals: Seals;
}

export interface OpenStore {
  readonly kind: 'open';
  readonly journal: Journal;
  readonly deliveries: Deliveries;
  readonly threads: Threads;
  readonly doctor: StoreDoctor;
  /** What BullMQ connects with. */
  readonly queues: ReturnType<typeof queueConnection>;
  close(): void;
}

export interface StoreSurroundings {
  readonly log: Log;
  readonly onChange: (state: 'away' | 'back', sentence: string) => void;
}

/** Rejects with Fault when Redis does not answer. */
export async function openStore(
  settings: StoreSettings,
  { log, onChange }: StoreSurroundings,
): Promise<OpenStore | { readonly kind: 'unfit'; readonly sentence: string }> {
  const place = redisPlace(settings.url);
  const { prefix, seals } = settings;
  let onServer = (): void => {};
  let started = false;
  const needed = neededReplicas({
    configured: settings.replicas,
    place,
    onRaised: (count, online) => {
      if (started) log.warn('Redis has a replica by now; facts wait for it', { online, needed: count });
    },
  });
  const store = new StoreConnection({ address: place, onChange, onServer: () => onServer() });
  const watch = watchStore({
    store,
    prefix,
    onWarning: (sentence) => log.warn(sentence),
    onReplicas: (online) => needed.seen(online),
    onUnfit: (why) => {
      if (why === null) log.warn('Redis is set up as it must be again');
      else log.error('Redis is not set up as it must be; nothing is written down', { why });
    },
  });
  const close = (): void => {
    watch.stop();
    store.close();
  };
  const fitness = await firstLook(watch).catch((error: unknown) => {
    close();
    throw error;
  });
  if (fitness.kind === 'unfit') {
    close();
    return fitness;
  }
  onServer = () => void watch.look().catch(() => undefined);
  started = true;
  if (fitness.replicas < needed.count())
    log.warn('Redis has too few replicas; nothing can be written down until it has more', {
      online: fitness.replicas,
      needed: needed.count(),
    });
  // WAIT holds up what is sent behind it, so it has a connection of its own.
  let writer: StoreConnection | null = null;
  const writing = (): Writing => {
    const replicas = needed.count();
    if (replicas === 0) return { store, replicas };
    writer ??= new StoreConnection({ address: place });
    return { store: writer, replicas };
  };
  writing();
  return {
    kind: 'open',
    journal: new RedisJournal(store, {
      prefix,
      seals,
      writing,
      unfit: () => watch.unfit(),
      onPart: rarely((fault) =>
        log.warn('the Looks of some clusters cannot be read', { error: fault.message }),
      ),
    }),
    deliveries: new RedisDeliveries(store, { prefix }),
    threads: new RedisThreads(store, { prefix }),
    doctor: redisDoctor(store, { replicas: () => needed.count(), seals }),
    queues: queueConnection(place),
    close: () => {
      close();
      writer?.close();
    },
  };
}

/**
 * A look takes a second or two where nobody answers. Of a Cluster's servers the client may ask a silent one first, and finds another
 * meanwhile; and one that starts beside us, or on a machine that is busy, answers a little later.
 */
const FIRST_LOOKS = 4;

async function firstLook(watch: StoreWatch): Promise<StoreFitness> {
  for (let left = FIRST_LOOKS - 1; ; left--) {
    try {
      return await watch.look();
    } catch (error) {
      if (left <= 0 || !passes(faultOf(error))) throw error;
    }
  }
}

/** The sweep meets the same trouble twice a second. */
const SAY_EVERY_MS = 60_000;

function rarely(say: (fault: Fault) => void): (fault: Fault) => void {
  let quietUntil = 0;
  return (fault) => {
    if (performance.now() < quietUntil) return;
    quietUntil = performance.now() + SAY_EVERY_MS;
    say(fault);
  };
}

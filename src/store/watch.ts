// Looks at the settings of Redis again whenever a server is connected, and now and then: a fail-over may lead to one that forgets.

import { faultOf } from '../engine/ports/fault.ts';
import type { StoreConnection } from './connection.ts';
import { inspectStore, type StoreFitness } from './guard.ts';
import { passes } from './masters.ts';
import { agreeOnSchema } from './schema.ts';

/** CONFIG SET needs no reconnection to be noticed; one look asks each master for one text. */
const LOOK_EVERY_MS = 60_000;

export interface StoreWatch {
  /** Why nothing may be written now; null while all is well. The last known answer while Redis is away. */
  unfit(): string | null;
  /** Looks now. Rejects with Fault when Redis does not answer. */
  look(): Promise<StoreFitness>;
  stop(): void;
}

export interface WatchParts {
  readonly store: StoreConnection;
  readonly prefix: string;
  /** Told when it changes: a sentence when Redis became unfit, null when it is fit again. */
  readonly onUnfit: (sentence: string | null) => void;
  /** Told at each look how many replicas there are, of the master that has fewest. */
  readonly onReplicas?: (online: number) => void;
  /** Told of each warning that was not there at the look before. */
  readonly onWarning: (sentence: string) => void;
}

export function watchStore(parts: WatchParts): StoreWatch {
  let unfit: string | null = null;
  let warned: readonly string[] = [];
  let disagreed: string | null = null;
  const look = async (): Promise<StoreFitness> => {
    const { fitness, schema } = await inspect(parts, disagreed);
    disagreed = schema;
    const sentence = fitness.kind === 'unfit' ? fitness.sentence : null;
    if (sentence !== unfit) parts.onUnfit(sentence);
    unfit = sentence;
    const warnings = fitness.kind === 'fit' ? fitness.warnings : warned;
    for (const warning of warnings) if (!warned.includes(warning)) parts.onWarning(warning);
    warned = warnings;
    if (fitness.kind === 'fit') parts.onReplicas?.(fitness.replicas);
    return fitness;
  };
  // A Redis that is away is looked at when it is back.
  const timer = setInterval(() => void look().catch(() => undefined), LOOK_EVERY_MS);
  timer.unref();
  return { unfit: () => unfit, look, stop: () => clearInterval(timer) };
}

/** What was found, and of it why the keys are of no version that we know; null when they are. */
interface Inspected {
  readonly fitness: StoreFitness;
  readonly schema: string | null;
}

/** `before`: what the look before said of the version; it holds while the server that knows is away. */
async function inspect({ store, prefix }: WatchParts, before: string | null): Promise<Inspected> {
  const fitness = await inspectStore(store);
  if (fitness.kind === 'unfit') return { fitness, schema: before };
  try {
    return judged(fitness, await agreeOnSchema(store, prefix));
  } catch (error) {
    if (!store.shared || !passes(faultOf(error))) throw error;
    return judged({ ...fitness, warnings: [...fitness.warnings, unread(prefix)] }, before);
  }
}

function judged(fitness: StoreFitness, schema: string | null): Inspected {
  return { fitness: schema === null ? fitness : { kind: 'unfit', sentence: schema }, schema };
}

function unread(prefix: string): string {
  return `The version of the keys under ${prefix} cannot be read, because the server of the Redis Cluster that has it is away: it is asked for again each minute, and when a server is back.`;
}

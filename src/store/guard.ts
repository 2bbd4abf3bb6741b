// What must be true of a Redis before anything is written into it.
import type { Redis } from 'ioredis';
import type { StoreConnection } from './connection.ts';
import { journalPrefix, TAGGED_KEYS_GLOB } from './keys.ts';
import type { AwayMaster, Master } from './masters.ts';

export type StoreFitness =
  | {
      readonly kind: 'fit';
      readonly warnings: readonly string[];
      /** Replicas that are there now, of the master that has fewest among those that answered. */
      readonly replicas: number;
    }
  | { readonly kind: 'unfit'; readonly sentence: string };

/**
 * Looks at the settings a system of record depends on, of every master. In a Cluster one that is away is a warning: what lies there
 * stands still, and nothing is written into it either. Rejects with Fault when none answers.
 */
export async function inspectStore(store: StoreConnection): Promise<StoreFitness> {
  const { answers: found, away } = await store.someMasters(inspectMaster);
  const unfit = found.find((one) => one.kind === 'unfit');
  if (unfit !== undefined) return unfit;
  const fit = found.filter((one) => one.kind === 'fit');
  const replicas = fit.length === 0 ? 0 : Math.min(...fit.map((one) => one.replicas));
  const warnings = [...fit.flatMap((one) => one.warnings), ...away.map(awayWarning)];
  return { kind: 'fit', warnings, replicas };
}

/** The same at every look while it is away, whatever its silence looks like: it is said once. */
function awayWarning({ where }: AwayMaster): string {
  return `Redis at ${where} does not answer: the clusters whose keys it has stand still until it is back, those of the other servers go on.`;
}

async function inspectMaster({ where, redis }: Master): Promise<StoreFitness> {
  const info = await redis.info();
  const policy = infoField(info, 'maxmemory_policy');
  if (policy !== null && policy !== 'noeviction') {
    return {
      kind: 'unfit',
      sentence:
        `Redis at ${where} may throw away journals when memory gets short: its maxmemory-policy is ${policy}. ` +
        'Set maxmemory-policy to noeviction, or use another Redis.',
    };
  }
  const warnings: string[] = [];
  if (infoField(info, 'aof_enabled') === '0' && (await savesSnapshots(redis)) === 'no') {
    warnings.push(
      `Redis at ${where} keeps nothing on disk (appendonly no, save ""): a restart forgets every rollout. Set appendonly yes.`,
    );
  }
  return { kind: 'fit', warnings, replicas: onlineReplicas(info) };
}

/** How many replicas INFO names as following. */
export function onlineReplicas(info: string): number {
  return [...info.matchAll(/^slave\d+:.*state=online/gm)].length;
}

/** Keys asked for per round trip, and round trips at most: two million keys are nobody's playground. */
const SCAN_COUNT = 1_000;
const MOST_SCANS = 2_000;

/**
 * Says in one sentence why this Redis is somebody else's, or answers null. `isOurs` judges the prefix of each journal and claim found.
 * For the playground, which must never write beside a real journal. Rejects with Fault when Redis, or a part of it, does not answer.
 */
export async function refuseForeignJournal(
  store: StoreConnection,
  isOurs: (prefix: string) => boolean,
): Promise<string | null> {
  const found = await store.eachMaster((master) => foreignIn(master, isOurs));
  return found.find((sentence) => sentence !== null) ?? null;
}

async function foreignIn(
  { where, redis }: Master,
  isOurs: (prefix: string) => boolean,
): Promise<string | null> {
  let cursor = '0';
  for (let scans = 0; scans < MOST_SCANS; scans++) {
    const [next, keys] = await redis.scan(cursor, 'MATCH', TAGGED_KEYS_GLOB, 'COUNT', SCAN_COUNT);
    for (const key of keys) {
      const prefix = journalPrefix(key);
      if (prefix !== null && !isOurs(prefix)) {
        return `Redis at ${where} holds the journal of another talos-chatops (prefix ${JSON.stringify(prefix)}): use another Redis, or another database of it.`;
      }
    }
    if (next === '0') return null;
    cursor = next;
  }
  return `Redis at ${where} holds more than ${SCAN_COUNT * MOST_SCANS} keys: too many to make sure that no journal of another talos-chatops is among them.`;
}

/** CONFIG is often closed to clients of a managed Redis; those keep snapshots of their own, so a refusal is no complaint. */
export async function savesSnapshots(redis: Redis): Promise<'yes' | 'no' | 'unknown'> {
  try {
    const reply = await redis.config('GET', 'save');
    return Array.isArray(reply) && reply[1] === '' ? 'no' : 'yes';
  } catch {
    return 'unknown';
  }
}

/** One line of what INFO answers; null when it is not there. */
export function infoField(info: string, name: string): string | null {
  return new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? null;
}

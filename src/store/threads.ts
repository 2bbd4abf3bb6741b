// The speaker's memory in Redis: which slot of a thread is which Slack message, and which threads may still change.
import { Fault } from '../engine/ports/fault.ts';
import type { SlotState, Spent, ThreadRecord, Threads } from '../engine/ports/threads.ts';
import type { StoreConnection } from './connection.ts';
import { clusterKeys, speakerKey, spentKey } from './keys.ts';
import { MOST_OPEN } from './limits.ts';

const SLOT = 'slot:';
/** Slack counts edits by the minute. */
const SPENT_LIVES_MS = 60_000;

export class RedisThreads implements Threads {
  readonly #store: StoreConnection;
  readonly #prefix: string;

  constructor(store: StoreConnection, options: { readonly prefix: string }) {
    this.#store = store;
    this.#prefix = options.prefix;
  }

  async read(cluster: string, rollout: string): Promise<ThreadRecord> {
    const fields = await this.#store.call((redis) => redis.hgetall(this.#key(cluster, rollout)));
    const slots: [string, SlotState][] = [];
    for (const [field, text] of Object.entries(fields)) {
      if (field.startsWith(SLOT)) slots.push([field.slice(SLOT.length), slotState(rollout, field, text)]);
    }
    return { slots: Object.fromEntries(slots), shown: Number(fields['shown'] ?? 0) };
  }

  async setSlot(cluster: string, rollout: string, slot: string, state: SlotState | null): Promise<void> {
    const key = this.#key(cluster, rollout);
    await this.#store.call((redis) =>
      state === null ? redis.hdel(key, SLOT + slot) : redis.hset(key, SLOT + slot, JSON.stringify(state)),
    );
  }

  async setShown(cluster: string, rollout: string, version: number): Promise<void> {
    await this.#store.call((redis) => redis.hset(this.#key(cluster, rollout), 'shown', version));
  }

  /** At most MOST_OPEN, latest change first. */
  async open(cluster: string): Promise<readonly { readonly rollout: string; readonly version: number }[]> {
    const keys = clusterKeys(this.#prefix, cluster);
    return this.#store.call(async (redis) => {
      const rollouts = await redis.zrevrange(keys.open, 0, MOST_OPEN - 1);
      const versions = await Promise.all(rollouts.map((rollout) => redis.llen(keys.journal(rollout))));
      return rollouts.map((rollout, index) => ({ rollout, version: versions[index] ?? 0 }));
    });
  }

  async closed(cluster: string, rollout: string): Promise<void> {
    await this.#store.call((redis) => redis.zrem(clusterKeys(this.#prefix, cluster).open, rollout));
  }

  async speak(workspace: string, owner: string, ms: number): Promise<boolean> {
    return (
      (await this.#store.call((redis) =>
        redis.storeSpeak(speakerKey(this.#prefix, workspace), owner, ms),
      )) === 1
    );
  }

  async spent(workspace: string): Promise<Spent | null> {
    const text = await this.#store.call((redis) => redis.get(spentKey(this.#prefix, workspace)));
    return text === null ? null : spentOf(text);
  }

  async setSpent(workspace: string, { editsAgoMs, quietMs }: Spent): Promise<void> {
    const text = JSON.stringify({ editsAgoMs, quietMs });
    const livesMs = Math.ceil(Math.max(SPENT_LIVES_MS, quietMs));
    await this.#store.call((redis) => redis.set(spentKey(this.#prefix, workspace), text, 'PX', livesMs));
  }

  #key(cluster: string, rollout: string): string {
    return clusterKeys(this.#prefix, cluster).thread(rollout);
  }
}

/** Null for what another version wrote otherwise: a budget is a courtesy, and nothing waits for ever because of it. */
function spentOf(text: string): Spent | null {
  const spent: unknown = JSON.parse(text);
  if (typeof spent !== 'object' || spent === null) return null;
  if (!('editsAgoMs' in spent && 'quietMs' in spent)) return null;
  const { editsAgoMs, quietMs } = spent;
  if (!Array.isArray(editsAgoMs) || typeof quietMs !== 'number') return null;
  return { editsAgoMs: editsAgoMs.filter((ago) => typeof ago === 'number'), quietMs };
}

/** Refused rather than skipped: a slot taken for missing would be posted a second time. */
function slotState(rollout: string, field: string, text: string): SlotState {
  const state: unknown = JSON.parse(text);
  if (typeof state === 'object' && state !== null && 'kind' in state) {
    if (state.kind === 'posting' && 'since' in state && typeof state.since === 'number') {
      return { kind: 'posting', since: state.since };
    }
    if (
      state.kind === 'posted' &&
      'ts' in state &&
      'hash' in state &&
      typeof state.ts === 'string' &&
      typeof state.hash === 'string'
    ) {
      const again = 'again' in state && state.again === true ? ({ again: true } as const) : {};
      return { kind: 'posted', ts: state.ts, hash: state.hash, ...again };
    }
  }
  throw new Fault(
    'broken',
    `The thread record of rollout ${rollout} has a ${field} that this version of the bot does not understand.`,
  );
}

// The system of record in Redis: journals, claims, leases and Looks (design.md 4.6-4.9).
import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { Fault } from '../engine/ports/fault.ts';
import {
  type AppendReply,
  type AppendRequest,
  type DueLook,
  type Journal,
  LEASE_MS,
  type Lease,
  type TakeReply,
} from '../engine/ports/journal.ts';
import type { Entry } from '../rollout/event.ts';
import type { StoreConnection } from './connection.ts';
import { isTerminal, lineTail, openLines } from './entry.ts';
import { type ClusterKeys, clusterKeys } from './keys.ts';
import {
  FAR_LOOK,
  MOST_EVENTS,
  MOST_NOTED_NODES,
  MOST_RECENT,
  NOTE_CHARS,
  NOTES_LIVE_MS,
  READ_PAGE,
} from './limits.ts';

export interface RedisJournalOptions {
  /** Namespace of all keys, e.g. `talos-chatops`. */
  readonly prefix: string;
  /** Tests take shorter leases; everybody else LEASE_MS. */
  readonly leaseMs?: number;
}

export class RedisJournal implements Journal {
  readonly #store: StoreConnection;
  readonly #prefix: string;
  readonly #leaseMs: number;

  constructor(store: StoreConnection, options: RedisJournalOptions) {
    this.#store = store;
    this.#prefix = options.prefix;
    this.#leaseMs = options.leaseMs ?? LEASE_MS;
  }

  /** Also throws UnreadableEntry (a Fault `broken`), naming rollout and number, at a line this version must not act on. */
  async read(cluster: string, rollout: string, after = 0): Promise<readonly Entry[]> {
    const key = this.#keys(cluster).journal(rollout);
    const entries: Entry[] = [];
    // Ends at the first short page: a journal only grows.
    for (let from = after; ; from += READ_PAGE) {
      // One line more than is asked for: the first entry must follow from it.
      const stored: string[] = await this.#store.call((redis) =>
        redis.lrange(key, Math.max(0, from - 1), from + READ_PAGE - 1),
      );
      const before = from === 0 ? null : (stored.shift() ?? null);
      entries.push(...openLines({ rollout, after: from, before, lines: stored }));
      if (stored.length < READ_PAGE) return entries;
    }
  }

  async append(request: AppendRequest): Promise<AppendReply> {
    const { cluster, rollout, expect, events, lease } = request;
    if (events.length === 0 || events.length > MOST_EVENTS)
      throw new Error(`an append carries 1 to ${MOST_EVENTS} events, not ${events.length}`);
    const keys = this.#keys(cluster);
    const course = isTerminal(events.at(-1)) ? 'ended' : 'goes-on';
    const reply = await this.#store.call((redis) =>
      redis.storeAppend(
        ...[keys.journal(rollout), keys.claim, keys.lease(rollout), keys.looks, keys.recent, keys.open],
        ...[rollout, expect, lease?.token ?? '', request.claim ?? '', course, MOST_RECENT],
        ...events.map((event) => lineTail(event, request.by)),
      ),
    );
    return appendReply(reply);
  }

  claimOf(cluster: string): Promise<string | null> {
    return this.#store.call((redis) => redis.get(this.#keys(cluster).claim));
  }

  recent(cluster: string, limit: number): Promise<readonly string[]> {
    if (limit < 1) return Promise.resolve([]);
    return this.#store.call((redis) => redis.zrevrange(this.#keys(cluster).recent, 0, limit - 1));
  }

  async take(cluster: string, rollout: string, owner: string): Promise<TakeReply> {
    const keys = this.#keys(cluster);
    // A token of its own for each taking: what an earlier life of this owner still sends is not mistaken for its present one.
    const token = `${owner}/${randomUUID()}`;
    const taken = await this.#store.call((redis) =>
      redis.storeTake(keys.lease(rollout), keys.looks, rollout, token, this.#leaseMs),
    );
    return taken === 1 ? { kind: 'taken', lease: { rollout, cluster, token } } : { kind: 'held-elsewhere' };
  }

  async renew(
    lease: Lease,
  ): Promise<{ readonly kind: 'renewed'; readonly version: number } | { readonly kind: 'lease-lost' }> {
    const keys = this.#keys(lease.cluster);
    const version = await this.#store.call((redis) =>
      redis.storeRenew(
        keys.lease(lease.rollout),
        keys.looks,
        keys.journal(lease.rollout),
        lease.rollout,
        lease.token,
        this.#leaseMs,
      ),
    );
    return version < 0 ? { kind: 'lease-lost' } : { kind: 'renewed', version };
  }

  async letGo(
    lease: Lease,
    seen: number,
    nextLook: number | null,
  ): Promise<'let-go' | 'moved' | 'lease-lost'> {
    const { rollout, token } = lease;
    const keys = this.#keys(lease.cluster);
    const look = lookScore(nextLook);
    const reply = await this.#store.call((redis) =>
      redis.storeLetGo(keys.lease(rollout), keys.looks, keys.journal(rollout), rollout, token, seen, look),
    );
    if (reply === 'let-go' || reply === 'moved' || reply === 'lease-lost') return reply;
    throw unexpected('let-go', reply);
  }

  async due(clusters: readonly string[], limit: number): Promise<readonly DueLook[]> {
    if (clusters.length === 0) return [];
    const found = await this.#store.call((redis) =>
      Promise.all(clusters.map((cluster) => this.#dueOf(redis, cluster, limit))),
    );
    const oldestFirst = found.flat().sort((a, b) => a.score - b.score);
    return oldestFirst.slice(0, limit).map(({ cluster, rollout }) => ({ cluster, rollout }));
  }

  async note(cluster: string, rollout: string, node: string, sentence: string): Promise<void> {
    const text = JSON.stringify(sentence.slice(0, NOTE_CHARS));
    const key = this.#keys(cluster).notes(rollout);
    await this.#store.call((redis) => redis.storeNote(key, node, text, MOST_NOTED_NODES, NOTES_LIVE_MS));
  }

  async notes(
    cluster: string,
    rollout: string,
  ): Promise<Readonly<Record<string, { readonly sentence: string; readonly at: number }>>> {
    const fields = await this.#store.call((redis) => redis.hgetall(this.#keys(cluster).notes(rollout)));
    return Object.fromEntries(Object.entries(fields).flatMap(([node, text]) => noteField(node, text)));
  }

  #keys(cluster: string): ClusterKeys {
    return clusterKeys(this.#prefix, cluster);
  }

  async #dueOf(
    redis: Redis,
    cluster: string,
    limit: number,
  ): Promise<(DueLook & { readonly score: number })[]> {
    const pairs = await redis.storeDue(this.#keys(cluster).looks, limit);
    const looks: (DueLook & { readonly score: number })[] = [];
    for (let i = 0; i + 1 < pairs.length; i += 2) {
      looks.push({ cluster, rollout: String(pairs[i]), score: Number(pairs[i + 1]) });
    }
    return looks;
  }
}

/** A Look as a score: whole milliseconds, never earlier than asked. */
export function lookScore(nextLook: number | null): number {
  if (nextLook === null) return FAR_LOOK;
  if (!Number.isFinite(nextLook))
    throw new Error(`a Look is milliseconds since 1970 or null, not ${nextLook}`);
  return Math.min(Math.ceil(nextLook), FAR_LOOK);
}

/** Display only: a note that makes no sense is left out rather than spoiling the card. */
function noteField(node: string, text: string): [string, { sentence: string; at: number }][] {
  try {
    const { sentence, at }: Record<string, unknown> = JSON.parse(text);
    return typeof sentence === 'string' && typeof at === 'number' ? [[node, { sentence, at }]] : [];
  } catch {
    return [];
  }
}

function appendReply(reply: unknown): AppendReply {
  const [kind, first, second] = Array.isArray(reply) ? reply : [];
  if (kind === 'appended') return { kind, version: Number(first), at: Number(second) };
  if (kind === 'moved') return { kind, version: Number(first) };
  if (kind === 'claimed') return { kind, holder: String(first) };
  if (kind === 'lease-lost') return { kind };
  throw unexpected('append', kind);
}

function unexpected(script: string, reply: unknown): Fault {
  return new Fault('broken', `The store's ${script} script answered ${JSON.stringify(reply)?.slice(0, 40)}.`);
}

// The system of record in Redis: journals, claims, leases and Looks (design.md 4.6-4.9).
import { randomUUID } from 'node:crypto';
import { Fault, faultOf } from '../engine/ports/fault.ts';
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
import type { RedisClient } from './clients.ts';
import type { StoreConnection } from './connection.ts';
import { leaveWhenBehind } from './demoted.ts';
import {
  checkPlace,
  complete,
  headVersion,
  isTerminal,
  lineTail,
  linkOf,
  openLines,
  sealLine,
} from './entry.ts';
import { type ClusterKeys, clusterKeys } from './keys.ts';
import {
  FAR_LOOK,
  MOST_EVENTS,
  MOST_NOTED_NODES,
  MOST_RECENT,
  NOTE_CHARS,
  NOTES_LIVE_MS,
  READ_PAGE,
  REPLICA_SILENCE_S,
} from './limits.ts';
import { NO_SEALS, type Seals, signed } from './seal.ts';
import { sendAppend, sendTake, type Writing } from './writing.ts';

export interface RedisJournalOptions {
  /** Namespace of all keys, e.g. `talos-chatops`. */
  readonly prefix: string;
  /** Tests take shorter leases; everybody else LEASE_MS. */
  readonly leaseMs?: number;
  /** How entries are signed and believed; default: not at all. */
  readonly seals?: Seals;
  /** How facts are written, asked each time; default: over the same connection, waiting for no replica. */
  readonly writing?: () => Writing;
  /** Told each time that the Looks of some clusters could not be read, while those of others could. */
  readonly onPart?: (fault: Fault) => void;
  /** Why nothing may be written now, or null (watch.ts). */
  readonly unfit?: () => string | null;
}

export class RedisJournal implements Journal {
  readonly #store: StoreConnection;
  readonly #prefix: string;
  readonly #leaseMs: number;
  readonly #seals: Seals;
  readonly #writing: () => Writing;
  readonly #onPart: (fault: Fault) => void;
  readonly #unfit: () => string | null;

  constructor(store: StoreConnection, options: RedisJournalOptions) {
    this.#store = store;
    this.#prefix = options.prefix;
    this.#leaseMs = options.leaseMs ?? LEASE_MS;
    this.#seals = options.seals ?? NO_SEALS;
    this.#writing = options.writing ?? (() => ({ store, replicas: 0 }));
    this.#onPart = options.onPart ?? (() => {});
    this.#unfit = options.unfit ?? (() => null);
  }

  async read(cluster: string, rollout: string, after = 0, link?: string): Promise<readonly Entry[]> {
    const keys = this.#keys(cluster);
    const entries: Entry[] = [];
    // Ends at the first short page: a journal only grows.
    for (let from = after; ; from += READ_PAGE) {
      // One line more than is asked for: the first entry must follow from it.
      const [head = '', ...stored] = await this.#store.call((redis) =>
        redis.storeRead(
          keys.journal(rollout),
          keys.heads,
          rollout,
          Math.max(0, from - 1),
          from + READ_PAGE - 1,
        ),
      );
      const before = from === 0 ? null : (stored.shift() ?? null);
      checkPlace({ rollout, after: from, before, link: from === after ? link : undefined });
      const lines = { cluster, rollout, after: from, before, lines: stored, seals: this.#seals };
      entries.push(...openLines(lines));
      if (stored.length < READ_PAGE) return complete(rollout, { entries, after, written: headVersion(head) });
    }
  }

  async append(request: AppendRequest): Promise<AppendReply> {
    const { cluster, rollout, expect, events, lease } = request;
    if (events.length === 0 || events.length > MOST_EVENTS)
      throw new Error(`an append carries 1 to ${MOST_EVENTS} events, not ${events.length}`);
    const unfit = this.#unfit();
    if (unfit !== null) throw new Fault('refused', unfit, { code: 'UNFIT_STORE' });
    const keys = this.#keys(cluster);
    const course = isTerminal(events.at(-1)) ? 'ended' : 'goes-on';
    const sealed = this.#seals.key === null ? null : await this.#sealed(request);
    if (sealed !== null && sealed.kind !== 'lines') return sealed;
    const { form, link, facts } =
      sealed === null
        ? { form: 'tails', link: request.link ?? '', facts: tailsOf(request) }
        : { form: 'lines', link: sealed.link, facts: sealed.lines };
    const writing = this.#writing();
    const reply = await sendAppend(writing, [
      ...[
        keys.journal(rollout),
        keys.claim,
        keys.lease(rollout),
        keys.looks,
        keys.recent,
        keys.open,
        keys.heads,
      ],
      ...[rollout, expect, link, lease?.token ?? '', request.claim ?? '', course, MOST_RECENT],
      ...[writing.replicas, REPLICA_SILENCE_S, form, ...facts],
    ]);
    const answer = appendReply(reply);
    return answer.kind === 'appended' && sealed !== null ? { ...answer, at: sealed.at } : answer;
  }

  /**
   * Whole lines, signed: a signature needs what the script would add, so the last line and the store's clock are asked for first. The
   * script takes them only while that line is still the last one.
   */
  async #sealed(request: AppendRequest): Promise<
    | {
        readonly kind: 'lines';
        readonly at: number;
        readonly link: string;
        readonly lines: readonly string[];
      }
    | Extract<AppendReply, { kind: 'moved' | 'forked' }>
  > {
    const { cluster, rollout, expect } = request;
    const key = this.#keys(cluster).journal(rollout);
    const [last, version, at] = await this.#store.call((redis) => redis.storeLast(key));
    if (request.link !== undefined && version < expect) return { kind: 'forked' };
    if (version !== expect) return { kind: 'moved', version };
    const link = version === 0 ? '' : linkOf(last);
    if (version > 0 && request.link !== undefined && request.link !== link) return { kind: 'forked' };
    const lines: string[] = [];
    let before = version === 0 ? rollout : last;
    for (const tail of tailsOf(request)) {
      const bare = sealLine({ n: version + lines.length + 1, at, prev: linkOf(before), tail });
      before = signed(bare, { cluster, rollout }, this.#seals);
      lines.push(before);
    }
    return { kind: 'lines', at, link, lines };
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
    const writing = this.#writing();
    const taken = await sendTake(writing, [
      ...[keys.lease(rollout), keys.looks, keys.journal(rollout), rollout, token, this.#leaseMs],
      ...[writing.replicas, REPLICA_SILENCE_S],
    ]);
    if (taken === null) return { kind: 'held-elsewhere' };
    if (writing.store !== this.#store) await leaveWhenBehind(this.#store, keys.journal(rollout), taken.end);
    return { kind: 'taken', lease: { rollout, cluster, token }, ...taken };
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
    link = '',
  ): Promise<'let-go' | 'moved' | 'lease-lost'> {
    const { rollout, token } = lease;
    const keys = this.#keys(lease.cluster);
    const look = lookScore(nextLook);
    // Where it was taken: after a fail-over the other connection may be at a server that never heard of this lease.
    const reply = await this.#writing().store.call((redis) =>
      redis.storeLetGo(
        ...[keys.lease(rollout), keys.looks, keys.journal(rollout)],
        ...[rollout, token, seen, look, link],
      ),
    );
    if (reply === 'let-go' || reply === 'moved' || reply === 'lease-lost') return reply;
    throw unexpected('let-go', reply);
  }

  async due(clusters: readonly string[], limit: number): Promise<readonly DueLook[]> {
    if (clusters.length === 0) return [];
    const asked = await Promise.allSettled(
      clusters.map((cluster) => this.#store.call((redis) => this.#dueOf(redis, cluster, limit))),
    );
    const lost = asked.find((one) => one.status === 'rejected');
    // In a Cluster one server may be away, and the clusters of the others go on.
    if (lost !== undefined && asked.every(({ status }) => status === 'rejected')) throw lost.reason;
    if (lost !== undefined) this.#onPart(faultOf(lost.reason));
    const found = asked.map((one) => (one.status === 'fulfilled' ? one.value : []));
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
    redis: RedisClient,
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

function tailsOf({ events, by }: AppendRequest): readonly string[] {
  return events.map((event) => lineTail(event, by));
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
  if (kind === 'forked' || kind === 'lease-lost') return { kind };
  throw unexpected('append', kind);
}

function unexpected(script: string, reply: unknown): Fault {
  return new Fault('broken', `The store's ${script} script answered ${JSON.stringify(reply)?.slice(0, 40)}.`);
}

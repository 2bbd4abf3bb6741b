// The one place that holds connections to Redis: ready or not, told apart for callers, and silent about passwords.
import { once } from 'node:events';
import { Cluster } from 'ioredis';
import { COMMAND_LIMIT_MS, type RedisClient, storeClient } from './clients.ts';
import { leaveWhenDemoted } from './demoted.ts';
import { storeFault } from './fault.ts';
import { askMasters, type Master, type MastersReply } from './masters.ts';
import { describePlace, type RedisPlace } from './place.ts';
import { defineScripts } from './scripts.ts';

/** A blip (restart, failover of a proxy) shorter than this is not felt by callers. Part of the store's whole limit. */
const READY_LIMIT_MS = 1_000;

/** Milliseconds after which every call of the store has answered or thrown. */
export const STORE_LIMIT_MS = READY_LIMIT_MS + COMMAND_LIMIT_MS;

export interface StoreOptions {
  readonly address: RedisPlace;
  /** Told once when the store goes away and once when it is back; the sentence holds no secret. */
  readonly onChange?: (state: 'away' | 'back', sentence: string) => void;
  /** Told of each server that is connected, also after a fail-over: its settings may be other ones. */
  readonly onServer?: () => void;
}

export class StoreConnection {
  readonly where: string;
  readonly #redis: RedisClient;
  readonly #waiting = new Set<() => void>();
  readonly #onChange: (state: 'away' | 'back', sentence: string) => void;
  readonly #unwatch: () => void;
  #seen: 'away' | 'back' = 'back';
  /** Why there is no connection at the moment, e.g. a wrong password; null when nobody knows or all is well. */
  #trouble: Error | null = null;

  constructor(options: StoreOptions) {
    this.where = describePlace(options.address);
    this.#onChange = options.onChange ?? (() => {});
    const onServer = options.onServer ?? (() => {});
    this.#redis = storeClient(options.address);
    defineScripts(this.#redis);
    // A Cluster's servers say themselves which of them serves what.
    this.#unwatch = this.#redis instanceof Cluster ? () => {} : leaveWhenDemoted(this.#redis);
    this.#redis.on('ready', () => {
      this.#ready();
      onServer();
    });
    this.#redis.on('close', () => this.#change('away', `Redis at ${this.where} is away.`));
    this.#redis.on('error', (error: Error) => {
      this.#trouble = troubleIn(error);
    });
    if (this.#redis instanceof Cluster) {
      this.#redis.on('node error', (error: Error) => {
        this.#trouble = error;
      });
      this.#redis.on('+node', onServer);
    }
  }

  /** Runs commands on a connection that is ready. Rejects with Fault within STORE_LIMIT_MS. */
  async call<T>(act: (redis: RedisClient) => Promise<T>): Promise<T> {
    await this.#untilReady();
    try {
      return await act(this.#redis);
    } catch (error) {
      throw storeFault(error, this.where);
    }
  }

  /** True for a Cluster: one of its servers may be away while the others go on. */
  get shared(): boolean {
    return this.#redis instanceof Cluster;
  }

  /** The same of every server that takes writes, in no order. Rejects with Fault when one of them does not answer. */
  async eachMaster<T>(act: (master: Master) => Promise<T>): Promise<readonly T[]> {
    const { answers, away } = await this.someMasters(act);
    const [lost] = away;
    if (lost !== undefined) throw lost.fault;
    return answers;
  }

  /** The same of those that answer, and which do not. Rejects with Fault when none does. */
  async someMasters<T>(act: (master: Master) => Promise<T>): Promise<MastersReply<T>> {
    return this.call((redis) => askMasters(redis, this.where, act));
  }

  /** Asks a Cluster anew who serves what; nothing otherwise. For whoever follows no redirection. */
  async lookAgain(): Promise<void> {
    const redis = this.#redis;
    if (redis instanceof Cluster) await new Promise<void>((done) => redis.refreshSlotsCache(() => done()));
  }

  /** Goes where the address leads now; calls in flight are rejected. Resolves when no call reaches the server that was left. */
  async leave(): Promise<void> {
    const redis = this.#redis;
    if (redis instanceof Cluster) return this.lookAgain();
    if (redis.status !== 'ready') return;
    const closed = once(redis, 'close', { signal: AbortSignal.timeout(READY_LIMIT_MS) });
    redis.disconnect(true);
    // A server that does not close either is given up by the limits of every command.
    await closed.catch(() => undefined);
  }

  /** Ends the connection; calls in flight are rejected. Idempotent. */
  close(): void {
    this.#seen = 'away';
    this.#unwatch();
    this.#redis.disconnect();
  }

  #ready(): void {
    this.#trouble = null;
    this.#change('back', `Redis at ${this.where} is back.`);
    for (const wake of [...this.#waiting]) wake();
  }

  #change(state: 'away' | 'back', sentence: string): void {
    if (this.#seen === state) return;
    this.#seen = state;
    this.#onChange(state, sentence);
  }

  async #untilReady(): Promise<void> {
    if (this.#redis.status === 'ready') return;
    const ready = await new Promise<boolean>((resolve) => {
      const settle = (answer: boolean): void => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve(answer);
      };
      const wake = (): void => settle(true);
      const timer = setTimeout(() => settle(false), READY_LIMIT_MS);
      this.#waiting.add(wake);
    });
    if (!ready) throw storeFault(this.#trouble ?? new Error('not connected'), this.where);
  }
}

/** A Cluster says that no server answers; what the last one said is more to the point. */
function troubleIn(error: Error): Error {
  return 'lastNodeError' in error && error.lastNodeError instanceof Error ? error.lastNodeError : error;
}

// The one place that makes ioredis connections: bounded in every direction, and silent about passwords.
import { Redis } from 'ioredis';
import { describeAddress, type RedisAddress } from './address.ts';
import { storeFault } from './fault.ts';
import { defineScripts } from './scripts.ts';

/** A blip (restart, failover of a proxy) shorter than this is not felt by callers. Part of the store's whole limit. */
const READY_LIMIT_MS = 1_000;
/** One command, fsync included. With READY_LIMIT_MS below Slack's 3 s for an answer, and not above the lease (LEASE_MS). */
const COMMAND_LIMIT_MS = 1_900;
/** A socket on which Redis owes an answer for so long is black-holed: it is destroyed, and another one dialled. */
const SILENCE_LIMIT_MS = 2_500;
/** Reconnecting never gives up, because the process lives as long as its pod; this is the longest pause between attempts. */
const RECONNECT_MAX_MS = 200;
/** ioredis waits a whole second when it meets a Redis that still loads its file: longer than a call is patient. */
const LOADING_RETRY_MS = 100;

/** Milliseconds after which every call of the store has answered or thrown. */
export const STORE_LIMIT_MS = READY_LIMIT_MS + COMMAND_LIMIT_MS;

export interface StoreOptions {
  readonly address: RedisAddress;
  /** Told once when the store goes away and once when it is back; the sentence holds no secret. */
  readonly onChange?: (state: 'away' | 'back', sentence: string) => void;
}

export class StoreConnection {
  readonly where: string;
  readonly #redis: Redis;
  readonly #waiting = new Set<() => void>();
  readonly #onChange: (state: 'away' | 'back', sentence: string) => void;
  #seen: 'away' | 'back' = 'back';
  /** Why there is no connection at the moment, e.g. a wrong password; null when nobody knows or all is well. */
  #trouble: Error | null = null;

  constructor(options: StoreOptions) {
    this.where = describeAddress(options.address);
    this.#onChange = options.onChange ?? (() => {});
    this.#redis = new Redis({
      ...options.address,
      connectTimeout: COMMAND_LIMIT_MS,
      commandTimeout: COMMAND_LIMIT_MS,
      socketTimeout: SILENCE_LIMIT_MS,
      retryStrategy: (attempt) => Math.min(50 * attempt, RECONNECT_MAX_MS),
      maxLoadingRetryTime: LOADING_RETRY_MS,
      reconnectOnError: (error) => error.message.startsWith('READONLY'),
      // Nothing is kept to be sent later, and nothing is sent twice: a late append would be a fact nobody stands behind.
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
    });
    defineScripts(this.#redis);
    this.#redis.on('ready', () => this.#ready());
    this.#redis.on('close', () => this.#change('away', `Redis at ${this.where} is away.`));
    this.#redis.on('error', (error: Error) => {
      this.#trouble = error;
    });
  }

  /** Runs commands on a connection that is ready. Rejects with Fault within STORE_LIMIT_MS. */
  async call<T>(act: (redis: Redis) => Promise<T>): Promise<T> {
    await this.#untilReady();
    try {
      return await act(this.#redis);
    } catch (error) {
      throw storeFault(error, this.where);
    }
  }

  /** Ends the connection; calls in flight are rejected. Idempotent. */
  close(): void {
    this.#seen = 'away';
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

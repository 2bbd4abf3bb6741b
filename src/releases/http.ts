// Plain HTTP questions with a deadline, a bounded body, and redirects that are followed knowingly.
import { setTimeout as pause } from 'node:timers/promises';
import { Agent, type Dispatcher, EnvHttpProxyAgent } from 'undici';
import { Fault } from '../engine/ports/fault.ts';
import { releasesFault } from './fault.ts';

export interface Question {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly url: URL;
  /** Completes "<host> refused …". */
  readonly doing: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Milliseconds for the whole of it: tries, pauses, redirects and body. */
  readonly limitMs: number;
  /** Bytes of the answer's body; 4 MiB unless said otherwise. */
  readonly mostBytes?: number;
  readonly signal?: AbortSignal;
}

export interface Reply {
  readonly status: number;
  readonly body: string;
  /** A response header, or null. */
  header(name: string): string | null;
}

/** The list of official extensions is about 100 KB; a manifest is smaller. */
const MOST_BYTES = 4 * 1_024 * 1_024;
/** The factory answers with one, a registry's storage with another. */
const MOST_REDIRECTS = 5;
const REDIRECTS = [301, 302, 303, 307, 308];
/** A question that found nobody, or somebody who is busy, is asked again after these pauses: planning asks only once. */
const PAUSES_MS = [500, 2_000];
/** A server that names its own pause is believed up to this. */
const LONGEST_PAUSE_MS = 5_000;
const ASK_AGAIN = [429, 502, 503, 504, 524];

export interface HttpOptions {
  /** Refuses every address that is not loopback, redirects included, and uses no proxy. */
  readonly onlyLoopback: boolean;
  /** Milliseconds before each further try; two tries more by default. */
  readonly pausesMs?: readonly number[];
}

export class Http {
  readonly #onlyLoopback: boolean;
  readonly #pausesMs: readonly number[];
  readonly #dispatcher: Dispatcher;

  constructor(options: HttpOptions) {
    this.#onlyLoopback = options.onlyLoopback;
    this.#pausesMs = options.pausesMs ?? PAUSES_MS;
    // Deadlines are ours: undici's own 5 minutes for headers are too short for an image that is built first.
    const timeouts = { headersTimeout: 0, bodyTimeout: 0, connect: { timeout: 10_000 } };
    // A proxy would carry loopback addresses to somebody else's loopback.
    this.#dispatcher = options.onlyLoopback ? new Agent(timeouts) : new EnvHttpProxyAgent(timeouts);
  }

  /** Any answer with a status is a reply; no answer is a Fault. */
  async ask(question: Question): Promise<Reply> {
    const { doing } = question;
    const given = question.signal === undefined ? [] : [question.signal];
    const signal = AbortSignal.any([AbortSignal.timeout(question.limitMs), ...given]);
    try {
      for (const pauseMs of [...this.#pausesMs, null]) {
        const reply = await this.#once(question, signal).catch((error: unknown) => {
          const fault = releasesFault(error, { host: question.url.host, doing });
          if (pauseMs === null || fault.kind !== 'unreachable' || signal.aborted) throw error;
          return null;
        });
        if (reply !== null && (pauseMs === null || !ASK_AGAIN.includes(reply.status))) return reply;
        await pause(longerOf(pauseMs ?? 0, reply), undefined, { signal });
      }
    } catch (error) {
      // What was aborted says only that it was; whether time or a person ended it is in the reason.
      throw releasesFault(signal.aborted ? signal.reason : error, { host: question.url.host, doing });
    }
    throw new Error('the last try returns or throws');
  }

  async close(): Promise<void> {
    await this.#dispatcher.destroy();
  }

  async #once(question: Question, signal: AbortSignal): Promise<Reply> {
    let { url } = question;
    let headers = { 'user-agent': 'talos-chatops', ...question.headers };
    for (let hop = 0; hop <= MOST_REDIRECTS; hop += 1) {
      this.#mayAsk(url);
      const response = await this.#dispatcher.request({
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method: question.method,
        headers,
        body: question.body ?? null,
        signal,
      });
      const header = (name: string): string | null => {
        const value = response.headers[name];
        return (Array.isArray(value) ? value[0] : value) ?? null;
      };
      const location = header('location');
      if (!REDIRECTS.includes(response.statusCode) || location === null)
        return {
          status: response.statusCode,
          body: await bodyOf(response.body, url.host, question.mostBytes),
          header,
        };
      await response.body.dump();
      const next = new URL(location, url);
      if (next.host !== url.host) headers = without(headers, 'authorization');
      if (url.protocol === 'https:' && next.protocol !== 'https:')
        throw new Fault('refused', `${url.host} sends the bot to an address without TLS.`);
      url = next;
    }
    throw new Fault('broken', `${question.url.host} sends the bot in circles when asked ${question.doing}.`);
  }

  #mayAsk(url: URL): void {
    if (url.protocol !== 'https:' && !(url.protocol === 'http:'))
      throw new Fault('refused', `${url.protocol} is no protocol the bot asks with.`);
    if (this.#onlyLoopback && !isLoopback(url.hostname))
      throw new Fault('refused', `${url.host} is not a loopback address, and only those may be asked here.`);
  }
}

export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

function longerOf(pauseMs: number, reply: Reply | null): number {
  const seconds = Number(reply?.header('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) ? Math.min(LONGEST_PAUSE_MS, Math.max(pauseMs, seconds * 1_000)) : pauseMs;
}

async function bodyOf(
  stream: AsyncIterable<Uint8Array>,
  host: string,
  mostBytes = MOST_BYTES,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > mostBytes) throw new Fault('broken', `${host} answers without end.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function without<T extends Record<string, string>>(headers: T, name: string): T {
  return Object.fromEntries(Object.entries(headers).filter(([key]) => key !== name)) as T;
}

// Questions to machines: the only calls here that are asked again, through another endpoint, when the way fails.
import type { Client } from '@grpc/grpc-js';
import { Fault, FOREIGN_SERVER, UNTRUSTED_SERVER } from '../engine/ports/fault.ts';
import type { ReadOptions } from '../engine/ports/machines.ts';
import { type Silence, whileAlive } from './alive.ts';
import { type EndpointChannel, isReady, REBUILD_AFTER_MS } from './channel.ts';
import { Channels } from './channels.ts';
import { type Connection, callHeaders } from './connection.ts';
import { type Endpoint, endpointText } from './endpoint.ts';
import { endOfWays, maySucceedElsewhere, talosFault } from './fault.ts';
import { firstAnswer } from './first-answer.ts';
import { MachineService } from './gen/machine/machine_pb.ts';
import {
  callStream,
  callUnary,
  type ReplyOf,
  type RequestInit,
  type StreamMethod,
  type UnaryMethod,
} from './grpc.ts';
import { recognised } from './stranger.ts';

/** Milliseconds one question may take on one way. An endpoint waits up to 20 s for a dead machine: not worth it here. */
export const QUESTION_LIMIT_MS = 5_000;
/** Milliseconds of silence after which a question is put to the next endpoint as well: reads fail over within 2 s. */
const HEDGE_AFTER_MS = 1_500;
/** Milliseconds below which no further way is asked: too little for an answer, and its silence would say nothing of the machine. */
const LEAST_MS = 250;
/** Messages a collected stream may have: 32 MiB of 1 KiB chunks, which is also what one message may hold. */
const COLLECT_LIMIT = 32 * 1024;

export interface Question extends ReadOptions {
  /** The machine asked; null when any may answer. */
  readonly node: string | null;
  /** Milliseconds on one way; default `QUESTION_LIMIT_MS`. */
  readonly limitMs?: number;
  /** Milliseconds on all ways together; default as long as the last of them takes. */
  readonly withinMs?: number;
  /** Of a stream that is followed because something waits for its end; default nobody asks, and it is silent until its limit. */
  readonly silence?: Silence;
}

interface Way {
  readonly channel: EndpointChannel;
  readonly client: Client;
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

export class Reads {
  readonly #connection: Connection;
  readonly #channels: Channels;
  /** The endpoint that answered last is asked first. */
  #favourite: string | null = null;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#channels = new Channels(connection);
  }

  /** One question, one answer. Throws Fault. */
  unary<M extends UnaryMethod>(method: M, request: RequestInit<M>, question: Question): Promise<ReplyOf<M>> {
    return this.#ask(method.name, question, (way) =>
      callUnary(way.client, method, request, { ...way, metadata: callHeaders(question.node) }),
    );
  }

  /** All messages of a stream that ends by itself. Throws Fault. */
  collect<M extends StreamMethod>(
    method: M,
    request: RequestInit<M>,
    question: Question,
  ): Promise<ReplyOf<M>[]> {
    return this.#ask(method.name, question, async (way) => {
      const messages: ReplyOf<M>[] = [];
      for await (const message of callStream(way.client, method, request, {
        ...way,
        metadata: callHeaders(question.node),
      })) {
        messages.push(message);
        if (messages.length > COLLECT_LIMIT)
          throw new Fault('broken', `${method.name} answered without end.`);
      }
      return messages;
    });
  }

  /**
   * Gives each message of a long stream to `onMessage` until the stream ends. The way is one through which the machine has just
   * answered a short question: a long stream into a black hole would be silent for as long as it may last. No other way is tried
   * once it began, because the caller must decide whether to begin again. Throws Fault.
   */
  async follow<M extends StreamMethod>(
    method: M,
    request: RequestInit<M>,
    question: Question,
    onMessage: (message: ReplyOf<M>) => void,
  ): Promise<void> {
    const { limitMs: _limitMs, silence, ...short } = question;
    await this.unary(MachineService.method.version, {}, short);
    const [endpoint] = this.#ways(question);
    if (endpoint === undefined) throw noWay(method.name, question);
    await this.#try(method.name, question, { endpoint, signal: question.signal }, async (way) => {
      const read = async (signal: AbortSignal, heard: () => void): Promise<void> => {
        const settings = { ...way, signal, metadata: callHeaders(question.node) };
        for await (const message of callStream(way.client, method, request, settings)) {
          heard();
          onMessage(message);
        }
      };
      if (silence === undefined) return read(way.signal, () => undefined);
      const { node } = question;
      return whileAlive({ ...way, method: method.name, node, via: way.channel.name }, silence, read);
    });
  }

  /** The endpoint that answered last, as text; null before the first answer. */
  favourite(): string | null {
    return this.#favourite;
  }

  close(): void {
    this.#channels.close();
  }

  #ask<T>(method: string, question: Question, send: (way: Way) => Promise<T>): Promise<T> {
    this.#connection.requireValidCertificate();
    const ways = this.#ways(question);
    if (ways.length === 0) return Promise.reject(noWay(method, question));
    const { limitMs = QUESTION_LIMIT_MS, withinMs = Number.POSITIVE_INFINITY } = question;
    const overAtMs = performance.now() + withinMs;
    const waits = new Map<unknown, number>();
    return firstAnswer({
      ways,
      hedgeMs: HEDGE_AFTER_MS,
      isLate: () => overAtMs - performance.now() < LEAST_MS,
      ask: async (endpoint, over) => {
        const signal = question.signal === undefined ? over : AbortSignal.any([over, question.signal]);
        const leftMs = Math.max(1, overAtMs - performance.now());
        const bounded = { ...question, limitMs: Math.min(limitMs, leftMs) };
        const sinceMs = performance.now();
        try {
          return await this.#try(method, bounded, { endpoint, signal }, send);
        } catch (error) {
          waits.set(error, performance.now() - sinceMs);
          throw error;
        }
      },
      isFinal: (error) =>
        !(error instanceof Fault) || !maySucceedElsewhere(error) || question.signal?.aborted === true,
      sumUp: (errors) =>
        endOfWays(
          longestLast(
            errors.filter((error) => error instanceof Fault),
            waits,
          ),
        ),
    });
  }

  /** One question on one way. Throws Fault. */
  async #try<T>(
    method: string,
    question: Question,
    over: { readonly endpoint: Endpoint; readonly signal: AbortSignal | undefined },
    send: (way: Way) => Promise<T>,
  ): Promise<T> {
    const channel = this.#channels.to(over.endpoint);
    const sinceMs = performance.now();
    const used: { client: Client | null } = { client: null };
    const noting = (way: Way): Promise<T> => {
      used.client = way.client;
      return send(way);
    };
    try {
      const answer = await sendOver(channel, question.limitMs ?? QUESTION_LIMIT_MS, over.signal, noting);
      channel.heard();
      // A machine that was dialled directly is no way to the others.
      if (question.route !== 'direct') this.#favourite = channel.name;
      return answer;
    } catch (error) {
      const asked = { method, node: question.node, via: channel.name };
      const fault = await recognised(talosFault(error, asked), over.endpoint, asked);
      // A connection that stays silent may be half open: the machine restarted without saying goodbye (9.7). One that has
      // answered others meanwhile is sound, and what it carries for them is not to be cut off: the machine behind it is slow.
      const silent = fault.code === 'DEADLINE_EXCEEDED' && !channel.heardSince(sinceMs);
      // While it waits to connect again, grpc-js gives the last error for an answer: a machine that was mended is still a stranger.
      const strange = fault.code === UNTRUSTED_SERVER || fault.code === FOREIGN_SERVER;
      if (used.client !== null && (silent || strange)) channel.drop(used.client);
      throw fault;
    }
  }

  /** The endpoints to try in order, at most one try each. */
  #ways(question: Question): readonly Endpoint[] {
    const { node, avoid } = question;
    if (node !== null && question.route === 'direct') return [this.#connection.direct(node)];
    const usable = this.#connection.endpoints.filter(({ host }) => host !== avoid);
    const ways = usable.toSorted((a, b) => this.#rank(a) - this.#rank(b));
    // A machine being taken down is no proxy for others, but may answer for itself, last.
    if (avoid !== undefined && avoid === node)
      ways.push(...this.#connection.endpoints.filter(({ host }) => host === avoid));
    return ways.length === 0 && node !== null ? [this.#connection.direct(node)] : ways;
  }

  #rank(endpoint: Endpoint): number {
    return endpointText(endpoint) === this.#favourite ? 0 : 1;
  }
}

/** Where all that is left to say is a silence, the longest is said: the last way may have had only what was left of the time. */
function longestLast(faults: readonly Fault[], waits: ReadonlyMap<unknown, number>): readonly Fault[] {
  const isSilence = ({ code }: Fault): boolean => code === 'DEADLINE_EXCEEDED';
  const last = faults.at(-1);
  if (last === undefined || !isSilence(last)) return faults;
  const waited = (fault: Fault): number => waits.get(fault) ?? 0;
  const longest = faults.filter(isSilence).toSorted((a, b) => waited(a) - waited(b));
  return [...faults.filter((fault) => !isSilence(fault)), ...longest];
}

function noWay(method: string, { node }: Question): Fault {
  return new Fault(
    'unreachable',
    `${method} of ${node ?? 'the cluster'} failed: no endpoint is left to ask through.`,
  );
}

/** Sends over a channel, giving up early when no connection comes about: a black hole says nothing for minutes. */
async function sendOver<T>(
  channel: EndpointChannel,
  deadlineMs: number,
  signal: AbortSignal | undefined,
  send: (way: Way) => Promise<T>,
): Promise<T> {
  const stuck = new AbortController();
  const used: { client: Client | null } = { client: null };
  const timer = setTimeout(() => {
    if (used.client === null || !isReady(used.client)) stuck.abort();
  }, REBUILD_AFTER_MS);
  try {
    const signals = signal === undefined ? stuck.signal : AbortSignal.any([signal, stuck.signal]);
    return await channel.use((client) => {
      used.client = client;
      return send({ channel, client, deadlineMs, signal: signals });
    });
  } catch (error) {
    if (!stuck.signal.aborted) throw error;
    if (used.client !== null) channel.drop(used.client);
    throw new Fault('unreachable', `${channel.name} does not accept a connection.`, {
      code: 'NO_CONNECTION',
      cause: error,
    });
  } finally {
    clearTimeout(timer);
  }
}

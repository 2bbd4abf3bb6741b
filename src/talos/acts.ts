// Calls that change a machine and may be sent only once: each on a connection of its own that just proved itself, never
// retried, never moved to another endpoint, and cut off when the reply is lost (design.md 4.4).
import type { Client } from '@grpc/grpc-js';
import { connectivityState } from '@grpc/grpc-js';
import { type ActReply, Fault } from '../engine/ports/fault.ts';
import type { May } from '../engine/ports/machines.ts';
import { clientOf } from './channel.ts';
import { type Connection, callHeaders } from './connection.ts';
import { type Endpoint, endpointText } from './endpoint.ts';
import { endOfAct, endOfWays, maySucceedElsewhere, talosFault } from './fault.ts';
import { MachineService } from './gen/machine/machine_pb.ts';
import {
  callStream,
  callUnary,
  type ReplyOf,
  type RequestInit,
  type StreamMethod,
  type UnaryMethod,
} from './grpc.ts';
import { SingleConnection } from './socket.ts';
import { recognised } from './stranger.ts';

/** Milliseconds within which the connection must have answered a read of the machine before an act goes out on it. */
export const PROOF_AGE_MS = 1_000;
/** Milliseconds the proof may take on one endpoint; a slow endpoint is not one to act through. */
const PROOF_LIMIT_MS = 2_000;

/** A connection on which the machine has just answered. */
interface Proven {
  readonly client: Client;
  readonly guard: SingleConnection;
  readonly via: string;
  /** Milliseconds of the monotonic clock. */
  readonly provenAt: number;
}

interface Performed {
  readonly address: string;
  readonly method: string;
  readonly may: May | undefined;
  /** True once the machine has begun to report. */
  readonly begun: () => boolean;
}

/** What an act sent over a stream learns; `end` once it knows how it ended. */
export interface StreamedAct<M extends StreamMethod, T> {
  readonly method: M;
  readonly request: RequestInit<M>;
  /** Milliseconds until the act counts as lost. */
  readonly limitMs: number;
  readonly may?: May | undefined;
  /** Takes a message; a value other than undefined is the act's outcome. */
  readonly take: (message: ReplyOf<M>) => T | undefined;
}

/** Milliseconds until an act counts as lost; `over` says earlier that no reply will come, `may` whether it may still be sent. */
export type ActLimit =
  | number
  | { readonly limitMs: number; readonly over?: AbortSignal | undefined; readonly may?: May | undefined };

export class Acts {
  readonly #connection: Connection;
  readonly #favourite: () => string | null;

  /** `favourite` names the endpoint that answered a read last: it is tried early, because the proof on a dead one costs seconds. */
  constructor(connection: Connection, favourite: () => string | null = () => null) {
    this.#connection = connection;
    this.#favourite = favourite;
  }

  /** Sends one unary act to the machine at `address`; at its limit it counts as lost. Never throws. */
  unary<M extends UnaryMethod>(
    address: string,
    method: M,
    request: RequestInit<M>,
    limit: ActLimit,
  ): Promise<ActReply<ReplyOf<M>>> {
    const { limitMs, over, may } = typeof limit === 'number' ? { limitMs: limit } : limit;
    const settings = {
      deadlineMs: limitMs,
      metadata: callHeaders(address),
      ...(over === undefined ? {} : { signal: over }),
    };
    const send = ({ client }: Proven): Promise<ReplyOf<M>> => callUnary(client, method, request, settings);
    return this.#perform({ address, method: method.name, may, begun: () => false }, send);
  }

  /** Sends one act whose outcome comes in band. A stream that ends without it is lost. Never throws. */
  stream<M extends StreamMethod, T>(address: string, act: StreamedAct<M, T>): Promise<ActReply<T>> {
    let begun = false;
    const send = async ({ client }: Proven): Promise<T> => {
      const settings = { deadlineMs: act.limitMs, metadata: callHeaders(address) };
      for await (const message of callStream(client, act.method, act.request, settings)) {
        begun = true;
        const outcome = act.take(message);
        if (outcome !== undefined) return outcome;
      }
      throw new Fault('broken', `${act.method.name} of ${address} ended without saying how.`);
    };
    return this.#perform({ address, method: act.method.name, may: act.may, begun: () => begun }, send);
  }

  async #perform<T>(
    { address, method, may, begun }: Performed,
    send: (proven: Proven) => Promise<T>,
  ): Promise<ActReply<T>> {
    let proven: Proven;
    try {
      proven = await this.#prove(address);
    } catch (error) {
      if (error instanceof Fault) return { kind: 'withdrawn', fault: error };
      throw error;
    }
    const asked = { method, node: address, via: proven.via };
    // In one turn with the sending: the proof took time, in which this process may have stalled, or lost the right to act.
    const why = unsendable(proven, may);
    if (why !== null) {
      cutOff(proven);
      return {
        kind: 'withdrawn',
        fault: new Fault('unreachable', `${method} of ${address} was not sent: ${why}.`),
      };
    }
    try {
      const value = await send(proven);
      proven.client.close();
      return { kind: 'done', value };
    } catch (error) {
      const fault = talosFault(error, asked);
      // Once the machine has begun to report, a "no" no longer means that nothing happened.
      const kind = begun() ? 'lost' : endOfAct(error);
      if (kind === 'lost') cutOff(proven);
      else proven.client.close();
      return { kind, fault };
    }
  }

  /** Finds an endpoint through which the machine answers right now, on a connection made for this act alone. Throws Fault. */
  async #prove(address: string): Promise<Proven> {
    this.#connection.requireValidCertificate();
    const faults: Fault[] = [];
    for (const endpoint of this.#ways(address)) {
      const via = endpointText(endpoint);
      const guard = new SingleConnection(this.#connection.credentials());
      const client = clientOf(endpoint, guard);
      try {
        await callUnary(
          client,
          MachineService.method.version,
          {},
          { deadlineMs: PROOF_LIMIT_MS, metadata: callHeaders(address) },
        );
        return { client, guard, via, provenAt: performance.now() };
      } catch (error) {
        guard.reset();
        client.close();
        const asked = { method: 'Version', node: address, via };
        const fault = await recognised(talosFault(error, asked), endpoint, asked);
        if (!maySucceedElsewhere(fault)) throw fault;
        faults.push(fault);
      }
    }
    if (faults.length > 0) throw endOfWays(faults);
    throw new Fault('unreachable', `${address} cannot be reached: there is no endpoint to ask through.`);
  }

  /** The machine itself first where it is an endpoint: no proxy can then hold the call. */
  #ways(address: string): readonly Endpoint[] {
    const favourite = this.#favourite();
    const rank = (endpoint: Endpoint): number =>
      endpoint.host === address ? 0 : endpointText(endpoint) === favourite ? 1 : 2;
    return this.#connection.endpoints.toSorted((a, b) => rank(a) - rank(b));
  }
}

function unsendable({ client, provenAt }: Proven, may: May | undefined): string | null {
  if (may?.() === false) return 'what allowed it does not hold any more';
  if (client.getChannel().getConnectivityState(false) !== connectivityState.READY)
    return 'the connection broke before sending';
  return performance.now() - provenAt > PROOF_AGE_MS ? 'this process stalled before sending' : null;
}

function cutOff(proven: Proven): void {
  proven.guard.reset();
  proven.client.close();
}

// A copy of etcd as a control-plane machine streams it: on a connection of its own, as fast as it is taken, never whole in memory.
import type { Client } from '@grpc/grpc-js';
import { Fault } from '../engine/ports/fault.ts';
import { clientOf } from './channel.ts';
import { type Connection, callHeaders } from './connection.ts';
import { type Endpoint, endpointText } from './endpoint.ts';
import { maySucceedElsewhere, talosFault } from './fault.ts';
import { MachineService } from './gen/machine/machine_pb.ts';
import { callStream } from './grpc.ts';

/** Milliseconds for the whole stream: 8 GiB, etcd's largest sensible size, at 2.5 MiB/s. The step's own limit is shorter. */
const STREAM_LIMIT_MS = 60 * 60_000;
/** Milliseconds without a message while one is awaited: the first also needs a connection, later ones a machine that lives. */
const FIRST_SILENCE_MS = 15_000;
const SILENCE_MS = 60_000;
const LOOK_EVERY_MS = 1_000;

/**
 * The database and, behind it, its SHA-256 (talos-api.md 2.2). Asks as soon as it is iterated; another endpoint is tried only
 * while no byte has come. Talos ends a stream that broke on its side as if all were well: whoever takes it must verify it.
 * Throws Fault, `missing` on workers.
 */
export async function* etcdSnapshot(
  connection: Connection,
  address: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  connection.requireValidCertificate();
  let last = new Fault(
    'unreachable',
    `EtcdSnapshot of ${address} failed: no endpoint is left to ask through.`,
  );
  for (const endpoint of nearestFirst(connection.endpoints, address)) {
    const client = clientOf(endpoint, connection.credentials());
    let begun = false;
    try {
      for await (const bytes of streamed(client, address, signal)) {
        begun = true;
        yield bytes;
      }
      return;
    } catch (error) {
      last = talosFault(error, { method: 'EtcdSnapshot', node: address, via: endpointText(endpoint) });
      if (begun || signal.aborted || !maySucceedElsewhere(last)) throw last;
    } finally {
      client.close();
    }
  }
  throw last;
}

/** The machine itself before its peers: they would carry all of it through their own memory and network. */
function nearestFirst(endpoints: readonly Endpoint[], address: string): readonly Endpoint[] {
  return endpoints.toSorted((a, b) => Number(b.host === address) - Number(a.host === address));
}

async function* streamed(
  client: Client,
  address: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  const silent = new AbortController();
  const messages = callStream(
    client,
    MachineService.method.etcdSnapshot,
    {},
    {
      deadlineMs: STREAM_LIMIT_MS,
      signal: AbortSignal.any([signal, silent.signal]),
      metadata: callHeaders(address),
    },
  )[Symbol.asyncIterator]();
  // Only awaiting counts: while the taker writes to a slow store, the machine is rightly silent.
  let awaitedSince: number | null = null;
  let limitMs = FIRST_SILENCE_MS;
  const watchdog = setInterval(() => {
    if (awaitedSince !== null && performance.now() - awaitedSince >= limitMs) silent.abort();
  }, LOOK_EVERY_MS);
  try {
    for (;;) {
      awaitedSince = performance.now();
      const { done, value } = await messages.next();
      awaitedSince = null;
      limitMs = SILENCE_MS;
      if (done === true) return;
      const error = value.metadata?.error ?? '';
      if (error !== '')
        throw new Fault('broken', `EtcdSnapshot of ${address} ended with an error: ${error}.`);
      yield value.bytes;
    }
  } catch (error) {
    if (!silent.signal.aborted || signal.aborted) throw error;
    const why = `EtcdSnapshot of ${address} fell silent for ${limitMs / 1000} s.`;
    throw new Fault('unreachable', why, { code: 'SILENCE', cause: error });
  } finally {
    clearInterval(watchdog);
    await messages.return?.();
  }
}

// One question to one member of etcd, on a connection of its own, with a deadline and no second try.
import { BlockList, isIP } from 'node:net';
import { noop } from 'cockatiel';
import { Etcd3, type IOptions } from 'etcd3';
import { Fault } from '../engine/ports/fault.ts';
import type { EtcdCredentials } from '../engine/ports/machines.ts';
import type { EtcdSeat } from '../engine/ports/witness.ts';
import { etcdFault } from './fault.ts';

/** Where etcd serves clients on every Talos control-plane machine. */
export const ETCD_PORT = 2_379;

/** Milliseconds for one call, connecting included: a member that sees a quorum answers in a few (stack.md 5). */
export const QUESTION_LIMIT_MS = 1_500;

export interface DialSettings {
  /** Where the etcd of the machine at this address serves clients; default its address at port 2379. */
  readonly endpoint?: (address: string) => { readonly host: string; readonly port: number };
  /** Refuses to dial anything but loopback: for playground and tests, which must never reach a real etcd. */
  readonly onlyLoopback?: boolean;
}

/** How to ask: where members are dialled, and with what they let us in. */
export interface Way {
  readonly dial: DialSettings;
  readonly credentials: EtcdCredentials;
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/**
 * Asks through a client of one endpoint that exists for this question only. Kept connections would answer for the past: a
 * frozen or restarted member, a reconnect that still backs off, a breaker that is still open (stack.md 5). Throws Fault.
 */
export async function askMember<T>(
  seat: EtcdSeat,
  { dial, credentials }: Way,
  ask: (client: Etcd3) => Promise<T>,
): Promise<T> {
  const host = hostOf(seat, dial);
  let client: Etcd3 | null = null;
  try {
    client = new Etcd3(optionsFor(host, credentials));
    return await ask(client);
  } catch (error) {
    throw etcdFault(error, seat.node);
  } finally {
    client?.close();
  }
}

/** The deadline of one call: a fresh one each time, since etcd3 has none and grpc's are absolute. */
export function deadline(): { readonly deadline: number } {
  return { deadline: Date.now() + QUESTION_LIMIT_MS };
}

function hostOf(seat: EtcdSeat, dial: DialSettings): string {
  const { host, port } = dial.endpoint?.(seat.address) ?? { host: seat.address, port: ETCD_PORT };
  const family = isIP(host);
  const local = family !== 0 && loopback.check(host, family === 6 ? 'ipv6' : 'ipv4');
  if (dial.onlyLoopback === true && !local) {
    throw new Fault('refused', `etcd at ${host} is not on loopback, and this adapter may dial nothing else.`);
  }
  return `https://${family === 6 ? `[${host}]` : host}:${port}`;
}

function optionsFor(host: string, { ca, crt, key }: EtcdCredentials): IOptions {
  return {
    hosts: host,
    credentials: {
      rootCertificate: Buffer.from(ca),
      certChain: Buffer.from(crt),
      privateKey: Buffer.from(key),
    },
    // By default a retry and a circuit breaker, which turn one honest error into seconds of silence or into another's.
    faultHandling: { host: () => noop, global: noop },
    // Streams get theirs where they are opened: the default must not end a watch.
    defaultCallOptions: ({ isStream }) => (isStream ? {} : deadline()),
    grpcOptions: {
      'grpc.use_local_subchannel_pool': 1,
      'grpc.enable_retries': 0,
      // A proxy of the environment is meant for web traffic, and would lead a loopback-only adapter astray.
      'grpc.enable_http_proxy': 0,
    },
  };
}

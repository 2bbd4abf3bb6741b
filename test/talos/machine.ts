// A machine in small: grpc-js servers with mutual TLS and only the handlers a test gives.
import { randomInt } from 'node:crypto';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { onTestFinished } from 'vitest';
import type { Machines } from '../../src/engine/ports/machines.ts';
import { Connection, type ConnectionSettings } from '../../src/talos/connection.ts';
import { State } from '../../src/talos/gen/cosi/state_pb.ts';
import { ImageService } from '../../src/talos/gen/machine/image_pb.ts';
import { LifecycleService } from '../../src/talos/gen/machine/lifecycle_pb.ts';
import { MachineService } from '../../src/talos/gen/machine/machine_pb.ts';
import { addService, type Handlers } from '../../src/talos/grpc.ts';
import { talosMachines } from '../../src/talos/machines.ts';
import type { TalosIdentity } from '../../src/talos/talosconfig.ts';
import { aTalosAuthority } from './pki.ts';

const authority = await aTalosAuthority();
const server = await authority.server();
const client = await authority.client();

export const identity: TalosIdentity = { ca: authority.ca, crt: client.crt, key: client.nodeKey };
export { authority };

export interface Behaviour {
  readonly machine?: Partial<Handlers<typeof MachineService>>;
  readonly lifecycle?: Partial<Handlers<typeof LifecycleService>>;
  readonly image?: Partial<Handlers<typeof ImageService>>;
  readonly state?: Partial<Handlers<typeof State>>;
  /** Another certificate than the authority's, as in maintenance mode. */
  readonly certificate?: { readonly crt: string; readonly nodeKey: string };
  /** Authorities whose clients it lets in, as PEM; null lets everybody in without a certificate, as in maintenance mode. */
  readonly clients?: string | null;
}

export interface RunningMachine {
  readonly port: number;
  stop(): void;
}

/** A machine that answers Version with v1.13.4 unless told otherwise; services without a behaviour are UNIMPLEMENTED. */
export async function aMachine(behaviour: Behaviour = {}, port = 0): Promise<RunningMachine> {
  const grpc = new Server();
  addService(grpc, MachineService, {
    version: (_call, callback) =>
      callback(null, { messages: [{ version: { tag: 'v1.13.4' }, platform: { name: 'metal' } }] }),
    ...behaviour.machine,
  });
  if (behaviour.lifecycle) addService(grpc, LifecycleService, behaviour.lifecycle);
  if (behaviour.image) addService(grpc, ImageService, behaviour.image);
  if (behaviour.state) addService(grpc, State, behaviour.state);
  const { crt, nodeKey } = behaviour.certificate ?? server;
  const pair = { cert_chain: Buffer.from(crt), private_key: Buffer.from(nodeKey) };
  const { clients = authority.ca } = behaviour;
  const credentials = ServerCredentials.createSsl(Buffer.from(clients ?? ''), [pair], clients !== null);
  const bound = await new Promise<number>((resolve, reject) =>
    grpc.bindAsync(`127.0.0.1:${port}`, credentials, (error, at) => (error ? reject(error) : resolve(at))),
  );
  return { port: bound, stop: () => grpc.forceShutdown() };
}

/** A connection to endpoints on these ports of loopback, and nowhere else. */
export function aConnection(
  ports: readonly number[],
  settings: Partial<ConnectionSettings> = {},
): Connection {
  return new Connection({ ...settingsFor(ports), ...settings });
}

export function settingsFor(ports: readonly number[]): ConnectionSettings {
  return { endpoints: ports.map((port) => ({ host: '127.0.0.1', port })), identity, onlyLoopback: true };
}

/** A machine that stops with the test. */
export async function running(behaviour: Behaviour = {}, port = 0): Promise<RunningMachine> {
  const machine = await aMachine(behaviour, port);
  onTestFinished(() => machine.stop());
  return machine;
}

/**
 * A port of loopback on which nobody listens, nor will by chance: it lies below those that systems hand out, which the tests beside
 * this one get all the time.
 */
export async function aDeadPort(): Promise<number> {
  for (let tries = 1; ; tries += 1) {
    const port = 20_000 + randomInt(12_000);
    try {
      (await aMachine({}, port)).stop();
      return port;
    } catch (error) {
      if (tries === 20) throw error;
    }
  }
}

/** The adapter over endpoints on these ports, closed with the test. */
export function machinesAt(ports: readonly number[], settings: Partial<ConnectionSettings> = {}): Machines {
  const machines = talosMachines({ ...settingsFor(ports), ...settings });
  onTestFinished(() => machines.close());
  return machines;
}

/** The apid of one machine: a gRPC server over mutual TLS that answers for its machine or forwards to another. */
import type { DescMethod } from '@bufbuild/protobuf';
import type { ServerUnaryCall, ServerWritableStream, sendUnaryData } from '@grpc/grpc-js';
import { type Metadata, Server, ServerCredentials, status } from '@grpc/grpc-js';
import type { ConnectionInjector } from '@grpc/grpc-js/build/src/server.js';
import { addService, type Handlers, methodPath, type Service } from '../../src/talos/grpc.ts';
import { WorldError } from '../world/error.ts';
import { type Machine, refusedConnection } from '../world/machine.ts';
import { streamLost } from '../world/pull.ts';
import type { World } from '../world/world.ts';
import type { Acts, Call } from './act.ts';
import { Door } from './door.ts';
import { failedElement, named, type OneToManyReply } from './one-to-many.ts';
import { mayCall } from './role.ts';
import { type Route, routeOf, timedOut, unknownTarget, untrusted } from './routing.ts';
import type { KeyPair } from './talos-pki.ts';

type AnyAct = (request: unknown, call: Call, replies?: unknown) => unknown;
type AnyUnary = ServerUnaryCall<unknown, unknown>;
type AnyStream = ServerWritableStream<unknown, unknown>;

/** How long the real proxy tries to connect to its target. */
const DIAL_TIMEOUT_MS = 20_000;

export interface ApidOptions {
  readonly world: World;
  readonly machine: Machine;
  readonly port: number;
  readonly caPem: string;
  readonly keys: KeyPair;
  /** What it shows in maintenance mode: a certificate of nobody's authority. */
  readonly strangeKeys: KeyPair;
  readonly kubeconfig: () => string;
  readonly onCall?: OnCall | undefined;
}

/** Told of every call that an endpoint takes for a machine; the call goes on when the promise resolves, so it can be delayed. */
export type OnCall = (call: {
  readonly method: string;
  /** Names of the machine asked and of the one whose apid was called. */
  readonly node: string;
  readonly via: string;
}) => Promise<void> | void;

export class Apid {
  readonly machine: Machine;
  private readonly world: World;
  private readonly kubeconfig: () => string;
  private readonly onCall: OnCall | undefined;
  private readonly server = new Server({ 'grpc.max_receive_message_length': 33_554_432 });
  private readonly door: Door;
  private readonly unsubscribe: () => void;
  /** When the last dial of a machine failed, by this endpoint. */
  private readonly failedAtMs = new Map<Machine, number>();

  constructor(options: ApidOptions) {
    this.machine = options.machine;
    this.world = options.world;
    this.kubeconfig = options.kubeconfig;
    this.onCall = options.onCall;
    const { caPem, keys, strangeKeys } = options;
    const injector = (one: KeyPair, checkClient: boolean): ConnectionInjector => {
      const pair = { private_key: Buffer.from(one.keyPem), cert_chain: Buffer.from(one.certificatePem) };
      const credentials = ServerCredentials.createSsl(Buffer.from(caPem), [pair], checkClient);
      return this.server.createConnectionInjector(credentials);
    };
    const usual = injector(keys, true);
    const maintenance = injector(strangeKeys, false);
    this.door = new Door({
      host: options.machine.node.address,
      port: options.port,
      injector: () => {
        if (this.machine.parts.knobs.unreachable) return null;
        return this.inMaintenance() ? maintenance : usual;
      },
    });
    this.unsubscribe = this.machine.onListening((listening) => {
      if (listening) void this.door.open();
      else this.door.close({ halfOpen: this.machine.parts.knobs.halfOpen });
    });
  }

  /** Adds a service; call before `start`. */
  serve<S extends Service>(service: S, acts: Acts<S>): void {
    const handlers = Object.entries(service.method).map(([name, method]) => {
      const act = acts[name] as AnyAct;
      const handler =
        method.methodKind === 'server_streaming'
          ? (call: AnyStream) => void this.stream(method, act, call)
          : (call: AnyUnary, reply: sendUnaryData<unknown>) => void this.unary(method, { act, call, reply });
      return [name, handler];
    });
    addService(this.server, service, Object.fromEntries(handlers) as Partial<Handlers<S>>);
  }

  /** Rejects when the port is taken. */
  start(): Promise<void> {
    return this.door.open();
  }

  stop(): void {
    this.unsubscribe();
    this.door.close({ halfOpen: false });
    this.server.forceShutdown();
  }

  // ---- one call --------------------------------------------------------------------------------------------

  private async unary(
    method: DescMethod,
    { act, call, reply }: { act: AnyAct; call: AnyUnary; reply: sendUnaryData<unknown> },
  ): Promise<void> {
    if (this.isMute()) return;
    try {
      const route = this.route(method, call.metadata);
      const roles = this.rolesOf(call);
      if (route.kind === 'many') {
        const answers = route.targets.map((target) =>
          this.answerOneOfMany({ method, act, roles, target }, call.request),
        );
        reply(null, { messages: (await Promise.all(answers)).flat() });
        return;
      }
      const machine = await this.dial(method, route.target);
      if (machine.takeLostCall(method.name)) return this.door.dropPeer(call.getPeer());
      const answer = await this.perform({ method, machine, roles }, (target) => act(call.request, target));
      if (machine.takeLostReply(method.name)) this.door.dropPeer(call.getPeer());
      else reply(null, answer);
    } catch (error) {
      if (!this.isMute()) reply(statusOf(error));
    }
  }

  private async answerOneOfMany(
    {
      method,
      act,
      roles,
      target,
    }: { method: DescMethod; act: AnyAct; roles: ReadonlySet<string>; target: string },
    request: unknown,
  ): Promise<readonly unknown[]> {
    try {
      const machine = await this.dial(method, target);
      const answer = await this.perform({ method, machine, roles }, (call) => act(request, call));
      return named(answer as OneToManyReply, target);
    } catch (error) {
      return [failedElement(statusOf(error), target)];
    }
  }

  private async stream(method: DescMethod, act: AnyAct, call: AnyStream): Promise<void> {
    if (this.isMute()) return;
    const ended = new AbortController();
    call.on('cancelled', () => ended.abort());
    call.on('error', () => ended.abort());
    try {
      const route = this.route(method, call.metadata);
      const roles = this.rolesOf(call);
      const targets = route.kind === 'one' ? [route.target] : route.targets;
      const send = (reply: unknown, target: string): void => {
        if (ended.signal.aborted || this.isMute()) return;
        call.write(route.kind === 'one' ? reply : { ...(reply as object), metadata: { hostname: target } });
      };
      const runs = targets.map(async (target) => {
        try {
          const machine = await this.dial(method, target);
          if (machine.takeLostCall(method.name)) return this.door.dropPeer(call.getPeer());
          const replies = {
            send: (reply: unknown) => send(reply, target),
            room: () => (call.writableNeedDrain ? drained(call, ended.signal) : null),
            ended: ended.signal,
          };
          const running = this.perform({ method, machine, roles }, (one) => act(call.request, one, replies));
          if (machine.takeLostReply(method.name)) this.door.dropPeer(call.getPeer());
          await running;
        } catch (error) {
          if (route.kind === 'one') throw error;
          call.write(failedElement(statusOf(error), target));
        }
      });
      await Promise.all(runs);
      if (!ended.signal.aborted) call.end();
    } catch (error) {
      if (!ended.signal.aborted && !this.isMute()) call.emit('error', statusOf(error));
    } finally {
      ended.abort();
    }
  }

  /** Runs an act on its target with the rights of the caller, and fails when the target goes away meanwhile. */
  private async perform(
    { method, machine, roles }: { method: DescMethod; machine: Machine; roles: ReadonlySet<string> },
    act: (call: Call) => unknown,
  ): Promise<unknown> {
    try {
      return await this.performing({ method, machine, roles }, act);
    } catch (error) {
      if (error instanceof WorldError && error.code === 'UNIMPLEMENTED')
        this.world.counters.count(machine.node.name, 'unimplemented');
      throw error;
    }
  }

  private async performing(
    { method, machine, roles }: { method: DescMethod; machine: Machine; roles: ReadonlySet<string> },
    act: (call: Call) => unknown,
  ): Promise<unknown> {
    const path = methodPath(method);
    machine.assertUp();
    if (/^\/machine\.(Image|Lifecycle)Service\//.test(path)) machine.assertLifecycle(method.parent.typeName);
    if (!mayCall(path, roles, machine.version)) throw new WorldError('PERMISSION_DENIED', 'not authorized');
    const { deaths } = machine.parts;
    let die = (): void => {};
    const death = new Promise<never>((_resolve, reject) => {
      die = () => reject(streamLost());
    });
    deaths.add(die);
    try {
      const call = { world: this.world, machine, roles, kubeconfig: this.kubeconfig };
      return await Promise.race([act(call), death]);
    } finally {
      deaths.delete(die);
    }
  }

  private route(method: DescMethod, metadata: Metadata): Route {
    // Node's HTTP/2 joins a repeated header with commas.
    const texts = (name: string): string[] =>
      metadata.get(name).flatMap((value) =>
        String(value)
          .split(',')
          .map((one) => one.trim()),
      );
    return routeOf(methodPath(method), { node: texts('node'), nodes: texts('nodes') }, this.machine);
  }

  /** Reaches the target of a call as the endpoint's proxy does, which fails fast for a while after a failure. */
  private async dial(method: DescMethod, target: string): Promise<Machine> {
    const machine = this.world.find(target);
    if (machine === undefined) throw unknownTarget(target, this.door.port);
    await this.onCall?.({ method: method.name, node: machine.node.name, via: this.machine.node.name });
    if (machine === this.machine) return machine;
    const nowMs = this.world.clock.now();
    if (nowMs - (this.failedAtMs.get(machine) ?? 0) < this.world.settings.proxyBackoffMs)
      throw refusedConnection(machine.node.address, this.door.port);
    if (machine.listening && machine.parts.knobs.unreachable) {
      await new Promise<void>((resolve) => this.world.clock.after(DIAL_TIMEOUT_MS, resolve));
      throw timedOut(machine.node.address, this.door.port);
    }
    if (machine.listening && machine.status().stage === 'maintenance') throw untrusted();
    if (!machine.listening) this.failedAtMs.set(machine, nowMs);
    machine.assertUp();
    return machine;
  }

  private rolesOf(call: AnyUnary | AnyStream): ReadonlySet<string> {
    // Nobody's certificate is looked at without a config; everybody may read a little.
    if (this.inMaintenance()) return new Set(['os:reader']);
    const organisations: unknown = call.getAuthContext().sslPeerCertificate?.subject.O;
    // One organisation is a text, several are a list.
    const list = Array.isArray(organisations) ? organisations : [organisations];
    return new Set(list.filter((one) => typeof one === 'string'));
  }

  private inMaintenance(): boolean {
    return this.machine.status().stage === 'maintenance';
  }

  /** A machine that left its connections half open, or cannot be reached, says nothing on them. */
  private isMute(): boolean {
    const { halfOpen, unreachable } = this.machine.parts.knobs;
    return unreachable || (!this.machine.listening && halfOpen);
  }
}

/** Resolves when the connection took what was written, or the call is over. */
function drained(call: AnyStream, ended: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      call.off('drain', go);
      ended.removeEventListener('abort', go);
      resolve();
    };
    call.on('drain', go);
    ended.addEventListener('abort', go);
    if (ended.aborted) go();
  });
}

/** A world's error as grpc-js wants it. Anything else is our mistake, and shows as INTERNAL. */
function statusOf(error: unknown): { name: string; message: string; code: status; details: string } {
  if (error instanceof WorldError)
    return { name: 'Error', message: error.message, code: status[error.code], details: error.message };
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { name: 'Error', message, code: status.INTERNAL, details: message };
}

/** What a simulated service does for a call, apart from routing, rights and the wire. */
import type { DescMethod } from '@bufbuild/protobuf';
import type { ReplyInit, RequestOf, Service } from '../../src/talos/grpc.ts';
import { WorldError } from '../world/error.ts';
import type { Machine } from '../world/machine.ts';
import type { World } from '../world/world.ts';

/** The target of a call and who calls. */
export interface Call {
  readonly world: World;
  readonly machine: Machine;
  readonly roles: ReadonlySet<string>;
  /** A fresh administrator's kubeconfig, as Talos hands it out. */
  kubeconfig(): string;
}

/** The way back of a streaming call. */
export interface Replies<M extends DescMethod> {
  send(reply: ReplyInit<M>): void;
  /** Resolves when more can be sent without piling it up here, or nobody listens any more; null when it can be at once. */
  room(): Promise<void> | null;
  /** Aborted when nobody listens any more: cancelled, lost, or the machine is gone. */
  readonly ended: AbortSignal;
}

export type UnaryAct<M extends DescMethod> = (
  request: RequestOf<M>,
  call: Call,
) => ReplyInit<M> | Promise<ReplyInit<M>>;

export type StreamAct<M extends DescMethod> = (
  request: RequestOf<M>,
  call: Call,
  replies: Replies<M>,
) => void | Promise<void>;

/** What is done for every method of a service. */
export type Acts<S extends Service> = {
  readonly [K in keyof S['method']]: S['method'][K]['methodKind'] extends 'server_streaming'
    ? StreamAct<S['method'][K]>
    : UnaryAct<S['method'][K]>;
};

/** @throws WorldError UNIMPLEMENTED on a worker (facts/talos-api.md 2.2) */
export function assertControlPlane({ machine }: Call, what: string): void {
  if (machine.node.role !== 'control-plane')
    throw new WorldError('UNIMPLEMENTED', `${what} is only available on control plane nodes`);
}

/** Resolves when nobody listens any more. */
export function untilEnded(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

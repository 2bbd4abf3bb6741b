/** Where a call goes: apid's reading of the `node` and `nodes` headers (facts/talos-api.md 1.3). */
import { WorldError } from '../world/error.ts';
import type { Machine } from '../world/machine.ts';

export type Route =
  | { readonly kind: 'one'; readonly target: string }
  | { readonly kind: 'many'; readonly targets: readonly string[] };

const ONE_TO_MANY = [
  '/machine.MachineService/',
  '/cluster.ClusterService/',
  '/inspect.InspectService/',
  '/storage.StorageService/',
  '/time.TimeService/',
];

export interface Headers {
  readonly node: readonly string[];
  readonly nodes: readonly string[];
}

/**
 * Decides where an endpoint sends a call; no header means itself.
 * @throws WorldError INVALID_ARGUMENT, INTERNAL, PERMISSION_DENIED as the real apid
 */
export function routeOf(path: string, headers: Headers, endpoint: Machine): Route {
  const own = endpoint.node.address;
  const isOwn = (target: string): boolean => target === own || target === endpoint.node.name;
  const forwards = endpoint.node.role === 'control-plane';
  let { node, nodes } = headers;
  if (node.length > 1) throw new WorldError('INVALID_ARGUMENT', 'node metadata must be single-valued');
  if (!forwards && node.length === 1 && node.every(isOwn)) node = [];
  if (!forwards && nodes.length === 1 && nodes.every(isOwn)) nodes = [];
  if (nodes.length > 0) {
    if (!ONE_TO_MANY.some((prefix) => path.startsWith(prefix)))
      throw new WorldError('INVALID_ARGUMENT', `one-2-many proxying is not supported for method ${path}`);
    for (const target of nodes) assertForwardable(target, forwards);
    return { kind: 'many', targets: nodes };
  }
  const [target] = node;
  if (target === undefined) return { kind: 'one', target: own };
  assertForwardable(target, forwards);
  return { kind: 'one', target };
}

function assertForwardable(target: string, forwards: boolean): void {
  if (!forwards) throw new WorldError('PERMISSION_DENIED', 'no request forwarding');
  if (target === '' || target.includes(':')) throw new WorldError('INTERNAL', `invalid target "${target}"`);
}

/** What the endpoint answers for a target that no machine has. */
export function unknownTarget(target: string, port: number): WorldError {
  const address = /^[0-9.]+$/.test(target);
  const reason = address
    ? `dial tcp ${target}:${port}: connect: no route to host`
    : `dial tcp: lookup ${target}: no such host`;
  return new WorldError(
    'UNAVAILABLE',
    `connection error: desc = "transport: Error while dialing: ${reason}"`,
  );
}

/** What the endpoint answers for a target whose packets vanish. */
export function timedOut(address: string, port: number): WorldError {
  return new WorldError(
    'UNAVAILABLE',
    `connection error: desc = "transport: Error while dialing: dial tcp ${address}:${port}: i/o timeout"`,
  );
}

/** What the endpoint answers for a target in maintenance mode, whose certificate nobody signed. */
export function untrusted(): WorldError {
  return new WorldError(
    'UNAVAILABLE',
    'connection error: desc = "transport: authentication handshake failed: tls: failed to verify certificate: x509: certificate signed by unknown authority"',
  );
}

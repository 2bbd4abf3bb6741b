// How calls travel to one API server: few connections that are kept, and a deadline on every call, a longer one where webhooks are asked.
import { createSecureContext } from 'node:tls';
import type { HttpLibrary, KubeConfig, RequestContext } from '@kubernetes/client-node';
import { Agent, type Dispatcher } from 'undici';

/**
 * Connections to one API server at a time; what is asked beyond that waits its turn. A pre-flight asks for some fifty lists at once,
 * and each TLS connection takes 130 KB outside of the heap: a hundred clusters would leave hundreds of MB behind (docs/measured.md).
 */
export const MOST_CONNECTIONS = 4;

/**
 * Connections besides for what webhooks are asked about: as many as a drain evicts at a time. A slow webhook holds each of them for up
 * to half a minute, and the Lease must be renewed meanwhile.
 */
const MOST_ADMISSIONS = 10;

/** A webhook may take 30 s at most (`timeoutSeconds` of admissionregistration.k8s.io/v1), and the API server some time around it. */
export const ADMISSION_TIMEOUT_MS = 35_000;

type ClientNode = Pick<typeof import('@kubernetes/client-node'), 'wrapHttpLibrary' | 'ApiException'>;

/** How client-node would connect: directly, through a proxy, or without anything of its own. */
interface DispatcherWish {
  readonly type: string;
  readonly connect?: Readonly<Record<string, unknown>>;
}

/** Makes a dispatcher with at most so many connections. */
type Maker = (connections: number) => Dispatcher;

interface Kept {
  readonly key: string;
  readonly make: Maker;
  readonly dispatcher: Dispatcher;
  /** Made when a webhook may first be asked. */
  patient: Dispatcher | null;
}

export interface Connections {
  /** In the place of the one that was given to a request: that of calls which may take long. */
  patientFor(given: Dispatcher): Dispatcher;
  destroy(): Promise<void>;
}

/**
 * client-node makes a new agent, and so a new TLS connection, for every call (stack.md 7). Two agents per set of credentials are
 * kept instead; rotated credentials get new ones. The methods are private in the types, hence the reflection.
 */
export function shareConnections(config: KubeConfig): Connections {
  const makerFor = makersOfDispatchers(config);
  let kept: Kept | null = null;
  const shared = (cluster: unknown, options: unknown): Dispatcher => {
    const key = JSON.stringify([cluster, options]);
    if (kept?.key === key) return kept.dispatcher;
    const make = makerFor(cluster, options);
    // The old agent is left to finish what it has in flight; its idle connections close by themselves.
    kept = { key, make, dispatcher: make(MOST_CONNECTIONS), patient: null };
    return kept.dispatcher;
  };
  Object.defineProperty(config, 'createDispatcher', { value: shared });
  return {
    patientFor: (given) => {
      if (kept?.dispatcher !== given) return given;
      kept.patient ??= kept.make(MOST_ADMISSIONS);
      return kept.patient;
    },
    destroy: async () => {
      const last = kept;
      kept = null;
      await Promise.all([last?.dispatcher?.destroy(), last?.patient?.destroy()]);
    },
  };
}

/** Client-node's own ones for proxies; where there is none, one with a bound, that reads the certificates once for all connections. */
function makersOfDispatchers(config: KubeConfig): (cluster: unknown, options: unknown) => Maker {
  const create: unknown = Reflect.get(config, 'createDispatcher');
  const wishOf: unknown = Reflect.get(config, 'createDispatcherOptions');
  if (typeof create !== 'function' || typeof wishOf !== 'function')
    throw new Error('client-node no longer has createDispatcher and createDispatcherOptions');
  return (cluster, options) => {
    const { type, connect = {} } = Reflect.apply(wishOf, config, [cluster, options]) as DispatcherWish;
    if (type !== 'agent') return () => Reflect.apply(create, config, [cluster, options]) as Dispatcher;
    const secureContext = createSecureContext(connect);
    return (connections) => new Agent({ connect: { ...connect, secureContext }, connections });
  };
}

export interface Deadlines {
  readonly timeoutMs: number;
  /** Of a call about which webhooks are asked. */
  readonly admissionTimeoutMs: number;
  /** Gives up everything in flight. */
  readonly closed: AbortSignal;
}

export function withDeadline(
  inner: HttpLibrary,
  { patientFor }: Pick<Connections, 'patientFor'>,
  { timeoutMs, admissionTimeoutMs, closed }: Deadlines,
): HttpLibrary {
  return {
    send: (request) => {
      const admitted = admissionOf(request);
      const dispatcher = request.getDispatcher();
      if (admitted !== null && dispatcher !== undefined) request.setDispatcher(patientFor(dispatcher));
      const given = request.getSignal();
      const limitMs = admitted === 'act' ? admissionTimeoutMs : timeoutMs;
      const signals = [AbortSignal.timeout(limitMs), closed, ...(given === undefined ? [] : [given])];
      request.setSignal(AbortSignal.any(signals));
      return inner.send(request);
    },
  };
}

/** Client-node throws away what a 401 says; it may be an admission webhook's. Those who dial get the words with it. */
export function withWords(inner: HttpLibrary, { wrapHttpLibrary, ApiException }: ClientNode): HttpLibrary {
  return wrapHttpLibrary({
    send: async (request) => {
      const response = await inner.send(request).toPromise();
      const { httpStatusCode: code, headers } = response;
      if (code === 401) throw new ApiException(code, 'refused', await response.body.text(), headers);
      return response;
    },
  });
}

const POD = /\/namespaces\/[^/]+\/pods\/[^/]+$/;
const EVICTION = /\/namespaces\/[^/]+\/pods\/[^/]+\/eviction$/;

/** Whether webhooks are asked about a pod that goes; a rehearsal is asked about too, but nobody waits for it as long. */
function admissionOf(request: RequestContext): 'act' | 'rehearsal' | null {
  const { pathname, searchParams } = new URL(request.getUrl());
  const method: string = request.getHttpMethod();
  const goes = (method === 'POST' && EVICTION.test(pathname)) || (method === 'DELETE' && POD.test(pathname));
  if (!goes) return null;
  return searchParams.has('dryRun') ? 'rehearsal' : 'act';
}

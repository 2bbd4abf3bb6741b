// The client of one cluster's Kubernetes API: made when first needed, one pool of connections, a deadline on every call.
import { createSecureContext } from 'node:tls';
import type {
  AuthorizationV1Api,
  CoreV1Api,
  CustomObjectsApi,
  HttpLibrary,
  KubeConfig,
  V1Node,
} from '@kubernetes/client-node';
import { Agent } from 'undici';
import { Fault } from '../engine/ports/fault.ts';
import { kubernetesFault } from './fault.ts';
import { type KubeconfigSettings, loadKubeconfig } from './kubeconfig.ts';
import { statusOf } from './status.ts';

export interface ConnectionSettings extends KubeconfigSettings {
  /** The longest a single call may take, answer included. */
  readonly timeoutMs: number;
}

/** Where an object of any group lies. */
export interface PlainAddress {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespace: string;
  readonly name: string;
}

/** Who writes what we write. Not a name that begins with kubectl: Flux takes back what those change (kubernetes.md 3.3). */
export const FIELD_MANAGER = 'talos-chatops';

export type Query = Readonly<Record<string, string | number>>;

export interface KubernetesCalls {
  readonly core: CoreV1Api;
  readonly authorization: AuthorizationV1Api;
  /**
   * GET of any path, as the plain JSON that came: ten thousand pods become no client objects first, and of kinds the client has
   * no types for it loses the token of the next page.
   */
  readonly json: (path: string, query?: Query) => Promise<object>;
  /** Objects of any group as the plain JSON they are. For lists there is `json`. */
  readonly plain: CustomObjectsApi;
  /** RFC 7396 merge patch of a Node; null removes. */
  readonly patchNode: (name: string, body: object) => Promise<V1Node>;
  /** RFC 7396 merge patch of an object of any group, under our own name. */
  readonly patchPlain: (object: PlainAddress, body: object) => Promise<unknown>;
  /** Makes an object of any group, under our own name. */
  readonly createPlain: (where: Omit<PlainAddress, 'name'>, body: object) => Promise<unknown>;
  /** Replaces an object of any group whole, under our own name; the version in its metadata is a condition. */
  readonly replacePlain: (object: PlainAddress, body: object) => Promise<unknown>;
}

/** Every object and list of the API has metadata; a login page answered with 200 has not. */
interface KubernetesAnswer {
  readonly metadata?: object;
}

interface Client {
  readonly calls: KubernetesCalls;
  close(): Promise<void>;
}

/**
 * A read is asked a second time when its connection broke: a kept connection to an API server that restarted fails once and
 * works at the next try. More belongs to whoever waits.
 */
const READ_TRIES = 2;

/** What undici's dispatchers have in common, as far as we end them. */
interface Destroyable {
  destroy(): Promise<void>;
}

function isDestroyable(value: unknown): value is Destroyable {
  return (
    typeof value === 'object' && value !== null && 'destroy' in value && typeof value.destroy === 'function'
  );
}

/**
 * Connections to one API server at a time; what is asked beyond that waits its turn. A pre-flight asks for some fifty lists at once,
 * and each TLS connection takes 130 KB outside of the heap: a hundred clusters would leave hundreds of MB behind (docs/measured.md).
 */
const MOST_CONNECTIONS = 4;

/** How client-node would connect: directly, through a proxy, or without anything of its own. */
interface DispatcherWish {
  readonly type: string;
  readonly connect?: Readonly<Record<string, unknown>>;
}

/**
 * client-node makes a new agent, and so a new TLS connection, for every call (stack.md 7). One agent per set of credentials is
 * kept instead; rotated credentials get a new one. The methods are private in the types, hence the reflection.
 */
function shareConnections(config: KubeConfig): () => Promise<void> {
  const create = makerOfDispatchers(config);
  let kept: { readonly key: string; readonly dispatcher: unknown } | null = null;
  const destroy = async (): Promise<void> => {
    if (isDestroyable(kept?.dispatcher)) await kept.dispatcher.destroy();
    kept = null;
  };
  const shared = (cluster: unknown, options: unknown): unknown => {
    const key = JSON.stringify([cluster, options]);
    if (kept?.key === key) return kept.dispatcher;
    // The old agent is left to finish what it has in flight; its idle connections close by themselves.
    kept = { key, dispatcher: create(cluster, options) };
    return kept.dispatcher;
  };
  Object.defineProperty(config, 'createDispatcher', { value: shared });
  return destroy;
}

/** Client-node's own ones for proxies; where there is none, one with a bound, that reads the certificates once for all connections. */
function makerOfDispatchers(config: KubeConfig): (cluster: unknown, options: unknown) => unknown {
  const create: unknown = Reflect.get(config, 'createDispatcher');
  const wishOf: unknown = Reflect.get(config, 'createDispatcherOptions');
  if (typeof create !== 'function' || typeof wishOf !== 'function')
    throw new Error('client-node no longer has createDispatcher and createDispatcherOptions');
  return (cluster, options) => {
    const { type, connect = {} } = Reflect.apply(wishOf, config, [cluster, options]) as DispatcherWish;
    if (type !== 'agent') return Reflect.apply(create, config, [cluster, options]);
    const secureContext = createSecureContext(connect);
    return new Agent({ connect: { ...connect, secureContext }, connections: MOST_CONNECTIONS });
  };
}

function withDeadline(inner: HttpLibrary, timeoutMs: number, closed: AbortSignal): HttpLibrary {
  return {
    send: (request) => {
      const given = request.getSignal();
      const signals = [AbortSignal.timeout(timeoutMs), closed, ...(given === undefined ? [] : [given])];
      request.setSignal(AbortSignal.any(signals));
      return inner.send(request);
    },
  };
}

const OK = 200;

/** Throws for what is no JSON object: then something that is not the API has answered. */
function objectOf(text: string): object {
  const parsed: unknown = JSON.parse(text);
  if (typeof parsed !== 'object' || parsed === null) throw new Error('the answer is no object');
  return parsed;
}

async function openClient(settings: ConnectionSettings): Promise<Client> {
  // Half a second and 90 MB: only processes that talk to Kubernetes pay for it, and only then.
  const client = await import('@kubernetes/client-node');
  const config = new client.KubeConfig();
  const server = await loadKubeconfig(config, settings);
  const destroy = shareConnections(config);
  const closed = new AbortController();
  const httpApi = withDeadline(new client.IsomorphicFetchHttpLibrary(), settings.timeoutMs, closed.signal);
  const configuration = client.createConfiguration({
    baseServer: new client.ServerConfiguration(server, {}),
    authMethods: { default: config },
    httpApi,
  });
  const core = new client.CoreV1Api(configuration);
  // Without it client-node sends every patch as a JSON patch, whatever its body is.
  const asMergePatch = client.setHeaderOptions('Content-Type', client.PatchStrategy.MergePatch);
  const plain = new client.CustomObjectsApi(configuration);
  return {
    calls: {
      core,
      authorization: new client.AuthorizationV1Api(configuration),
      plain,
      json: async (path, query = {}) => {
        const url = new URL(`${server.replace(/\/$/, '')}${path}`);
        for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
        const request = new client.RequestContext(url.href, client.HttpMethod.GET);
        request.setHeaderParam('Accept', 'application/json');
        await config.applySecurityAuthentication(request);
        const response = await httpApi.send(request).toPromise();
        const text = await response.body.text();
        const { httpStatusCode: code } = response;
        if (code !== OK) throw new client.ApiException(code, 'refused', text, response.headers);
        return objectOf(text);
      },
      patchNode: (name, body) => core.patchNode({ name, body }, asMergePatch),
      patchPlain: (object, body) =>
        plain.patchNamespacedCustomObject({ ...object, body, fieldManager: FIELD_MANAGER }, asMergePatch),
      createPlain: (where, body) =>
        plain.createNamespacedCustomObject({ ...where, body, fieldManager: FIELD_MANAGER }),
      replacePlain: (object, body) =>
        plain.replaceNamespacedCustomObject({ ...object, body, fieldManager: FIELD_MANAGER }),
    },
    close: async () => {
      closed.abort();
      await destroy();
    },
  };
}

export class KubernetesConnection {
  readonly #settings: ConnectionSettings;
  #opening: Promise<Client> | null = null;
  #closed = false;

  constructor(settings: ConnectionSettings) {
    this.#settings = settings;
  }

  /**
   * Asks for an object or a list, which changes nothing. `doing` completes "Kubernetes refused …". Throws Fault, `broken` when
   * what comes back is no Kubernetes object: decisions rest on its metadata.
   */
  async read<T extends KubernetesAnswer>(
    doing: string,
    ask: (calls: KubernetesCalls) => Promise<T>,
  ): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const answer = await this.#call(doing, ask);
        if (answer.metadata !== undefined) return answer;
        throw new Fault('broken', `Something that is not the Kubernetes API answered when asked ${doing}.`);
      } catch (error) {
        const again = error instanceof Fault && error.kind === 'unreachable' && error.code !== 'TIMEOUT';
        if (!again || this.#closed || attempt >= READ_TRIES) throw error;
      }
    }
  }

  /** Does something once. Throws Fault. */
  write<T>(doing: string, act: (calls: KubernetesCalls) => Promise<T>): Promise<T> {
    return this.#call(doing, act);
  }

  /** Gives up calls in flight and closes all connections. */
  async close(): Promise<void> {
    this.#closed = true;
    const client = await this.#opening?.catch(() => null);
    this.#opening = null;
    await client?.close();
  }

  async #call<T>(doing: string, call: (calls: KubernetesCalls) => Promise<T>): Promise<T> {
    if (this.#closed) throw new Error('this Kubernetes connection is closed');
    const client = await this.#open();
    try {
      return await call(client.calls);
    } catch (error) {
      // Credentials that are no longer accepted are read afresh by the next call.
      if (statusOf(error)?.code === 401) await this.#drop(client);
      throw kubernetesFault(error, doing);
    }
  }

  async #open(): Promise<Client> {
    this.#opening ??= openClient(this.#settings);
    const opening = this.#opening;
    try {
      return await opening;
    } catch (error) {
      // The next call tries to have the kubeconfig again.
      if (this.#opening === opening) this.#opening = null;
      throw kubernetesFault(error, 'for a connection');
    }
  }

  /** Closes this client, unless another call already has. */
  async #drop(client: Client): Promise<void> {
    const current = await this.#opening?.catch(() => null);
    if (current !== client) return;
    this.#opening = null;
    await client.close();
  }
}

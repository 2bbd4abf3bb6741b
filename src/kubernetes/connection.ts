// The client of one cluster's Kubernetes API: made when first needed, one pool of connections, a deadline on every call.
import type { AuthorizationV1Api, CoreV1Api, CustomObjectsApi, V1Node } from '@kubernetes/client-node';
import { Fault } from '../engine/ports/fault.ts';
import type { May } from '../engine/ports/machines.ts';
import { type Doing, kubernetesFault, withheld } from './fault.ts';
import { type KubeconfigSettings, loadKubeconfig } from './kubeconfig.ts';
import { statusOf } from './status.ts';
import {
  ADMISSION_TIMEOUT_MS,
  type Connections,
  shareConnections,
  withDeadline,
  withWords,
} from './transport.ts';

export interface ConnectionSettings extends KubeconfigSettings {
  /** The longest a single call may take, answer included. */
  readonly timeoutMs: number;
  /** The same of an eviction or a deletion, about which webhooks are asked; default `ADMISSION_TIMEOUT_MS`. */
  readonly admissionTimeoutMs?: number;
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
  /** RFC 7396 merge patch of a Node, under our own name; null removes. */
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
  use<T>(call: (calls: KubernetesCalls) => Promise<T>): Promise<T>;
  /** Its connections close when what is in flight has ended. */
  retire(): Promise<void>;
}

/**
 * A read is asked a second time when its connection broke: a kept connection to an API server that restarted fails once and
 * works at the next try. More belongs to whoever waits.
 */
const READ_TRIES = 2;
/** Milliseconds between two looks at the kubeconfig because no API answers: each may ask a machine that has enough to do. */
const LOOK_AGAIN_MS = 60_000;

const OK = 200;

/** Throws for what is no JSON object: then something that is not the API has answered. */
function objectOf(text: string): object {
  const parsed: unknown = JSON.parse(text);
  if (typeof parsed !== 'object' || parsed === null) throw new Error('the answer is no object');
  return parsed;
}

/** `closed` ends what is in flight. */
async function openClient(settings: ConnectionSettings, closed: AbortSignal): Promise<Client> {
  // Half a second and 90 MB: only processes that talk to Kubernetes pay for it, and only then.
  const client = await import('@kubernetes/client-node');
  const config = new client.KubeConfig();
  const server = await loadKubeconfig(config, settings);
  const connections = shareConnections(config);
  const { timeoutMs, admissionTimeoutMs = ADMISSION_TIMEOUT_MS } = settings;
  const deadlines = { timeoutMs, admissionTimeoutMs, closed };
  const http = withWords(new client.IsomorphicFetchHttpLibrary(), client);
  const httpApi = withDeadline(http, connections, deadlines);
  const configuration = client.createConfiguration({
    baseServer: new client.ServerConfiguration(server, {}),
    authMethods: { default: config },
    httpApi,
  });
  const core = new client.CoreV1Api(configuration);
  // Without it client-node sends every patch as a JSON patch, whatever its body is.
  const asMergePatch = client.setHeaderOptions('Content-Type', client.PatchStrategy.MergePatch);
  const plain = new client.CustomObjectsApi(configuration);
  return clientOver(connections, {
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
    patchNode: (name, body) => core.patchNode({ name, body, fieldManager: FIELD_MANAGER }, asMergePatch),
    patchPlain: (object, body) =>
      plain.patchNamespacedCustomObject({ ...object, body, fieldManager: FIELD_MANAGER }, asMergePatch),
    createPlain: (where, body) =>
      plain.createNamespacedCustomObject({ ...where, body, fieldManager: FIELD_MANAGER }),
    replacePlain: (object, body) =>
      plain.replaceNamespacedCustomObject({ ...object, body, fieldManager: FIELD_MANAGER }),
  });
}

function clientOver(connections: Pick<Connections, 'destroy'>, calls: KubernetesCalls): Client {
  let inFlight = 0;
  let retired = false;
  const left = async (): Promise<void> => {
    if (retired && inFlight === 0) await connections.destroy();
  };
  return {
    use: async (call) => {
      inFlight += 1;
      try {
        return await call(calls);
      } finally {
        inFlight -= 1;
        await left();
      }
    },
    retire: () => {
      retired = true;
      return left();
    },
  };
}

export class KubernetesConnection {
  readonly #settings: ConnectionSettings;
  #opening: Promise<Client> | null = null;
  readonly #closed = new AbortController();
  /** By the process's clock. */
  #lookedAgainAt = Number.NEGATIVE_INFINITY;

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
        const answer = await this.#call({ kind: 'read', doing }, ask);
        if (answer.metadata !== undefined) return answer;
        throw new Fault('broken', `Something that is not the Kubernetes API answered when asked ${doing}.`);
      } catch (error) {
        const again = error instanceof Fault && error.kind === 'unreachable' && error.code !== 'TIMEOUT';
        if (!again || this.#closed.signal.aborted || attempt >= READ_TRIES) throw error;
      }
    }
  }

  /** Does something once, unless `may` says no in the moment before it is sent. Throws Fault. */
  write<T>(doing: string, act: (calls: KubernetesCalls) => Promise<T>, may?: May): Promise<T> {
    return this.#call({ kind: 'write', doing }, act, may);
  }

  /** Gives up calls in flight and closes all connections. */
  async close(): Promise<void> {
    this.#closed.abort();
    const client = await this.#opening?.catch(() => null);
    this.#opening = null;
    await client?.retire();
  }

  async #call<T>(doing: Doing, call: (calls: KubernetesCalls) => Promise<T>, may?: May): Promise<T> {
    if (this.#closed.signal.aborted) throw new Error('this Kubernetes connection is closed');
    const client = await this.#open();
    if (may?.() === false) throw withheld(doing);
    try {
      return await client.use(call);
    } catch (error) {
      const status = statusOf(error);
      // Credentials that are no longer accepted are read afresh by the next call.
      if (status?.code === 401) await this.#forget(client);
      if (status === null) void this.#lookAgain(client);
      throw kubernetesFault(error, doing);
    }
  }

  async #open(): Promise<Client> {
    this.#opening ??= openClient(this.#settings, this.#closed.signal);
    const opening = this.#opening;
    try {
      return await opening;
    } catch (error) {
      // The next call tries to have the kubeconfig again.
      if (this.#opening === opening) this.#opening = null;
      throw kubernetesFault(error, { kind: 'read', doing: 'for a connection' });
    }
  }

  /** No new call is made with this client. What others have in flight is none of it: a webhook may have been the one that said 401. */
  async #forget(client: Client): Promise<void> {
    const current = await this.#opening?.catch(() => null);
    if (current !== client) return;
    this.#opening = null;
    await client.retire();
  }

  /**
   * No API answered: its address or its authority may be others by now (`talosctl rotate-ca`, a new endpoint). Beside the calls, because
   * mostly it is only away; where no kubeconfig is to be had the former one stays. Never rejects.
   */
  async #lookAgain(former: Client): Promise<void> {
    const now = performance.now();
    if (this.#settings.source.kind === 'text' || now - this.#lookedAgainAt < LOOK_AGAIN_MS) return;
    this.#lookedAgainAt = now;
    const { signal } = this.#closed;
    const fresh = await openClient(this.#settings, signal).catch(() => null);
    if (fresh === null) return;
    const current = await this.#opening?.catch(() => null);
    const outdated = current === former && !signal.aborted ? former : fresh;
    if (outdated === former) this.#opening = Promise.resolve(fresh);
    await outdated.retire();
  }
}

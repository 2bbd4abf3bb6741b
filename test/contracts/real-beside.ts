// Flux, Argo CD and a small Velero on a real kube-apiserver: their kinds with definitions of our own, and a controller that plays Velero.
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import {
  GITOPS,
  type GitopsKind,
  type GitopsObject,
  gitopsObject,
} from '../../playground/world/kubernetes/gitops.ts';
import { isJsonObject, type Json, type JsonObject } from '../../playground/world/kubernetes/patch.ts';
import { Shelf, type ShelvedKind } from '../../playground/world/kubernetes/shelf.ts';
import { BACKUPS, LOCATIONS, Velero, VOLUMES } from '../../playground/world/kubernetes/velero.ts';
import { type Address, type BesideHands, soon, type VeleroHands } from './beside-hands.ts';
import type { RealApi } from './real-api.ts';

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
/** Milliseconds between two looks, and how many: a definition comes and goes within a few seconds. */
const LOOK_MS = 50;
const MOST_LOOKS = 600;
const ANYTHING = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };

export class RealBeside implements BesideHands {
  readonly #api: RealApi;
  readonly #suffix = randomBytes(3).toString('hex');
  readonly #namespaces = new Set<string>();
  readonly #installed = new Map<string, ShelvedKind>();
  readonly #controllers: RealVelero[] = [];

  constructor(api: RealApi) {
    this.#api = api;
  }

  called = (namespace: string): string => `${namespace}-${this.#suffix}`;

  bare = async (kind: ShelvedKind): Promise<boolean> =>
    (await this.#api.ask('GET', `${DEFINITIONS}/${kind.plural}.${kind.group}`)).code === 404;

  async add(object: GitopsObject): Promise<void> {
    await this.install(GITOPS[object.kind]);
    await this.#inside(object.namespace);
    await this.post(GITOPS[object.kind], gitopsObject(object));
  }

  async object({ kind, namespace, name }: Address): Promise<JsonObject> {
    const found = await this.#api.must('GET', pathOf(GITOPS[kind], namespace, name));
    if (!isJsonObject(found)) throw new Error(`${kind} ${namespace}/${name} is no object`);
    return found;
  }

  async serve(kind: GitopsKind, served: boolean): Promise<void> {
    const { group, version, plural } = GITOPS[kind];
    const versions = [{ name: version, served, storage: true, schema: ANYTHING }];
    await this.#api.must('PATCH', `${DEFINITIONS}/${plural}.${group}`, { spec: { versions } });
    await this.#until(async () => {
      const { code } = await this.#api.ask('GET', `/apis/${group}/${version}/${plural}`);
      return code === (served ? 200 : 404);
    });
  }

  async remove({ kind, namespace, name }: Address): Promise<void> {
    await this.#api.must('DELETE', pathOf(GITOPS[kind], namespace, name));
  }

  async change({ kind, namespace, name }: Address, patch: JsonObject): Promise<void> {
    await this.#api.must('PATCH', pathOf(GITOPS[kind], namespace, name), patch);
  }

  async velero(): Promise<VeleroHands> {
    const namespace = this.called('velero');
    await this.#inside(namespace);
    for (const kind of [BACKUPS, LOCATIONS, VOLUMES]) await this.install(kind);
    const controller = new RealVelero(this.#api, namespace, (kind, object) => this.post(kind, object));
    this.#controllers.push(controller);
    await controller.start();
    return controller;
  }

  /** Everything that was put there, definitions of ours included; waits until they are gone, as the next test counts on it. */
  async takeAway(): Promise<void> {
    for (const controller of this.#controllers) await controller.stop();
    for (const { plural, group } of this.#installed.values())
      await this.#api.must('DELETE', `${DEFINITIONS}/${plural}.${group}`);
    for (const [path, { group, version, plural }] of this.#installed) {
      await this.#until(async () => (await this.#api.ask('GET', path)).code === 404);
      await this.#until(
        async () => (await this.#api.ask('GET', `/apis/${group}/${version}/${plural}`)).code === 404,
      );
    }
    for (const name of this.#namespaces) {
      await this.#api.must('DELETE', `/api/v1/namespaces/${name}`);
      // Where no controller empties namespaces, this one is empty and may go at once.
      await this.#api.ask('PUT', `/api/v1/namespaces/${name}/finalize`, {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name },
        spec: { finalizers: [] },
      });
    }
  }

  /** A definition that is there already is somebody's, and stays. */
  async install(kind: ShelvedKind): Promise<void> {
    const { group, version, plural, kind: named } = kind;
    const path = `${DEFINITIONS}/${plural}.${group}`;
    const { code } = await this.#api.ask('POST', DEFINITIONS, {
      metadata: { name: `${plural}.${group}` },
      spec: {
        group,
        names: { plural, kind: named, singular: named.toLowerCase(), listKind: `${named}List` },
        scope: 'Namespaced',
        versions: [{ name: version, served: true, storage: true, schema: ANYTHING }],
      },
    });
    if (code === 201) this.#installed.set(path, kind);
    await this.#until(async () => {
      const list = await this.#api.ask('GET', `/apis/${group}/${version}/${plural}`);
      return list.code === 200 && (await this.#api.ask('GET', `/apis/${group}`)).code === 200;
    });
  }

  async post(kind: ShelvedKind, object: JsonObject): Promise<void> {
    const { group, version } = kind;
    const metadata = isJsonObject(object['metadata']) ? object['metadata'] : {};
    const body = { apiVersion: `${group}/${version}`, kind: kind.kind, ...object };
    await this.#api.must('POST', pathOf(kind, textOf(metadata['namespace'])), body);
  }

  async #inside(name: string): Promise<void> {
    if (this.#namespaces.has(name)) return;
    this.#namespaces.add(name);
    await this.#api.must('POST', '/api/v1/namespaces', { metadata: { name } });
  }

  async #until(holds: () => Promise<boolean>): Promise<void> {
    for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
      if (await holds()) return;
      await pause(LOOK_MS);
    }
    throw new Error(`it did not come about within ${(MOST_LOOKS * LOOK_MS) / 1_000} s`);
  }
}

/** The simulator's small Velero, which sees the real backups and whose changes are written to the real API. */
class RealVelero implements VeleroHands {
  readonly small: Velero;
  readonly #api: RealApi;
  readonly #namespace: string;
  readonly #post: (kind: ShelvedKind, object: JsonObject) => Promise<void>;
  readonly #shelf: Shelf;
  readonly #over = new AbortController();
  readonly #known = new Set<string>();
  readonly #timers = new Set<() => void>();
  #round: Promise<void> = Promise.resolve();
  #watching: Promise<void> = Promise.resolve();
  #seeing = false;
  #failure: { readonly error: unknown } | null = null;

  constructor(
    api: RealApi,
    namespace: string,
    post: (kind: ShelvedKind, object: JsonObject) => Promise<void>,
  ) {
    this.#api = api;
    this.#namespace = namespace;
    this.#post = post;
    let counter = 0;
    const next = (): number => {
      counter += 1;
      return counter;
    };
    this.#shelf = new Shelf({ nextVersion: next, newUid: () => `uid-${next()}` });
    this.#shelf.onPut((kind, object) => {
      if (!this.#seeing) this.#round = this.#round.then(() => this.#write(kind, object)).catch(this.#fail);
    });
    const clock = { now: soon.now, after: (ms: number, run: () => void) => this.#after(ms, run) };
    this.small = new Velero({ shelf: this.#shelf, clock, namespace, paceMs: 1 });
  }

  async start(): Promise<void> {
    await this.#settled();
    this.#watching = this.#watch().catch(this.#fail);
  }

  /** Nothing is written once this has resolved: what it writes to may go then. Rejects with what it could not write before. */
  async stop(): Promise<void> {
    this.#over.abort();
    for (const cancel of this.#timers) cancel();
    await this.#watching;
    await this.#settled();
  }

  async backups(): Promise<readonly JsonObject[]> {
    const list = await this.#api.must('GET', pathOf(BACKUPS, this.#namespace));
    const items = isJsonObject(list) ? list['items'] : [];
    return Array.isArray(items) ? items.filter(isJsonObject) : [];
  }

  async setLocation(phase: 'Available' | 'Unavailable', mode: 'ReadWrite' | 'ReadOnly'): Promise<void> {
    this.small.setLocation(phase, mode);
    await this.#settled();
  }

  async putForeign(name: string): Promise<void> {
    await this.#post(BACKUPS, { metadata: { namespace: this.#namespace, name }, spec: {} });
  }

  /** The small Velero's clock, which stands still once it was stopped. */
  #after(ms: number, run: () => void): () => void {
    if (this.#over.signal.aborted) return () => undefined;
    const cancel = soon.after(ms, () => {
      this.#timers.delete(cancel);
      run();
    });
    this.#timers.add(cancel);
    return cancel;
  }

  /** Kept for whoever waits next: nobody listens to a write or a look while it is under way. */
  readonly #fail = (error: unknown): void => {
    this.#failure ??= { error };
  };

  async #settled(): Promise<void> {
    await this.#round;
    if (this.#failure !== null) throw this.#failure.error;
  }

  async #watch(): Promise<void> {
    while (!this.#over.signal.aborted) {
      for (const backup of await this.backups()) {
        const metadata = isJsonObject(backup['metadata']) ? backup['metadata'] : {};
        const name = textOf(metadata['name']);
        if (this.#known.has(name)) continue;
        this.#known.add(name);
        this.#seeing = true;
        this.#shelf.put(BACKUPS, backup);
        this.#seeing = false;
      }
      await pause(LOOK_MS, undefined, { signal: this.#over.signal }).catch(() => undefined);
    }
  }

  async #write(kind: ShelvedKind, object: JsonObject): Promise<void> {
    if (this.#over.signal.aborted) return;
    const metadata = isJsonObject(object['metadata']) ? object['metadata'] : {};
    const { labels = {} } = metadata;
    const name = textOf(metadata['name']);
    const { spec = {}, status = {} } = object;
    const path = pathOf(kind, this.#namespace, name);
    const changed = await this.#api.ask('PATCH', path, { spec, status });
    if (changed.code !== 404) return;
    const fresh = { namespace: this.#namespace, name, labels };
    await this.#post(kind, { metadata: fresh, spec, status });
  }
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

function pathOf({ group, version, plural }: ShelvedKind, namespace: string, name?: string): string {
  const collection = `/apis/${group}/${version}/namespaces/${namespace}/${plural}`;
  return name === undefined ? collection : `${collection}/${name}`;
}

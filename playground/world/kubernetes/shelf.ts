// Kinds that no controller of the simulator moves: what operators install, and built-in kinds that only lie there to be read.
import { isJsonObject, type Json, type JsonObject, mergePatch } from './patch.ts';
import { hasLabels } from './selectors.ts';
import { type ApiAnswer, badRequest, failure, modified, notFound, refused } from './statuses.ts';

export interface ShelvedKind {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

export interface ShelfQuery {
  readonly namespace?: string;
  /** `key=value` pairs. */
  readonly labelSelector?: string;
  /** Only `metadata.name=…`. */
  readonly fieldSelector?: string;
  readonly limit?: number;
  readonly continueToken?: string;
}

interface Placed {
  readonly kind: ShelvedKind;
  readonly objects: Map<string, JsonObject>;
}

/** Read by every pre-flight; empty unless a test puts something there. */
const BUILT_IN: readonly ShelvedKind[] = [
  { group: '', version: 'v1', plural: 'persistentvolumes', kind: 'PersistentVolume', namespaced: false },
  builtIn('certificates.k8s.io', 'certificatesigningrequests', 'CertificateSigningRequest'),
  builtIn(
    'admissionregistration.k8s.io',
    'validatingwebhookconfigurations',
    'ValidatingWebhookConfiguration',
  ),
  builtIn('admissionregistration.k8s.io', 'mutatingwebhookconfigurations', 'MutatingWebhookConfiguration'),
  builtIn('apiregistration.k8s.io', 'apiservices', 'APIService'),
  { ...builtIn('discovery.k8s.io', 'endpointslices', 'EndpointSlice'), namespaced: true },
  builtIn('storage.k8s.io', 'volumeattachments', 'VolumeAttachment'),
  { ...builtIn('coordination.k8s.io', 'leases', 'Lease'), namespaced: true },
];

function builtIn(group: string, plural: string, kind: string): ShelvedKind {
  return { group, version: 'v1', plural, kind, namespaced: false };
}

export class Shelf {
  readonly #placed = new Map<string, Placed>();
  readonly #unserved = new Set<string>();
  readonly #nextVersion: () => number;
  readonly #newUid: () => string;
  readonly #listeners = new Set<(kind: ShelvedKind, object: JsonObject) => void>();
  /** What the caller of the API may not do, as `verb resource`: for tests of our own rights. */
  readonly denied = new Set<string>();

  constructor(counters: { readonly nextVersion: () => number; readonly newUid: () => string }) {
    this.#nextVersion = counters.nextVersion;
    this.#newUid = counters.newUid;
    for (const kind of BUILT_IN) this.install(kind);
  }

  /** From now on the kind is served; installing it again changes nothing. */
  install(kind: ShelvedKind): void {
    const key = keyOf(kind);
    if (!this.#placed.has(key)) this.#placed.set(key, { kind, objects: new Map() });
  }

  uninstall(kind: ShelvedKind): void {
    this.#placed.delete(keyOf(kind));
  }

  /** Takes a kind away for a while, as a definition that is changed does: its objects are there again afterwards. */
  serve(kind: ShelvedKind, served: boolean): void {
    if (served) this.#unserved.delete(keyOf(kind));
    else this.#unserved.add(keyOf(kind));
  }

  /** Those that are served. */
  kinds(): readonly ShelvedKind[] {
    return [...this.#placed.values()]
      .map(({ kind }) => kind)
      .filter((kind) => !this.#unserved.has(keyOf(kind)));
  }

  kindOf(group: string, version: string, plural: string): ShelvedKind | null {
    const key = keyOf({ group, version, plural });
    return this.#unserved.has(key) ? null : (this.#placed.get(key)?.kind ?? null);
  }

  /** Hears of every object that is put there, after it is there; the returned function ends it. */
  onPut(listener: (kind: ShelvedKind, object: JsonObject) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Puts an object there as a controller would, whatever was there before; fills in what the server owns. */
  put(kind: ShelvedKind, object: JsonObject): JsonObject {
    const { objects } = this.#of(kind);
    const metadata = isJsonObject(object['metadata']) ? object['metadata'] : {};
    const key = nameKey(textOf(metadata['namespace']), textOf(metadata['name']));
    const before = objects.get(key);
    const kept = isJsonObject(before?.['metadata']) ? before['metadata'] : {};
    const changed = JSON.stringify(before?.['spec']) !== JSON.stringify(object['spec']);
    const generation = Number(kept['generation'] ?? 0) + (before === undefined || changed ? 1 : 0);
    const stored: JsonObject = {
      ...object,
      apiVersion: kind.group === '' ? kind.version : `${kind.group}/${kind.version}`,
      kind: kind.kind,
      metadata: {
        creationTimestamp: '2026-01-01T00:00:00Z',
        uid: kept['uid'] ?? this.#newUid(),
        generation,
        ...metadata,
        resourceVersion: String(this.#nextVersion()),
      },
    };
    objects.set(key, stored);
    for (const listener of [...this.#listeners]) listener(kind, stored);
    return stored;
  }

  remove(kind: ShelvedKind, namespace: string, name: string): boolean {
    return this.#of(kind).objects.delete(nameKey(namespace, name));
  }

  get(kind: ShelvedKind, namespace: string, name: string): ApiAnswer<JsonObject> {
    const found = this.#of(kind).objects.get(nameKey(namespace, name));
    return found === undefined
      ? refused(notFound(kind.plural, name, kind.group))
      : { kind: 'object', object: found };
  }

  list(kind: ShelvedKind, query: ShelfQuery): ApiAnswer<JsonObject> {
    const chosen = [...this.#of(kind).objects.entries()]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([, object]) => object)
      .filter((object) => matches(object, query));
    const start = Number(query.continueToken || '0');
    const { limit = 0 } = query;
    if (!Number.isInteger(start) || start < 0) return refused(badRequest('continue key is not valid'));
    const end = limit === 0 ? chosen.length : start + limit;
    const metadata: JsonObject = {
      resourceVersion: String(this.#nextVersion()),
      ...(end < chosen.length ? { continue: String(end) } : {}),
    };
    const apiVersion = kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;
    return {
      kind: 'object',
      object: { kind: `${kind.kind}List`, apiVersion, metadata, items: chosen.slice(start, end) },
    };
  }

  create(kind: ShelvedKind, object: unknown): ApiAnswer<JsonObject> {
    if (!isJsonObject(object) || !isJsonObject(object['metadata']))
      return refused(badRequest('the object has no metadata'));
    const { namespace, name } = object['metadata'];
    if (textOf(name) === '') return refused(badRequest('name or generateName is required'));
    if (this.get(kind, textOf(namespace), textOf(name)).kind === 'object') {
      return refused(failure(409, 'AlreadyExists', `${kind.plural} "${textOf(name)}" already exists`));
    }
    return { kind: 'object', object: this.put(kind, object) };
  }

  /** RFC 7396; a resourceVersion in the patch is a condition. Who wrote last is kept as the only field manager. */
  patch(
    kind: ShelvedKind,
    {
      namespace,
      name,
      manager = '',
    }: { readonly namespace: string; readonly name: string; readonly manager?: string },
    patch: unknown,
  ): ApiAnswer<JsonObject> {
    const found = this.get(kind, namespace, name);
    if (found.kind === 'refused') return found;
    if (!isJsonObject(patch)) return refused(badRequest('the patch is no object'));
    const merged = mergePatch(found.object, patch);
    if (!isJsonObject(merged)) return refused(badRequest('the patch leaves no object'));
    if (versionOf(merged) !== versionOf(found.object)) return refused(modified(kind.plural, name));
    return { kind: 'object', object: this.put(kind, manager === '' ? merged : managedBy(merged, manager)) };
  }

  /** The whole object anew; a resourceVersion in it is a condition. */
  replace(
    kind: ShelvedKind,
    { namespace, name }: { readonly namespace: string; readonly name: string },
    object: unknown,
  ): ApiAnswer<JsonObject> {
    const found = this.get(kind, namespace, name);
    if (found.kind === 'refused') return found;
    if (!isJsonObject(object) || !isJsonObject(object['metadata']))
      return refused(badRequest('the object has no metadata'));
    const version = versionOf(object);
    if (version !== '' && version !== versionOf(found.object)) return refused(modified(kind.plural, name));
    return { kind: 'object', object: this.put(kind, object) };
  }

  #of(kind: ShelvedKind): Placed {
    const placed = this.#placed.get(keyOf(kind));
    if (placed === undefined) throw new Error(`${kind.plural}.${kind.group} is not installed`);
    return placed;
  }
}

function managedBy(object: JsonObject, manager: string): JsonObject {
  const metadata = isJsonObject(object['metadata']) ? object['metadata'] : {};
  return { ...object, metadata: { ...metadata, managedFields: [{ manager, operation: 'Update' }] } };
}

function keyOf({ group, version, plural }: Pick<ShelvedKind, 'group' | 'version' | 'plural'>): string {
  return `${group}/${version}/${plural}`;
}

function nameKey(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

function versionOf(object: JsonObject): string {
  return isJsonObject(object['metadata']) ? textOf(object['metadata']['resourceVersion']) : '';
}

function matches(
  object: JsonObject,
  { namespace, labelSelector = '', fieldSelector = '' }: ShelfQuery,
): boolean {
  const metadata = isJsonObject(object['metadata']) ? object['metadata'] : {};
  if (namespace !== undefined && textOf(metadata['namespace']) !== namespace) return false;
  const [field, name] = fieldSelector.split('=');
  if (field === 'metadata.name' && textOf(metadata['name']) !== name) return false;
  const labels = isJsonObject(metadata['labels']) ? metadata['labels'] : {};
  const texts = Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, textOf(value)]));
  const wanted = labelSelector === '' ? [] : labelSelector.split(',').map((pair) => pair.split(/==?/));
  return hasLabels(texts, Object.fromEntries(wanted.map(([key = '', value = '']) => [key, value])));
}

// The objects of one simulated cluster under one growing resourceVersion, with the log of changes that watches read.
import type { Kinds, KubeObject, Resource } from './objects.ts';

/** One write: what the object was and what it is; null means it did not, or does no longer, exist. */
export interface Change {
  readonly version: number;
  readonly resource: Resource;
  readonly before: KubeObject | null;
  readonly after: KubeObject | null;
}

/** Changes kept for watches. Older ones are answered with 410 Gone, as the real API server's window does. */
const KEPT_CHANGES = 2_000;
const FIRST_VERSION = 1_000;

type Tables = { readonly [R in Resource]: Map<string, Kinds[R]> };

/** The key under which an object is stored and sorted: `namespace/name`, or the bare name. */
export function keyOf(namespace: string | undefined, name: string): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

function stamp<T extends KubeObject>(object: T, version: number): T {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
}

export class ObjectStore {
  readonly #tables: Tables = {
    nodes: new Map(),
    pods: new Map(),
    poddisruptionbudgets: new Map(),
    namespaces: new Map(),
    deployments: new Map(),
    daemonsets: new Map(),
  };
  /** Keys in the order of lists; forgotten whenever one comes or goes. */
  readonly #orders = new Map<Resource, readonly string[]>();
  readonly #listeners = new Set<(change: Change) => void>();
  #log: Change[] = [];
  #version = FIRST_VERSION;
  #oldest = FIRST_VERSION;
  #uids = 0;

  /** The version of the last write. */
  get version(): number {
    return this.#version;
  }

  /** A new uid; counted rather than random, so that runs can be compared. */
  newUid(): string {
    this.#uids += 1;
    return `00000000-0000-4000-8000-${this.#uids.toString(16).padStart(12, '0')}`;
  }

  get<R extends Resource>(resource: R, namespace: string | undefined, name: string): Kinds[R] | null {
    return this.#tables[resource].get(keyOf(namespace, name)) ?? null;
  }

  /** All objects in the order of their keys, as the real API lists them. */
  all<R extends Resource>(resource: R): readonly Kinds[R][] {
    const table: ReadonlyMap<string, Kinds[R]> = this.#tables[resource];
    const order = this.#orders.get(resource) ?? [...table.keys()].sort();
    this.#orders.set(resource, order);
    const objects: Kinds[R][] = [];
    for (const key of order) {
      const object = table.get(key);
      if (object !== undefined) objects.push(object);
    }
    return objects;
  }

  /** Writes an object under the next version and tells the watches; returns it as stored. */
  put<R extends Resource>(resource: R, object: Kinds[R]): Kinds[R] {
    const key = keyOf(object.metadata.namespace, object.metadata.name);
    const before = this.#tables[resource].get(key) ?? null;
    const after = stamp<Kinds[R]>(object, this.#next());
    if (before === null) this.#orders.delete(resource);
    this.#tables[resource].set(key, after);
    this.#tell({ version: this.#version, resource, before, after });
    return after;
  }

  remove<R extends Resource>(resource: R, namespace: string | undefined, name: string): void {
    const key = keyOf(namespace, name);
    const found = this.#tables[resource].get(key);
    if (found === undefined) return;
    this.#tables[resource].delete(key);
    this.#orders.delete(resource);
    // The DELETED event carries the version of the deletion, not the object's last one.
    this.#tell({
      version: this.#next(),
      resource,
      before: stamp<Kinds[R]>(found, this.#version),
      after: null,
    });
  }

  /** The changes after a version, or `gone` when the log does not reach back that far. */
  since(version: number): readonly Change[] | 'gone' {
    if (version < this.#oldest) return 'gone';
    return this.#log.filter((change) => change.version > version);
  }

  /** Forgets the log, so that every watch from the past has to list again. */
  compact(): void {
    this.#log = [];
    this.#oldest = this.#version;
  }

  /** Calls the listener after every write; returns how to stop. */
  subscribe(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** The version of a write outside of these tables: the whole API counts with one counter. */
  nextVersion(): number {
    return this.#next();
  }

  #next(): number {
    this.#version += 1;
    return this.#version;
  }

  #tell(change: Change): void {
    this.#log.push(change);
    if (this.#log.length > KEPT_CHANGES) this.#oldest = this.#log.shift()?.version ?? this.#oldest;
    for (const listener of [...this.#listeners]) listener(change);
  }
}

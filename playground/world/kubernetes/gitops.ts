// A small Flux and a small Argo CD: whoever is not suspended applies itself again and again, by the world's clock.
import type { WorldClock } from '../clock.ts';
import { isJsonObject, type Json, type JsonObject } from './patch.ts';
import type { Shelf, ShelvedKind } from './shelf.ts';

export type GitopsKind = 'Kustomization' | 'HelmRelease' | 'Application';

export const GITOPS: Readonly<Record<GitopsKind, ShelvedKind>> = {
  Kustomization: {
    group: 'kustomize.toolkit.fluxcd.io',
    version: 'v1',
    plural: 'kustomizations',
    kind: 'Kustomization',
    namespaced: true,
  },
  HelmRelease: {
    group: 'helm.toolkit.fluxcd.io',
    version: 'v2',
    plural: 'helmreleases',
    kind: 'HelmRelease',
    namespaced: true,
  },
  Application: {
    group: 'argoproj.io',
    version: 'v1alpha1',
    plural: 'applications',
    kind: 'Application',
    namespaced: true,
  },
};

const SKIP = 'argocd.argoproj.io/skip-reconcile';
const APPLIER = 'kustomize.toolkit.fluxcd.io';

export interface GitopsObject {
  readonly kind: GitopsKind;
  readonly namespace: string;
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Of Flux: what stands in its spec; absent = nothing does. */
  readonly suspend?: boolean;
  /** The Kustomization that applies it. */
  readonly appliedBy?: { readonly namespace: string; readonly name: string };
}

interface GitopsParts {
  readonly shelf: Shelf;
  readonly clock: WorldClock;
  /** Milliseconds between two rounds of a controller; absent: they never come by themselves. */
  readonly intervalMs?: number;
}

export class Gitops {
  readonly #shelf: Shelf;
  readonly #clock: WorldClock;
  readonly #known: GitopsObject[] = [];
  readonly #applied = new Map<string, number>();
  #stopped = false;

  constructor({ shelf, clock, intervalMs }: GitopsParts) {
    this.#shelf = shelf;
    this.#clock = clock;
    if (intervalMs !== undefined) this.#every(intervalMs);
  }

  /** Puts an object there, ready; its kind is installed with the first. */
  add(object: GitopsObject): this {
    this.#shelf.install(GITOPS[object.kind]);
    this.#known.push(object);
    this.#shelf.put(GITOPS[object.kind], gitopsObject(object));
    return this;
  }

  /** The object as it stands. Throws when it is no more. */
  object(kind: GitopsKind, namespace: string, name: string): JsonObject {
    const found = this.#shelf.get(GITOPS[kind], namespace, name);
    if (found.kind === 'refused') throw new Error(`there is no ${kind} ${namespace}/${name}`);
    return found.object;
  }

  /** As somebody sees it who compares: what stands in its spec, and all annotations. */
  shown(kind: GitopsKind, namespace: string, name: string): string {
    return shownOf(this.object(kind, namespace, name));
  }

  suspended(kind: GitopsKind, namespace: string, name: string): boolean {
    return suspendedIn(kind, this.object(kind, namespace, name));
  }

  /** How often it has applied itself. */
  applied(kind: GitopsKind, namespace: string, name: string): number {
    return this.#applied.get(`${kind} ${namespace}/${name}`) ?? 0;
  }

  /** One round: everybody at work applies itself, and what a Kustomization applies loses what kubectl wrote into it. */
  round(): void {
    for (const one of this.#known) {
      const { kind, namespace, name } = one;
      if (this.suspended(kind, namespace, name)) continue;
      const key = `${kind} ${namespace}/${name}`;
      this.#applied.set(key, (this.#applied.get(key) ?? 0) + 1);
      for (const child of this.#known)
        if (child.appliedBy?.name === name && child.appliedBy.namespace === namespace) this.#strip(child);
    }
  }

  /** No more rounds by themselves. */
  stop(): void {
    this.#stopped = true;
  }

  #every(ms: number): void {
    this.#clock.after(ms, () => {
      if (this.#stopped) return;
      this.round();
      this.#every(ms);
    });
  }

  /** kustomize-controller takes back what managers wrote whose name begins with kubectl (kubernetes.md 3.3). */
  #strip({ kind, namespace, name, suspend }: GitopsObject): void {
    const object = this.object(kind, namespace, name);
    if (!managerOf(object).startsWith('kubectl')) return;
    this.#shelf.put(GITOPS[kind], { ...object, spec: suspend === undefined ? {} : { suspend } });
  }
}

/** The object as somebody applied it, ready. */
export function gitopsObject(object: GitopsObject): JsonObject {
  const { kind, namespace, name, suspend, appliedBy, annotations = {} } = object;
  const labels = {
    ...object.labels,
    ...(appliedBy === undefined
      ? {}
      : { [`${APPLIER}/name`]: appliedBy.name, [`${APPLIER}/namespace`]: appliedBy.namespace }),
  };
  return {
    metadata: { namespace, name, labels, annotations },
    spec: kind === 'Application' || suspend === undefined ? {} : { suspend },
    status: kind === 'Application' ? ARGO_WELL : FLUX_WELL,
  };
}

/** What stands in its spec, and all annotations. */
export function shownOf(object: JsonObject): string {
  const { annotations = {} } = isJsonObject(object['metadata']) ? object['metadata'] : {};
  return JSON.stringify({ spec: object['spec'], annotations });
}

export function suspendedIn(kind: GitopsKind, object: JsonObject): boolean {
  if (kind !== 'Application') return isJsonObject(object['spec']) && object['spec']['suspend'] === true;
  const metadata = isJsonObject(object['metadata']) ? object['metadata'] : {};
  return isJsonObject(metadata['annotations']) && metadata['annotations'][SKIP] === 'true';
}

/** Who wrote last; empty for what nobody changed. */
function managerOf(object: JsonObject): string {
  return managersOf(object).at(-1) ?? '';
}

/** Everybody who wrote something that still stands. */
export function managersOf(object: JsonObject): readonly string[] {
  const metadata = isJsonObject(object['metadata']) ? object['metadata'] : {};
  const fields: Json | undefined = metadata['managedFields'];
  return (Array.isArray(fields) ? fields : []).flatMap((field) => {
    const manager = isJsonObject(field) ? field['manager'] : '';
    return typeof manager === 'string' && manager !== '' ? [manager] : [];
  });
}

const FLUX_WELL: JsonObject = {
  observedGeneration: 1_000,
  conditions: [{ type: 'Ready', status: 'True', reason: 'ReconciliationSucceeded', message: 'Applied.' }],
};

const ARGO_WELL: JsonObject = {
  sync: { status: 'Synced' },
  health: { status: 'Healthy' },
  operationState: { phase: 'Succeeded' },
};

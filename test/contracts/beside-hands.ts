// What the suites about backups and neighbours do to a cluster: install Flux, Argo CD or a small Velero, and look at what became of it.
import {
  GITOPS,
  type GitopsKind,
  type GitopsObject,
  gitopsObject,
} from '../../playground/world/kubernetes/gitops.ts';
import type { KubernetesObjects } from '../../playground/world/kubernetes/kubernetes-objects.ts';
import type { JsonObject } from '../../playground/world/kubernetes/patch.ts';
import type { ShelvedKind } from '../../playground/world/kubernetes/shelf.ts';
import { BACKUPS, Velero } from '../../playground/world/kubernetes/velero.ts';

type Done = void | Promise<void>;

export interface Address {
  readonly kind: GitopsKind;
  readonly namespace: string;
  readonly name: string;
}

/** A Velero with its controller; what becomes of the next backups is set on `small`. */
export interface VeleroHands {
  readonly small: Velero;
  backups(): Promise<readonly JsonObject[]>;
  /** Waits until whoever asks sees it. */
  setLocation(phase: 'Available' | 'Unavailable', mode: 'ReadWrite' | 'ReadOnly'): Promise<void>;
  /** A backup that somebody else made. */
  putForeign(name: string): Done;
}

export interface BesideHands {
  /** What this cluster calls the namespace that is called so here. */
  readonly called: (namespace: string) => string;
  /** False where somebody installed it before the suite came. */
  readonly bare: (kind: ShelvedKind) => Promise<boolean>;
  install(kind: ShelvedKind): Done;
  add(object: GitopsObject): Done;
  object(address: Address): Promise<JsonObject>;
  /** As a definition that is changed does, and an API server that has only just started: its objects come back as they were. */
  serve(kind: GitopsKind, served: boolean): Done;
  remove(address: Address): Done;
  /** As a person does it. */
  change(address: Address, patch: JsonObject): Done;
  velero(): Promise<VeleroHands>;
  /** Absent where the API is not ours to take away. */
  apiServerUp?(up: boolean): void;
}

/** By the wall: a small Velero moves every few milliseconds, whatever the cluster's own clock is. */
export const soon = {
  now: () => Date.now(),
  after: (ms: number, run: () => void) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

export function simulatedHands(objects: KubernetesObjects): BesideHands {
  const { shelf } = objects;
  return {
    called: (namespace) => namespace,
    bare: async () => true,
    install: (kind) => shelf.install(kind),
    add: (object) => {
      shelf.install(GITOPS[object.kind]);
      shelf.put(GITOPS[object.kind], gitopsObject(object));
    },
    object: async ({ kind, namespace, name }) => {
      const found = shelf.get(GITOPS[kind], namespace, name);
      if (found.kind === 'refused') throw new Error(`there is no ${kind} ${namespace}/${name}`);
      return found.object;
    },
    serve: (kind, served) => shelf.serve(GITOPS[kind], served),
    remove: ({ kind, namespace, name }) => {
      shelf.remove(GITOPS[kind], namespace, name);
    },
    change: ({ kind, namespace, name }, patch) => {
      shelf.patch(GITOPS[kind], { namespace, name }, patch);
    },
    velero: async () => {
      const small = new Velero({ shelf, clock: soon, paceMs: 1 });
      return {
        small,
        backups: async () => small.backups(),
        setLocation: async (phase, mode) => small.setLocation(phase, mode),
        putForeign: (name) => {
          shelf.put(BACKUPS, { metadata: { namespace: small.namespace, name }, spec: {} });
        },
      };
    },
    apiServerUp: (up) => objects.apiServerUp(up),
  };
}

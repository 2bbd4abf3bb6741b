// What faults leave in the Kubernetes API beside the default workloads: pods, nodes and objects that no controller here moves.
import type { WorldClock } from '../clock.ts';
import type { ObjectStore } from './object-store.ts';
import type { NodeObject, PodObject } from './objects.ts';
import type { JsonObject } from './patch.ts';
import type { Shelf, ShelvedKind } from './shelf.ts';
import { Velero } from './velero.ts';
import { storeWorkload } from './workload-objects.ts';

/** Takes back what was put there. */
export type Undo = () => void;

export interface StrayPod {
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  /** Kind of the owner that would create it again; null = nobody would. */
  readonly owner?: string | null;
  /** Its own when left out. */
  readonly ownerName?: string;
  readonly tolerations?: PodObject['spec']['tolerations'];
  readonly ready?: boolean;
  /** Why its container waits, such as CrashLoopBackOff. */
  readonly waiting?: string;
  readonly volumes?: PodObject['spec']['volumes'];
  readonly requests?: Readonly<Record<string, string>>;
  /** Its label `app`; its name when left out. */
  readonly app?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  /** 30 when left out. */
  readonly graceSeconds?: number;
}

interface Parts {
  readonly clock: WorldClock;
  readonly store: ObjectStore;
  readonly shelf: Shelf;
  /** Budgets count pods anew, and pods look for a place. */
  readonly changed: () => void;
}

/** Old enough not to be only starting. */
const LONG_AGO = '2026-01-01T00:00:00Z';

export class Strays {
  readonly #parts: Parts;
  #velero: Velero | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The one Velero of this cluster; null until somebody installs it. */
  get velero(): Velero | null {
    return this.#velero;
  }

  installVelero(): Velero {
    const { shelf, clock } = this.#parts;
    if (this.#velero === null) this.#velero = new Velero({ shelf, clock });
    else if (!this.#velero.installed) this.#velero.install();
    return this.#velero;
  }

  pod(stray: StrayPod): Undo {
    const { store, changed, clock } = this.#parts;
    const { namespace, name } = stray;
    // Without it nobody would make the pod again, and a drain would take it away.
    if (stray.owner === 'DaemonSet')
      storeWorkload(store, { kind: 'DaemonSet', namespace, name, nowMs: clock.now() });
    store.put('pods', podOf(stray, store.newUid()));
    changed();
    return () => {
      store.remove('daemonsets', namespace, name);
      store.remove('pods', stray.namespace, stray.name);
      changed();
    };
  }

  /** Its owner puts another one on the same node so many milliseconds after the end of the last, whatever the node's schedule says. */
  returning(stray: StrayPod, afterMs: number): Undo {
    const { store, clock } = this.#parts;
    let lives = 0;
    let undo: Undo = () => undefined;
    let cancel: Undo = () => undefined;
    const put = (): void => {
      lives += 1;
      undo = this.pod({ ...stray, name: `${stray.name}-${lives}`, ownerName: stray.name });
    };
    put();
    const stop = store.subscribe(({ resource, before, after }) => {
      const gone =
        resource === 'pods' && after === null && before?.metadata.name === `${stray.name}-${lives}`;
      if (gone) cancel = clock.after(afterMs, put);
    });
    return () => {
      stop();
      cancel();
      undo();
    };
  }

  /** Many at once, for good: budgets count them once. */
  crowd(strays: readonly StrayPod[]): void {
    const { store, changed } = this.#parts;
    for (const stray of strays) store.put('pods', podOf(stray, store.newUid()));
    changed();
  }

  /** Changes pods where they are, and puts back what they were unless they are gone by then. */
  pods(chosen: (pod: PodObject) => boolean, change: (pod: PodObject) => PodObject): Undo {
    const { store, changed } = this.#parts;
    const before = store.all('pods').filter(chosen);
    for (const pod of before) store.put('pods', change(pod));
    changed();
    return () => {
      for (const pod of before) {
        const { namespace, name } = pod.metadata;
        if (store.get('pods', namespace, name) !== null) store.put('pods', pod);
      }
      changed();
    };
  }

  /** Changes a node; `back` is applied to what it has become by then. */
  node(name: string, change: (node: NodeObject) => NodeObject, back: (node: NodeObject) => NodeObject): Undo {
    const { store } = this.#parts;
    const apply = (how: (node: NodeObject) => NodeObject): void => {
      const found = store.get('nodes', undefined, name);
      if (found !== null) store.put('nodes', how(found));
    };
    apply(change);
    return () => apply(back);
  }

  /** A Node object that no machine belongs to, as a copy of another. */
  staleNode(name: string, like: string): Undo {
    const { store } = this.#parts;
    const found = store.get('nodes', undefined, like);
    if (found === null) return () => undefined;
    const labels = { ...found.metadata.labels, 'kubernetes.io/hostname': name };
    const metadata = { ...found.metadata, name, uid: store.newUid(), labels };
    const addresses = [{ type: 'InternalIP', address: '192.0.2.9' }];
    store.put('nodes', { ...found, metadata, status: { ...found.status, addresses } });
    return () => store.remove('nodes', undefined, name);
  }

  /** A second budget over the pods of an app. */
  budget(namespace: string, name: string, app: string): Undo {
    const { store, changed } = this.#parts;
    const [first] = store.all('poddisruptionbudgets');
    if (first === undefined) return () => undefined;
    const metadata = { ...first.metadata, namespace, name, uid: store.newUid() };
    const spec = { maxUnavailable: 1, selector: { matchLabels: { app } } };
    store.put('poddisruptionbudgets', { ...first, metadata, spec });
    changed();
    return () => {
      store.remove('poddisruptionbudgets', namespace, name);
      changed();
    };
  }

  /** An object of any kind; the kind is served for as long as it is there, unless it was before. */
  object(kind: ShelvedKind, object: JsonObject & { readonly metadata: JsonObject }): Undo {
    const { shelf } = this.#parts;
    const served = shelf.kindOf(kind.group, kind.version, kind.plural) !== null;
    shelf.install(kind);
    shelf.put(kind, object);
    const { namespace, name } = object.metadata;
    const text = (value: unknown): string => (typeof value === 'string' ? value : '');
    return () => {
      shelf.remove(kind, text(namespace), text(name));
      if (!served) shelf.uninstall(kind);
    };
  }

  /** Whoever calls the API may not do this any more, such as `create pods/eviction`. */
  deny(act: string): Undo {
    const { denied } = this.#parts.shelf;
    denied.add(act);
    return () => {
      denied.delete(act);
    };
  }
}

function podOf({ namespace, name, node, ...stray }: StrayPod, uid: string): PodObject {
  const { owner = null, ready = true, waiting = null, volumes = [], requests } = stray;
  const { app = name, annotations = {}, finalizers, graceSeconds = 30 } = stray;
  const { ownerName = name, tolerations } = stray;
  const of = { name: ownerName, uid: `owner-of-${ownerName}` };
  const owners = { apiVersion: 'apps/v1', ...of, controller: true } as const;
  const container = { name: 'main', image: 'registry.example/stray:1' };
  const state = waiting === null ? { running: { startedAt: LONG_AGO } } : { waiting: { reason: waiting } };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...{ namespace, name, uid, resourceVersion: '', creationTimestamp: LONG_AGO },
      ...{ labels: { app }, annotations, ...(finalizers === undefined ? {} : { finalizers }) },
      ...(owner === null ? {} : { ownerReferences: [{ ...owners, kind: owner }] }),
    },
    spec: {
      nodeName: node,
      terminationGracePeriodSeconds: graceSeconds,
      containers: [requests === undefined ? container : { ...container, resources: { requests } }],
      volumes,
      ...(tolerations === undefined ? {} : { tolerations }),
    },
    status: {
      phase: 'Running',
      conditions: [
        {
          ...{ type: 'Ready', status: ready ? 'True' : 'False', reason: '', message: '' },
          lastTransitionTime: LONG_AGO,
        },
      ],
      containerStatuses: [
        { ...container, imageID: '', ready, started: ready, restartCount: ready ? 0 : 9, state },
      ],
    },
  };
}

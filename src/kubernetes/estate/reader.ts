// Reads what a full pre-flight asks Kubernetes: each list once per reading, page by page, and only kinds that are served.

import type { ComponentView } from '../../cluster/estate/platform.ts';
import type { Named, PodView } from '../../cluster/estate/pods.ts';
import type { AdvisoryLease } from '../../engine/ports/advisory-lease.ts';
import type { EstateReader } from '../../engine/ports/estate.ts';
import { nullWhenMissing, nullWhenRefused } from '../fault.ts';
import type { Reads } from '../reads.ts';
import type { Uses } from '../rights.ts';
import { accessViews } from './access.ts';
import { findObjects } from './find-objects.ts';
import { argoView, fluxView } from './gitops.ts';
import { type HealthCheck, healthOf } from './health.ts';
import { listAt, listKept, listPlain, type Plain, textAt } from './plain.ts';
import {
  apiServiceView,
  componentOf,
  endpointNodes,
  failClosedWebhooks,
  kubeletOf,
  nodeDetail,
  pendingCsr,
} from './platform.ts';
import { budgetView, controllerOf, localVolumeView, podView } from './pods.ts';
import { cephView, longhornView, veleroView } from './storage.ts';
import { clusterApiFound, kuredFound, planFound, tupprFound } from './upgraders.ts';

export interface EstateSettings {
  readonly pageSize: number;
  /** The pod this process runs in, when it runs in Kubernetes. */
  readonly ownPod?: Named;
  /** The policy's own health checks. */
  readonly health: readonly HealthCheck[];
  /** What the bot does in this cluster beside the drain. */
  readonly uses: Uses;
  /** Null where none is taken. */
  readonly lease: AdvisoryLease | null;
}

/** All objects of a kind; null when its group, or the kind in it, is not served. Throws Fault. */
export type ListPlain = (
  group: string,
  plural: string,
  options?: { readonly version?: string; readonly fieldSelector?: string },
) => Promise<readonly Plain[] | null>;

/** What is kept of a pod: the rest of it, most of its bytes, is forgotten with its page. */
interface PodRead {
  readonly view: PodView;
  readonly uid: string;
  /** Of its controlling owner; empty without one. */
  readonly ownerUid: string;
  readonly component: ComponentView | null;
}

/** What several subjects are made of, read once. */
interface Reading {
  readonly nodes: () => Promise<readonly Plain[]>;
  readonly pods: () => Promise<readonly PodRead[]>;
  readonly list: ListPlain;
}

export function kubernetesEstate(connection: Reads, settings: EstateSettings): EstateReader {
  // One reading per signal: whoever asks for all subjects gives all of them the same.
  const readings = new WeakMap<AbortSignal, Reading>();
  const readingOf = (signal: AbortSignal): Reading => {
    const known = readings.get(signal) ?? readingWith(connection, settings.pageSize);
    readings.set(signal, known);
    return known;
  };
  const each = async (listing: Promise<readonly Plain[] | null>): Promise<readonly Plain[]> =>
    (await listing) ?? [];
  return {
    nodes: async (signal) => (await readingOf(signal).nodes()).map(nodeDetail),
    pods: async (signal) => (await readingOf(signal).pods()).map(({ view }) => view),
    budgets: async (signal) =>
      (await each(readingOf(signal).list('policy', 'poddisruptionbudgets'))).map(budgetView),
    localVolumes: async () => {
      const volumes = { group: '', version: 'v1', plural: 'persistentvolumes' };
      const found = await listKept(connection, volumes, {
        pageSize: settings.pageSize,
        keep: localVolumeView,
      });
      return found.filter((view) => view !== null);
    },
    components: async (signal) => {
      const [nodes, pods] = await Promise.all([readingOf(signal).nodes(), readingOf(signal).pods()]);
      return [...nodes.map(kubeletOf), ...pods.flatMap(({ component }) => component ?? [])];
    },
    pendingCsrs: async (signal) =>
      (await each(readingOf(signal).list('certificates.k8s.io', 'certificatesigningrequests'))).flatMap(
        (csr) => pendingCsr(csr) ?? [],
      ),
    webhooks: async (signal) => webhooksIn(readingOf(signal).list),
    apiServices: async (signal) =>
      (await each(readingOf(signal).list('apiregistration.k8s.io', 'apiservices'))).map(apiServiceView),
    lease: async () => (await settings.lease?.look()) ?? null,
    access: () => accessViews(connection, settings.uses, () => servedGroups(connection)),
    ownPods: async (signal) => ({
      nodes: settings.ownPod === undefined ? [] : ownNodes(await readingOf(signal).pods(), settings.ownPod),
    }),
    flux: async (signal) => {
      const { list } = readingOf(signal);
      const [kustomizations, releases] = await Promise.all([
        list('kustomize.toolkit.fluxcd.io', 'kustomizations'),
        list('helm.toolkit.fluxcd.io', 'helmreleases'),
      ]);
      if (kustomizations === null && releases === null) return null;
      return [
        ...(kustomizations ?? []).map((one) => fluxView(one, 'Kustomization')),
        ...(releases ?? []).map((one) => fluxView(one, 'HelmRelease')),
      ];
    },
    argo: async (signal) =>
      (await readingOf(signal).list('argoproj.io', 'applications'))?.map(argoView) ?? null,
    velero: async (signal) => {
      const { list } = readingOf(signal);
      const [backups, locations] = await Promise.all([
        list('velero.io', 'backups'),
        list('velero.io', 'backupstoragelocations'),
      ]);
      return backups === null && locations === null ? null : veleroView(backups ?? [], locations ?? []);
    },
    longhorn: async (signal) => {
      const { list } = readingOf(signal);
      const [volumes, given, replicas] = await Promise.all([
        list('longhorn.io', 'volumes'),
        list('longhorn.io', 'settings'),
        // Rights that were given before this was asked do not tell: then volumes are kept apart by not going together at all.
        list('longhorn.io', 'replicas').catch(nullWhenRefused),
      ]);
      return volumes === null ? null : longhornView(volumes, given ?? [], replicas);
    },
    ceph: async (signal) =>
      (await readingOf(signal).list('ceph.rook.io', 'cephclusters'))?.map(cephView) ?? null,
    otherUpgraders: async (signal) => {
      const { list, nodes } = readingOf(signal);
      const tuppr = 'tuppr.home-operations.com';
      const [talos, kubernetes, plans, daemonSets, members] = await Promise.all([
        each(list(tuppr, 'talosupgrades')),
        each(list(tuppr, 'kubernetesupgrades')),
        each(list('upgrade.cattle.io', 'plans')),
        each(list('apps', 'daemonsets', { fieldSelector: 'metadata.name=kured' })),
        nodes(),
      ]);
      return [
        ...talos.map((one) => tupprFound(one, 'TalosUpgrade')),
        ...kubernetes.map((one) => tupprFound(one, 'KubernetesUpgrade')),
        ...plans.map(planFound),
        ...daemonSets.map(kuredFound),
        ...clusterApiFound(members),
      ];
    },
    health: (signal) =>
      healthOf(settings.health, (check) => findObjects(connection, check, settings.pageSize), signal),
  };
}

/** Pods weigh kilobytes each, and a page of them lies in memory three times over: as bytes, as text and as objects. */
const PODS_A_PAGE = 100;

function readingWith(connection: Reads, pageSize: number): Reading {
  const core = { group: '', version: 'v1' };
  const nodes = once(() => listPlain(connection, { ...core, plural: 'nodes' }, pageSize));
  const podsAtOnce = Math.min(pageSize, PODS_A_PAGE);
  const pods = once(() =>
    listKept(connection, { ...core, plural: 'pods' }, { pageSize: podsAtOnce, keep: podRead }),
  );
  const served = once(() => servedGroups(connection));
  return {
    nodes,
    pods,
    list: async (group, plural, { version, fieldSelector } = {}) => {
      const preferred = version ?? (await served()).get(group);
      if (preferred === undefined) return null;
      const selected = fieldSelector === undefined ? {} : { fieldSelector };
      const collection = { group, version: preferred, plural, ...selected };
      // Several products share a group: `argoproj.io` may have workflows and no applications.
      return listPlain(connection, collection, pageSize).catch(nullWhenMissing);
    },
  };
}

/** The preferred version of every group that is served: what is installed changes, and so do its versions. */
export async function servedGroups(connection: Reads): Promise<ReadonlyMap<string, string>> {
  const { groups } = await connection.read('which API groups there are', async ({ json }) => ({
    // The list of groups is the one object of the API without metadata.
    metadata: {},
    groups: listAt(await json('/apis'), 'groups'),
  }));
  return new Map(
    groups.flatMap((group) => {
      const version =
        textAt(group, 'preferredVersion', 'version') || textAt(listAt(group, 'versions')[0], 'version');
      return version === '' ? [] : [[textAt(group, 'name'), version] as const];
    }),
  );
}

async function webhooksIn(list: ListPlain): ReturnType<EstateReader['webhooks']> {
  const group = 'admissionregistration.k8s.io';
  const [validating, mutating] = await Promise.all([
    list(group, 'validatingwebhookconfigurations'),
    list(group, 'mutatingwebhookconfigurations'),
  ]);
  const webhooks = [
    ...(validating ?? []).flatMap((one) => failClosedWebhooks(one, 'validating')),
    ...(mutating ?? []).flatMap((one) => failClosedWebhooks(one, 'mutating')),
  ];
  if (webhooks.every(({ service }) => service === null))
    return webhooks.map((webhook) => ({ ...webhook, endpointNodes: null }));
  const endpoints = endpointNodes((await list('discovery.k8s.io', 'endpointslices')) ?? []);
  return webhooks.map((webhook) => ({
    ...webhook,
    endpointNodes:
      webhook.service === null
        ? null
        : (endpoints.get(`${webhook.service.namespace}/${webhook.service.name}`) ?? null),
  }));
}

function podRead(pod: Plain): PodRead {
  const owner = controllerOf(pod);
  return {
    view: podView(pod),
    uid: textAt(pod, 'metadata', 'uid'),
    ownerUid: textAt(owner, 'uid'),
    component: componentOf(pod),
  };
}

/** Nodes of the bot's own pod and its siblings; empty when this cluster has no such pod. */
function ownNodes(pods: readonly PodRead[], { namespace, name }: Named): readonly string[] {
  const mine = pods.find(({ view }) => view.namespace === namespace && view.name === name);
  if (mine === undefined) return [];
  const { uid, ownerUid } = mine;
  const siblings = pods.filter((pod) => pod.uid === uid || (ownerUid !== '' && pod.ownerUid === ownerUid));
  return [...new Set(siblings.flatMap(({ view }) => view.node ?? []))];
}

function once<T>(read: () => Promise<T>): () => Promise<T> {
  let reading: Promise<T> | null = null;
  return () => {
    reading ??= read();
    return reading;
  };
}

// Reads what a full pre-flight asks Kubernetes: each list once per reading, page by page, and only kinds that are served.
import type { V1Node, V1Pod } from '@kubernetes/client-node';
import type { Named } from '../../cluster/estate/pods.ts';
import type { EstateReader } from '../../engine/ports/estate.ts';
import type { KubernetesConnection } from '../connection.ts';
import { allPages } from '../pages.ts';
import { accessViews } from './access.ts';
import { findObjects } from './find-objects.ts';
import { argoView, fluxView } from './gitops.ts';
import { type HealthCheck, healthOf } from './health.ts';
import { listPlain, type Plain } from './plain.ts';
import {
  apiServiceView,
  componentViews,
  endpointNodes,
  failClosedWebhooks,
  nodeDetail,
  pendingCsr,
} from './platform.ts';
import { budgetView, localVolumeView, podView } from './pods.ts';
import { cephView, longhornView, veleroView } from './storage.ts';
import { clusterApiFound, kuredFound, planFound, tupprFound } from './upgraders.ts';

export interface EstateSettings {
  readonly pageSize: number;
  /** The pod this process runs in, when it runs in Kubernetes. */
  readonly ownPod?: Named;
  /** The policy's own health checks. */
  readonly health: readonly HealthCheck[];
}

/** All objects of a kind; null when its group is not served. Throws Fault. */
export type ListPlain = (
  group: string,
  plural: string,
  options?: { readonly version?: string; readonly fieldSelector?: string },
) => Promise<readonly Plain[] | null>;

/** What several subjects are made of, read once. */
interface Reading {
  readonly nodes: () => Promise<readonly V1Node[]>;
  readonly pods: () => Promise<readonly V1Pod[]>;
  readonly list: ListPlain;
}

export function kubernetesEstate(connection: KubernetesConnection, settings: EstateSettings): EstateReader {
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
    pods: async (signal) => (await readingOf(signal).pods()).map(podView),
    budgets: async (signal) =>
      (await each(readingOf(signal).list('policy', 'poddisruptionbudgets'))).map(budgetView),
    localVolumes: async () => {
      const volumes = await allPages(
        (page) =>
          connection.read('to list persistent volumes', ({ core }) => core.listPersistentVolume(page)),
        settings.pageSize,
      );
      return volumes.flatMap((volume) => localVolumeView(toPlain(volume)) ?? []);
    },
    components: async (signal) => {
      const [nodes, pods] = await Promise.all([readingOf(signal).nodes(), readingOf(signal).pods()]);
      const system = pods.filter(({ metadata }) => metadata?.namespace === 'kube-system');
      return componentViews(nodes, system);
    },
    pendingCsrs: async (signal) =>
      (await each(readingOf(signal).list('certificates.k8s.io', 'certificatesigningrequests'))).flatMap(
        (csr) => pendingCsr(csr) ?? [],
      ),
    webhooks: async (signal) => webhooksIn(readingOf(signal).list),
    apiServices: async (signal) =>
      (await each(readingOf(signal).list('apiregistration.k8s.io', 'apiservices'))).map(apiServiceView),
    access: () => accessViews(connection),
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
      const [volumes, given] = await Promise.all([
        list('longhorn.io', 'volumes'),
        list('longhorn.io', 'settings'),
      ]);
      return volumes === null ? null : longhornView(volumes, given ?? []);
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
    health: () => healthOf(settings.health, (check) => findObjects(connection, check, settings.pageSize)),
  };
}

function readingWith(connection: KubernetesConnection, pageSize: number): Reading {
  const nodes = once(() =>
    allPages((page) => connection.read('to list nodes', ({ core }) => core.listNode(page)), pageSize),
  );
  const pods = once(() =>
    allPages(
      (page) => connection.read('to list pods', ({ core }) => core.listPodForAllNamespaces(page)),
      pageSize,
    ),
  );
  const served = once(() => servedGroups(connection));
  return {
    nodes,
    pods,
    list: async (group, plural, { version, fieldSelector } = {}) => {
      const preferred = version ?? (await served()).get(group);
      if (preferred === undefined) return null;
      const selected = fieldSelector === undefined ? {} : { fieldSelector };
      return listPlain(connection, { group, version: preferred, plural, ...selected }, pageSize);
    },
  };
}

/** The preferred version of every group that is served: what is installed changes, and so do its versions. */
async function servedGroups(connection: KubernetesConnection): Promise<ReadonlyMap<string, string>> {
  const groups = await connection.read('which API groups there are', async ({ groups: api }) => {
    const list = await api.getAPIVersions();
    // The list of groups is the one object of the API without metadata.
    return { metadata: {}, groups: list.groups };
  });
  return new Map(
    groups.groups.flatMap(({ name, versions, preferredVersion }) => {
      const version = preferredVersion?.version ?? versions[0]?.version;
      return version === undefined ? [] : [[name, version] as const];
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

/** Nodes of the bot's own pod and its siblings; empty when this cluster has no such pod. */
function ownNodes(pods: readonly V1Pod[], { namespace, name }: Named): readonly string[] {
  const mine = pods.find(({ metadata }) => metadata?.namespace === namespace && metadata?.name === name);
  if (mine === undefined) return [];
  const owner = mine.metadata?.ownerReferences?.find(({ controller }) => controller === true)?.uid;
  const siblings = pods.filter(
    ({ metadata }) =>
      metadata?.uid === mine.metadata?.uid ||
      (owner !== undefined && metadata?.ownerReferences?.some(({ uid }) => uid === owner) === true),
  );
  return [...new Set(siblings.flatMap(({ spec }) => spec?.nodeName ?? []))];
}

function once<T>(read: () => Promise<T>): () => Promise<T> {
  let reading: Promise<T> | null = null;
  return () => {
    reading ??= read();
    return reading;
  };
}

/** A typed object as the plain JSON it was: the client only renames, and none of what is read here. */
function toPlain(object: object): Plain {
  return { ...object };
}

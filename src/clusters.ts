// Turns each configured cluster into the ports the engine drives.
import { openArchive } from './archive/open.ts';
import { systemClock } from './clock.ts';
import { type Opening, openAccess } from './cluster-access.ts';
import type { ClusterSettings, Settings } from './config.ts';
import type { Archiving } from './engine/ports/archive.ts';
import { faultOf } from './engine/ports/fault.ts';
import type { Log } from './engine/ports/log.ts';
import type { Machines } from './engine/ports/machines.ts';
import { Slots } from './engine/slots.ts';
import type { ClusterWork } from './engine/work.ts';
import { type CredentialSource, credentialsFromFiles } from './etcd/credentials.ts';
import { etcdUpgradeMutex } from './etcd/mutex.ts';
import { etcdWitness } from './etcd/witness.ts';
import { openKubernetes } from './kubernetes/open.ts';
import type { Uses } from './kubernetes/rights.ts';
import { openReleases } from './release-lists.ts';
import { imageFactory } from './releases/factory.ts';
import { readTalosconfigFile } from './talos/identity-source.ts';
import { talosMachines } from './talos/machines.ts';
import type { TalosContext } from './talos/talosconfig.ts';

export type Opened =
  | { readonly kind: 'opened'; readonly clusters: ReadonlyMap<string, ClusterWork> }
  | { readonly kind: 'mistakes'; readonly mistakes: readonly string[] };

/**
 * Full surveys in hand at a time, over all clusters. Each asks a whole cluster at once; a hundred together keep the process from
 * hearing answers in time, so that machines that answered look silent, and take memory that it does not give back.
 */
const SURVEYS_AT_A_TIME = 4;

/** Reads every talosconfig; dials nothing. All mistakes of all clusters at once. */
export function openClusters(settings: Settings, nowMs: number, log: Log): Opened {
  const { onlyLoopback, ownPod } = settings;
  const mistakes: string[] = [];
  const clusters = new Map<string, ClusterWork>();
  const names = new Map<string, string>();
  const turns = new Slots(SURVEYS_AT_A_TIME);
  const releases = openReleases(settings);
  if (releases.kind === 'mistakes') mistakes.push(...releases.mistakes);
  for (const cluster of settings.clusters) {
    const reading = readTalosconfigFile(cluster.talosconfig, nowMs);
    if (reading.kind === 'mistaken') {
      mistakes.push(
        ...reading.sentences.map(
          (sentence) => `clusters.${cluster.name}.talos (${cluster.talosconfig.path}): ${sentence}`,
        ),
      );
      continue;
    }
    const unusable = etcdMistakes(cluster);
    if (unusable.length > 0) {
      mistakes.push(...unusable);
      continue;
    }
    // One Talos CA is one cluster: under two names it would have two claims, and two drivers could each take a node away.
    const twin = names.get(reading.context.identity.ca);
    if (twin !== undefined) {
      mistakes.push(
        `clusters.${cluster.name}.talos: is the same cluster as ${twin}, whose talosconfig has the same CA.`,
      );
      continue;
    }
    names.set(reading.context.identity.ca, cluster.name);
    const work = workOf(cluster, reading.context, { onlyLoopback, ownPod, log });
    const listed =
      releases.kind === 'opened' ? { releases: releases.workOf(cluster, work.images.factory) } : {};
    clusters.set(cluster.name, { ...work, ...listed, turns });
  }
  return mistakes.length > 0 ? { kind: 'mistakes', mistakes } : { kind: 'opened', clusters };
}

/** Files are read at the start, so that a mistake shows then and not at the first gate; machines are asked when needed. */
function etcdMistakes({ name, etcd }: ClusterSettings): readonly string[] {
  if (etcd?.kind !== 'files') return [];
  try {
    credentialsFromFiles(etcd);
    return [];
  } catch (error) {
    return [`clusters.${name}.etcd: ${faultOf(error).message}`];
  }
}

function etcdPortsOf(
  { etcd }: ClusterSettings,
  machines: Machines,
  onlyLoopback: boolean,
): Pick<ClusterWork, 'witness' | 'mutex'> {
  if (etcd === null) return {};
  const credentials: CredentialSource =
    etcd.kind === 'files'
      ? async () => credentialsFromFiles(etcd)
      : (address) => machines.etcdCredentials(address);
  const endpoint = (address: string) => ({ host: address, port: etcd.port });
  const dial = { credentials, endpoint, onlyLoopback };
  return {
    witness: etcdWitness(dial),
    ...(etcd.upgradeMutex === 'off' ? {} : { mutex: etcdUpgradeMutex({ ...dial, clock: systemClock }) }),
  };
}

function archivingOf({ archive: settings }: ClusterSettings): { readonly archiving?: Archiving } {
  if (settings === null) return {};
  const { place, recipient, retention } = settings;
  return { archiving: { archive: openArchive(place, recipient), retention } };
}

function imagesOf({ factory }: ClusterSettings, onlyLoopback: boolean): ClusterWork['images'] {
  const { check, mirrors } = factory;
  return { factory: imageFactory({ mirrors, onlyLoopback }), check };
}

function usesOf({ policy, lease }: ClusterSettings): Uses {
  const { neighbours, velero } = policy;
  return {
    flux: (neighbours?.flux.length ?? 0) > 0,
    argo: (neighbours?.argo.length ?? 0) > 0,
    velero: velero?.namespace ?? null,
    lease,
  };
}

function workOf(
  cluster: ClusterSettings,
  context: TalosContext,
  opening: Opening & Pick<Settings, 'ownPod'>,
): ClusterWork {
  const { onlyLoopback, ownPod } = opening;
  const { connection, access } = openAccess(cluster, context, opening);
  const machines = talosMachines(connection);
  const { workloads, estate, backups, neighbours, grants, lease } = openKubernetes({
    source:
      cluster.kubeconfig === null
        ? { kind: 'fetched', fetch: () => machines.kubeconfig() }
        : { kind: 'file', path: cluster.kubeconfig },
    health: cluster.healthChecks,
    uses: usesOf(cluster),
    clock: systemClock,
    ...(ownPod === null ? {} : { ownPod }),
    ...(cluster.kubernetesServer === null ? {} : { server: cluster.kubernetesServer }),
    onlyLoopback,
  });
  return {
    name: cluster.name,
    machines,
    workloads,
    estate,
    backups,
    neighbours,
    grants,
    ...(lease === undefined ? {} : { lease }),
    access,
    ...etcdPortsOf(cluster, machines, onlyLoopback),
    ...archivingOf(cluster),
    policy: cluster.policy,
    factory: cluster.factory.host,
    images: imagesOf(cluster, onlyLoopback),
  };
}

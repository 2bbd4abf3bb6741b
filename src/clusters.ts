// Turns each configured cluster into the ports the engine drives.
import { readFileSync } from 'node:fs';
import { openArchive } from './archive/open.ts';
import type { ClusterSettings, Settings } from './config.ts';
import type { Archiving } from './engine/ports/archive.ts';
import { faultOf } from './engine/ports/fault.ts';
import type { Log } from './engine/ports/log.ts';
import type { Machines } from './engine/ports/machines.ts';
import type { DirectWitness } from './engine/ports/witness.ts';
import type { ClusterWork } from './engine/work.ts';
import { type CredentialSource, credentialsFromFiles } from './etcd/credentials.ts';
import { etcdWitness } from './etcd/witness.ts';
import { kubernetesWorkloads } from './kubernetes/workloads.ts';
import { imageFactory } from './releases/factory.ts';
import { talosMachines } from './talos/machines.ts';
import { readTalosconfig, type TalosContext } from './talos/talosconfig.ts';

export type Opened =
  | { readonly kind: 'opened'; readonly clusters: ReadonlyMap<string, ClusterWork> }
  | { readonly kind: 'mistakes'; readonly mistakes: readonly string[] };

/** A client certificate with less than this left is warned about at every start. */
const EXPIRY_WARNING_MS = 30 * 86_400_000;

/** Reads every talosconfig; dials nothing. All mistakes of all clusters at once. */
export function openClusters(settings: Settings, nowMs: number, log: Log): Opened {
  const mistakes: string[] = [];
  const clusters = new Map<string, ClusterWork>();
  const names = new Map<string, string>();
  for (const cluster of settings.clusters) {
    const reading = readContext(cluster, nowMs);
    if (reading.kind === 'mistaken') {
      mistakes.push(...reading.sentences.map((sentence) => `clusters.${cluster.name}.talos: ${sentence}`));
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
    const leftMs = reading.context.expiresAtMs - nowMs;
    if (leftMs < EXPIRY_WARNING_MS) {
      log.warn('the client certificate of a talosconfig expires soon', {
        cluster: cluster.name,
        days: Math.floor(leftMs / 86_400_000),
      });
    }
    clusters.set(cluster.name, workOf(cluster, reading.context, settings.onlyLoopback));
  }
  return mistakes.length > 0 ? { kind: 'mistakes', mistakes } : { kind: 'opened', clusters };
}

function readContext(cluster: ClusterSettings, nowMs: number): ReturnType<typeof readTalosconfig> {
  const { path, context } = cluster.talosconfig;
  try {
    const text = readFileSync(path, 'utf8');
    return readTalosconfig(text, { nowMs, ...(context === null ? {} : { context }) });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { kind: 'mistaken', sentences: [`The talosconfig ${path} cannot be read: ${why}.`] };
  }
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

function witnessOf(
  { etcd }: ClusterSettings,
  machines: Machines,
  onlyLoopback: boolean,
): { readonly witness?: DirectWitness } {
  if (etcd === null) return {};
  const credentials: CredentialSource =
    etcd.kind === 'files'
      ? async () => credentialsFromFiles(etcd)
      : (address) => machines.etcdCredentials(address);
  const endpoint = (address: string) => ({ host: address, port: etcd.port });
  return { witness: etcdWitness({ credentials, endpoint, onlyLoopback }) };
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

function workOf(cluster: ClusterSettings, context: TalosContext, onlyLoopback: boolean): ClusterWork {
  const machines = talosMachines({
    endpoints: context.endpoints,
    identity: context.identity,
    onlyLoopback,
    direct: (address) => ({ host: address, port: cluster.talosPort }),
  });
  const workloads = kubernetesWorkloads({
    source:
      cluster.kubeconfig === null
        ? { kind: 'fetched', fetch: () => machines.kubeconfig() }
        : { kind: 'file', path: cluster.kubeconfig },
    ...(cluster.kubernetesServer === null ? {} : { server: cluster.kubernetesServer }),
    onlyLoopback,
  });
  return {
    name: cluster.name,
    machines,
    workloads,
    ...witnessOf(cluster, machines, onlyLoopback),
    ...archivingOf(cluster),
    policy: cluster.policy,
    factory: cluster.factory.host,
    images: imagesOf(cluster, onlyLoopback),
  };
}

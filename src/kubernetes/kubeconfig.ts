// Reads a kubeconfig and decides which API server may be dialled.
import { BlockList, isIP } from 'node:net';
import type { Cluster, KubeConfig } from '@kubernetes/client-node';
import { Fault } from '../engine/ports/fault.ts';

export type KubeconfigSource =
  | { readonly kind: 'text'; readonly text: string }
  /** Relative paths in the file are relative to it, as for kubectl. */
  | { readonly kind: 'file'; readonly path: string }
  /** Asked for when first needed, and again when the credentials are no longer accepted, or no API answers where it says. */
  | { readonly kind: 'fetched'; readonly fetch: () => Promise<string> };

export interface KubeconfigSettings {
  readonly source: KubeconfigSource;
  /** The context to use instead of the file's current one. */
  readonly context?: string;
  /** Dialled instead of the kubeconfig's server, e.g. `https://10.0.0.5:6443`. */
  readonly server?: string;
  /** Refuses every server that is not on loopback, proxies and login commands: for demo and tests. */
  readonly onlyLoopback?: boolean;
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** True for addresses of this machine only. Names other than localhost are not looked up, and so are not. */
export function isLoopbackServer(server: string): boolean {
  const host = URL.parse(server)?.hostname.replace(/^\[|\]$/g, '') ?? '';
  if (host === 'localhost') return true;
  const family = isIP(host);
  return family !== 0 && loopback.check(host, family === 6 ? 'ipv6' : 'ipv4');
}

function refuse(message: string, cause?: unknown): Fault {
  return new Fault('refused', message, { code: 'KUBECONFIG', cause });
}

async function loadInto(config: KubeConfig, source: KubeconfigSource): Promise<void> {
  const text = source.kind === 'fetched' ? await source.fetch() : null;
  try {
    if (source.kind === 'file') config.loadFromFile(source.path);
    else config.loadFromString(text ?? (source.kind === 'text' ? source.text : ''));
  } catch (error) {
    // The parser's own words may quote lines of the file, and the file holds keys.
    throw refuse(
      source.kind === 'file'
        ? `${source.path} is not a readable kubeconfig.`
        : 'The kubeconfig is not readable.',
      error,
    );
  }
}

function withServer(config: KubeConfig, cluster: Cluster, server: string): Cluster {
  const changed = { ...cluster, server };
  config.clusters = config.clusters.map((one) => (one.name === cluster.name ? changed : one));
  return changed;
}

function guard(config: KubeConfig, cluster: Cluster): void {
  if (!isLoopbackServer(cluster.server)) {
    throw refuse(`Only servers on loopback may be dialled here, and ${cluster.server} is not one.`);
  }
  if (cluster.proxyUrl !== undefined) throw refuse('A kubeconfig with a proxy may not be used here.');
  const user = config.getCurrentUser();
  if (user?.exec || user?.authProvider)
    throw refuse('A kubeconfig with a login command may not be used here.');
}

/**
 * Fills an empty KubeConfig and returns the server that will be dialled. Throws Fault `refused` for a kubeconfig that cannot be
 * read, names no server, or is against `onlyLoopback`.
 */
export async function loadKubeconfig(config: KubeConfig, settings: KubeconfigSettings): Promise<string> {
  await loadInto(config, settings.source);
  if (settings.context !== undefined) config.setCurrentContext(settings.context);
  const found = config.getCurrentCluster();
  if (found === null) {
    throw refuse(`The kubeconfig has no cluster for its context ${config.getCurrentContext() || '(none)'}.`);
  }
  const cluster = settings.server === undefined ? found : withServer(config, found, settings.server);
  if (URL.parse(cluster.server) === null)
    throw refuse(`The kubeconfig's server ${cluster.server} is not a URL.`);
  if (settings.onlyLoopback === true) guard(config, cluster);
  return cluster.server;
}

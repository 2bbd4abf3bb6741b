// Which part of the Kubernetes API a path speaks about.
import type { Resource } from '../world/kubernetes/objects.ts';

export type Route =
  | { readonly kind: 'collection'; readonly resource: Resource; readonly namespace: string | null }
  | {
      readonly kind: 'object';
      readonly resource: Resource;
      readonly namespace: string | null;
      readonly name: string;
    }
  | { readonly kind: 'eviction'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'information'; readonly path: string }
  | { readonly kind: 'unknown' };

interface ResourceInfo {
  readonly groupVersion: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly shortName: string;
}

export const resources: Readonly<Record<Resource, ResourceInfo>> = {
  nodes: { groupVersion: 'v1', kind: 'Node', namespaced: false, shortName: 'no' },
  namespaces: { groupVersion: 'v1', kind: 'Namespace', namespaced: false, shortName: 'ns' },
  pods: { groupVersion: 'v1', kind: 'Pod', namespaced: true, shortName: 'po' },
  deployments: { groupVersion: 'apps/v1', kind: 'Deployment', namespaced: true, shortName: 'deploy' },
  daemonsets: { groupVersion: 'apps/v1', kind: 'DaemonSet', namespaced: true, shortName: 'ds' },
  poddisruptionbudgets: {
    groupVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    namespaced: true,
    shortName: 'pdb',
  },
};

const informationPaths = ['/version', '/readyz', '/livez', '/healthz', '/api', '/apis', '/api/v1'];

function isResource(name: string): name is Resource {
  return name in resources;
}

function routeIn(groupVersion: string, segments: readonly string[]): Route {
  const [first, ...rest] = segments;
  // `namespaces/x/pods` is about pods; `namespaces` and `namespaces/x` are about namespaces.
  const scoped = first === 'namespaces' && rest.length >= 2;
  const namespace = scoped ? (rest[0] ?? null) : null;
  const [resource = '', name, subresource, ...surplus] = scoped ? rest.slice(1) : segments;
  if (!isResource(resource) || resources[resource].groupVersion !== groupVersion || surplus.length > 0) {
    return { kind: 'unknown' };
  }
  const { namespaced } = resources[resource];
  if (scoped && !namespaced) return { kind: 'unknown' };
  if (name === undefined) return { kind: 'collection', resource, namespace };
  if (namespaced && namespace === null) return { kind: 'unknown' };
  if (subresource === undefined) return { kind: 'object', resource, namespace, name };
  if (resource === 'pods' && subresource === 'eviction' && namespace !== null)
    return { kind: 'eviction', namespace, name };
  return { kind: 'unknown' };
}

/** Reads a path such as `/api/v1/namespaces/shop/pods/web-1/eviction`. */
export function routeOf(pathname: string): Route {
  const path = pathname.length > 1 ? pathname.replace(/\/$/, '') : pathname;
  if (informationPaths.includes(path) || /^\/apis\/[^/]+(\/[^/]+)?$/.test(path))
    return { kind: 'information', path };
  let segments: string[];
  try {
    segments = path.split('/').slice(1).map(decodeURIComponent);
  } catch {
    return { kind: 'unknown' };
  }
  const [root, ...rest] = segments;
  if (root === 'api' && rest[0] === 'v1') return routeIn('v1', rest.slice(1));
  if (root === 'apis') return routeIn(`${rest[0]}/${rest[1]}`, rest.slice(2));
  return { kind: 'unknown' };
}

// Version, health and discovery: the parts of the Kubernetes API that describe it.
import { resources } from './kube-route.ts';

/** A text answer (health) or a JSON one, or null for a path that does not exist. */
export type Information =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'json'; readonly body: object }
  | null;

const healthChecks = [
  'ping',
  'log',
  'etcd',
  'informer-sync',
  'poststarthook/start-apiextensions-controllers',
];
const groups = ['apps', 'policy'];

function health(path: string, verbose: boolean): Information {
  if (!verbose) return { kind: 'text', text: 'ok' };
  const lines = healthChecks.map((check) => `[+]${check} ok`);
  return { kind: 'text', text: `${[...lines, `${path.slice(1)} check passed`].join('\n')}\n` };
}

function version(gitVersion: string): object {
  const [, major = '1', minor = '0'] = /^v?(\d+)\.(\d+)/.exec(gitVersion) ?? [];
  return {
    major,
    minor,
    gitVersion,
    gitTreeState: 'clean',
    goVersion: 'go1.25.3',
    compiler: 'gc',
    platform: 'linux/amd64',
  };
}

function group(name: string): object {
  const preferred = { groupVersion: `${name}/v1`, version: 'v1' };
  return { kind: 'APIGroup', apiVersion: 'v1', name, versions: [preferred], preferredVersion: preferred };
}

function resourceList(groupVersion: string): Information {
  const found = Object.entries(resources).filter(([, info]) => info.groupVersion === groupVersion);
  if (found.length === 0) return null;
  const list: object[] = found.map(([name, { kind, namespaced, shortName }]) => ({
    name,
    singularName: kind.toLowerCase(),
    shortNames: [shortName],
    namespaced,
    kind,
    verbs: [
      'get',
      'list',
      'watch',
      ...(name === 'nodes' ? ['patch'] : []),
      ...(name === 'pods' ? ['delete'] : []),
    ],
  }));
  if (groupVersion === 'v1') {
    list.push({
      name: 'pods/eviction',
      singularName: '',
      namespaced: true,
      group: 'policy',
      version: 'v1',
      kind: 'Eviction',
      verbs: ['create'],
    });
  }
  return { kind: 'json', body: { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources: list } };
}

export function informationOf(path: string, query: URLSearchParams, serverVersion: string): Information {
  if (['/readyz', '/livez', '/healthz'].includes(path)) return health(path, query.has('verbose'));
  if (path === '/version') return { kind: 'json', body: version(serverVersion) };
  if (path === '/api')
    return { kind: 'json', body: { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] } };
  if (path === '/apis')
    return { kind: 'json', body: { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map(group) } };
  if (path === '/api/v1') return resourceList('v1');
  const [, , name = '', versionName] = path.split('/');
  if (!groups.includes(name)) return null;
  return versionName === undefined
    ? { kind: 'json', body: group(name) }
    : resourceList(`${name}/${versionName}`);
}

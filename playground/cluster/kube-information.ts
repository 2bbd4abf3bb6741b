// Version, health and discovery: the parts of the Kubernetes API that describe it.
import type { ShelvedKind } from '../world/kubernetes/shelf.ts';
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

export interface Served {
  readonly serverVersion: string;
  readonly shelved: readonly ShelvedKind[];
}

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

function groupNames(shelved: readonly ShelvedKind[]): readonly string[] {
  return [...new Set([...groups, ...shelved.map((kind) => kind.group)])].filter((name) => name !== '');
}

function group(name: string, shelved: readonly ShelvedKind[]): object {
  const found = shelved.filter((kind) => kind.group === name).map(({ version: served }) => served);
  const versions = [...new Set(found.length === 0 ? ['v1'] : found)].map((served) => ({
    groupVersion: `${name}/${served}`,
    version: served,
  }));
  return { kind: 'APIGroup', apiVersion: 'v1', name, versions, preferredVersion: versions[0] };
}

function resourceList(groupVersion: string, shelved: readonly ShelvedKind[]): Information {
  const found = Object.entries(resources).filter(([, info]) => info.groupVersion === groupVersion);
  const lying = shelved.filter(
    ({ group: name, version: served }) => (name === '' ? served : `${name}/${served}`) === groupVersion,
  );
  if (found.length === 0 && lying.length === 0) return null;
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
  for (const { plural, kind, namespaced } of lying) {
    const verbs = ['get', 'list', 'create', 'patch', 'delete'];
    list.push({ name: plural, singularName: kind.toLowerCase(), namespaced, kind, verbs });
  }
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

export function informationOf(
  path: string,
  query: URLSearchParams,
  { serverVersion, shelved }: Served,
): Information {
  if (['/readyz', '/livez', '/healthz'].includes(path)) return health(path, query.has('verbose'));
  if (path === '/version') return { kind: 'json', body: version(serverVersion) };
  if (path === '/api')
    return { kind: 'json', body: { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] } };
  if (path === '/apis')
    return {
      kind: 'json',
      body: {
        kind: 'APIGroupList',
        apiVersion: 'v1',
        groups: groupNames(shelved).map((name) => group(name, shelved)),
      },
    };
  if (path === '/api/v1') return resourceList('v1', shelved);
  const [, , name = '', versionName] = path.split('/');
  if (!groupNames(shelved).includes(name)) return null;
  return versionName === undefined
    ? { kind: 'json', body: group(name, shelved) }
    : resourceList(`${name}/${versionName}`, shelved);
}

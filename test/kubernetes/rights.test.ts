// The rights the bot asks about are those it uses, and those that docs/kubernetes-access.md grants.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GITOPS } from '../../playground/world/kubernetes/gitops.ts';
import { Velero } from '../../playground/world/kubernetes/velero.ts';
import { systemClock } from '../../src/clock.ts';
import { takeEstate } from '../../src/engine/estate.ts';
import { openKubernetes } from '../../src/kubernetes/open.ts';
import {
  ARGO,
  actsFor,
  actText,
  COURTESY,
  FLUX,
  FORCE,
  LEASE,
  LOOKS,
  NO_USES,
  type Rights,
  ROLLOUT,
  type Uses,
  VELERO,
} from '../../src/kubernetes/rights.ts';
import { documentedRoles } from './documented-roles.ts';
import { type Simulated, startSimulated } from './simulated.ts';

/** Each right on a line of its own. */
function spread(rights: readonly Rights[]): readonly string[] {
  return rights
    .flatMap(({ group, resources, verbs }) =>
      resources.flatMap((resource) => verbs.map((verb) => `${verb} ${group}/${resource}`)),
    )
    .toSorted();
}

describe('docs/kubernetes-access.md', () => {
  it.each([
    ['talos-chatops', undefined, [...ROLLOUT, ...COURTESY, ...LOOKS]],
    ['talos-chatops-force', undefined, FORCE],
    ['talos-chatops-neighbours', undefined, [...FLUX, ...ARGO]],
    ['talos-chatops-backups', 'velero', VELERO],
    ['talos-chatops-lease', 'kube-system', LEASE],
  ] as const)('grants as %s what the bot uses, and nothing else', (name, namespace, rights) => {
    const role = documentedRoles().find(({ metadata }) => metadata.name === name);
    expect(role?.kind).toBe(namespace === undefined ? 'ClusterRole' : 'Role');
    expect(role?.metadata.namespace).toBe(namespace);
    const granted = (role?.rules ?? []).map(({ apiGroups: [group = ''], resources, verbs }) => ({
      group,
      resources,
      verbs,
    }));
    expect(spread(granted)).toEqual(spread(rights));
  });

  it('has no other role', () => {
    expect(documentedRoles()).toHaveLength(5);
  });
});

describe('what a full survey lists', () => {
  it('is granted, kind by kind, where everything is installed', async () => {
    const { objects, api, stop } = await startSimulated();
    const listed = new Set<string>();
    for (const { group, resources } of LOOKS)
      for (const plural of resources)
        if (objects.shelf.kindOf(group, 'v1', plural) === null && !/^(policy|apps)?$/.test(group))
          objects.shelf.install({ group, version: 'v1', plural, kind: plural, namespaced: true });
    api.inject(({ path }) => {
      const [, root, ...rest] = (path.split('?')[0] ?? '').split('/');
      const [group = '', , plural = ''] = root === 'api' ? ['', ...rest] : rest;
      if (plural !== '' && !group.startsWith('authorization')) listed.add(`list ${group}/${plural}`);
      return null;
    });
    const source = { kind: 'text', text: api.kubeconfig() } as const;
    const { estate, workloads } = openKubernetes({ source, onlyLoopback: true });
    await takeEstate(estate, systemClock);
    await workloads.close();
    await stop();
    const granted = spread([...ROLLOUT, ...LOOKS]);
    expect([...listed].filter((right) => !granted.includes(right))).toEqual([]);
    // And nothing is granted that nobody lists.
    // Endpoints are only asked for where a webhook names a service.
    const lists = spread(LOOKS).filter((right) => !right.includes('endpointslices'));
    expect(lists.filter((right) => !listed.has(right))).toEqual([]);
  });
});

describe('the rights that are asked about', () => {
  it.each<readonly [string, Partial<Uses>, readonly string[]]>([
    ['nothing but the drain', {}, []],
    [
      'Flux',
      { flux: true },
      ['list', 'get', 'patch'].flatMap((verb) => [
        `${verb} kustomizations.kustomize.toolkit.fluxcd.io`,
        `${verb} helmreleases.helm.toolkit.fluxcd.io`,
      ]),
    ],
    ['Argo CD', { argo: true }, ['list', 'get', 'patch'].map((verb) => `${verb} applications.argoproj.io`)],
    [
      'Velero',
      { velero: 'backups' },
      [
        'list backups.velero.io in backups',
        'get backups.velero.io in backups',
        'create backups.velero.io in backups',
        'list backupstoragelocations.velero.io in backups',
        'list podvolumebackups.velero.io in backups',
      ],
    ],
    [
      'the Lease',
      { lease: { namespace: 'kube-system', name: 'talos-chatops' } },
      ['get', 'create', 'update'].map((verb) => `${verb} leases.coordination.k8s.io in kube-system`),
    ],
  ])('with %s are its own, on top of those of every rollout', (_what, uses, own) => {
    const plain = actsFor(NO_USES).map(actText);
    expect(plain).toEqual([
      'list nodes',
      'get nodes',
      'patch nodes',
      'list pods',
      'get pods',
      'create pods/eviction',
    ]);
    const acts = actsFor({ ...NO_USES, ...uses }).map(actText);
    expect(acts.toSorted()).toEqual([...plain, ...own].toSorted());
  });

  it('bind what has a name to that name, but never the creating', () => {
    const lease = { namespace: 'kube-system', name: 'talos-chatops' };
    const named = actsFor({ ...NO_USES, lease }).filter(({ group }) => group === 'coordination.k8s.io');
    expect(named.map(({ verb, name }) => [verb, name])).toEqual([
      ['get', 'talos-chatops'],
      ['create', undefined],
      ['update', 'talos-chatops'],
    ]);
  });
});

describe('the rights in a cluster', () => {
  let simulated: Simulated;
  beforeEach(async () => {
    simulated = await startSimulated();
  });
  afterEach(() => simulated.stop());

  const lacking = async (uses: Partial<Uses>): Promise<readonly string[]> => {
    const source = { kind: 'text', text: simulated.api.kubeconfig() } as const;
    const opened = openKubernetes({ source, onlyLoopback: true, uses: { ...NO_USES, ...uses } });
    try {
      const views = await opened.estate.access(new AbortController().signal);
      return views.filter(({ allowed }) => !allowed).map(({ act }) => act);
    } finally {
      await opened.workloads.close();
    }
  };

  it('are asked about when the policy uses them, and not otherwise', async () => {
    const { shelf } = simulated.objects;
    shelf.install(GITOPS.Kustomization);
    const velero = new Velero({ shelf, clock: { now: () => 0, after: () => () => undefined } });
    shelf.denied.add('patch kustomizations').add('create backups');
    expect(await lacking({})).toEqual([]);
    expect(await lacking({ flux: true })).toEqual(['patch kustomizations.kustomize.toolkit.fluxcd.io']);
    expect(await lacking({ velero: velero.namespace })).toEqual(['create backups.velero.io in velero']);
  });

  it('are nothing to miss where what they are about is not installed', async () => {
    simulated.objects.shelf.denied.add('patch helmreleases').add('patch applications');
    simulated.objects.shelf.install(GITOPS.Kustomization);
    expect(await lacking({ flux: true, argo: true, velero: 'velero' })).toEqual([]);
  });
});

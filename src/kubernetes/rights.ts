// Every right the bot uses in Kubernetes, by what it is for: asked about before anything depends on it, and granted by docs/kubernetes-access.md.
import type { CheckName } from '../checks/catalogue.ts';
import type { Named } from '../cluster/estate/pods.ts';

/** What of it is configured; what is not needs no rights. */
export interface Uses {
  readonly flux: boolean;
  readonly argo: boolean;
  /** Velero's namespace; null = no backup is made. */
  readonly velero: string | null;
  /** Where the advisory Lease is; null = none is taken. */
  readonly lease: Named | null;
}

export const NO_USES: Uses = { flux: false, argo: false, velero: null, lease: null };

/** One rule as RBAC has it: each of the verbs on each of the resources. */
export interface Rights {
  /** Empty for the core group. */
  readonly group: string;
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** What the survey, the drain and the restoring of nodes call (kubernetes.md 6.2). */
export const ROLLOUT: readonly Rights[] = [
  { group: '', resources: ['nodes'], verbs: ['list', 'get', 'patch'] },
  { group: '', resources: ['pods'], verbs: ['list', 'get'] },
  { group: '', resources: ['pods/eviction'], verbs: ['create'] },
];

/** A drain waits for volumes to be detached where it may see them, and does without where not. Only a doctor asks about these. */
export const COURTESY: readonly Rights[] = [
  { group: '', resources: ['persistentvolumes'], verbs: ['get'] },
  { group: 'storage.k8s.io', resources: ['volumeattachments'], verbs: ['list'] },
];

/** Only when people choose to delete what may not be evicted: whoever does not grant it has this refused. Only a doctor asks about it. */
export const FORCE: readonly Rights[] = [{ group: '', resources: ['pods'], verbs: ['delete'] }];

/** Rights to read, and the checks that are unknown without them. */
export interface Looks extends Rights {
  readonly checks: readonly CheckName[];
}

/** What a pre-flight looks at besides. Of what may not be read its check says that it is unknown; a doctor says so before. */
export const LOOKS: readonly Looks[] = [
  looks('', ['persistentvolumes'], 'local-volumes'),
  looks('policy', ['poddisruptionbudgets'], 'disruption-budgets', 'double-budgets'),
  looks('certificates.k8s.io', ['certificatesigningrequests'], 'pending-csrs'),
  looks(
    'admissionregistration.k8s.io',
    ['validatingwebhookconfigurations', 'mutatingwebhookconfigurations'],
    'webhooks',
  ),
  looks('discovery.k8s.io', ['endpointslices'], 'webhooks'),
  looks('apiregistration.k8s.io', ['apiservices'], 'api-services'),
  looks('apps', ['daemonsets'], 'other-upgraders'),
  looks('kustomize.toolkit.fluxcd.io', ['kustomizations'], 'flux'),
  looks('helm.toolkit.fluxcd.io', ['helmreleases'], 'flux'),
  looks('argoproj.io', ['applications'], 'argo'),
  looks('velero.io', ['backups', 'backupstoragelocations'], 'velero'),
  looks('longhorn.io', ['volumes', 'settings'], 'longhorn'),
  // Without these, nodes that hold volumes never go together.
  looks('longhorn.io', ['replicas'], 'batches'),
  looks('ceph.rook.io', ['cephclusters'], 'ceph'),
  looks('tuppr.home-operations.com', ['talosupgrades', 'kubernetesupgrades'], 'other-upgraders'),
  looks('upgrade.cattle.io', ['plans'], 'other-upgraders'),
];

function looks(group: string, resources: readonly string[], ...checks: readonly CheckName[]): Looks {
  return { group, resources, verbs: ['list'], checks };
}

const SUSPENDING = ['list', 'get', 'patch'];

/** Where the policy has Flux objects suspended (kubernetes.md 3.3). */
export const FLUX: readonly Rights[] = [
  { group: 'kustomize.toolkit.fluxcd.io', resources: ['kustomizations'], verbs: SUSPENDING },
  { group: 'helm.toolkit.fluxcd.io', resources: ['helmreleases'], verbs: SUSPENDING },
];

/** Where the policy has Applications suspended (kubernetes.md 3.4). */
export const ARGO: readonly Rights[] = [
  { group: 'argoproj.io', resources: ['applications'], verbs: SUSPENDING },
];

/** Where the policy has a backup made, in Velero's namespace (kubernetes.md 3.5). */
export const VELERO: readonly Rights[] = [
  { group: 'velero.io', resources: ['backups'], verbs: ['list', 'get', 'create'] },
  { group: 'velero.io', resources: ['backupstoragelocations', 'podvolumebackups'], verbs: ['list'] },
];

/** For the advisory Lease, in its namespace (kubernetes.md 3.10). Creating cannot be bound to a name. */
export const LEASE: readonly Rights[] = [
  { group: 'coordination.k8s.io', resources: ['leases'], verbs: ['get', 'create', 'update'] },
];

/** A right as a review asks about it. */
export interface Act {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  /** Absent = in all of them. */
  readonly namespace?: string;
  readonly name?: string;
}

/** What must be granted for what is configured. */
export function actsFor({ flux, argo, velero, lease }: Uses): readonly Act[] {
  return [
    ...ROLLOUT.flatMap((rights) => actsOf(rights)),
    ...(flux ? FLUX.flatMap((rights) => actsOf(rights)) : []),
    ...(argo ? ARGO.flatMap((rights) => actsOf(rights)) : []),
    ...(velero === null ? [] : VELERO.flatMap((rights) => actsOf(rights, { namespace: velero }))),
    ...(lease === null ? [] : LEASE.flatMap((rights) => actsOf(rights, lease))),
  ];
}

/** Each of them as a review asks about it; what is created has no name yet. */
export function actsOf({ group, resources, verbs }: Rights, where: Partial<Named> = {}): readonly Act[] {
  return resources.flatMap((path) => {
    const [resource = '', subresource] = path.split('/');
    const what = { group, resource, ...(subresource === undefined ? {} : { subresource }) };
    return verbs.map((verb): Act => {
      const { namespace, name } = where;
      return {
        verb,
        ...what,
        ...(namespace === undefined ? {} : { namespace }),
        ...(name === undefined || verb === 'create' ? {} : { name }),
      };
    });
  });
}

/** `patch nodes`, `create pods/eviction`, `create backups.velero.io in velero`. */
export function actText({ verb, group, resource, subresource, namespace }: Act): string {
  const what = `${resource}${group === '' ? '' : `.${group}`}${subresource === undefined ? '' : `/${subresource}`}`;
  return `${verb} ${what}${namespace === undefined ? '' : ` in ${namespace}`}`;
}

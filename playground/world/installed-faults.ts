/** Faults of what is installed in Kubernetes: objects of its own and of operators' kinds, as their controllers leave them. */
import { type FaultKind, type FaultParam, type FaultValues, NODE, number } from './fault.ts';
import type { JsonObject } from './kubernetes/patch.ts';
import type { ShelvedKind } from './kubernetes/shelf.ts';
import type { World } from './world.ts';

interface Installed {
  readonly name: string;
  readonly sentence: string;
  readonly params?: readonly FaultParam[];
  readonly kind: ShelvedKind;
  readonly object: (params: FaultValues, world: World) => JsonObject & { readonly metadata: JsonObject };
}

function fault({ name, sentence, params = [], kind, object }: Installed): FaultKind {
  return {
    ...{ name, sentence, params },
    apply: (world, values) => world.kubernetes.strays?.object(kind, object(values, world)) ?? null,
  };
}

function kindOf(
  groupVersion: string,
  plural: string,
  kind: string,
  scope: 'cluster' | 'namespace',
): ShelvedKind {
  const [first = '', second] = groupVersion.split('/');
  const [group, version] = second === undefined ? ['', first] : [first, second];
  return { group, version, plural, kind, namespaced: scope === 'namespace' };
}

const KUSTOMIZATIONS = kindOf(
  'kustomize.toolkit.fluxcd.io/v1',
  'kustomizations',
  'Kustomization',
  'namespace',
);

const LONG_AGO = '2026-01-01T00:00:00Z';
const HOUR_MS = 3_600_000;

const INSTALLED: readonly Installed[] = [
  {
    name: 'api-service-away',
    sentence: 'A part of the Kubernetes API that somebody else serves is not served.',
    kind: kindOf('apiregistration.k8s.io/v1', 'apiservices', 'APIService', 'cluster'),
    object: () => ({
      metadata: { name: 'v1beta1.metrics.k8s.io' },
      status: { conditions: [{ type: 'Available', status: 'False', message: 'no endpoints' }] },
    }),
  },
  {
    name: 'csr-pending',
    sentence: 'A kubelet waits for its serving certificate.',
    params: [NODE],
    kind: kindOf(
      'certificates.k8s.io/v1',
      'certificatesigningrequests',
      'CertificateSigningRequest',
      'cluster',
    ),
    object: (params) => ({
      metadata: { name: 'csr-waiting' },
      spec: {
        signerName: 'kubernetes.io/kubelet-serving',
        username: `system:node:${params.machine().node.name}`,
      },
    }),
  },
  {
    name: 'webhook-away',
    sentence: 'An admission webhook that must answer has nobody who does.',
    kind: kindOf(
      'admissionregistration.k8s.io/v1',
      'validatingwebhookconfigurations',
      'ValidatingWebhookConfiguration',
      'cluster',
    ),
    object: () => ({
      metadata: { name: 'guard' },
      webhooks: [
        {
          name: 'guard.example',
          failurePolicy: 'Fail',
          clientConfig: { service: { namespace: 'guard', name: 'guard' } },
          rules: [{ apiGroups: [''], resources: ['pods'] }],
        },
      ],
    }),
  },
  {
    name: 'flux-fails',
    sentence: 'Flux fails to apply a Kustomization.',
    kind: KUSTOMIZATIONS,
    object: () => ({
      metadata: { namespace: 'flux-system', name: 'zoo' },
      spec: { suspend: false },
      status: {
        observedGeneration: 1,
        conditions: [{ type: 'Ready', status: 'False', reason: 'BuildFailed', message: 'no such file' }],
      },
    }),
  },
  {
    name: 'argo-syncs',
    sentence: 'Argo CD is in the middle of a sync.',
    kind: kindOf('argoproj.io/v1alpha1', 'applications', 'Application', 'namespace'),
    object: () => ({
      metadata: { namespace: 'argocd', name: 'zoo' },
      spec: { syncPolicy: { automated: {} } },
      status: {
        sync: { status: 'OutOfSync' },
        health: { status: 'Healthy' },
        operationState: { phase: 'Running' },
      },
    }),
  },
  {
    name: 'velero-old',
    sentence: "Velero's last good backup is old.",
    params: [number('hours', 'how old; 48 when left out')],
    kind: kindOf('velero.io/v1', 'backups', 'Backup', 'namespace'),
    object: (params, { clock }) => {
      const endedMs = clock.now() - params.number('hours', 48) * HOUR_MS;
      return {
        metadata: { namespace: 'velero', name: 'old' },
        status: { phase: 'Completed', completionTimestamp: new Date(endedMs).toISOString() },
      };
    },
  },
  {
    name: 'longhorn-rebuilds',
    sentence: 'A Longhorn volume lacks a replica.',
    kind: kindOf('longhorn.io/v1beta2', 'volumes', 'Volume', 'namespace'),
    object: () => ({
      metadata: { namespace: 'longhorn-system', name: 'pvc-zoo' },
      spec: { numberOfReplicas: 3 },
      status: { robustness: 'degraded', state: 'attached', currentNodeID: 'w-1' },
    }),
  },
  {
    name: 'ceph-sick',
    sentence: 'Ceph has data that is not where it should be.',
    kind: kindOf('ceph.rook.io/v1', 'cephclusters', 'CephCluster', 'namespace'),
    object: () => ({
      metadata: { namespace: 'rook-ceph', name: 'zoo' },
      status: {
        ceph: {
          health: 'HEALTH_WARN',
          details: {
            PG_DEGRADED: { severity: 'HEALTH_WARN', message: 'Degraded data redundancy', since: LONG_AGO },
          },
        },
      },
    }),
  },
  {
    name: 'tuppr-works',
    sentence: 'Another upgrader, tuppr, is at work on the same machines.',
    kind: kindOf('tuppr.home-operations.com/v1alpha1', 'talosupgrades', 'TalosUpgrade', 'cluster'),
    object: () => ({ metadata: { name: 'zoo' }, status: { phase: 'InProgress' } }),
  },
  {
    name: 'lease-held',
    sentence: 'A bot on another Redis is at work on the same cluster.',
    kind: kindOf('coordination.k8s.io/v1', 'leases', 'Lease', 'namespace'),
    object: () => ({
      metadata: { namespace: 'kube-system', name: 'talos-chatops' },
      spec: {
        holderIdentity: 'talos-chatops/zoo/elsewhere',
        leaseDurationSeconds: 120,
        leaseTransitions: 1,
        acquireTime: LONG_AGO,
        renewTime: LONG_AGO,
      },
    }),
  },
];

const LONGHORN = 'longhorn.io/v1beta2';

/** A volume that is well, with a replica on each of two nodes: nothing is wrong before both of them are away. */
const COPIES: FaultKind = {
  name: 'longhorn-copies',
  sentence: 'A Longhorn volume has its only copies on two nodes.',
  params: [NODE, { name: 'other', type: 'node', required: true, sentence: 'the node of the other copy' }],
  apply: ({ kubernetes: { strays } }, params) => {
    if (strays === undefined) return null;
    const nodes = [params.machine().node.name, params.machine('other').node.name];
    const undo = [
      strays.object(kindOf(LONGHORN, 'volumes', 'Volume', 'namespace'), {
        metadata: { namespace: 'longhorn-system', name: 'pvc-copied' },
        spec: { numberOfReplicas: 2 },
        status: { robustness: 'healthy', state: 'attached', currentNodeID: nodes[0] ?? '' },
      }),
      ...nodes.map((nodeID) =>
        strays.object(kindOf(LONGHORN, 'replicas', 'Replica', 'namespace'), {
          metadata: { namespace: 'longhorn-system', name: `pvc-copied-${nodeID}` },
          spec: { volumeName: 'pvc-copied', nodeID },
        }),
      ),
    ];
    return () => {
      for (const back of undo) back();
    };
  },
};

/** Applied well, by another one if its name is given. */
function kustomization(name: string, by: string | null): JsonObject & { readonly metadata: JsonObject } {
  const namespace = 'flux-system';
  const owner = 'kustomize.toolkit.fluxcd.io';
  const labels: JsonObject = by === null ? {} : { [`${owner}/name`]: by, [`${owner}/namespace`]: namespace };
  return {
    metadata: { namespace, name, labels },
    spec: { suspend: false },
    status: { observedGeneration: 1, conditions: [{ type: 'Ready', status: 'True', reason: 'Applied' }] },
  };
}

const FLUX_NESTED: FaultKind = {
  name: 'flux-nested',
  sentence:
    'A Kustomization, nested, is applied by another one, root, which undoes what people change in it.',
  params: [],
  apply: ({ kubernetes: { strays } }) => {
    if (strays === undefined) return null;
    const undo = [
      strays.object(KUSTOMIZATIONS, kustomization('root', null)),
      strays.object(KUSTOMIZATIONS, kustomization('nested', 'root')),
    ];
    // The last one that goes takes the kind with it, where it was not there before.
    return () => {
      for (const back of undo.toReversed()) back();
    };
  },
};

export const INSTALLED_FAULTS: readonly FaultKind[] = [...INSTALLED.map(fault), FLUX_NESTED, COPIES];

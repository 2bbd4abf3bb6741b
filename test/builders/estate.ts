// What a quiet Kubernetes says beside its nodes; a test changes the one thing it is about.
import type { Estate, EstateViews } from '../../src/cluster/estate/estate.ts';
import type { NodeDetail } from '../../src/cluster/estate/platform.ts';
import type { BudgetView, PodView } from '../../src/cluster/estate/pods.ts';
import { SNAPSHOT_AT } from './snapshot.ts';

const GIB = 2 ** 30;

export function aPod(changed: Partial<PodView> = {}): PodView {
  return {
    namespace: 'shop',
    name: 'web-1',
    node: 'worker-1',
    phase: 'Running',
    ready: true,
    waiting: null,
    createdAt: SNAPSHOT_AT - 3_600_000,
    deleting: false,
    labels: { app: 'web' },
    owner: { kind: 'ReplicaSet', name: 'web' },
    mirror: false,
    emptyDir: false,
    claims: [],
    requests: { cpuMilli: 500, memoryBytes: GIB },
    ...changed,
  };
}

export function aBudget(changed: Partial<BudgetView> = {}): BudgetView {
  return {
    namespace: 'shop',
    name: 'web',
    selector: { matchLabels: { app: 'web' }, matchExpressions: [] },
    disruptionsAllowed: 1,
    currentHealthy: 2,
    desiredHealthy: 1,
    expectedPods: 2,
    observed: true,
    unhealthyPods: 'if-healthy-budget',
    ...changed,
  };
}

export function aNodeDetail(name: string, changed: Partial<NodeDetail> = {}): NodeDetail {
  return {
    name,
    schedulable: true,
    ready: true,
    controlPlane: name.startsWith('cp'),
    pressures: [],
    untold: [],
    zone: null,
    allocatable: { cpuMilli: 4_000, memoryBytes: 8 * GIB, pods: 110 },
    cordonedBy: null,
    taints: name.startsWith('cp') ? ['node-role.kubernetes.io/control-plane'] : [],
    ...changed,
  };
}

const NODES = ['cp-1', 'cp-2', 'cp-3', 'worker-1', 'worker-2'];

const QUIET: EstateViews = {
  nodes: NODES.map((name) => aNodeDetail(name)),
  pods: [aPod(), aPod({ name: 'web-2', node: 'worker-2' })],
  budgets: [aBudget()],
  localVolumes: [],
  components: [
    { node: 'cp-1', component: 'kube-apiserver', version: 'v1.34.1' },
    { node: 'worker-1', component: 'kubelet', version: 'v1.34.1' },
  ],
  pendingCsrs: [],
  webhooks: [],
  apiServices: [{ name: 'v1.apps', available: true, why: '' }],
  access: [{ act: 'patch nodes', allowed: true }],
  lease: { namespace: 'kube-system', name: 'talos-chatops', seen: null },
  ownPods: { nodes: [] },
  flux: null,
  argo: null,
  velero: null,
  longhorn: null,
  ceph: null,
  otherUpgraders: [],
  health: [],
};

/** Everything answered but `silent`, and as quiet as can be but for what is changed. */
export function anEstate(
  changed: Partial<EstateViews> = {},
  silent: readonly (keyof EstateViews)[] = [],
): Estate {
  const views = { ...QUIET, ...changed };
  const why = 'forbidden';
  const answers = Object.entries(views).map(([subject, value]) => [
    subject,
    silent.some((one) => one === subject) ? { kind: 'silent', why } : { kind: 'said', value },
  ]);
  return Object.fromEntries(answers) as Estate;
}

/** The same with everything installed that a check asks about, all of it well. */
export function aFurnishedEstate(): Estate {
  return anEstate({
    flux: [
      {
        kind: 'Kustomization',
        namespace: 'flux-system',
        name: 'apps',
        suspended: false,
        state: 'ready',
        why: '',
      },
    ],
    argo: [
      {
        namespace: 'argocd',
        name: 'shop',
        sync: 'Synced',
        health: 'Healthy',
        operation: 'Succeeded',
        automated: true,
        skipped: false,
      },
    ],
    velero: {
      namespace: 'velero',
      backups: [{ name: 'nightly', phase: 'Completed', completedAt: SNAPSHOT_AT - 3_600_000 }],
      locations: [{ name: 'default', available: true, readOnly: false, isDefault: true }],
    },
    longhorn: { volumes: [], drainPolicy: null },
    ceph: [{ namespace: 'rook-ceph', name: 'rook-ceph', health: 'HEALTH_OK', details: [] }],
  });
}

// Rows about nodes, versions and the Kubernetes API itself.
import {
  apiServicesServe,
  botIsAllowed,
  csrsAreDecided,
  healthChecksHold,
  webhooksAnswer,
} from '../../src/checks/api.ts';
import { botMayMove, drainedPodsFit, nodesAreEasy } from '../../src/checks/capacity.ts';
import { componentsFit } from '../../src/checks/skew.ts';
import type { FailClosedWebhook } from '../../src/cluster/estate/platform.ts';
import { aNodeDetail, aPod } from '../builders/estate.ts';
import { SNAPSHOT_AT } from '../builders/snapshot.ts';
import type { EstateRow } from './estate-row.ts';

const webhook = (changed: Partial<FailClosedWebhook>): FailClosedWebhook => ({
  configuration: 'kyverno',
  name: 'validate.kyverno.svc',
  kind: 'validating',
  service: { namespace: 'kyverno', name: 'kyverno-svc' },
  endpointNodes: ['worker-1', 'worker-2'],
  ...changed,
});
const component = (node: string, name: string, version: string) => ({ node, component: name, version });

export const API_ROWS: readonly EstateRow[] = [
  { check: drainedPodsFit, what: 'there is room', estate: {}, level: 'ok' },
  {
    check: drainedPodsFit,
    what: 'the other nodes are full',
    estate: {
      pods: [
        aPod({ requests: { cpuMilli: 3_000, memoryBytes: 2 ** 30 } }),
        aPod({ name: 'web-2', node: 'worker-2', requests: { cpuMilli: 2_000, memoryBytes: 2 ** 30 } }),
      ],
    },
    level: 'warning',
    subject: 'worker-1',
    says: 'CPU (3.0 cores asked, 2.0 cores free)',
  },
  {
    check: drainedPodsFit,
    what: 'no other node takes pods',
    estate: { nodes: [aNodeDetail('worker-1'), aNodeDetail('worker-2', { schedulable: false })] },
    level: 'blocker',
    subject: 'worker-1',
  },
  { check: nodesAreEasy, what: 'no pressure', estate: {}, level: 'ok' },
  {
    check: nodesAreEasy,
    what: 'a disk is full',
    estate: { nodes: [aNodeDetail('worker-1', { pressures: ['DiskPressure'] })] },
    level: 'blocker',
    subject: 'worker-1',
    says: 'DiskPressure',
  },
  {
    check: nodesAreEasy,
    what: 'a kubelet has stopped telling',
    estate: { nodes: [aNodeDetail('worker-1', { untold: ['MemoryPressure', 'DiskPressure'] })] },
    level: 'unknown',
    subject: 'worker-1',
    says: 'worker-1 does not tell whether it is under pressure (MemoryPressure, DiskPressure)',
  },
  { check: botMayMove, what: 'it runs elsewhere', estate: {}, level: 'ok' },
  {
    check: botMayMove,
    what: 'it runs here once',
    estate: { ownPods: { nodes: ['worker-2'] } },
    level: 'warning',
    subject: 'worker-2',
  },
  {
    check: botMayMove,
    what: 'it runs here twice',
    estate: { ownPods: { nodes: ['worker-1', 'worker-2'] } },
    level: 'ok',
  },
  {
    check: webhooksAnswer,
    what: 'they answer from two nodes',
    estate: { webhooks: [webhook({})] },
    level: 'ok',
  },
  {
    check: webhooksAnswer,
    what: 'nobody answers',
    estate: { webhooks: [webhook({ endpointNodes: [] })] },
    level: 'blocker',
    says: 'kyverno/kyverno-svc has no ready endpoint',
  },
  {
    check: webhooksAnswer,
    what: 'one node answers',
    estate: { webhooks: [webhook({ endpointNodes: ['worker-1', 'worker-1'] })] },
    level: 'warning',
    subject: 'worker-1',
  },
  {
    check: webhooksAnswer,
    what: 'it is called by URL',
    estate: { webhooks: [webhook({ service: null, endpointNodes: null })] },
    level: 'unknown',
    says: 'answers cannot be known from here: it is called by URL',
  },
  { check: apiServicesServe, what: 'all are served', estate: {}, level: 'ok' },
  {
    check: apiServicesServe,
    what: 'metrics are not',
    estate: { apiServices: [{ name: 'v1beta1.metrics.k8s.io', available: false, why: 'MissingEndpoints' }] },
    level: 'warning',
    says: 'MissingEndpoints',
  },
  { check: csrsAreDecided, what: 'none waits', estate: {}, level: 'ok' },
  {
    check: csrsAreDecided,
    what: 'a kubelet waits',
    estate: {
      pendingCsrs: [
        {
          name: 'csr-1',
          signer: 'kubernetes.io/kubelet-serving',
          requester: 'system:node:worker-1',
          createdAt: SNAPSHOT_AT,
        },
      ],
    },
    level: 'warning',
    says: 'worker-1',
  },
  { check: botIsAllowed, what: 'it may', estate: {}, level: 'ok' },
  {
    check: botIsAllowed,
    what: 'it may not evict',
    estate: {
      access: [
        { act: 'patch nodes', allowed: true },
        { act: 'create pods/eviction', allowed: false },
      ],
    },
    level: 'blocker',
    says: 'create pods/eviction',
  },
  { check: healthChecksHold, what: 'there are none', estate: {}, level: 'ok' },
  {
    check: healthChecksHold,
    what: 'one fails',
    estate: {
      health: [{ name: 'db', verdict: 'unhealthy', detail: 'status.ready is false', timeoutMs: 600_000 }],
    },
    level: 'blocker',
    subject: 'db',
    says: 'status.ready is false',
  },
  {
    check: healthChecksHold,
    what: 'one cannot be told',
    estate: {
      health: [{ name: 'db', verdict: 'unknown', detail: 'no such field: status.ready', timeoutMs: 600_000 }],
    },
    level: 'unknown',
  },
  { check: componentsFit, what: 'all the same', estate: {}, level: 'ok', says: 'v1.34.1 everywhere' },
  {
    check: componentsFit,
    what: 'a kubelet is ahead of an API server',
    estate: {
      components: [
        component('cp-1', 'kube-apiserver', 'v1.34.1'),
        component('cp-2', 'kube-apiserver', 'v1.33.5'),
        component('worker-1', 'kubelet', 'v1.34.1'),
      ],
    },
    level: 'blocker',
    subject: 'worker-1',
    says: 'newer than the kube-apiserver on cp-2',
  },
  {
    check: componentsFit,
    what: 'a kubelet is four minors behind',
    estate: {
      components: [
        component('cp-1', 'kube-apiserver', 'v1.34.1'),
        component('worker-1', 'kubelet', 'v1.30.9'),
      ],
    },
    level: 'blocker',
    says: '4 minor versions behind',
  },
  {
    check: componentsFit,
    what: 'a scheduler is two minors behind',
    estate: {
      components: [
        component('cp-1', 'kube-apiserver', 'v1.34.1'),
        component('cp-1', 'kube-scheduler', 'v1.32.9'),
      ],
    },
    level: 'blocker',
  },
  {
    check: componentsFit,
    what: 'an upgrade is under way within the rules',
    estate: {
      components: [
        component('cp-1', 'kube-apiserver', 'v1.34.1'),
        component('worker-1', 'kubelet', 'v1.33.5'),
      ],
    },
    level: 'warning',
    says: 'v1.33.5, v1.34.1',
  },
  {
    check: componentsFit,
    what: 'a tag is no version',
    estate: { components: [component('cp-1', 'kube-apiserver', 'latest')] },
    level: 'unknown',
    says: 'latest',
  },
  {
    check: componentsFit,
    what: 'no API server was seen',
    estate: { components: [component('worker-1', 'kubelet', 'v1.34.1')] },
    level: 'unknown',
  },
];

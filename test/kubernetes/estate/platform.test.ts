// Nodes and what extends the API as they come, and what the checks see of them.
import { describe, expect, it } from 'vitest';
import {
  apiServiceView,
  componentOf,
  endpointNodes,
  failClosedWebhooks,
  kubeletOf,
  nodeDetail,
  pendingCsr,
} from '../../../src/kubernetes/estate/platform.ts';
import { clusterApiFound } from '../../../src/kubernetes/estate/upgraders.ts';

describe('a node', () => {
  const node = {
    metadata: {
      name: 'w-1',
      labels: { 'topology.kubernetes.io/zone': 'a' },
      annotations: { 'cluster.x-k8s.io/machine': 'm-1' },
      managedFields: [
        { manager: 'kubelet', fieldsV1: { 'f:status': {} } },
        { manager: 'kubectl-cordon', fieldsV1: { 'f:spec': { 'f:unschedulable': {} } } },
      ],
    },
    spec: {
      unschedulable: true,
      taints: [
        { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' },
        { key: 'gpu', effect: 'NoSchedule' },
        { key: 'slow', effect: 'PreferNoSchedule' },
      ],
    },
    status: {
      allocatable: { cpu: '3920m', memory: '7Gi', pods: '110' },
      conditions: [
        { type: 'Ready', status: 'True' },
        { type: 'DiskPressure', status: 'True' },
        { type: 'PIDPressure', status: 'False' },
        { type: 'MemoryPressure', status: 'Unknown' },
      ],
      nodeInfo: {
        kubeletVersion: 'v1.34.1',
        architecture: 'amd64',
        bootID: '',
        containerRuntimeVersion: '',
        kernelVersion: '',
        kubeProxyVersion: '',
        machineID: '',
        operatingSystem: 'linux',
        osImage: '',
        systemUUID: '',
      },
    },
  };

  it('shows its room, its troubles and who cordoned it', () => {
    expect(nodeDetail(node)).toEqual({
      name: 'w-1',
      schedulable: false,
      ready: true,
      controlPlane: false,
      pressures: ['DiskPressure'],
      untold: ['MemoryPressure'],
      zone: 'a',
      allocatable: { cpuMilli: 3_920, memoryBytes: 7 * 2 ** 30, pods: 110 },
      cordonedBy: 'kubectl-cordon',
      taints: ['gpu'],
    });
  });

  it('says so when Talos cordoned it', () => {
    const annotations = { 'talos.dev/cordoned': 'true' };
    const marked = { ...node, metadata: { ...node.metadata, annotations } };
    expect(nodeDetail(marked).cordonedBy).toBe('Talos');
    expect(nodeDetail({ ...marked, spec: {} }).cordonedBy).toBeNull();
  });

  it('may be a machine of Cluster API', () => {
    expect(clusterApiFound([node, { metadata: { name: 'w-2' } }])).toMatchObject([
      { kind: 'cluster-api', detail: '1 of 2 nodes are its machines' },
    ]);
    expect(clusterApiFound([{ metadata: { name: 'w-2' } }])).toEqual([]);
  });

  it('shows its kubelet, and pods of the control plane show their image’s tag', () => {
    const server = {
      metadata: {
        namespace: 'kube-system',
        name: 'kube-apiserver-cp-1',
        labels: { 'k8s-app': 'kube-apiserver' },
        annotations: { 'kubernetes.io/config.mirror': 'x' },
      },
      spec: {
        nodeName: 'cp-1',
        containers: [{ name: 'kube-apiserver', image: 'registry:5000/kube-apiserver:v1.34.1@sha256:00' }],
      },
    };
    const impostor = {
      ...server,
      metadata: { namespace: 'kube-system', labels: { 'k8s-app': 'kube-apiserver' } },
    };
    expect([kubeletOf(node), componentOf(server), componentOf(impostor)]).toEqual([
      { node: 'w-1', component: 'kubelet', version: 'v1.34.1' },
      { node: 'cp-1', component: 'kube-apiserver', version: 'v1.34.1' },
      null,
    ]);
  });
});

describe('what extends the API', () => {
  const configuration = {
    metadata: { name: 'kyverno' },
    webhooks: [
      {
        name: 'pods',
        failurePolicy: 'Fail',
        rules: [{ apiGroups: [''], resources: ['pods'] }],
        clientConfig: { service: { namespace: 'kyverno', name: 'svc' } },
      },
      { name: 'lenient', failurePolicy: 'Ignore', rules: [{ apiGroups: ['*'], resources: ['*'] }] },
      { name: 'ingresses', rules: [{ apiGroups: ['networking.k8s.io'], resources: ['ingresses'] }] },
      {
        name: 'everything',
        rules: [{ apiGroups: ['*'], resources: ['*/*'] }],
        clientConfig: { url: 'https://x' },
      },
    ],
  };

  it('is a webhook that fails closed and is asked about pods or nodes', () => {
    expect(failClosedWebhooks(configuration, 'validating')).toEqual([
      {
        configuration: 'kyverno',
        name: 'pods',
        kind: 'validating',
        service: { namespace: 'kyverno', name: 'svc' },
      },
      { configuration: 'kyverno', name: 'everything', kind: 'validating', service: null },
    ]);
  });

  it('answers from the nodes of its ready endpoints', () => {
    const slice = {
      metadata: { namespace: 'kyverno', name: 'svc-x', labels: { 'kubernetes.io/service-name': 'svc' } },
      endpoints: [
        { nodeName: 'w-1', conditions: { ready: true } },
        { nodeName: 'w-2', conditions: { ready: false } },
        { addresses: ['192.0.2.1'] },
      ],
    };
    expect(endpointNodes([slice]).get('kyverno/svc')).toEqual(['w-1', '192.0.2.1']);
  });

  it('is available or says why not', () => {
    const condition = { type: 'Available', status: 'False', reason: 'MissingEndpoints', message: '' };
    expect(apiServiceView({ metadata: { name: 'v1.apps' }, status: { conditions: [condition] } })).toEqual({
      name: 'v1.apps',
      available: false,
      why: 'MissingEndpoints',
    });
    expect(apiServiceView({ metadata: { name: 'v1.apps' } }).available).toBe(false);
  });

  it('leaves certificates undecided', () => {
    const spec = { signerName: 'kubernetes.io/kubelet-serving', username: 'system:node:w-1' };
    const csr = { metadata: { name: 'csr-1', creationTimestamp: '2026-11-20T15:00:00Z' }, spec };
    expect(pendingCsr(csr)).toEqual({
      name: 'csr-1',
      signer: spec.signerName,
      requester: spec.username,
      createdAt: Date.UTC(2026, 10, 20, 15),
    });
    expect(pendingCsr({ ...csr, status: { conditions: [{ type: 'Approved', status: 'True' }] } })).toBeNull();
  });
});

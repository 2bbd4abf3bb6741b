// What every implementation of the port EstateReader reads, told against a simulated cluster or a real API.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { JsonObject } from '../../playground/world/kubernetes/patch.ts';
import { systemClock } from '../../src/clock.ts';
import type { Estate, EstateSubject } from '../../src/cluster/estate/estate.ts';
import { takeEstate } from '../../src/engine/estate.ts';
import type { Kubernetes, KubernetesSettings } from '../../src/kubernetes/open.ts';
import { nameAsIs } from './cluster-hands.ts';
import { describeOperators } from './estate-operators.contract.ts';
import { builtIn, type EstateUnderTest, type Get, told } from './estate-under-test.ts';
import { aSigningRequest } from './signing-request.ts';

const WEBHOOKS = builtIn(
  'admissionregistration.k8s.io',
  'validatingwebhookconfigurations',
  'ValidatingWebhookConfiguration',
);
const SLICES = { ...builtIn('discovery.k8s.io', 'endpointslices', 'EndpointSlice'), namespaced: true };
const CSRS = builtIn('certificates.k8s.io', 'certificatesigningrequests', 'CertificateSigningRequest');
const API_SERVICES = builtIn('apiregistration.k8s.io', 'apiservices', 'APIService');
const VOLUMES = builtIn('', 'persistentvolumes', 'PersistentVolume');

function describePlatform(get: Get): void {
  const n = nameAsIs(() => get().under);

  it('is read whole, and says the same in small pages', async () => {
    const [whole, paged] = [await get().taken(), await get().taken({ pageSize: 2 })];
    for (const subject of Object.keys(whole) as EstateSubject[])
      expect(whole[subject]).toMatchObject({ kind: 'said' });
    const ours = (estate: Estate) => ({
      nodes: told(estate, 'nodes').filter(({ name }) => ['cp-1', 'w-1', 'w-2'].map(n).includes(name)),
      pods: told(estate, 'pods').filter(({ namespace }) => namespace === n('shop')),
      budgets: told(estate, 'budgets').filter(({ namespace }) => namespace === n('shop')),
    });
    expect(ours(paged)).toEqual(ours(whole));
    expect(ours(whole)).toMatchObject({ nodes: { length: 3 }, pods: { length: 5 } });
  });

  it('has the size of nodes, who is on them and in which version', async () => {
    await get().under.objects.setUnschedulable(n('w-1'), true);
    const estate = await get().taken();
    const node = (name: string) => told(estate, 'nodes').find((one) => one.name === n(name));
    expect(node('cp-1')).toMatchObject({ controlPlane: true, ready: true, schedulable: true, pressures: [] });
    expect(node('w-1')).toMatchObject({
      schedulable: false,
      allocatable: { cpuMilli: 4_000, memoryBytes: 8_141_380 * 1_024, pods: 110 },
    });
    const pods = told(estate, 'pods').filter(({ namespace }) => namespace === n('shop'));
    const cache = pods.filter(({ name }) => name.startsWith('cache'));
    expect(cache).toMatchObject([{ emptyDir: true, phase: 'Running', ready: true }, { emptyDir: true }]);
    expect(cache[0]?.owner?.kind).toBe('ReplicaSet');
    const versions = told(estate, 'components').filter(({ node: at }) => at === n('cp-1'));
    expect(versions).toContainEqual({ node: n('cp-1'), component: 'kubelet', version: 'v1.35.4' });
    expect(versions).toContainEqual({ node: n('cp-1'), component: 'kube-apiserver', version: 'v1.35.4' });
  });

  it('has who cordoned a node: what the bot writes to it is put down to the bot', async () => {
    const { workloads } = get().under.open();
    try {
      await workloads.cordon(n('w-1'), 'rollout-1');
    } finally {
      await workloads.close();
    }
    const node = told(await get().taken(), 'nodes').find(({ name }) => name === n('w-1'));
    expect(node?.cordonedBy).toBe('talos-chatops');
  });

  it('has what budgets allow, as their status says', async () => {
    const web = async () =>
      told(await get().taken(), 'budgets').find(
        ({ namespace, name }) => namespace === n('shop') && name === 'web',
      );
    expect(await web()).toMatchObject({
      ...{ disruptionsAllowed: 2, currentHealthy: 3, expectedPods: 3, observed: true },
      selector: { matchLabels: { app: 'web' } },
    });
    await get().under.objects.blockBudget(null);
    expect(await web()).toMatchObject({ disruptionsAllowed: 0, desiredHealthy: 3, observed: true });
  });

  it('knows what the bot may do', async () => {
    const access = told(await get().taken(), 'access');
    expect(access.map(({ act }) => act)).toContain('create pods/eviction');
    expect(access.filter(({ allowed }) => !allowed)).toEqual([]);
  });

  it('finds the bot’s own pod', async () => {
    const pods = told(await get().taken(), 'pods');
    const mine = pods.find(({ namespace, name }) => namespace === n('shop') && name.startsWith('web'));
    if (mine === undefined) throw new Error('no pod of web');
    const own = await get().taken({ ownPod: { namespace: mine.namespace, name: mine.name } });
    expect(told(own, 'ownPods').nodes).toContain(mine.node);
  });

  it('has local volumes, requests nobody decided, and parts of the API that nobody serves', async () => {
    const { objects } = get().under;
    const nodeSelectorTerms = [
      { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [n('w-1')] }] },
    ];
    await objects.put(VOLUMES, {
      metadata: { name: n('disk') },
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        local: { path: '/var/mnt/disk' },
        claimRef: { namespace: n('shop'), name: 'data' },
        nodeAffinity: { required: { nodeSelectorTerms } },
      },
    });
    await objects.put(CSRS, {
      metadata: { name: n('csr') },
      spec: {
        request: await aSigningRequest(n('w-1')),
        signerName: 'kubernetes.io/kubelet-serving',
        usages: ['digital signature', 'server auth'],
        username: `system:node:${n('w-1')}`,
      },
    });
    const name = `v1.${n('nobody')}.example`;
    const away = { type: 'Available', status: 'False', reason: 'ServiceNotFound', message: 'nobody' };
    await objects.put(API_SERVICES, {
      metadata: { name },
      spec: {
        ...{ group: `${n('nobody')}.example`, version: 'v1', insecureSkipTLSVerify: true },
        ...{ groupPriorityMinimum: 100, versionPriority: 100 },
        service: { namespace: n('shop'), name: 'nobody' },
      },
      status: { conditions: [away] },
    });
    // A real API looks for the service first.
    await vi.waitFor(
      async () => {
        const service = told(await get().taken(), 'apiServices').find((one) => one.name === name);
        expect(service).toMatchObject({ available: false, why: expect.not.stringContaining('not looked') });
      },
      { timeout: 10_000, interval: 100 },
    );
    const estate = await get().taken();
    expect(told(estate, 'localVolumes')).toContainEqual({
      ...{ name: n('disk'), claim: { namespace: n('shop'), name: 'data' }, hostnames: [n('w-1')] },
    });
    expect(told(estate, 'pendingCsrs')).toContainEqual(
      expect.objectContaining({ name: n('csr'), signer: 'kubernetes.io/kubelet-serving' }),
    );
  });

  it('has webhooks that refuse when nobody answers, and the nodes they answer from', async () => {
    const { objects } = get().under;
    const webhook = (service: string): JsonObject => ({
      name: `${service}.example.com`,
      clientConfig: { service: { namespace: n('shop'), name: service } },
      rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
      // In a real cluster nothing may be held up by it.
      objectSelector: { matchLabels: { 'talos-chatops.dev/nothing': 'has-this' } },
      ...{ sideEffects: 'None', admissionReviewVersions: ['v1'] },
    });
    await objects.put(WEBHOOKS, {
      metadata: { name: n('guard') },
      webhooks: [webhook('there'), webhook('away'), { ...webhook('lax'), failurePolicy: 'Ignore' }],
    });
    await objects.put(SLICES, {
      metadata: {
        ...{ namespace: n('shop'), name: 'there-1', labels: { 'kubernetes.io/service-name': 'there' } },
      },
      addressType: 'IPv4',
      endpoints: [
        { addresses: ['10.244.0.9'], nodeName: n('w-1'), conditions: { ready: true } },
        { addresses: ['10.244.0.8'], nodeName: n('w-2'), conditions: { ready: false } },
      ],
    });
    const found = told(await get().taken(), 'webhooks').filter(
      ({ configuration }) => configuration === n('guard'),
    );
    expect(found.map(({ service, endpointNodes }) => [service?.name, endpointNodes])).toEqual([
      ['there', [n('w-1')]],
      ['away', null],
    ]);
  });
}

/** Runs the suite; `start` makes a fresh cluster each time. */
export function describeEstate(name: string, start: () => Promise<EstateUnderTest>): void {
  describe(`EstateReader: ${name}`, () => {
    let current: EstateUnderTest | null = null;
    const opened: Kubernetes[] = [];
    const get: Get = () => {
      if (current === null) throw new Error('the cluster has not been started');
      const under = current;
      const taken = (settings?: Partial<KubernetesSettings>): Promise<Estate> => {
        const kubernetes = under.open(settings);
        opened.push(kubernetes);
        return takeEstate(kubernetes.estate, systemClock);
      };
      return { under, taken };
    };
    beforeEach(async () => {
      current = await start();
    });
    afterEach(async () => {
      await Promise.all(opened.splice(0).map(({ workloads }) => workloads.close()));
      await current?.stop();
      current = null;
    });
    describe('the platform', () => describePlatform(get));
    describe('what operators install', () => describeOperators(get));
  });
}

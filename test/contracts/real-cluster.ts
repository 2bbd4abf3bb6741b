// The simulator's default cluster on a real kube-apiserver: nodes and pods without machines, moved as kubelets and controllers do.
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { BudgetSpec } from '../../playground/world/kubernetes/default-workloads.ts';
import type { JsonObject } from '../../playground/world/kubernetes/patch.ts';
import type { ShelvedKind } from '../../playground/world/kubernetes/shelf.ts';
import type { EstateHands } from './estate-under-test.ts';
import { idleDaemonSet } from './idle-daemon-set.ts';
import type { RealApi } from './real-api.ts';

const NODES = ['cp-1', 'cp-2', 'cp-3', 'w-1', 'w-2', 'w-3'];
const VERSION = 'v1.35.4';
const STATIC = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];
/** Milliseconds between two looks of the kubelet that plays for all nodes. */
const KUBELET_MS = 20;
/** Ten seconds for a definition to be served: it takes one or two. */
const MOST_LOOKS = 100;
const LOOK_MS = 100;
const NOW = '2026-01-01T00:00:00Z';

interface Pod {
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
}

export class RealCluster implements EstateHands {
  readonly #api: RealApi;
  readonly #suffix = randomBytes(3).toString('hex');
  readonly #pods: Pod[] = [];
  /** What was put there by path, to be taken away in reverse. */
  readonly #put: string[] = [];
  #terminationMs = 20;
  #kubelet: NodeJS.Timeout | null = null;
  #round: Promise<void> = Promise.resolve();
  #budget = { name: 'web', pods: 3 };

  constructor(api: RealApi) {
    this.#api = api;
  }

  /** Namespaces that every cluster has keep their names. */
  called(name: string): string {
    return name === 'kube-system' ? name : `${name}-${this.#suffix}`;
  }

  async build(): Promise<void> {
    const shop = this.called('shop');
    await this.#api.must('POST', '/api/v1/namespaces', { metadata: { name: shop } });
    // Its controller may not be there, and pods need it.
    await this.#api.must('POST', `/api/v1/namespaces/${shop}/serviceaccounts`, {
      metadata: { name: 'default' },
    });
    await Promise.all(NODES.map((name, index) => this.#addNode(name, index)));
    await Promise.all([
      ...['w-1', 'w-2', 'w-3'].map((node) => this.#addPod('shop', 'web', node)),
      ...['w-1', 'w-2'].map((node) => this.#addPod('shop', 'cache', node, { emptyDir: true })),
      ...NODES.map((node) => this.#addPod('kube-system', 'kube-flannel', node, { owner: 'DaemonSet' })),
      this.#addDaemonSet('kube-system', 'kube-flannel'),
      ...['cp-1', 'cp-2', 'cp-3'].flatMap((node) =>
        STATIC.map((component) => this.#addPod('kube-system', component, node, { mirror: true })),
      ),
    ]);
    await this.addBudget({ namespace: shop, name: 'web', app: 'web', limits: { minAvailable: 1 } });
    this.#kubelet = setInterval(() => {
      this.#round = this.#round.then(() => this.#endPods()).catch(() => undefined);
    }, KUBELET_MS);
  }

  async takeAway(): Promise<void> {
    if (this.#kubelet !== null) clearInterval(this.#kubelet);
    await this.#round;
    for (const path of this.#put.toReversed()) await this.#api.must('DELETE', path);
    const gone = { gracePeriodSeconds: 0 };
    await Promise.all(this.#pods.map((pod) => this.#api.must('DELETE', pathOf(pod), gone)));
    await Promise.all(NODES.map((name) => this.#api.must('DELETE', this.#nodePath(name))));
    const shop = `/api/v1/namespaces/${this.called('shop')}`;
    await this.#api.must(
      'DELETE',
      `/apis/policy/v1/namespaces/${this.called('shop')}/poddisruptionbudgets/web`,
    );
    await this.#api.must('DELETE', shop);
    // Where no controller empties namespaces, this one is empty and may go at once.
    await this.#api.ask('PUT', `${shop}/finalize`, {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: this.called('shop') },
      spec: { finalizers: [] },
    });
  }

  async setNodeReady(name: string, ready: boolean): Promise<void> {
    const condition = {
      ...{ type: 'Ready', status: ready ? 'True' : 'False', reason: 'Told', message: '' },
      ...{ lastHeartbeatTime: NOW, lastTransitionTime: NOW },
    };
    await this.#patch(`/api/v1/nodes/${name}/status`, { status: { conditions: [condition] } });
    await Promise.all(this.#pods.filter(({ node }) => node === name).map((pod) => this.#run(pod, ready)));
  }

  async rebooted(name: string, bootId: string): Promise<void> {
    await this.#patch(`/api/v1/nodes/${name}/status`, { status: { nodeInfo: { bootID: bootId } } });
  }

  async setUnschedulable(name: string, value: boolean): Promise<void> {
    await this.#patch(`/api/v1/nodes/${name}`, { spec: { unschedulable: value || null } });
  }

  setTimings({ terminationMs }: { readonly terminationMs: number }): void {
    this.#terminationMs = terminationMs;
  }

  async addBudget({ namespace, name, app, limits }: BudgetSpec): Promise<void> {
    const path = `/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets`;
    await this.#api.must('POST', path, {
      metadata: { namespace, name },
      spec: { ...limits, selector: { matchLabels: { app } } },
    });
    await this.#observed(namespace, name, 1);
  }

  blockBudget(): Promise<void> {
    return this.#limit({ minAvailable: '100%' }, this.#budget.pods);
  }

  unblockBudget(): Promise<void> {
    return this.#limit({ minAvailable: 1 }, 1);
  }

  async terminateNamespace(name: string): Promise<void> {
    await this.#api.must('DELETE', `/api/v1/namespaces/${name}`);
  }

  /** A definition that is there already is somebody's, and stays. */
  async install({ group, version, plural, kind, namespaced }: ShelvedKind): Promise<void> {
    const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    const name = `${plural}.${group}`;
    const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
    const { code } = await this.#api.ask('POST', definitions, {
      metadata: { name },
      spec: {
        group,
        names: { plural, kind, singular: kind.toLowerCase(), listKind: `${kind}List` },
        scope: namespaced ? 'Namespaced' : 'Cluster',
        versions: [{ name: version, served: true, storage: true, schema }],
      },
    });
    if (code === 201) this.#put.push(`${definitions}/${name}`);
    await this.#served(`/apis/${group}/${version}/${plural}`, group);
  }

  async put({ group, version, plural, kind, namespaced }: ShelvedKind, object: JsonObject): Promise<void> {
    const { namespace, name } = object['metadata'] as { readonly namespace?: string; readonly name: string };
    const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
    const path = namespaced ? `${root}/namespaces/${namespace}/${plural}` : `${root}/${plural}`;
    const apiVersion = group === '' ? version : `${group}/${version}`;
    await this.#api.must('POST', path, { apiVersion, kind, ...object });
    this.#put.push(`${path}/${name}`);
  }

  /** A kind is served, and told of, some moments after its definition. */
  async #served(path: string, group: string): Promise<void> {
    for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
      const [list, told] = [await this.#api.ask('GET', path), await this.#api.ask('GET', `/apis/${group}`)];
      if (list.code === 200 && told.code === 200) return;
      await pause(LOOK_MS);
    }
    throw new Error(`${path} was not served within ${(MOST_LOOKS * LOOK_MS) / 1_000} s`);
  }

  #nodePath(name: string): string {
    return `/api/v1/nodes/${this.called(name)}`;
  }

  async #patch(path: string, body: object): Promise<unknown> {
    return this.#api.must('PATCH', path, body);
  }

  async #addNode(name: string, index: number): Promise<void> {
    const labels = name.startsWith('cp') ? { 'node-role.kubernetes.io/control-plane': '' } : {};
    await this.#api.must('POST', '/api/v1/nodes', {
      metadata: {
        name: this.called(name),
        labels: { ...labels, 'kubernetes.io/hostname': this.called(name) },
      },
    });
    await this.#patch(`${this.#nodePath(name)}/status`, {
      status: {
        addresses: [{ type: 'InternalIP', address: `127.40.0.${index + 1}` }],
        allocatable: { cpu: '4', memory: '8141380Ki', pods: '110' },
        nodeInfo: { kubeletVersion: VERSION, bootID: `boot-of-${name}` },
      },
    });
    await this.setNodeReady(this.called(name), true);
  }

  /** A name that nobody's own DaemonSet has: a cluster may well have a Flannel. */
  #ownerOf(app: string): string {
    return `${app}-${this.#suffix}`;
  }

  removeDaemonSet = async (namespace: string, name: string): Promise<void> => {
    const path = `/apis/apps/v1/namespaces/${this.called(namespace)}/daemonsets/${this.#ownerOf(name)}`;
    await this.#api.must('DELETE', `${path}?propagationPolicy=Background`);
  };

  async #addDaemonSet(namespace: string, app: string): Promise<void> {
    const path = `/apis/apps/v1/namespaces/${this.called(namespace)}/daemonsets`;
    const name = this.#ownerOf(app);
    this.#put.push(`${path}/${name}`);
    await this.#api.must('POST', path, idleDaemonSet(name));
  }

  async #addPod(
    namespace: string,
    app: string,
    node: string,
    {
      emptyDir = false,
      mirror = false,
      owner = 'ReplicaSet',
    }: { readonly emptyDir?: boolean; readonly mirror?: boolean; readonly owner?: string } = {},
  ): Promise<void> {
    const pod: Pod = {
      namespace: this.called(namespace),
      name: `${app}-${this.called(node)}`,
      node: this.called(node),
    };
    this.#pods.push(pod);
    const kind = mirror ? 'Node' : owner;
    const ownerName = mirror ? pod.node : owner === 'DaemonSet' ? this.#ownerOf(app) : app;
    await this.#api.must('POST', pathOf({ ...pod, name: '' }).replace(/\/$/, ''), {
      metadata: {
        ...{ namespace: pod.namespace, name: pod.name, labels: { app, 'k8s-app': app } },
        annotations: mirror ? { 'kubernetes.io/config.mirror': 'x' } : {},
        ownerReferences: [
          {
            ...{ apiVersion: mirror ? 'v1' : 'apps/v1', kind, name: ownerName },
            ...{ uid: 'nobody', controller: true },
          },
        ],
      },
      spec: {
        nodeName: pod.node,
        // Nobody sends them away but the tests; only daemons are placed on a cordoned node.
        tolerations: [{ operator: 'Exists', ...(kind === 'DaemonSet' ? {} : { effect: 'NoExecute' }) }],
        containers: [{ name: app, image: `registry.example/${app}:${VERSION}` }],
        ...(emptyDir ? { volumes: [{ name: 'scratch', emptyDir: {} }] } : {}),
      },
    });
    await this.#run(pod, true);
  }

  async #run(pod: Pod, ready: boolean): Promise<void> {
    const conditions = [{ type: 'Ready', status: ready ? 'True' : 'False' }];
    await this.#api.ask('PATCH', `${pathOf(pod)}/status`, { status: { phase: 'Running', conditions } });
  }

  async #limit(limits: object, desired: number): Promise<void> {
    const namespace = this.called('shop');
    const path = `/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets/${this.#budget.name}`;
    await this.#patch(path, { spec: limits });
    await this.#observed(namespace, this.#budget.name, desired);
  }

  /** What the disruption controller would have counted. */
  async #observed(namespace: string, name: string, desired: number): Promise<void> {
    const path = `/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets/${name}`;
    const found = (await this.#api.must('GET', path)) as {
      readonly metadata: { readonly generation: number };
    };
    const { pods } = this.#budget;
    await this.#patch(`${path}/status`, {
      status: {
        observedGeneration: found.metadata.generation,
        disruptionsAllowed: pods - desired,
        currentHealthy: pods,
        desiredHealthy: desired,
        expectedPods: pods,
      },
    });
  }

  /** Ends pods that are being deleted, as kubelets do. */
  async #endPods(): Promise<void> {
    for (const pod of this.#pods) {
      if (pod.namespace !== this.called('shop') || this.#terminationMs > 1_000) continue;
      const { code, body } = await this.#api.ask('GET', pathOf(pod));
      const { metadata } = body as { readonly metadata?: { readonly deletionTimestamp?: string } };
      if (code === 200 && metadata?.deletionTimestamp !== undefined)
        await this.#api.ask('DELETE', pathOf(pod), { gracePeriodSeconds: 0 });
    }
  }
}

function pathOf({ namespace, name }: Pod): string {
  return `/api/v1/namespaces/${namespace}/pods/${name}`;
}

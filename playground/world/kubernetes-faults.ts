/** Faults of Kubernetes that a pre-flight must see: nodes, pods, and what stands before or beside its API. */
import { type FaultKind, type FaultValues, type Heal, NODE, text } from './fault.ts';
import type { NodeObject } from './kubernetes/objects.ts';
import type { JsonObject } from './kubernetes/patch.ts';
import type { ShelvedKind } from './kubernetes/shelf.ts';
import type { StrayPod, Strays } from './kubernetes/strays.ts';
import type { World } from './world.ts';

/** Does something to the API; nothing where there is none. */
function left(world: World, leave: (strays: Strays) => Heal): Heal {
  const { strays } = world.kubernetes;
  return strays === undefined ? null : leave(strays);
}

/** A pod of the shop that gives trouble in one way. */
function pod(world: World, params: FaultValues, trouble: Omit<StrayPod, 'namespace' | 'node'>): Heal {
  const node = params.machine().node.name;
  return left(world, (strays) => strays.pod({ namespace: 'shop', node, ...trouble }));
}

function withCondition(node: NodeObject, type: string, status: 'True' | 'False'): NodeObject {
  const conditions = node.status.conditions.map((one) => (one.type === type ? { ...one, status } : one));
  return { ...node, status: { ...node.status, conditions } };
}

function withKubelet(node: NodeObject, kubeletVersion: string): NodeObject {
  return {
    ...node,
    status: { ...node.status, nodeInfo: { ...node.status.nodeInfo, kubeletVersion } },
  };
}

function withLabel(node: NodeObject, label: string, value: string | null): NodeObject {
  const { [label]: _before, ...others } = node.metadata.labels ?? {};
  const labels = value === null ? others : { ...others, [label]: value };
  return { ...node, metadata: { ...node.metadata, labels } };
}

const VOLUMES: ShelvedKind = {
  group: '',
  version: 'v1',
  plural: 'persistentvolumes',
  kind: 'PersistentVolume',
  namespaced: false,
};

function localVolume(node: string): JsonObject & { readonly metadata: JsonObject } {
  const there = { key: 'kubernetes.io/hostname', operator: 'In', values: [node] };
  return {
    metadata: { name: 'disk' },
    spec: {
      claimRef: { namespace: 'shop', name: 'data' },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [there] }] } },
    },
  };
}

const ON = { ...NODE, sentence: 'the node it runs on' };

export const KUBERNETES_FAULTS: readonly FaultKind[] = [
  {
    name: 'kubernetes-away',
    sentence: 'The Kubernetes API does not answer, though the machines are well.',
    params: [],
    apply: (world) => {
      world.kubernetesAway = true;
      return () => {
        world.kubernetesAway = false;
      };
    },
  },
  {
    name: 'node-pressure',
    sentence: 'A node is short of memory, disk or process ids.',
    params: [NODE, text('condition', 'DiskPressure (when left out), MemoryPressure or PIDPressure')],
    apply: (world, params) => {
      const type = params.oneOf('condition', ['DiskPressure', 'MemoryPressure', 'PIDPressure']);
      const { name } = params.machine().node;
      return left(world, (strays) =>
        strays.node(
          name,
          (node) => withCondition(node, type, 'True'),
          (node) => withCondition(node, type, 'False'),
        ),
      );
    },
  },
  {
    name: 'cordoned',
    sentence: 'Somebody cordoned a node.',
    params: [NODE],
    apply: (world, params) => {
      const { name } = params.machine().node;
      world.kubernetes.setUnschedulable(name, true);
      return () => world.kubernetes.setUnschedulable(name, false);
    },
  },
  {
    name: 'node-labelled',
    sentence: 'Somebody put a label on a node.',
    params: [NODE, text('label', 'its key; sick when left out')],
    apply: (world, params) => {
      const label = params.text('label', 'sick');
      const { name } = params.machine().node;
      return left(world, (strays) =>
        strays.node(
          name,
          (node) => withLabel(node, label, 'true'),
          (node) => withLabel(node, label, null),
        ),
      );
    },
  },
  {
    name: 'stale-node',
    sentence: 'Kubernetes still has a Node, w-gone, whose machine is gone.',
    params: [],
    apply: (world) => left(world, (strays) => strays.staleNode('w-gone', world.nodes.at(-1)?.name ?? '')),
  },
  {
    name: 'kubelet-version',
    sentence: 'The kubelet of a node runs another version than the rest of Kubernetes.',
    params: [NODE, text('version', 'such as v1.99.0, which is the one when left out')],
    apply: (world, params) => {
      const { name } = params.machine().node;
      const { kubernetesVersion } = world.settings;
      return left(world, (strays) =>
        strays.node(
          name,
          (node) => withKubelet(node, params.text('version', 'v1.99.0')),
          (node) => withKubelet(node, kubernetesVersion),
        ),
      );
    },
  },
  {
    name: 'static-pod-sick',
    sentence: 'A static pod of the control plane is not ready on one node.',
    params: [NODE, text('component', 'such as kube-apiserver; kube-scheduler when left out')],
    apply: (world, params) => {
      const name = `${params.text('component', 'kube-scheduler')}-${params.machine().node.name}`;
      const sick = { type: 'Ready', status: 'False' } as const;
      return left(world, (strays) =>
        strays.pods(
          ({ metadata }) => metadata.name === name,
          (one) => {
            const conditions = one.status.conditions.map((condition) =>
              condition.type === sick.type ? { ...condition, ...sick } : condition,
            );
            return { ...one, status: { ...one.status, conditions } };
          },
        ),
      );
    },
  },
  {
    name: 'pod-crashes',
    sentence: 'A pod crashes again and again.',
    params: [ON, text('namespace', 'its namespace; shop when left out')],
    apply: (world, params) => {
      const namespace = params.text('namespace', 'shop');
      const crashing = { ready: false, waiting: 'CrashLoopBackOff', owner: 'DaemonSet' } as const;
      return pod(world, params, { name: 'crashing', ...crashing, ...{ namespace } });
    },
  },
  {
    name: 'pod-alone',
    sentence: 'Something runs with a single replica.',
    params: [ON],
    apply: (world, params) => pod(world, params, { name: 'alone', owner: 'StatefulSet' }),
  },
  {
    name: 'pod-unmanaged',
    sentence: 'A pod runs that nobody would create again.',
    params: [ON],
    apply: (world, params) => pod(world, params, { name: 'unmanaged' }),
  },
  {
    name: 'pod-scratch',
    sentence: 'A pod keeps data in an emptyDir.',
    params: [ON],
    apply: (world, params) =>
      pod(world, params, {
        name: 'scratch',
        owner: 'StatefulSet',
        volumes: [{ name: 'data', emptyDir: {} }],
      }),
  },
  {
    name: 'pod-local',
    sentence: 'The volume of a pod exists on its node alone.',
    params: [ON],
    apply: (world, params) => {
      const { name } = params.machine().node;
      const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
      return left(world, (strays) => {
        const undo = [
          strays.object(VOLUMES, localVolume(name)),
          strays.pod({ namespace: 'shop', name: 'local', node: name, owner: 'StatefulSet', volumes }),
        ];
        return () => {
          for (const back of undo) back();
        };
      });
    },
  },
  {
    name: 'pod-huge',
    sentence: 'A pod asks for more than the other nodes have left.',
    params: [ON],
    apply: (world, params) =>
      pod(world, params, { name: 'huge', owner: 'StatefulSet', requests: { cpu: '64', memory: '1Ti' } }),
  },
  {
    name: 'pod-of-bot',
    sentence: 'The bot itself runs in this cluster: as pod shop/talos-chatops, when that is what it is told.',
    params: [ON],
    apply: (world, params) => pod(world, params, { name: 'talos-chatops', owner: 'StatefulSet' }),
  },
  {
    name: 'pdb-double',
    sentence: 'A second disruption budget covers the same pods.',
    params: [],
    apply: (world) => left(world, (strays) => strays.budget('shop', 'second', 'web')),
  },
  {
    name: 'access-denied',
    sentence: 'Kubernetes does not allow the bot something.',
    params: [text('act', 'such as patch nodes; create pods/eviction when left out')],
    apply: (world, params) =>
      left(world, (strays) => strays.deny(params.text('act', 'create pods/eviction'))),
  },
];

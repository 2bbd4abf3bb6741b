/** Faults that a drain meets: pods that do not go, pods that take their time, volumes that stay attached. */
import { type FaultKind, type Heal, NODE, number, text } from './fault.ts';
import { stopsAfterAnnotation } from './kubernetes/pod-object.ts';
import type { ShelvedKind } from './kubernetes/shelf.ts';
import type { Strays } from './kubernetes/strays.ts';
import type { World } from './world.ts';

/** Does something to the API; nothing where there is none. */
function left(world: World, leave: (strays: Strays) => Heal): Heal {
  const { strays } = world.kubernetes;
  return strays === undefined ? null : leave(strays);
}

function kind(group: string, plural: string, name: string): ShelvedKind {
  return { group, version: 'v1', plural, kind: name, namespaced: false };
}

const ATTACHMENTS = kind('storage.k8s.io', 'volumeattachments', 'VolumeAttachment');
const VOLUMES = kind('', 'persistentvolumes', 'PersistentVolume');
const ON = { ...NODE, sentence: 'the node it runs on' };

export const DRAIN_FAULTS: readonly FaultKind[] = [
  {
    name: 'pod-held',
    sentence: 'A finalizer keeps a pod whose containers have ended; healing takes it off.',
    params: [ON, text('finalizer', 'example.org/backup when left out')],
    apply: (world, params) => {
      const finalizers = [params.text('finalizer', 'example.org/backup')];
      const node = params.machine().node.name;
      return left(world, (strays) =>
        strays.pod({
          namespace: 'shop',
          name: 'held',
          node,
          owner: 'StatefulSet',
          finalizers,
          graceSeconds: 1,
        }),
      );
    },
  },
  {
    name: 'pod-slow',
    sentence: 'A pod uses all of its grace to stop.',
    params: [
      ON,
      number('ms', 'how long it takes; 3000 when left out'),
      number('grace', 'in seconds; 30 when left out'),
    ],
    apply: (world, params) => {
      const node = params.machine().node.name;
      const annotations = { [stopsAfterAnnotation]: String(params.number('ms', 3_000)) };
      const graceSeconds = params.number('grace', 30);
      return left(world, (strays) =>
        strays.pod({
          namespace: 'shop',
          name: 'slow',
          node,
          owner: 'StatefulSet',
          annotations,
          graceSeconds,
        }),
      );
    },
  },
  {
    name: 'pod-returns',
    sentence: 'A pod that tolerates the cordon is put on the node again whenever it was evicted.',
    params: [ON, number('ms', 'how long after the end of the last one; 200 when left out')],
    apply: (world, params) => {
      const node = params.machine().node.name;
      const stray = { namespace: 'storage', name: 'osd', node, owner: 'ReplicaSet', graceSeconds: 1 };
      const tolerations = [{ operator: 'Exists' as const }];
      const afterMs = params.number('ms', 200);
      return left(world, (strays) => strays.returning({ ...stray, tolerations }, afterMs));
    },
  },
  {
    name: 'volume-attached',
    sentence: 'The volume of a pod stays attached to its node when the pod has left.',
    params: [ON],
    apply: (world, params) => {
      const node = params.machine().node.name;
      const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'database' } }];
      return left(world, (strays) => {
        const undo = [
          strays.object(VOLUMES, {
            metadata: { name: 'pvc-database' },
            spec: { claimRef: { namespace: 'shop', name: 'database' } },
          }),
          strays.object(ATTACHMENTS, {
            metadata: { name: 'csi-database' },
            spec: {
              attacher: 'csi.example.org',
              nodeName: node,
              source: { persistentVolumeName: 'pvc-database' },
            },
            status: { attached: true },
          }),
          strays.pod({ namespace: 'shop', name: 'database', node, owner: 'StatefulSet', volumes }),
        ];
        return () => {
          for (const back of undo) back();
        };
      });
    },
  },
];

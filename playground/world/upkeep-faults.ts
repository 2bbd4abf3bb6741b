/** Faults in what machines tell of themselves while they run well: clock, disk, configuration, database. */
import { type FaultKind, type FaultValues, type Heal, NODE, number, text } from './fault.ts';
import type { Upkeep } from './upkeep.ts';

/** Changes what one machine tells; healing takes back only what was changed. */
function neglect(params: FaultValues, change: (upkeep: Upkeep) => Partial<Upkeep>): Heal {
  const { knobs } = params.machine().parts;
  const before = knobs.upkeep;
  const changed = change(before);
  knobs.upkeep = { ...before, ...changed };
  const back = Object.fromEntries(
    Object.entries(before).filter(([name]) => Object.hasOwn(changed, name)),
  ) as Partial<Upkeep>;
  return () => {
    knobs.upkeep = { ...knobs.upkeep, ...back };
  };
}

const PERCENT = 100;
const MIB = 2 ** 20;

export const UPKEEP_FAULTS: readonly FaultKind[] = [
  {
    name: 'time-unsynced',
    sentence: 'The clock of a node is not in step with any time server.',
    params: [NODE],
    apply: (_world, params) => neglect(params, () => ({ timeSynced: false })),
  },
  {
    name: 'disk-fills',
    sentence: 'The disk of a node is nearly full.',
    params: [NODE, number('free', 'percent that stay free; 5 when left out')],
    apply: (_world, params) =>
      neglect(params, ({ roomBytes }) => ({
        freeBytes: Math.floor((roomBytes * params.number('free', 5)) / PERCENT),
      })),
  },
  {
    name: 'siderolink',
    sentence: 'A node has a tunnel to whoever manages it from outside, as Omni does.',
    params: [NODE, text('host', 'where it leads; omni.example.com when left out')],
    apply: (_world, params) =>
      neglect(params, () => ({ siderolinkHost: params.text('host', 'omni.example.com') })),
  },
  {
    name: 'install-disk',
    sentence: 'The configuration of a node names another disk than the one it runs from.',
    params: [NODE, text('disk', 'the disk in the configuration; /dev/vda when left out')],
    apply: (_world, params) => neglect(params, () => ({ installDisk: params.text('disk', '/dev/vda') })),
  },
  {
    name: 'kernel-arguments',
    sentence: 'The configuration of a node names kernel arguments of its own.',
    params: [NODE, text('argument', 'one of them; net.ifnames=0 when left out')],
    apply: (_world, params) =>
      neglect(params, () => ({ kernelArguments: [params.text('argument', 'net.ifnames=0')] })),
  },
  {
    name: 'image-unpinned',
    sentence: 'The configuration of a node does not name the image of a component of Kubernetes.',
    params: [NODE, text('component', 'such as kube-apiserver; kubelet when left out')],
    apply: (_world, params) => neglect(params, () => ({ unpinned: [params.text('component', 'kubelet')] })),
  },
  {
    name: 'etcd-version',
    sentence:
      'The configuration of a control-plane node names another etcd than the one that comes with its Talos.',
    params: [NODE, text('version', 'such as 3.5.21, which is the one when left out')],
    apply: (_world, params) => neglect(params, () => ({ etcdVersion: params.text('version', '3.5.21') })),
  },
  {
    name: 'etcd-grows',
    sentence: "The database of every etcd member grows, in use or not, to so much of etcd's default quota.",
    params: [
      number('mib', 'its size in MiB; 1800 when left out'),
      number('used', 'percent of it in use; 40 when left out'),
    ],
    apply: ({ etcd }, params) => {
      const dbSizeBytes = params.number('mib', 1_800) * MIB;
      etcd.database = {
        dbSizeBytes,
        dbInUseBytes: Math.floor((dbSizeBytes * params.number('used', 40)) / PERCENT),
      };
      return () => {
        etcd.database = null;
      };
    },
  },
];

/** The faults that can be injected, by name: one table, so that it can be listed. */
import { CALL_FAULTS } from './call-faults.ts';
import { DRAIN_FAULTS } from './drain-faults.ts';
import { type FaultKind, type FaultValues, type Heal, NODE, number, text } from './fault.ts';
import { HAND_FAULTS } from './hand-faults.ts';
import { INSTALLED_FAULTS } from './installed-faults.ts';
import { KUBERNETES_FAULTS } from './kubernetes-faults.ts';
import type { Machine } from './machine.ts';
import type { MachineKnobs } from './machine-parts.ts';
import { hasten, type Slow } from './slowness.ts';
import { UPKEEP_FAULTS } from './upkeep-faults.ts';
import { VELERO_FAULTS } from './velero-faults.ts';
import type { World } from './world.ts';

const WHERE = { ...NODE, required: false, sentence: 'the node; every node when left out' };

/** Turns one knob of one machine; healing turns it back. */
function turn<K extends keyof MachineKnobs>(
  machine: Machine,
  knob: K,
  value: MachineKnobs[K],
  back: MachineKnobs[K],
): Heal {
  machine.parts.knobs[knob] = value;
  machine.life.reconsider();
  return () => {
    machine.parts.knobs[knob] = back;
    machine.life.reconsider();
  };
}

function turnEach<K extends keyof MachineKnobs>(
  machines: readonly Machine[],
  turned: { knob: K; value: MachineKnobs[K]; back: MachineKnobs[K] },
): Heal {
  const heals = machines.map((machine) => turn(machine, turned.knob, turned.value, turned.back));
  return () => {
    for (const heal of heals) heal?.();
  };
}

function slow(params: FaultValues, knob: Slow): Heal {
  const machine = params.machine();
  const heal = turn(machine, knob, params.number('ms', 5_000), 0);
  return () => {
    heal?.();
    hasten(machine.parts, knob);
  };
}

function powerOff(world: World, params: FaultValues): Heal {
  const machine = params.machine();
  const { knobs } = machine.parts;
  const back = (): void => {
    if (!knobs.poweredOff) return;
    knobs.poweredOff = false;
    machine.life.powerOn();
  };
  knobs.poweredOff = true;
  machine.life.cut();
  const ms = params.number('ms', 0);
  if (ms > 0) world.clock.after(ms, back);
  return back;
}

function notReady(params: FaultValues): Heal {
  const machine = params.machine();
  const { kubernetes, knobs } = machine.parts;
  knobs.kubernetesNotReady = true;
  kubernetes.setNodeReady(machine.node.name, false);
  machine.life.reconsider();
  return () => {
    knobs.kubernetesNotReady = false;
    const { stage, unmet } = machine.status();
    if (machine.listening && stage === 'running' && unmet.length === 0)
      kubernetes.setNodeReady(machine.node.name, true);
    machine.life.reconsider();
  };
}

export const FAULTS: readonly FaultKind[] = [
  {
    name: 'installer-exits-nonzero',
    sentence: 'The installer on a node ends with a non-zero exit code, once or more often.',
    params: [
      NODE,
      number('times', 'how often; 0 = always, 1 when left out'),
      number('code', 'exit code; 1 when left out'),
    ],
    apply: (_world, params) => {
      const times = params.number('times', 1) || Number.POSITIVE_INFINITY;
      const exit = { code: params.number('code', 1) || 1, times };
      return turn(params.machine(), 'installerExit', exit, null);
    },
    spent: (params) => params.machine().parts.knobs.installerExit === null,
  },
  {
    name: 'image-missing',
    sentence: 'The registry does not have the image: every new pull ends with NOT_FOUND.',
    params: [WHERE],
    apply: (_world, params) =>
      turnEach(params.machines(), { knob: 'imageMissing', value: true, back: false }),
  },
  {
    name: 'never-ready',
    sentence: 'A boot into another version than the present one comes up and never gets ready.',
    params: [NODE],
    apply: (_world, params) => {
      const machine = params.machine();
      return turn(machine, 'neverReadyExcept', machine.version, null);
    },
  },
  {
    name: 'falls-back',
    sentence: 'The next boot of a new version fails, and Talos boots the old one by itself.',
    params: [NODE],
    apply: (_world, params) => turn(params.machine(), 'fallsBack', true, false),
  },
  {
    name: 'node-down',
    sentence: 'A node loses its power until it is healed, or for some milliseconds.',
    params: [NODE, number('ms', 'for how long; until healed when left out')],
    apply: powerOff,
  },
  {
    name: 'etcd-alarm',
    sentence: 'An etcd member raises an alarm.',
    params: [NODE, text('alarm', 'NOSPACE (when left out) or CORRUPT')],
    apply: (world, params) => {
      const { name } = params.machine().node;
      world.etcd.setAlarm(name, params.oneOf('alarm', ['NOSPACE', 'CORRUPT']));
      return () => world.etcd.setAlarm(name, null);
    },
  },
  {
    name: 'etcd-learner',
    sentence: 'An etcd member is a learner: it has no vote.',
    params: [NODE],
    apply: (world, params) => {
      const { name } = params.machine().node;
      world.etcd.setLearner(name, true);
      return () => world.etcd.setLearner(name, false);
    },
  },
  {
    name: 'etcd-disagrees',
    sentence: 'One node lists the etcd members without one of them.',
    params: [NODE, { name: 'missing', type: 'node', required: true, sentence: 'the member it does not see' }],
    apply: (world, params) => {
      const { name } = params.machine().node;
      world.etcd.setBlind(name, params.machine('missing').node.name);
      return () => world.etcd.setBlind(name, null);
    },
  },
  {
    name: 'not-ready',
    sentence: 'Kubernetes says NotReady of a node whose machine is well.',
    params: [NODE],
    apply: (_world, params) => notReady(params),
  },
  {
    name: 'maintenance',
    sentence: 'The next boots of a node find no usable machine config and end in maintenance mode.',
    params: [NODE],
    apply: (_world, params) => turn(params.machine(), 'maintenance', true, false),
  },
  {
    name: 'unreachable',
    sentence: 'Packets to the Talos API of a node vanish: calls hang instead of being refused.',
    params: [NODE],
    apply: (_world, params) => turn(params.machine(), 'unreachable', true, false),
  },
  {
    name: 'half-open',
    sentence: 'When a node leaves, its connections stay open and silent until it is back, as after a kexec.',
    params: [NODE],
    apply: (_world, params) => turn(params.machine(), 'halfOpen', true, false),
  },
  {
    name: 'slow-boot',
    sentence: 'A node takes longer to come back, until it is healed.',
    params: [NODE, number('ms', 'how much longer; 5000 when left out')],
    apply: (_world, params) => slow(params, 'extraBootMs'),
  },
  {
    name: 'slow-install',
    sentence: 'The installer on a node takes longer, until it is healed.',
    params: [NODE, number('ms', 'how much longer; 5000 when left out')],
    apply: (_world, params) => slow(params, 'extraInstallMs'),
  },
  {
    name: 'slow-pull',
    sentence: 'Pulls take longer, as when the factory builds the image first.',
    params: [WHERE, number('ms', 'how much longer; 5000 when left out')],
    apply: (_world, params) =>
      turnEach(params.machines(), { knob: 'extraPullMs', value: params.number('ms', 5_000), back: 0 }),
  },
  {
    name: 'pdb-blocks',
    sentence: 'A disruption budget refuses every eviction.',
    params: [text('namespace', 'its namespace; the default one when left out')],
    apply: (world, params) => {
      const namespace = params.text('namespace', '') || null;
      world.kubernetes.blockBudget(namespace);
      return () => world.kubernetes.unblockBudget(namespace);
    },
  },
  {
    name: 'service-sick',
    sentence: 'A service of a node is not healthy, and Talos complains about its certificate.',
    params: [NODE],
    apply: (_world, params) => {
      const { parts, life } = params.machine();
      const before = parts.state.unmet;
      parts.state.unmet = [...before, { name: 'services', reason: 'kubelet not healthy' }];
      life.reconsider();
      return () => {
        parts.state.unmet = before;
        life.reconsider();
      };
    },
  },
  {
    name: 'volume-fails',
    sentence: 'A volume of a node failed.',
    params: [NODE, text('volume', 'EPHEMERAL (when left out) or STATE')],
    apply: (_world, params) =>
      turn(params.machine(), 'failedVolume', params.oneOf('volume', ['EPHEMERAL', 'STATE']), null),
  },
  {
    name: 'upgrade-unfinished',
    sentence: 'A node still carries the marker of an upgrade after which it never became ready.',
    params: [NODE],
    apply: (_world, params) => {
      const { state } = params.machine().parts;
      state.shownUpgradeTag = 'A';
      return () => {
        state.shownUpgradeTag = null;
      };
    },
  },
  {
    name: 'factory-missing',
    sentence: 'The Image Factory does not have the installer images, of one version or of all.',
    params: [text('version', 'such as v1.13.5; every version when left out')],
    apply: ({ shelf }, params) => {
      shelf.knobs.missing = params.text('version', '*');
      return () => {
        shelf.knobs.missing = null;
      };
    },
  },
  {
    name: 'factory-slow',
    sentence: 'The Image Factory has to build an image when it is first asked for.',
    params: [number('ms', 'how long that takes; 5000 when left out')],
    apply: ({ shelf }, params) => {
      shelf.knobs.extraBuildMs = params.number('ms', 5_000);
      return () => {
        shelf.knobs.extraBuildMs = 0;
      };
    },
  },
  {
    name: 'factory-unavailable',
    sentence: 'The Image Factory answers everything with 503.',
    params: [],
    apply: ({ shelf }) => {
      shelf.knobs.unavailable = true;
      return () => {
        shelf.knobs.unavailable = false;
      };
    },
  },
  ...CALL_FAULTS,
  ...HAND_FAULTS,
  ...UPKEEP_FAULTS,
  ...KUBERNETES_FAULTS,
  ...DRAIN_FAULTS,
  ...INSTALLED_FAULTS,
  ...VELERO_FAULTS,
];

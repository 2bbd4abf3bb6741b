/** What people and etcd do behind the bot's back, with other tools. */
import { installed } from './bootloader.ts';
import { type FaultKind, NODE } from './fault.ts';

export const HAND_FAULTS: readonly FaultKind[] = [
  {
    name: 'leader-moves',
    sentence: 'The etcd leadership moves to another member by itself.',
    params: [{ name: 'to', type: 'node', required: true, sentence: 'the new leader' }],
    apply: (world, params) => {
      world.etcd.moveLeader(params.machine('to').node.name);
      return null;
    },
  },
  {
    name: 'reboot-by-human',
    sentence: 'Somebody reboots a node with another tool.',
    params: [NODE],
    apply: (_world, params) => {
      params.machine().reboot('default', 'fault');
      return null;
    },
  },
  {
    name: 'upgrade-by-human',
    sentence: 'Somebody upgrades a node with another tool.',
    params: [NODE, { name: 'version', type: 'text', required: true, sentence: 'such as v1.13.7' }],
    apply: (_world, params) => {
      const machine = params.machine();
      const { state } = machine.parts;
      const { schematic, platform, signed } = state.bootloader.booted;
      const version = params.text('version', '');
      state.bootloader = installed(state.bootloader, { version, schematic, platform, signed });
      machine.reboot('default', 'fault');
      return null;
    },
  },
];

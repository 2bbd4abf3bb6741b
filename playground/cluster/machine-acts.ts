/** MachineService, the calls with one answer: what a machine says of itself, and departures. */
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import {
  type MachineService,
  RebootRequest_Mode,
  UpgradeRequest_RebootMode,
} from '../../src/talos/gen/machine/machine_pb.ts';
import { since } from '../world/compatibility.ts';
import type { RebootMode } from '../world/sequence.ts';
import type { Acts } from './act.ts';

type Served = Pick<
  Acts<typeof MachineService>,
  | 'version'
  | 'hostname'
  | 'serviceList'
  | 'systemStat'
  | 'memory'
  | 'mounts'
  | 'reboot'
  | 'rollback'
  | 'upgrade'
>;

const REBOOT_MODES: Readonly<Record<RebootRequest_Mode, RebootMode>> = {
  [RebootRequest_Mode.DEFAULT]: 'default',
  [RebootRequest_Mode.POWERCYCLE]: 'powercycle',
  [RebootRequest_Mode.FORCE]: 'force',
};

/** A machine of 8 GiB, half of it in use. */
const MEMORY_KIB = {
  memtotal: 8_388_608n,
  memfree: 3_145_728n,
  memavailable: 4_194_304n,
  buffers: 65_536n,
  cached: 1_048_576n,
};

export const machineActs: Served = {
  version: (_request, { machine }) => ({
    messages: [
      {
        version: {
          tag: machine.version,
          sha: 'ad8823176',
          goVersion: 'go1.26.3',
          os: 'linux',
          arch: 'amd64',
        },
        platform: { name: machine.platform, mode: machine.platform === 'metal' ? 'metal' : 'cloud' },
        features: { rbac: true },
      },
    ],
  }),
  hostname: (_request, { machine }) => ({ messages: [{ hostname: machine.node.name }] }),
  serviceList: (_request, { machine }) => {
    const since = timestampFromMs(machine.parts.state.bootedAtMs);
    const services = machine.services().map(({ id, state, healthy, message }) => {
      const lastMessage = message === '' ? 'Health check successful' : message;
      const begun = {
        msg: id === 'machined' ? 'Service started as goroutine' : `Started task ${id}`,
        ts: since,
      };
      return {
        id,
        state,
        events: {
          events: [
            { ...begun, state: 'Running' },
            { msg: lastMessage, state, ts: since },
          ],
        },
        // A successful check leaves no message behind.
        health: { unknown: false, healthy, lastMessage: message, lastChange: since },
      };
    });
    return { messages: [{ services }] };
  },
  systemStat: (_request, { machine }) => ({
    messages: [{ bootTime: BigInt(Math.floor(machine.parts.state.bootedAtMs / 1000)) }],
  }),
  memory: () => ({ messages: [{ meminfo: MEMORY_KIB }] }),
  mounts: (_request, { machine }) => {
    const { roomBytes, freeBytes } = machine.parts.knobs.upkeep;
    const root = { filesystem: 'overlay', size: 104_857_600n, available: 0n, mountedOn: '/' };
    const [size, available] = [BigInt(roomBytes), BigInt(freeBytes)];
    return {
      messages: [{ stats: [root, { filesystem: '/dev/sda6', size, available, mountedOn: '/var' }] }],
    };
  },
  reboot: ({ mode }, { machine }) => {
    // Before 1.12 nobody knows what 2 means.
    const known = mode === RebootRequest_Mode.FORCE && !since(machine.version, '1.12') ? 0 : mode;
    const { actorId } = machine.reboot(REBOOT_MODES[known] ?? 'default');
    return { messages: [{ actorId }] };
  },
  rollback: (_request, { machine }) => {
    machine.rollback();
    return { messages: [{}] };
  },
  upgrade: async ({ image, preserve, stage, force, rebootMode }, { machine }) => {
    const mode = rebootMode === UpgradeRequest_RebootMode.POWERCYCLE ? 'powercycle' : 'default';
    const { ack, actorId } = await machine.upgradeLegacy({ ref: image, preserve, stage, force, mode });
    return { messages: [{ ack, actorId }] };
  },
};

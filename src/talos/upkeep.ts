// What can go wrong on a machine without anybody touching it: its clock, the room on its disk, and who else holds its strings.
import type { Inspection, Room, Told } from '../cluster/inspection.ts';
import { type Asking, quietly } from './asking.ts';
import { MachineService } from './gen/machine/machine_pb.ts';
import { resources } from './kinds.ts';
import type { Question, Reads } from './reads.ts';
import { onlyMessage } from './reply.ts';

/** Where EPHEMERAL is mounted: images, logs, pods and etcd's data are below it. */
const EPHEMERAL = '/var';

/** Never rejects. */
export async function upkeepOf(
  asking: Asking,
  reads: Reads,
  question: Question,
): Promise<Pick<Inspection, 'time' | 'room' | 'siderolink'>> {
  const [time, room, siderolink] = await Promise.all([
    asking.one(resources.time, 'node', ({ synced, syncDisabled }) => ({ synced, syncDisabled })),
    roomOf(reads, question),
    asking.one(resources.siderolink, 'siderolink-status', ({ host, connected }) => ({ host, connected })),
  ]);
  return { time, room, siderolink };
}

async function roomOf(reads: Reads, question: Question): Promise<Told<Room>> {
  return await quietly(async () => {
    const reply = await reads.unary(MachineService.method.mounts, {}, question);
    const mount = onlyMessage('Mounts', reply).stats.find(({ mountedOn }) => mountedOn === EPHEMERAL);
    // A machine that has not mounted it yet says so; sizes of disks stay far below 2^53 bytes.
    if (mount === undefined || mount.size === 0n) return { kind: 'absent' };
    return {
      kind: 'said',
      value: { sizeBytes: Number(mount.size), freeBytes: Number(mount.available) },
    };
  });
}

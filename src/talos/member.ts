// The machines that cluster discovery knows.
import type { MemberSeen, ReadOptions } from '../engine/ports/machines.ts';
import { listResources } from './cosi.ts';
import { MachineType } from './gen/resource/definitions/enums/enums_pb.ts';
import { resources } from './kinds.ts';
import type { Reads } from './reads.ts';

/** Empty when discovery is off. Dead machines stay listed up to 30 minutes (talos-api.md 6.2). Throws Fault. */
export async function membersSeen(reads: Reads, options: ReadOptions = {}): Promise<readonly MemberSeen[]> {
  const members = await listResources(reads, resources.member, { ...options, route: 'any', node: null });
  return members
    .map(({ id, spec }) => ({
      name: id,
      addresses: spec.addresses.map(({ ip }) => addressText(ip)),
      role: roleOf(spec.machineType),
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function roleOf(type: MachineType): MemberSeen['role'] {
  return type === MachineType.TYPE_INIT || type === MachineType.TYPE_CONTROL_PLANE
    ? 'control-plane'
    : 'worker';
}

/** An IP address from its 4 or 16 bytes, an IPv6 one in its shortest form. */
export function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return [...bytes].join('.');
  const groups = Array.from({ length: 8 }, (_, index) => {
    const [high = 0, low = 0] = bytes.subarray(index * 2, index * 2 + 2);
    return ((high << 8) | low).toString(16);
  });
  // The URL parser knows the rules of RFC 5952 for shortening.
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

// What the simulated factory offers: Talos versions, and the official extensions of each.

/** Newest patches of the minors a scenario may walk through, oldest first (facts/talos-api.md 7). */
export const VERSIONS: readonly string[] = [
  ...['v1.7.7', 'v1.8.4', 'v1.9.6', 'v1.10.9', 'v1.11.6'],
  ...['v1.12.8', 'v1.12.9', 'v1.12.11', 'v1.13.3', 'v1.13.4', 'v1.13.5', 'v1.13.9'],
  ...['v1.14.0', 'v1.14.1'],
];

export interface CatalogEntry {
  readonly name: string;
  readonly author: string;
  readonly description: string;
}

const siderolabs = (name: string, description: string): CatalogEntry => ({
  name: `siderolabs/${name}`,
  author: 'Sidero Labs',
  description,
});

export const EXTENSIONS: readonly CatalogEntry[] = [
  siderolabs('amd-ucode', 'AMD microcode.'),
  siderolabs('gvisor', 'A container runtime with a kernel of its own.'),
  siderolabs('i915', 'Firmware for Intel graphics.'),
  siderolabs('intel-ucode', 'Intel microcode.'),
  siderolabs('iscsi-tools', 'The iSCSI daemon and its tools.'),
  siderolabs('qemu-guest-agent', 'The agent of a QEMU guest.'),
  siderolabs('tailscale', 'A node of a tailnet.'),
  siderolabs('util-linux-tools', 'fstrim and its siblings.'),
  siderolabs('zfs', 'The ZFS file system.'),
];

/** Schematics the factory has before anybody asks for one: plain, a virtual machine's, and two for storage. */
export const KNOWN_SCHEMATICS: readonly string[] = [
  'customization: {}\n',
  'customization:\n  systemExtensions:\n    officialExtensions: [siderolabs/qemu-guest-agent]\n',
  'customization:\n  systemExtensions:\n    officialExtensions: [siderolabs/iscsi-tools]\n',
  'customization:\n  systemExtensions:\n    officialExtensions: [siderolabs/iscsi-tools, siderolabs/util-linux-tools]\n',
];

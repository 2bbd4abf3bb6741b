/** What a machine tells of its clock, its disk and its configuration: faults change it, and every face shows the same. */

const GIB = 2 ** 30;

/** In plain words of the simulator; the faces translate. */
export interface Upkeep {
  readonly timeSynced: boolean;
  /** The size of EPHEMERAL and what is free of it, in bytes. */
  readonly roomBytes: number;
  readonly freeBytes: number;
  /** Where the machine's tunnel leads, as when Omni manages it; null = it has none. */
  readonly siderolinkHost: string | null;
  readonly systemDisk: string;
  /** In `machine.install` of its configuration. */
  readonly installDisk: string;
  readonly kernelArguments: readonly string[];
  /** Components of Kubernetes whose image its configuration does not name. */
  readonly unpinned: readonly string[];
  /** The etcd that its configuration names instead of the one that comes with its Talos; null = it names none. */
  readonly etcdVersion: string | null;
}

export const WELL_KEPT: Upkeep = {
  timeSynced: true,
  roomBytes: 96 * GIB,
  freeBytes: 72 * GIB,
  siderolinkHost: null,
  systemDisk: '/dev/sda',
  installDisk: '/dev/sda',
  kernelArguments: [],
  unpinned: [],
  etcdVersion: null,
};

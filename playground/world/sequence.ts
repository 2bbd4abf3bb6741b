/** The order of phases and tasks in Talos's sequences (facts/talos-api.md 2.2). */

export interface SequencePart {
  readonly phase: string;
  readonly task: string;
}

export type RebootMode = 'default' | 'powercycle' | 'force';

const part = (phase: string, task: string): SequencePart => ({ phase, task });

const STOP: readonly SequencePart[] = [
  part('cleanup', 'stopAllPods'),
  part('dbus', 'stopDBus'),
  part('denyNewServices', 'denyNewServices'),
  part('stopServices', 'stopServicesForUpgrade'),
  part('umount', 'unmountPodMounts'),
  part('unmountBind', 'unmountSystemDiskBindMounts'),
  part('unmountPromotable', 'unmountPromotableSystemPartitions'),
  part('unmountSystem', 'unmountEphemeralPartition'),
  part('volumeFinalize', 'teardownLifecycle'),
];

const KEXEC = part('kexec', 'kexecPrepare');
const STOP_ALL = part('stopEverything', 'stopAllServices');
const REBOOT = part('reboot', 'reboot');

/** The last phase of a boot, which ends when all services run. */
export const START_SERVICES = part('startEverything', 'startAllServices');

/** A boot. */
export const BOOT: readonly SequencePart[] = [
  part('memorySizeCheck', 'memorySizeCheck'),
  part('diskSizeCheck', 'diskSizeCheck'),
  part('env', 'setUserEnvVars'),
  part('dbus', 'startDBus'),
  part('ephemeral', 'mountEphemeralPartition'),
  part('userSetup', 'writeUserFiles'),
  START_SERVICES,
];

/** A reboot up to the restart itself. */
export function rebootSequence(mode: RebootMode): readonly SequencePart[] {
  if (mode === 'force') return [REBOOT];
  return [...STOP, STOP_ALL, ...(mode === 'default' ? [KEXEC] : []), REBOOT];
}

/** Linux's reboot commands, as RestartEvent names them. With secure boot there is no kexec. */
export function restartCommand(mode: RebootMode, { secureBoot }: { readonly secureBoot: boolean }): number {
  return mode === 'default' && !secureBoot ? 0x45584543 : 0x1234567;
}

/** What a legacy upgrade does before its installer runs. */
export const BEFORE_INSTALLER: readonly SequencePart[] = [
  part('denyNewServices', 'denyNewServices'),
  part('drain', 'cordonAndDrainNode'),
  // The same as for a reboot, but for the name of one phase.
  ...STOP.filter((one) => one.phase !== 'denyNewServices').map((one) =>
    one.phase === 'umount' ? part('unmount', one.task) : one,
  ),
];

/** The installer in the first boot of a staged upgrade. */
export const INSTALL: SequencePart = part('install', 'install');

/** What that boot does afterwards: it always prepares a kexec, because it knows no mode. */
export const AFTER_STAGED: readonly SequencePart[] = [
  part('meta', 'reloadMeta'),
  part('saveMeta', 'flushMeta'),
  part('volumeFinalize', 'teardownLifecycle'),
  STOP_ALL,
  KEXEC,
  REBOOT,
];

export const INSTALLER: SequencePart = part('upgrade', 'upgrade');

/** What it does afterwards. */
export function afterInstaller(mode: RebootMode): readonly SequencePart[] {
  return [part('meta', 'reloadMeta'), ...(mode === 'default' ? [KEXEC] : []), STOP_ALL, REBOOT];
}

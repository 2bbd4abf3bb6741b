/** What an installer run prints and how it ends: a pure function of host and target (facts/talos-api.md 3.1). */
import { type Bootloader, defaultEntry, halfInstalled, installed, otherEntry } from './bootloader.ts';
import { refusal, since } from './compatibility.ts';
import type { InstallerImage } from './image.ts';

export interface InstallerRun {
  /** Without line ends, in order. */
  readonly lines: readonly string[];
  readonly exitCode: number;
  /** The boot entries when it has ended. */
  readonly bootloader: Bootloader;
  /** META key 6 when it has ended: the entry to fall back to. Null leaves it as it was. */
  readonly upgradeTag: string | null;
}

export interface InstallerHost {
  readonly bootloader: Bootloader;
  readonly kubernetesVersion: string;
  /** An injected end: the exit code, or null for a run that takes its course. */
  readonly injectedExitCode: number | null;
}

/** Exit codes 2 to 4 are given before anything is written. */
const LAST_HARMLESS_EXIT_CODE = 4;

export function runInstaller(image: InstallerImage, host: InstallerHost): InstallerRun {
  const { bootloader } = host;
  const from = bootloader.booted.version;
  const opening = [
    `running Talos installer ${image.version}`,
    'running pre-flight checks',
    `host Talos version: ${from}`,
  ];
  const refused = refusal(image.version, from, host.kubernetesVersion);
  if (refused !== null) {
    // The stable set of exit codes came with the 1.14 installer; older ones always say 1.
    const exitCode = since(image.version, '1.14') ? 4 : 1;
    return failed([...opening, `pre-flight checks failed: ${refused}`], exitCode, bootloader);
  }
  const checked = [...opening, 'all pre-flight checks successful', 'probing bootloader on "/dev/sda"'];
  if (host.injectedExitCode !== null) {
    const code = host.injectedExitCode;
    const harmless = code >= 2 && code <= LAST_HARMLESS_EXIT_CODE;
    const lines = [...checked, 'error: failed to install: write /dev/sda: input/output error'];
    return failed(lines, code, harmless ? bootloader : halfInstalled(bootloader));
  }
  const { version, schematic, signed } = image;
  // A UKI carries its kernel arguments; GRUB's configuration gets those of the running machine again.
  const platform = bootloader.kind === 'grub' ? null : image.platform;
  const after = installed(bootloader, { version, schematic, signed, platform });
  return {
    lines: [
      ...checked,
      ...(bootloader.kind === 'grub' ? grubLines(after) : sdbootLines(bootloader)),
      'META: loading from /dev/sda4',
      'META: saved 1 keys',
      `installation of ${image.version} complete`,
    ],
    exitCode: 0,
    bootloader: after,
    upgradeTag: bootloader.defaultLabel,
  };
}

function failed(lines: readonly string[], exitCode: number, bootloader: Bootloader): InstallerRun {
  return { lines, exitCode, bootloader, upgradeTag: null };
}

function grubLines(after: Bootloader): string[] {
  const slot = after.defaultLabel;
  return [
    'found GRUB bootloader on "/dev/sda"',
    `copying from io reader to /boot/${slot}/vmlinuz`,
    `copying from io reader to /boot/${slot}/initramfs.xz`,
    'executing: grub-install --boot-directory=/boot --removable --efi-directory=/boot/EFI /dev/sda',
  ];
}

function sdbootLines(before: Bootloader): string[] {
  const files = before.entries.map((one) => one.label).join(' ');
  const old = otherEntry(before);
  return [
    'found sd-boot bootloader on "/dev/sda"',
    `sd-boot: found UKI files: [${files}]`,
    `sd-boot: LoaderEntryDefault: ${defaultEntry(before).label}`,
    `sd-boot: found existing UKIs during upgrade: [${files}]`,
    ...(old === null ? [] : [`removing old UKI: /boot/EFI/EFI/Linux/${old.label}`]),
  ];
}

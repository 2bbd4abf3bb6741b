/** The boot entries of a machine: what is installed, which one is default, which one runs (facts/talos-api.md 4). */
import gte from 'semver/functions/gte.js';
import { WorldError } from './error.ts';
import type { BootloaderKind } from './settings.ts';

/** What an image is made of, as far as a boot depends on it. */
export interface Software {
  readonly version: string;
  readonly schematic: string;
  /** The platform its kernel arguments name; null: whatever they were before. */
  readonly platform: string | null;
  readonly signed: boolean;
}

export interface BootEntry extends Software {
  /** Counts installations, so that a reinstalled version is told from the one it replaced. */
  readonly serial: number;
  /** `A` / `B`, or the file name of the UKI. */
  readonly label: string;
}

export interface Bootloader {
  readonly kind: BootloaderKind;
  readonly entries: readonly BootEntry[];
  readonly defaultLabel: string;
  /** The running entry itself: its file may be gone or overwritten while it runs. */
  readonly booted: BootEntry;
  /** Serial of the newest installation. */
  readonly serial: number;
}

export function freshBootloader(kind: BootloaderKind, software: Software): Bootloader {
  const label = kind === 'grub' ? 'A' : uki(software.version);
  const booted = { serial: 1, label, ...software };
  return { kind, entries: [booted], defaultLabel: label, booted, serial: 1 };
}

function uki(version: string): string {
  return `Talos-${version}.efi`;
}

/** The entry the next boot takes. */
export function defaultEntry(loader: Bootloader): BootEntry {
  const entry = loader.entries.find((one) => one.label === loader.defaultLabel);
  if (entry === undefined) throw new Error(`no boot entry ${loader.defaultLabel}`);
  return entry;
}

/** The entry that is not the default, or null. */
export function otherEntry(loader: Bootloader): BootEntry | null {
  return loader.entries.find((one) => one.label !== loader.defaultLabel) ?? null;
}

/** Whether the next boot would run something else than what runs now: installed, not rebooted. */
export function isArmed(loader: Bootloader): boolean {
  return defaultEntry(loader).serial !== loader.booted.serial;
}

/**
 * The bootloader after a finished installer run. The installer takes the *default* entry as the current one, not the
 * booted one: run twice without a reboot, it destroys the last known-good entry, as the real one does.
 */
export function installed(loader: Bootloader, software: Software): Bootloader {
  const serial = loader.serial + 1;
  const label = labelFor(loader, software.version);
  const kept = loader.entries.filter((one) => one.label === loader.defaultLabel && one.label !== label);
  return { ...loader, serial, entries: [...kept, { serial, label, ...software }], defaultLabel: label };
}

/** The bootloader after an installer that died on the way: the slot it was writing holds nothing any more. */
export function halfInstalled(loader: Bootloader): Bootloader {
  return { ...loader, entries: [defaultEntry(loader)] };
}

function labelFor(loader: Bootloader, version: string): string {
  if (loader.kind === 'grub') return loader.defaultLabel === 'A' ? 'B' : 'A';
  const plain = uki(version);
  // Installers before 1.11 overwrite the UKI of the same version; later ones put ~N behind the name.
  if (!gte(version, '1.11.0')) return plain;
  for (let suffix = 0; suffix <= loader.entries.length; suffix += 1) {
    const label = suffix === 0 ? plain : plain.replace(/\.efi$/, `~${suffix}.efi`);
    if (!loader.entries.some((one) => one.label === label)) return label;
  }
  return plain;
}

/**
 * The bootloader with the other entry as default: a toggle.
 * @throws WorldError UNKNOWN when there is no other entry (facts/talos-api.md 4)
 */
export function reverted(loader: Bootloader): Bootloader {
  const other = otherEntry(loader);
  if (other !== null) return { ...loader, defaultLabel: other.label };
  if (loader.kind === 'sd-boot') throw new WorldError('UNKNOWN', 'previous UKI not found');
  throw new WorldError('UNKNOWN', 'cannot rollback to "", label does not exist');
}

/** The bootloader after the default entry has been booted. */
export function bootedDefault(loader: Bootloader): Bootloader {
  return { ...loader, booted: defaultEntry(loader) };
}

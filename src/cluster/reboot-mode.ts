// How a machine is made to restart: through kexec where it can, through its firmware, or without stopping anything first.
import { methodFor } from './version.ts';

/** default: stops everything and uses kexec where that works; powercycle: the same through the firmware; force: stops nothing. */
export const REBOOT_MODES = ['default', 'powercycle', 'force'] as const;
export type RebootMode = (typeof REBOOT_MODES)[number];

/** Null for any other word. */
export function readRebootMode(text: unknown): RebootMode | null {
  return REBOOT_MODES.find((mode) => mode === text) ?? null;
}

/**
 * Whether a machine on this version can be restarted so. Up to 1.12 the restart is part of the one call that upgrades, which
 * knows no force; Reboot itself knows it from 1.12 on, and an older server would take it for default (talos-api.md 2.1).
 */
export function canRestartBy(mode: RebootMode, running: string): boolean {
  return mode !== 'force' || methodFor(running) === 'lifecycle';
}

/** The few files of a machine that clients read (MachineService.Read, facts/talos-api.md 2.2 and 10). */
import { WorldError } from './error.ts';
import type { MachineParts } from './machine-parts.ts';
import { runningVersion } from './machine-parts.ts';

const BOOT_ID = '/proc/sys/kernel/random/boot_id';
const DEFAULT_ENTRY = '/sys/firmware/efi/efivars/LoaderEntryDefault-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f';

/** @throws WorldError NOT_FOUND for a missing file, UNKNOWN for a directory */
export function readFile(parts: MachineParts, path: string): string | Uint8Array {
  const { state } = parts;
  if (path === BOOT_ID) return `${state.bootId}\n`;
  if (path === '/proc/version') return `Linux version 6.12.0-talos (Talos ${runningVersion(parts)})\n`;
  if (path === '/etc/os-release')
    return `NAME="Talos"\nID=talos\nVERSION_ID=${runningVersion(parts)}\nPRETTY_NAME="Talos (${runningVersion(parts)})"\n`;
  if (path === DEFAULT_ENTRY && state.bootloader.kind === 'sd-boot')
    return efiVariable(state.bootloader.defaultLabel);
  if (BOOT_ID.startsWith(`${path.replace(/\/$/, '')}/`))
    throw new WorldError('UNKNOWN', 'path must be a regular file');
  throw new WorldError('NOT_FOUND', `stat ${path}: no such file or directory`);
}

/** Attributes (4 bytes), then UTF-16 with a final zero. */
function efiVariable(text: string): Uint8Array {
  const bytes = new Uint8Array(4 + 2 * (text.length + 1));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 7, true);
  for (let index = 0; index < text.length; index += 1)
    view.setUint16(4 + 2 * index, text.charCodeAt(index), true);
  return bytes;
}

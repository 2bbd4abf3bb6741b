// Versions as people type them: read strictly, and guessed at only to show a better example.
import { parse } from 'semver';

/** Shown when nothing a person typed suggests a better example. */
export const EXAMPLE_VERSION = 'v1.13.5';

const VERSION = /^v?\d+\.\d+\.\d+(?:-[0-9a-z.-]+)?$/i;
const MINOR = /^v?(\d{1,3}\.\d{1,3})$/i;
export const VERSION_LIKE = /^v?\d/i;

/** `v1.13.5` from `1.13.5` or `v1.13.5`; null for anything that is not a full version. */
export function readVersion(typed: string): string | null {
  if (!VERSION.test(typed)) return null;
  const version = parse(typed.toLowerCase());
  return version === null ? null : `v${version.version}`;
}

/** A full version, or a minor as `1.13`; null for anything else. */
export function readVersionOrMinor(typed: string): string | null {
  return readVersion(typed) ?? MINOR.exec(typed)?.[1] ?? null;
}

export function versionNear(typed: string): string {
  const numbers = /^\D{0,2}(\d{1,4})\D+(\d{1,4})(?:\D+(\d{1,4}))?/.exec(typed);
  if (numbers === null) return EXAMPLE_VERSION;
  return `v${Number(numbers[1])}.${Number(numbers[2])}.${Number(numbers[3] ?? 0)}`;
}

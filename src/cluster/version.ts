// Talos version tags, and which hops between them are legal (facts: the installer's own host-version table).
import { compare, lt, parse, type SemVer } from 'semver';

/** Oldest host and first refused host per target minor, as the target's installer enforces them (talos-api.md section 7). */
const HOST_RANGE: ReadonlyMap<string, { readonly min: string; readonly below: string }> = new Map(
  (
    [
      ['1.2', '1.0.0', '1.3.0'],
      ['1.3', '1.0.0', '1.5.0'],
      ['1.4', '1.0.0', '1.6.0'],
      ['1.5', '1.2.0', '1.7.0'],
      ['1.6', '1.3.0', '1.8.0'],
      ['1.7', '1.4.0', '1.9.0'],
      ['1.8', '1.5.0', '1.10.0'],
      ['1.9', '1.8.0', '1.11.0'],
      ['1.10', '1.8.0', '1.12.0'],
      ['1.11', '1.9.0', '1.13.0'],
      ['1.12', '1.10.0', '1.14.0'],
      ['1.13', '1.11.0', '1.15.0'],
      ['1.14', '1.12.0', '1.16.0'],
      ['1.15', '1.13.0', '1.17.0'],
    ] as const
  ).map(([minor, min, below]) => [minor, { min, below }]),
);

/** Returns the tag with its leading v, or null when the text is no version. Accepts `1.13.4` and `v1.13.4`. */
export function parseVersion(text: string): string | null {
  const parsed = parse(text.trim());
  return parsed === null ? null : `v${parsed.version}`;
}

function semver(tag: string): SemVer {
  const parsed = parse(tag);
  if (parsed === null) throw new Error(`not a version: ${tag}`);
  return parsed;
}

/** A machine may say something that is no version: then only the same text is the same. */
export function sameVersion(a: string, b: string): boolean {
  const [left, right] = [parse(a), parse(b)];
  return left === null || right === null ? a === b : compare(left, right) === 0;
}

/** `1.13` of `v1.13.4`. */
export function minorOf(tag: string): string {
  const { major, minor } = semver(tag);
  return `${major}.${minor}`;
}

/** Negative when `a` is older. */
export function compareVersions(a: string, b: string): number {
  return compare(semver(a), semver(b));
}

/**
 * lifecycle: pull, install and reboot are separate calls; legacy: one call does everything.
 * The boundary is talosctl's own: > 1.13.0-alpha.2 (talos-api.md 3.2).
 */
export function methodFor(running: string): 'lifecycle' | 'legacy' {
  return compare(semver(running), semver('v1.13.0-alpha.2')) > 0 ? 'lifecycle' : 'legacy';
}

/** Only up to 1.7 does `preserve=false` wipe data; from 1.8 true is ignored or switches the etcd checks off (3.5). */
export function preserveFor(running: string): boolean {
  return lt(semver(running), '1.8.0');
}

export type Hop =
  | { readonly kind: 'legal'; readonly direction: 'up' | 'down' | 'same' }
  | { readonly kind: 'illegal'; readonly why: string }
  | { readonly kind: 'unknown'; readonly why: string };

/** Whether a machine on `from` may be upgraded straight to `to`. Pre-release parts are ignored, as the installer does. */
export function hop(from: string, to: string): Hop {
  const target = parse(to);
  const host = parse(from);
  if (target === null || host === null) {
    return { kind: 'unknown', why: `${target === null ? to : from} is not a version that can be compared` };
  }
  const range = HOST_RANGE.get(minorOf(to));
  if (range === undefined) {
    return { kind: 'unknown', why: `Talos ${minorOf(to)} is not in this bot's compatibility table` };
  }
  const plain = `${host.major}.${host.minor}.${host.patch}`;
  if (lt(plain, range.min)) {
    return {
      kind: 'illegal',
      why: `${from} is too old for ${to}: Talos ${minorOf(to)} takes ${range.min} or newer`,
    };
  }
  if (!lt(plain, range.below)) {
    return {
      kind: 'illegal',
      why: `${from} is too new to go down to ${to}: Talos ${minorOf(to)} takes machines below ${range.below}`,
    };
  }
  if (target.minor > host.minor + 1) {
    return {
      kind: 'illegal',
      why: `${from} → ${to} skips Talos 1.${host.minor + 1}: go one minor at a time, through the latest patch of each`,
    };
  }
  const order = compare(target, host);
  return { kind: 'legal', direction: order > 0 ? 'up' : order < 0 ? 'down' : 'same' };
}

// Talos version tags, and which hops between them are legal (facts: the installer's own host-version table).
import { compare, lt, parse, type SemVer } from 'semver';
import { COMPATIBILITY, type CompatibilityTable, rowOf } from './compatibility.ts';

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

/** one-by-one: no minor is skipped, as only neighbours are tested; installer-limit: whatever the installer takes. */
export type Minors = 'one-by-one' | 'installer-limit';

/** Which hops are legal: the table, and the cluster's own rule; absent: the table of this bot, and one by one. */
export interface HopRules {
  readonly compatibility?: CompatibilityTable;
  readonly minors?: Minors;
}

/**
 * Whether a machine on `from` may be upgraded straight to `to`. Pre-release parts are ignored, as the installer does. The `why` of
 * an illegal hop upwards names the next one that is legal.
 */
export function hop(from: string, to: string, rules: HopRules = {}): Hop {
  const { compatibility: table = COMPATIBILITY, minors = 'one-by-one' } = rules;
  const target = parse(to);
  const host = parse(from);
  if (target === null || host === null) {
    return { kind: 'unknown', why: `${target === null ? to : from} is not a version that can be compared` };
  }
  const row = rowOf(table, minorOf(to));
  if (row === null) {
    return { kind: 'unknown', why: `Talos ${minorOf(to)} is not in this bot's compatibility table` };
  }
  const plain = `${host.major}.${host.minor}.${host.patch}`;
  if (lt(plain, row.hosts.from)) {
    const why = `${from} is too old for ${to}: Talos ${row.minor} takes ${row.hosts.from} or newer`;
    return { kind: 'illegal', why: `${why}; ${nextHop(host, table)}` };
  }
  if (!lt(plain, row.hosts.below)) {
    return {
      kind: 'illegal',
      why: `${from} is too new to go down to ${to}: Talos ${row.minor} takes machines below ${row.hosts.below}`,
    };
  }
  if (minors === 'one-by-one' && target.minor > host.minor + 1) {
    const why = `${from} cannot go to ${to} directly, because that skips Talos 1.${host.minor + 1}`;
    return { kind: 'illegal', why: `${why}; ${nextHop(host, table)}` };
  }
  const order = compare(target, host);
  return { kind: 'legal', direction: order > 0 ? 'up' : order < 0 ? 'down' : 'same' };
}

/** The newest patch that this bot was made with: by now there may be newer ones, and any of them will do. */
function nextHop(host: SemVer, table: CompatibilityTable): string {
  const minor = `${host.major}.${host.minor + 1}`;
  const newest = rowOf(table, minor)?.newest ?? null;
  return newest === null
    ? `the next hop is the latest patch of Talos ${minor}`
    : `the next hop is ${newest}, or a newer patch of Talos ${minor}`;
}

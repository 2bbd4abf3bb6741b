/** Which Talos talks which API, and what an installer refuses (facts/talos-api.md 3.1 and 7). */
import gte from 'semver/functions/gte.js';
import minor from 'semver/functions/minor.js';
import parse from 'semver/functions/parse.js';

/** Whether a node of this version serves ImageService and LifecycleService. */
export function hasLifecycle(version: string): boolean {
  return gte(version, '1.13.0-beta.0');
}

/** Whether a version is at least the named one, pre-releases of it included (`1.14` holds for v1.14.0-rc.1). */
export function since(version: string, majorMinor: string): boolean {
  return gte(version, `${majorMinor}.0-0`);
}

interface Rule {
  readonly hostFrom: string;
  readonly hostBelow: string;
  readonly kubernetes: readonly [from: number, to: number];
}

/** Target minor → hosts it accepts and Kubernetes minors it supports (facts/talos-api.md 7). */
const RULES: ReadonlyMap<number, Rule> = new Map([
  [2, { hostFrom: '1.0.0', hostBelow: '1.3.0', kubernetes: [23, 25] }],
  [3, { hostFrom: '1.0.0', hostBelow: '1.5.0', kubernetes: [24, 26] }],
  [4, { hostFrom: '1.0.0', hostBelow: '1.6.0', kubernetes: [25, 27] }],
  [5, { hostFrom: '1.2.0', hostBelow: '1.7.0', kubernetes: [26, 28] }],
  [6, { hostFrom: '1.3.0', hostBelow: '1.8.0', kubernetes: [24, 29] }],
  [7, { hostFrom: '1.4.0', hostBelow: '1.9.0', kubernetes: [25, 30] }],
  [8, { hostFrom: '1.5.0', hostBelow: '1.10.0', kubernetes: [26, 31] }],
  [9, { hostFrom: '1.8.0', hostBelow: '1.11.0', kubernetes: [27, 32] }],
  [10, { hostFrom: '1.8.0', hostBelow: '1.12.0', kubernetes: [28, 33] }],
  [11, { hostFrom: '1.9.0', hostBelow: '1.13.0', kubernetes: [29, 34] }],
  [12, { hostFrom: '1.10.0', hostBelow: '1.14.0', kubernetes: [30, 35] }],
  [13, { hostFrom: '1.11.0', hostBelow: '1.15.0', kubernetes: [31, 36] }],
  [14, { hostFrom: '1.12.0', hostBelow: '1.16.0', kubernetes: [32, 37] }],
  [15, { hostFrom: '1.13.0', hostBelow: '1.17.0', kubernetes: [33, 38] }],
]);

function release(version: string): string {
  const parsed = parse(version);
  return parsed === null ? version : `${parsed.major}.${parsed.minor}.${parsed.patch}`;
}

/** Why the target's installer refuses this host, or null. Compares releases, ignoring pre-release parts. */
export function refusal(target: string, host: string, kubernetes: string): string | null {
  const rule = RULES.get(minor(target));
  const [to, from] = [release(target), release(host)];
  if (rule === undefined) return `upgrades to version ${to} are not supported`;
  if (!gte(from, rule.hostFrom)) return `host version ${from} is too old to upgrade to Talos ${to}`;
  if (gte(from, rule.hostBelow)) return `host version ${from} is too new to downgrade to Talos ${to}`;
  const kubernetesMinor = minor(kubernetes);
  const version = release(kubernetes);
  if (kubernetesMinor < rule.kubernetes[0])
    return `version of Kubernetes ${version} is too old to be used with Talos ${to}`;
  if (kubernetesMinor > rule.kubernetes[1])
    return `version of Kubernetes ${version} is too new to be used with Talos ${to}`;
  return null;
}

export interface EtcdVersions {
  readonly version: string;
  /** What its status names for the storage: empty up to 3.5, which does not tell. */
  readonly storageVersion: string;
}

/** What an etcd of this version tells of itself (facts/talos-api.md 2.1). */
export function etcdVersionsOf(version: string): EtcdVersions {
  const storageVersion = gte(version, '3.6.0') ? `${parse(version)?.major}.${minor(version)}.0` : '';
  return { version, storageVersion };
}

/** The etcd that comes with a release (facts/talos-api.md 7). */
export function etcdVersions(talosVersion: string): EtcdVersions {
  if (since(talosVersion, '1.14')) return etcdVersionsOf('3.7.1');
  if (since(talosVersion, '1.13')) return etcdVersionsOf('3.6.12');
  if (since(talosVersion, '1.12')) return etcdVersionsOf('3.6.11');
  if (since(talosVersion, '1.11')) return etcdVersionsOf('3.6.5');
  if (since(talosVersion, '1.10')) return etcdVersionsOf('3.5.26');
  return etcdVersionsOf('3.5.21');
}

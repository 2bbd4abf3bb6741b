// Which Talos takes which machine and which Kubernetes: the table as data, and how an operator's own rows are laid over it.
import { compare, lt, parse } from 'semver';

/** One minor of Talos, as its installer and its validation of machine configs enforce it. */
export interface TalosRow {
  /** `1.13`. */
  readonly minor: string;
  /** Oldest machine that may be upgraded to it, and the first that is too new to go down to it: `1.11.0`, `1.15.0`. */
  readonly hosts: { readonly from: string; readonly below: string };
  /** The minors of Kubernetes it runs, both included: `1.31`, `1.36`. */
  readonly kubernetes: { readonly from: string; readonly to: string };
  /** The newest patch this bot has heard of; null for a minor that was not out. There may be newer ones by now. */
  readonly newest: string | null;
  /** Machines should have at least this version before they go to it, though the installer would take older ones. */
  readonly enterFrom: { readonly version: string; readonly why: string } | null;
  /** What people should know before they go to it; whole sentences. */
  readonly hints: readonly string[];
}

/** By minor, oldest first, each minor once. */
export type CompatibilityTable = readonly TalosRow[];

type Figures = readonly [
  minor: string,
  from: string,
  below: string,
  oldest: string,
  newestKubernetes: string,
];

/**
 * talos-api.md section 7 and kubernetes.md 1.5, from Talos's own `pkg/machinery/compatibility`. The denied lists there are empty
 * for every version, so they have no column here.
 */
const FIGURES: readonly Figures[] = [
  ['1.2', '1.0.0', '1.3.0', '1.23', '1.25'],
  ['1.3', '1.0.0', '1.5.0', '1.24', '1.26'],
  ['1.4', '1.0.0', '1.6.0', '1.25', '1.27'],
  ['1.5', '1.2.0', '1.7.0', '1.26', '1.28'],
  ['1.6', '1.3.0', '1.8.0', '1.24', '1.29'],
  ['1.7', '1.4.0', '1.9.0', '1.25', '1.30'],
  ['1.8', '1.5.0', '1.10.0', '1.26', '1.31'],
  ['1.9', '1.8.0', '1.11.0', '1.27', '1.32'],
  ['1.10', '1.8.0', '1.12.0', '1.28', '1.33'],
  ['1.11', '1.9.0', '1.13.0', '1.29', '1.34'],
  ['1.12', '1.10.0', '1.14.0', '1.30', '1.35'],
  ['1.13', '1.11.0', '1.15.0', '1.31', '1.36'],
  ['1.14', '1.12.0', '1.16.0', '1.32', '1.37'],
  ['1.15', '1.13.0', '1.17.0', '1.33', '1.38'],
];

/** The newest patches when this bot was made (talos-api.md section 7); 1.14 had a release candidate only. */
const NEWEST: Readonly<Record<string, string>> = {
  '1.2': 'v1.2.9',
  '1.3': 'v1.3.7',
  '1.4': 'v1.4.8',
  '1.5': 'v1.5.6',
  '1.6': 'v1.6.8',
  '1.7': 'v1.7.7',
  '1.8': 'v1.8.4',
  '1.9': 'v1.9.6',
  '1.10': 'v1.10.9',
  '1.11': 'v1.11.6',
  '1.12': 'v1.12.11',
  '1.13': 'v1.13.9',
};

/** 1.11 brings etcd 3.6, which must find no stale members: etcd 3.5.26 cleans them up, and Talos 1.10.9 brings that (talos-api.md section 7). */
const THROUGH_ETCD_3_5_26 = {
  version: '1.10.9',
  why: 'etcd 3.6 must be reached through etcd 3.5.26 or newer, or members that left long ago come back as zombies',
};
const ENTER_FROM: Readonly<Record<string, TalosRow['enterFrom']>> = {
  '1.11': THROUGH_ETCD_3_5_26,
  '1.12': THROUGH_ETCD_3_5_26,
};

/** The boundary items of talos-api.md section 7 that an operator can do something about. */
const HINTS: Readonly<Record<string, readonly string[]>> = {
  '1.7': ['Single-board computers need an installer with their overlay from here on.'],
  '1.10': [
    'Extensions in `.machine.install.extensions` are ignored from here on: the image must bring them.',
    'cgroups v1 makes trouble from here on: move machines to cgroups v2 first.',
  ],
  '1.11': ['It brings etcd 3.6.'],
  '1.14': [
    'The installer comes from an Image Factory from here on; the official registry has none.',
    'etcd must be 3.6 or newer and serves TLS 1.3 only; its metrics move to port 2383.',
  ],
};

export const COMPATIBILITY: CompatibilityTable = FIGURES.map(([minor, from, below, oldest, newest]) => ({
  minor,
  hosts: { from, below },
  kubernetes: { from: oldest, to: newest },
  newest: NEWEST[minor] ?? null,
  enterFrom: ENTER_FROM[minor] ?? null,
  hints: HINTS[minor] ?? [],
}));

/** Null for a minor the table does not know: unknown, never fine. */
export function rowOf(table: CompatibilityTable, minor: string): TalosRow | null {
  return table.find((row) => row.minor === minor) ?? null;
}

/** Negative when minor `a` is older. Both as `1.13`. */
export function compareMinors(a: string, b: string): number {
  return compare(`${a}.0`, `${b}.0`);
}

/** `1.14` after `1.13`. A new major has no known successor. */
export function minorAfter(minor: string, steps = 1): string {
  const parsed = parse(`${minor}.0`);
  if (parsed === null) throw new Error(`not a minor: ${minor}`);
  return `${parsed.major}.${parsed.minor + steps}`;
}

/** Whether that Talos runs that minor of Kubernetes. */
export function runsKubernetes(row: TalosRow, kubernetes: string): boolean {
  return (
    compareMinors(kubernetes, row.kubernetes.from) >= 0 && compareMinors(kubernetes, row.kubernetes.to) <= 0
  );
}

/** What an operator's file says of one minor: a minor that is known may leave out what stays. */
export interface OwnRow {
  readonly hosts?: { readonly from: string; readonly below: string } | undefined;
  readonly kubernetes?: { readonly from: string; readonly to: string } | undefined;
  readonly newest?: string | undefined;
  readonly enterFrom?: { readonly version: string; readonly why: string } | undefined;
  readonly hints?: readonly string[] | undefined;
}

export type Merged =
  | { readonly kind: 'table'; readonly table: CompatibilityTable }
  /** One sentence per mistake, each beginning with the minor it is about. */
  | { readonly kind: 'mistakes'; readonly mistakes: readonly string[] };

/** The table with an operator's rows laid over it, by minor such as `1.15`. Every mistake at once; never throws for what a person wrote. */
export function withOwnRows(table: CompatibilityTable, own: Readonly<Record<string, OwnRow>>): Merged {
  const mistakes: string[] = [];
  const rows = new Map(table.map((row) => [row.minor, row]));
  for (const [minor, given] of Object.entries(own)) {
    const wrong = mistakesIn(minor, given, rows.get(minor) ?? null);
    mistakes.push(...wrong.map((sentence) => `${minor}: ${sentence}`));
    if (wrong.length > 0) continue;
    const row = laid(minor, given, rows.get(minor) ?? null);
    if (row !== null) rows.set(minor, row);
  }
  if (mistakes.length > 0) return { kind: 'mistakes', mistakes };
  return { kind: 'table', table: [...rows.values()].sort((a, b) => compareMinors(a.minor, b.minor)) };
}

function laid(minor: string, given: OwnRow, known: TalosRow | null): TalosRow | null {
  const hosts = given.hosts ?? known?.hosts;
  const kubernetes = given.kubernetes ?? known?.kubernetes;
  if (hosts === undefined || kubernetes === undefined) return null;
  return {
    minor,
    hosts,
    kubernetes,
    newest: given.newest === undefined ? (known?.newest ?? null) : tagged(given.newest),
    enterFrom: given.enterFrom ?? known?.enterFrom ?? null,
    hints: given.hints ?? known?.hints ?? [],
  };
}

function tagged(version: string): string {
  return version.startsWith('v') ? version : `v${version}`;
}

const MINOR = /^\d{1,3}\.\d{1,3}$/;

function mistakesIn(minor: string, given: OwnRow, known: TalosRow | null): readonly string[] {
  if (!MINOR.test(minor)) return ['expects a minor of Talos such as 1.15'];
  const { hosts, kubernetes, newest, enterFrom } = given;
  return [
    known === null && hosts === undefined
      ? 'is new to this bot, so it needs hosts.from and hosts.below'
      : null,
    known === null && kubernetes === undefined
      ? 'is new to this bot, so it needs kubernetes.from and kubernetes.to'
      : null,
    hosts === undefined ? null : hostsMistake(hosts),
    kubernetes === undefined ? null : kubernetesMistake(kubernetes),
    newest === undefined ? null : newestMistake(newest, minor),
    enterFrom !== undefined && parse(enterFrom.version) === null
      ? 'enterFrom.version expects a full version such as 1.14.3'
      : null,
  ].filter((sentence) => sentence !== null);
}

function hostsMistake({ from, below }: { readonly from: string; readonly below: string }): string | null {
  if (parse(from) === null || parse(below) === null)
    return 'hosts.from and hosts.below expect full versions such as 1.13.0';
  return lt(from, below) ? null : `hosts.below (${below}) must be newer than hosts.from (${from})`;
}

function kubernetesMistake({ from, to }: { readonly from: string; readonly to: string }): string | null {
  if (!MINOR.test(from) || !MINOR.test(to))
    return 'kubernetes.from and kubernetes.to expect minors such as 1.33';
  return compareMinors(from, to) <= 0
    ? null
    : `kubernetes.to (${to}) must not be older than kubernetes.from (${from})`;
}

function newestMistake(newest: string, minor: string): string | null {
  const parsed = parse(newest);
  return parsed !== null && `${parsed.major}.${parsed.minor}` === minor
    ? null
    : `newest expects a full version of ${minor}, not ${newest}`;
}

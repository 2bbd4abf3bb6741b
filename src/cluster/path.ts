// The shortest legal way from what a cluster runs to what is asked, hop by hop over Talos and Kubernetes.
import { lt, parse, prerelease, rcompare } from 'semver';
import { type CompatibilityTable, compareMinors, minorAfter, rowOf } from './compatibility.ts';
import { outsideOf, reasonsAt, whyOf } from './path-reason.ts';
import { type Move, type Search, type State, searched } from './path-search.ts';
import { type Minors, minorOf } from './version.ts';

export type Product = 'talos' | 'kubernetes';

/** One rollout of a journey. Flat and printable, so that it can be journalled as it is. */
export interface PathHop {
  readonly kind: Product;
  /** The oldest version that runs before it, and the one that runs after it, both with their leading v. */
  readonly from: string;
  readonly to: string;
  readonly notesUrl: string;
  /** Whole sentences. */
  readonly why: string;
}

/** `v`: fields are added and never reused, so that a journal can be read for ever. */
export interface Path {
  readonly v: 1;
  readonly hops: readonly PathHop[];
  /** Absent: nobody knows yet. */
  readonly hopTime?: HopTime;
}

/** How long a hop of Talos takes on this cluster, without waiting for people; of Kubernetes nobody knows. */
export interface HopTime {
  /** How many upgrades it is from. */
  readonly upgrades: number;
  readonly ms: number;
}

/** What runs. Each list names a version once or several times; empty = nobody said. */
export interface Standing {
  /** Of every machine. */
  readonly talos: readonly string[];
  /** Of API servers, controller managers and schedulers. */
  readonly controlPlane: readonly string[];
  readonly kubelets: readonly string[];
}

/** Full versions (`v1.14.1`) or minors (`1.14` = its latest patch); null = may stay, moves only where the other one needs it. */
export interface PathTarget {
  readonly talos: string | null;
  readonly kubernetes: string | null;
}

export interface PathRules {
  readonly minors: Minors;
  /** latest: a minor is left from its latest patch, as Talos's own guide says; needed: only where the table asks for it. */
  readonly patches: 'latest' | 'needed';
}

export const PATH_RULES: PathRules = { minors: 'one-by-one', patches: 'latest' };

export interface PathQuestion {
  readonly standing: Standing;
  readonly target: PathTarget;
  readonly table: CompatibilityTable;
  /** Released versions, in any order; pre-releases among them do not count as the latest of anything. */
  readonly releases: { readonly [P in Product]: readonly string[] };
  readonly rules: PathRules;
  /** Addresses of the projects, without a slash at the end: `https://github.com/siderolabs/talos`. */
  readonly projects: { readonly [P in Product]: string };
}

export type Pathfinding =
  | { readonly kind: 'found'; readonly path: Path; readonly notes: readonly string[] }
  /** A person must find something out first. `outline`: the way in minors, as far as it is known: `Talos 1.13`. */
  | { readonly kind: 'unknown'; readonly questions: readonly string[]; readonly outline: readonly string[] }
  /** There is no legal way; `nearest` leads as close as one can get, `reasons` say what stops it there. */
  | { readonly kind: 'blocked'; readonly nearest: Path; readonly reasons: readonly string[] };

export const TITLE: Readonly<Record<Product, string>> = { talos: 'Talos', kubernetes: 'Kubernetes' };

/** Pure and deterministic: of several shortest ways the one that moves Talos earlier. A version nobody knows is asked about, never taken for fine. */
export function findPath(question: PathQuestion): Pathfinding {
  const questions = questionsFirst(question);
  if (questions.length > 0) return { kind: 'unknown', questions, outline: [] };
  const backwards = (['talos', 'kubernetes'] as const).flatMap((product) => downwards(question, product));
  if (backwards.length > 0) return { kind: 'blocked', nearest: { v: 1, hops: [] }, reasons: backwards };
  const search = searchFor(question);
  const { moves, end, arrived } = searched(search);
  const open = openQuestions(question, search, moves);
  if (open.length > 0) return { kind: 'unknown', questions: open, outline: moves.map(outlineOf) };
  const path: Path = { v: 1, hops: hopsOf(question, search, moves) };
  if (!arrived) return { kind: 'blocked', nearest: path, reasons: reasonsAt(end, search) };
  return { kind: 'found', path, notes: outsideOf(search) };
}

function outlineOf({ kind, after }: Move): string {
  return `${TITLE[kind]} ${after[kind]}`;
}

function sorted(versions: readonly string[]): readonly string[] {
  return [...versions].sort((a, b) => -rcompare(a, b));
}

/** What runs of one product: the oldest, from where the way starts, and the newest, which must not be passed downwards. */
export function rangeOf(standing: Standing, product: Product): { oldest: string; newest: string } | null {
  const { talos, controlPlane, kubelets } = standing;
  if (product === 'talos') return spanOf(talos);
  const newest = sorted([...controlPlane, ...kubelets]).at(-1);
  if (newest === undefined) return null;
  // Nobody named the control plane: it is at least as new as the newest kubelet, which Kubernetes itself insists on.
  return { oldest: sorted(controlPlane)[0] ?? newest, newest };
}

/** The oldest and the newest of some versions; null when there is none. */
export function spanOf(versions: readonly string[]): { oldest: string; newest: string } | null {
  const all = sorted(versions);
  const newest = all.at(-1);
  return newest === undefined ? null : { oldest: all[0] ?? newest, newest };
}

/** The newest patch of a minor among the releases; null when they have none. */
export function latestOf(releases: readonly string[], minor: string): string | null {
  const patches = releases.filter(
    (version) => parse(version) !== null && prerelease(version) === null && minorOf(version) === minor,
  );
  return sorted(patches).at(-1) ?? null;
}

/** `1.14` of `1.14`, `v1.14` or `v1.14.1`; null for anything else. */
export function targetMinor(target: string): string | null {
  const minor = /^v?(\d{1,3}\.\d{1,3})$/.exec(target)?.[1];
  return minor ?? (parse(target) === null ? null : minorOf(target));
}

function isExact(target: string): boolean {
  return parse(target) !== null;
}

/** What must be known before there is anything to search. */
function questionsFirst(question: PathQuestion): readonly string[] {
  const { standing, target, table, releases } = question;
  const unread = [...standing.talos, ...standing.controlPlane, ...standing.kubelets].filter(
    (version) => parse(version) === null,
  );
  if (unread.length > 0)
    return [...new Set(unread)].map(
      (version) => `What is ${version}? It runs, and it is no version that can be compared.`,
    );
  const [talos, kubernetes] = [rangeOf(standing, 'talos'), rangeOf(standing, 'kubernetes')];
  if (talos === null) return ['Which Talos runs? No machine said.'];
  if (kubernetes === null)
    return ['Which Kubernetes runs? Nobody said, so whether Talos may move is not known either.'];
  const wanted = (['talos', 'kubernetes'] as const).flatMap((product) => {
    const asked = target[product];
    if (asked === null) return [];
    if (targetMinor(asked) === null) return [`Which version is ${asked}? It is none that can be compared.`];
    if (!isExact(asked) || releases[product].includes(tagOf(asked))) return [];
    const runs = rangeOf(standing, product);
    if (runs !== null && runs.oldest === tagOf(asked) && runs.newest === runs.oldest) return [];
    return [
      `Is there ${TITLE[product]} ${tagOf(asked)}? The release lists that could be read do not have it.`,
    ];
  });
  return wanted.length > 0
    ? wanted
    : unknownMinors({ table, talos: talos.oldest, newest: talos.newest }, target);
}

function tagOf(version: string): string {
  return version.startsWith('v') ? version : `v${version}`;
}

/** More minors than Talos brings out in ten years: a typing mistake asks one question, not a thousand. */
const MOST_MINORS = 30;

/** Every Talos on the way, and the Kubernetes asked for, must be in the table. */
function unknownMinors(
  { table, talos, newest }: { table: CompatibilityTable; talos: string; newest: string },
  target: PathTarget,
): readonly string[] {
  const first = minorOf(talos);
  const last = target.talos === null ? minorOf(newest) : (targetMinor(target.talos) ?? first);
  const way = [first];
  for (let at = first; compareMinors(at, last) < 0 && way.length < MOST_MINORS; ) {
    at = minorAfter(at);
    way.push(at);
  }
  if (way.at(-1) !== last && compareMinors(first, last) < 0) way.splice(1, way.length, last);
  const missing = way.filter((minor) => rowOf(table, minor) === null);
  const kubernetes = target.kubernetes === null ? null : targetMinor(target.kubernetes);
  const newestKubernetes = table
    .map((row) => row.kubernetes.to)
    .sort(compareMinors)
    .at(-1);
  const beyond =
    kubernetes !== null && newestKubernetes !== undefined && compareMinors(kubernetes, newestKubernetes) > 0
      ? [`Which Talos runs Kubernetes ${kubernetes}? The compatibility table ends at ${newestKubernetes}.`]
      : [];
  return [
    ...missing.map((minor) => `What does Talos ${minor} need? It is not in the compatibility table.`),
    ...beyond,
  ];
}

/** Nothing goes down here: neither is it tested by anybody, nor can Kubernetes do it at all. */
function downwards({ standing, target }: PathQuestion, product: Product): readonly string[] {
  const runs = rangeOf(standing, product);
  const asked = target[product];
  if (asked === null || runs === null) return [];
  const down = isExact(asked)
    ? lt(asked, runs.newest)
    : compareMinors(targetMinor(asked) ?? '0.0', minorOf(runs.newest)) < 0;
  if (!down) return [];
  const advice =
    product === 'talos'
      ? 'to bring one node back, roll it back'
      : 'Kubernetes cannot go back to an older minor once it has written its data in the newer form';
  return [`${TITLE[product]} ${runs.newest} runs, which is newer than ${asked}: ${advice}.`];
}

function searchFor(question: PathQuestion): Search {
  const { standing, target, table, rules } = question;
  const talos = rangeOf(standing, 'talos');
  const kubernetes = rangeOf(standing, 'kubernetes');
  if (talos === null || kubernetes === null) throw new Error('was asked about before');
  const landing = (product: Product, minor: string): string | null => landingOf(question, product, minor);
  const everything = { talos: standing.talos, kubernetes: [...standing.controlPlane, ...standing.kubelets] };
  const settled = (product: Product, minor: string): boolean => {
    const best = landing(product, minor);
    const patches = everything[product].filter((version) => minorOf(version) === minor);
    return best === null || patches.every((version) => !lt(version, best));
  };
  const oldestKubelet = sorted(standing.kubelets)[0] ?? kubernetes.oldest;
  const start: State = {
    talos: minorOf(talos.oldest),
    settled: {
      talos: settled('talos', minorOf(talos.oldest)),
      kubernetes: settled('kubernetes', minorOf(kubernetes.oldest)),
    },
    kubernetes: minorOf(kubernetes.oldest),
    kubelets: minorOf(oldestKubelet),
  };
  const talosGoal = target.talos === null ? null : targetMinor(target.talos);
  const kubernetesGoal = target.kubernetes === null ? null : targetMinor(target.kubernetes);
  return {
    start,
    from: { talos: talos.oldest, kubernetes: kubernetes.oldest, kubelets: oldestKubelet },
    newest: { talos: minorOf(talos.newest), kubernetes: minorOf(kubernetes.newest) },
    goal: { talos: talosGoal, kubernetes: kubernetesGoal },
    table,
    rules,
    landing,
  };
}

/** The version a hop to this minor brings: the one asked for, or the latest patch, or the newer one that some machine has already. */
function landingOf(question: PathQuestion, product: Product, minor: string): string | null {
  const asked = question.target[product];
  if (asked !== null && isExact(asked) && minorOf(asked) === minor) return tagOf(asked);
  const runs = rangeOf(question.standing, product)?.newest ?? null;
  const latest = latestOf(question.releases[product], minor);
  if (latest === null || runs === null || minorOf(runs) !== minor) return latest;
  return sorted([latest, runs]).at(-1) ?? null;
}

/** Latest patches that the way needs and no list has. */
function openQuestions(question: PathQuestion, search: Search, moves: readonly Move[]): readonly string[] {
  const needed = new Map<string, Pick<Move, 'kind'> & { readonly minor: string }>();
  const need = (kind: Product, minor: string): void => {
    if (search.landing(kind, minor) === null) needed.set(`${kind} ${minor}`, { kind, minor });
  };
  for (const { kind, before, after } of moves) {
    if (kind === 'talos' && question.rules.patches === 'latest') need(kind, before.talos);
    need(kind, after[kind]);
  }
  return [...needed.values()].map(
    ({ kind, minor }) =>
      `Which is the latest patch of ${TITLE[kind]} ${minor}? No release list that could be read has one.`,
  );
}

function hopsOf(question: PathQuestion, search: Search, moves: readonly Move[]): readonly PathHop[] {
  const at = { talos: search.from.talos, kubernetes: search.from.kubernetes };
  return moves.map((move, index): PathHop => {
    const { kind, after } = move;
    const before = at[kind];
    const to = search.landing(kind, after[kind]) ?? before;
    // The control plane is there already: the hop is for the kubelets.
    const from = before === to && kind === 'kubernetes' ? search.from.kubelets : before;
    at[kind] = to;
    return { kind, from, to, notesUrl: notesOf(question, kind, to), why: whyOf(moves, index, search) };
  });
}

/** Talos describes each release on its page; Kubernetes keeps what is urgent about a minor at the top of that minor's log of changes. */
function notesOf({ projects }: PathQuestion, kind: Product, version: string): string {
  return kind === 'talos'
    ? `${projects.talos}/releases/tag/${version}`
    : `${projects.kubernetes}/blob/master/CHANGELOG/CHANGELOG-${minorOf(version)}.md`;
}

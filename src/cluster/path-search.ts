// Breadth-first over (Talos minor, Kubernetes minor): every state on the way is one that Talos and Kubernetes both support.
import { gte, lt, parse } from 'semver';
import {
  type CompatibilityTable,
  compareMinors,
  minorAfter,
  rowOf,
  runsKubernetes,
} from './compatibility.ts';
import type { PathRules, Product } from './path.ts';

/** Between two hops. All minors are those of the machine, component or kubelet that is furthest behind. */
export interface State {
  readonly talos: string;
  readonly kubernetes: string;
  readonly kubelets: string;
  /** Whether the version is the one a hop to this minor would bring; where the way starts it may be an older patch. */
  readonly settled: { readonly [P in Product]: boolean };
}

export interface Move {
  readonly kind: Product;
  readonly before: State;
  readonly after: State;
}

export interface Search {
  readonly start: State;
  /** Full versions at the start, the oldest of each. */
  readonly from: { readonly [P in Product]: string } & { readonly kubelets: string };
  /** The newest minors that run at the start: what lags behind goes through, what is ahead stays. */
  readonly newest: { readonly [P in Product]: string };
  /** Null: anywhere. */
  readonly goal: { readonly [P in Product]: string | null };
  readonly table: CompatibilityTable;
  readonly rules: PathRules;
  /** The version a hop to this minor brings; null when no list has one. */
  readonly landing: (product: Product, minor: string) => string | null;
}

export interface Searched {
  readonly moves: readonly Move[];
  readonly end: State;
  /** False: `end` is as near as one gets. */
  readonly arrived: boolean;
}

/** kubernetes.md 3.9: kubelets older than 1.25 may lag two minors behind the API server, all others three. */
const LAG = { upTo124: 2, since125: 3 };

interface Reached {
  readonly state: State;
  readonly moves: readonly Move[];
}

/** Bounded by the table: no state is looked at twice, and nothing leaves the table's minors. */
export function searched(search: Search): Searched {
  const seen = new Set([keyOf(search.start)]);
  const queue: Reached[] = [{ state: search.start, moves: [] }];
  let nearest: Reached | null = null;
  for (const reached of queue) {
    const left = distance(reached.state, search);
    if (left === 0) return { moves: reached.moves, end: reached.state, arrived: true };
    // Strictly nearer: of equals the first found stays, which is the shortest way with Talos earliest.
    if (nearest === null || left < distance(nearest.state, search)) nearest = reached;
    for (const move of movesFrom(reached.state, search)) {
      const key = keyOf(move.after);
      if (seen.has(key)) continue;
      seen.add(key);
      queue.push({ state: move.after, moves: [...reached.moves, move] });
    }
  }
  const { moves, state } = nearest ?? { moves: [], state: search.start };
  return { moves, end: state, arrived: false };
}

function keyOf({ talos, kubernetes, kubelets, settled }: State): string {
  return [talos, kubernetes, kubelets, settled.talos, settled.kubernetes].join(' ');
}

/** Minors still to go, and one more for a version that is not the asked one yet; 0 = arrived. */
function distance(state: State, { goal }: Search): number {
  return (['talos', 'kubernetes'] as const).reduce((sum, product) => {
    const wanted = goal[product];
    if (wanted === null) return sum;
    const lagging = product === 'kubernetes' && state.kubelets !== state.kubernetes;
    const unsettled = !state.settled[product] || lagging ? 1 : 0;
    return sum + minorsBetween(state[product], wanted) + unsettled;
  }, 0);
}

function minorsBetween(from: string, to: string): number {
  return Math.abs((parse(`${to}.0`)?.minor ?? 0) - (parse(`${from}.0`)?.minor ?? 0));
}

/** Talos before Kubernetes: the order decides between ways of the same length. */
function movesFrom(before: State, search: Search): readonly Move[] {
  return [...talosMoves(before, search), ...kubernetesMoves(before, search)];
}

function talosMoves(before: State, search: Search): readonly Move[] {
  const settled = { ...before.settled, talos: true };
  const to = (talos: string): Move => ({ kind: 'talos', before, after: { ...before, talos, settled } });
  const patch = before.settled.talos ? [] : [to(before.talos)];
  const steps = search.rules.minors === 'one-by-one' ? 1 : search.table.length;
  const minors = Array.from({ length: steps }, (_, step) => minorAfter(before.talos, step + 1));
  return [...patch, ...minors.filter((minor) => stopsTalos(before, minor, search) === null).map(to)];
}

function kubernetesMoves(before: State, search: Search): readonly Move[] {
  const settled = { ...before.settled, kubernetes: true };
  const to = (kubernetes: string): Move => ({
    kind: 'kubernetes',
    before,
    after: { ...before, kubernetes, kubelets: kubernetes, settled },
  });
  const lagging = before.kubelets !== before.kubernetes;
  const patch = before.settled.kubernetes && !lagging ? [] : [to(before.kubernetes)];
  const next = minorAfter(before.kubernetes);
  return stopsKubernetes(before, next, search) === null ? [...patch, to(next)] : patch;
}

/** Why Talos cannot go from this state to that minor; null when it can. A clause that follows on "because". */
export function stopsTalos(state: State, minor: string, search: Search): string | null {
  const row = rowOf(search.table, minor);
  if (row === null) return `Talos ${minor} is not in the compatibility table`;
  if (search.goal.talos !== null && compareMinors(minor, search.goal.talos) > 0)
    return `Talos ${search.goal.talos} is what was asked for`;
  const host = runningTalos(state, search);
  if (lt(host, row.hosts.from)) return `Talos ${minor} takes machines from ${row.hosts.from} on`;
  if (!lt(host, row.hosts.below)) return `Talos ${minor} takes machines below ${row.hosts.below} only`;
  if (!state.settled.talos && search.rules.patches === 'latest')
    return `the latest patch of Talos ${state.talos} comes first`;
  if (row.enterFrom !== null && !gte(host, row.enterFrom.version)) return row.enterFrom.why;
  return outside({ ...state, talos: minor }, search);
}

/** Why Kubernetes cannot go from this state to that minor; null when it can. */
export function stopsKubernetes(state: State, minor: string, search: Search): string | null {
  if (search.goal.kubernetes !== null && compareMinors(minor, search.goal.kubernetes) > 0)
    return `Kubernetes ${search.goal.kubernetes} is what was asked for`;
  const most = compareMinors(state.kubelets, '1.25') < 0 ? LAG.upTo124 : LAG.since125;
  if (minorsBetween(state.kubelets, minor) > most)
    return `kubelets of ${state.kubelets} may be at most ${most} minors behind the API server`;
  return outside({ ...state, kubernetes: minor, kubelets: minor }, search);
}

/** Why Talos and Kubernetes do not go together in a state; null when they do. Machines that are ahead count as well. */
export function outside(state: State, { table, newest }: Search): string | null {
  for (const talos of [state.talos, ...ahead(state.talos, newest.talos)]) {
    const row = rowOf(table, talos);
    if (row === null) return `Talos ${talos} is not in the compatibility table`;
    const minors = [state.kubernetes, state.kubelets, ...ahead(state.kubernetes, newest.kubernetes)];
    const wrong = minors.find((minor) => !runsKubernetes(row, minor));
    if (wrong !== undefined)
      return `Talos ${talos} runs Kubernetes ${row.kubernetes.from} to ${row.kubernetes.to}, not ${wrong}`;
  }
  return null;
}

function ahead(reached: string, newest: string): readonly string[] {
  return compareMinors(newest, reached) > 0 ? [newest] : [];
}

/** Without its pre-release part, as the installer reads it. Where no list names a patch, the newest is assumed: the way is asked about anyway. */
function runningTalos(state: State, search: Search): string {
  const running =
    state.talos === search.start.talos && !state.settled.talos
      ? search.from.talos
      : (search.landing('talos', state.talos) ?? `${state.talos}.999`);
  const parsed = parse(running);
  return parsed === null ? running : `${parsed.major}.${parsed.minor}.${parsed.patch}`;
}

// Objects that others keep applying: which of them a policy chooses to leave alone for the time of a rollout.
import type { Named } from './estate/pods.ts';

export type NeighbourKind = 'Kustomization' | 'HelmRelease' | 'Application';

/** A Flux object that applies something, or an Argo CD Application. */
export interface Neighbour extends Named {
  readonly kind: NeighbourKind;
}

export interface NeighbourSeen extends Neighbour {
  readonly labels: Readonly<Record<string, string>>;
  /** Its controller leaves it alone already. */
  readonly suspended: boolean;
  /** The Flux Kustomization that applies this object itself; null when none does, or nobody can tell. */
  readonly appliedBy: Named | null;
}

/** Everything that is given must hold; a selector that gives nothing chooses all. */
export interface NeighbourSelector {
  readonly kind: NeighbourKind | null;
  /** With `*` for any characters; null = any. */
  readonly namespace: string | null;
  readonly name: string | null;
  readonly labels: Readonly<Record<string, string>>;
}

/** Whom a policy suspends; two empty lists choose nobody. */
export interface NeighbourPolicy {
  readonly flux: readonly NeighbourSelector[];
  readonly argo: readonly NeighbourSelector[];
}

export function choosesAny({ flux, argo }: NeighbourPolicy): boolean {
  return flux.length + argo.length > 0;
}

/** "Kustomization flux-system/apps". */
export function neighbourText({ kind, namespace, name }: Neighbour): string {
  return `${kind} ${namespace}/${name}`;
}

/** The chosen ones, each after the one that applies it: who is suspended last cannot undo who was suspended first. */
export function chosenNeighbours(
  seen: readonly NeighbourSeen[],
  policy: NeighbourPolicy,
): readonly NeighbourSeen[] {
  const chosen = seen.filter((one) => {
    const selectors = one.kind === 'Application' ? policy.argo : policy.flux;
    return selectors.some((selector) => chooses(selector, one));
  });
  const depths = new Map(chosen.map((one) => [one, depthOf(one, chosen)]));
  return chosen.toSorted(
    (a, b) => (depths.get(a) ?? 0) - (depths.get(b) ?? 0) || (neighbourText(a) < neighbourText(b) ? -1 : 1),
  );
}

/** Kustomizations nested deeper than this are a circle. */
const MAX_DEPTH = 20;

function depthOf(one: NeighbourSeen, all: readonly NeighbourSeen[]): number {
  let depth = 0;
  for (let at = applierOf(one, all); at !== null && depth < MAX_DEPTH; at = applierOf(at, all)) depth += 1;
  return depth;
}

/** Among these, the Kustomization that applies it; one that applies itself is nobody else. */
export function applierOf(one: NeighbourSeen, all: readonly NeighbourSeen[]): NeighbourSeen | null {
  const { appliedBy } = one;
  if (appliedBy === null) return null;
  const found = all.find(
    ({ kind, namespace, name }) =>
      kind === 'Kustomization' && namespace === appliedBy.namespace && name === appliedBy.name,
  );
  return found === undefined || found === one ? null : found;
}

function chooses({ kind, namespace, name, labels }: NeighbourSelector, one: NeighbourSeen): boolean {
  return (
    (kind === null || kind === one.kind) &&
    matches(namespace, one.namespace) &&
    matches(name, one.name) &&
    Object.entries(labels).every(([key, value]) => one.labels[key] === value)
  );
}

/** Walks the parts between stars from left to right: no regular expression is made of what a person wrote. */
function matches(pattern: string | null, text: string): boolean {
  if (pattern === null) return true;
  const parts = pattern.split('*');
  const [first = '', ...rest] = parts;
  if (rest.length === 0) return text === pattern;
  const last = rest.pop() ?? '';
  if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last))
    return false;
  const end = text.length - last.length;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

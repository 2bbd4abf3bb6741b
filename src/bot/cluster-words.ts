// Which cluster a typed line is about: named as its first word, or following from the place where it was typed.
import { nearest } from './nearest.ts';

export interface Around {
  readonly clusters: readonly { readonly name: string; readonly channel: string }[];
  /** Where the command was typed. */
  readonly channel: string;
}

export type Chosen =
  | { readonly kind: 'chosen'; readonly cluster: string; readonly rest: readonly string[] }
  /** The first word stands where a cluster would, and no cluster is called that. */
  | { readonly kind: 'unknown'; readonly typed: string; readonly rest: readonly string[] }
  /** None was named, and none follows from the place. */
  | { readonly kind: 'unsaid'; readonly rest: readonly string[] };

/** Splits off the cluster; `isArgument` says whether a word is already what comes after it. */
export function takeCluster(
  words: readonly string[],
  around: Around,
  isArgument: (word: string) => boolean,
): Chosen {
  const [first, second] = words;
  const rest = words.slice(1);
  const known = first === undefined ? null : knownCluster(first, around);
  if (known !== null) return { kind: 'chosen', cluster: known, rest };
  const implied = impliedCluster(around);
  if (first !== undefined && !isArgument(first)) {
    const meant = nearest(first, namesIn(around));
    if (meant !== null || implied === null || (second !== undefined && isArgument(second))) {
      return { kind: 'unknown', typed: first, rest };
    }
  }
  return implied === null
    ? { kind: 'unsaid', rest: words }
    : { kind: 'chosen', cluster: implied, rest: words };
}

export function knownCluster(typed: string, around: Around): string | null {
  return namesIn(around).find((name) => name.toLowerCase() === typed.toLowerCase()) ?? null;
}

/** The only cluster there is, or the only one of this channel. */
export function impliedCluster(around: Around): string | null {
  const [only, second] = around.clusters;
  if (only !== undefined && second === undefined) return only.name;
  const here = around.clusters.filter((cluster) => cluster.channel === around.channel);
  return here.length === 1 ? (here[0]?.name ?? null) : null;
}

export function namesIn({ clusters }: Around): readonly string[] {
  return clusters.map(({ name }) => name);
}

// The words of `/talos path` after the cluster: which Talos and which Kubernetes somebody wants to get to.
import { type PathTarget, type Product, TITLE } from '../cluster/path.ts';
import type { Trouble } from './options.ts';
import { quoted } from './quoting.ts';
import { readVersionOrMinor, VERSION_LIKE } from './typed-version.ts';

export type PathWords = { readonly kind: 'target'; readonly target: PathTarget } | Trouble;

export const PATH_EXAMPLE = 'v1.13.5 kubernetes 1.36';

/** What people call them; dashes before it are what other commands want. */
const NAMED: Readonly<Record<string, Product>> = {
  talos: 'talos',
  os: 'talos',
  kubernetes: 'kubernetes',
  kube: 'kubernetes',
  k8s: 'kubernetes',
};
/** Words that make it a sentence and mean nothing more. */
const FILLING = ['to', 'and', 'with', 'then', '→', '->', ','];

/** True for a word that can stand where otherwise the cluster's name would. */
export function isPathWord(word: string): boolean {
  return VERSION_LIKE.test(word) || FILLING.includes(word.toLowerCase()) || productOf(word) !== null;
}

function productOf(word: string): Product | null {
  return NAMED[word.toLowerCase().replace(/^--?/, '')] ?? null;
}

/** `v1.14 kubernetes 1.36`, `kubernetes=1.36`, `to talos 1.14 and k8s 1.36.3`, or nothing. */
export function takePath(words: readonly string[]): PathWords {
  const target: { talos: string | null; kubernetes: string | null } = { talos: null, kubernetes: null };
  let product: Product = 'talos';
  let named: Product | null = null;
  for (const word of words.flatMap((one) => one.split('=')).filter((one) => one !== '')) {
    const next = productOf(word);
    if (next !== null) {
      if (named !== null) return trouble(`Say which version of ${TITLE[named]}.`);
      product = named = next;
      continue;
    }
    if (FILLING.includes(word.toLowerCase())) continue;
    const version = readVersionOrMinor(word.replace(/,$/, ''));
    if (version === null) return trouble(`${quoted(word)} is no version.`);
    if (target[product] !== null) return trouble(`Say one version of ${TITLE[product]}.`);
    target[product] = version;
    named = null;
  }
  return named === null ? { kind: 'target', target } : trouble(`Say which version of ${TITLE[named]}.`);
}

function trouble(sentence: string): Trouble {
  return { kind: 'trouble', sentence, example: PATH_EXAMPLE };
}

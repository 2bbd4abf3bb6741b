// Reads the command line of the bench; every mistake is one sentence.
import { FULL, QUICK, type Sizes } from './measurement.ts';

export type Wish =
  | {
      readonly kind: 'measure';
      /** In the order of the registry, not of the command line. */
      readonly names: readonly string[];
      readonly sizes: Sizes;
      readonly output: 'text' | 'text-and-json';
    }
  | { readonly kind: 'list' }
  | { readonly kind: 'mistake'; readonly sentence: string };

export const USAGE = `npm run bench                       measures everything, at the sizes that were promised
npm run bench -- NAME… [options]    measures only these
npm run bench -- --list             the measurements, one a line

options: --json (the last line is JSON)   --quick (small sizes)
         --snapshot-mib N   --nodes N   --pods N   --entries N   --rounds N   --slow-ms N
         --clusters N   --node-ms N`;

interface Range {
  readonly size: keyof Sizes;
  readonly least: number;
  readonly most: number;
}

const SIZES: Readonly<Record<string, Range>> = {
  // Memory is watched in steps of 1 MiB once a quarter has passed; 8 GiB is etcd's largest sensible size.
  '--snapshot-mib': { size: 'snapshotMib', least: 16, most: 8_192 },
  // Three are the control plane, and one must be left to be slow; more do not fit the loopback addresses of a simulated cluster.
  '--nodes': { size: 'nodes', least: 4, most: 150 },
  // Half of them must still fill a few nodes.
  '--pods': { size: 'pods', least: 200, most: 50_000 },
  // Shorter than the story that a history begins with, it would not be one.
  '--entries': { size: 'entries', least: 100, most: 1_000_000 },
  '--rounds': { size: 'rounds', least: 5, most: 1_000_000 },
  // At 5 s a question is given up: it would be a dead machine, not a slow one.
  '--slow-ms': { size: 'slowMs', least: 0, most: 4_500 },
  // Each takes a dozen sockets here and there, and a process may have so many.
  '--clusters': { size: 'clusters', least: 1, most: 200 },
  // Shorter, and nothing of it is a share of anything; longer, and nobody waits for it.
  '--node-ms': { size: 'nodeMs', least: 500, most: 120_000 },
};

export function readArguments(words: readonly string[], known: readonly string[]): Wish {
  const names = new Set<string>();
  const changed: { -readonly [K in keyof Sizes]?: number } = {};
  const flags = new Set<string>();
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    const range = SIZES[word];
    if (range !== undefined) {
      at += 1;
      const value = sizeOf(words[at] ?? '', range);
      if (value === null)
        return mistake(`${word} expects a whole number from ${range.least} to ${range.most}.`);
      changed[range.size] = value;
    } else if (['--json', '--quick', '--list'].includes(word)) flags.add(word);
    else if (known.includes(word)) names.add(word);
    else if (word.startsWith('-')) return mistake(`"${word}" is not an option of the bench.`);
    else return mistake(`There is no measurement "${word}". They are: ${known.join(', ')}.`);
  }
  if (flags.has('--list')) return { kind: 'list' };
  return {
    kind: 'measure',
    names: known.filter((name) => names.size === 0 || names.has(name)),
    sizes: { ...(flags.has('--quick') ? QUICK : FULL), ...changed },
    output: flags.has('--json') ? 'text-and-json' : 'text',
  };
}

function sizeOf(text: string, { least, most }: Range): number | null {
  if (!/^\d{1,7}$/.test(text)) return null;
  const value = Number(text);
  return value >= least && value <= most ? value : null;
}

function mistake(sentence: string): Wish {
  return { kind: 'mistake', sentence };
}

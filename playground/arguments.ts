// Reads the demo's command line; every mistake is one sentence.

export interface ClusterSize {
  readonly controlPlanes: number;
  readonly workers: number;
}

export interface RunOptions {
  readonly seed: number;
  readonly size: ClusterSize | null;
  readonly rebootMs: number | null;
}

export type Wish =
  | { readonly kind: 'demo'; readonly options: RunOptions }
  | { readonly kind: 'help' }
  | { readonly kind: 'list' }
  | { readonly kind: 'scenario'; readonly name: string; readonly options: RunOptions }
  | { readonly kind: 'only-slack' }
  | { readonly kind: 'only-cluster'; readonly out: string; readonly options: RunOptions }
  | { readonly kind: 'mistake'; readonly sentence: string };

export const USAGE = `npm run demo                                    the playground: local Slack, simulated cluster, the real bot
npm run demo -- --list                          the scenarios, one a line
npm run demo -- --scenario NAME [options]       plays one scenario without a page; its last line is JSON
npm run demo -- --only slack                    only the local Slack; prints one JSON line
npm run demo -- --only cluster --out DIR        only the simulated cluster; writes talosconfig and kubeconfig to DIR

options: --seed N   --nodes CP+W (such as 3+3)   --reboot-ms N`;

const SIZES = ['--seed', '--nodes', '--reboot-ms'] as const;
/** What each way to start it takes besides; the demo itself is named by no flag. */
const TAKES = {
  '--help': [],
  '--list': [],
  '--scenario': SIZES,
  '--only': ['--out', ...SIZES],
  demo: SIZES,
} as const;
type Way = keyof typeof TAKES;
const WAYS: readonly Exclude<Way, 'demo'>[] = ['--help', '--list', '--scenario', '--only'];
const FLAGS = [...WAYS, '--out', ...SIZES] as const;
type Flag = (typeof FLAGS)[number];
/** Flags that stand alone. */
const BARE: readonly Flag[] = ['--help', '--list'];

/** More nodes than this do not fit the loopback addresses a simulated cluster takes. */
const MOST_NODES = 100;

export function readArguments(words: readonly string[]): Wish {
  const given = new Map<Flag, string>();
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] === '-h' ? '--help' : words[at];
    const flag = FLAGS.find((known) => known === word);
    if (flag === undefined) return mistake(`"${words[at] ?? ''}" is not an option of the demo.`);
    if (given.has(flag)) return mistake(`${flag} is there twice.`);
    if (BARE.includes(flag)) {
      given.set(flag, '');
      continue;
    }
    const value = words[at + 1];
    if (value === undefined || value.startsWith('--')) return mistake(`${flag} expects a value.`);
    given.set(flag, value);
    at += 1;
  }
  if (given.has('--help')) return { kind: 'help' };
  return wishOf(given);
}

function wishOf(given: ReadonlyMap<Flag, string>): Wish {
  const way = WAYS.find((one) => given.has(one)) ?? 'demo';
  const taken: readonly Flag[] = TAKES[way];
  const odd = [...given.keys()].find((flag) => flag !== way && !taken.includes(flag));
  if (odd !== undefined)
    return mistake(way === 'demo' ? `${odd} belongs to --only cluster.` : `${odd} does not go with ${way}.`);
  const options = readOptions(given);
  if ('sentence' in options) return options;
  if (way === '--list') return { kind: 'list' };
  const scenario = given.get('--scenario');
  if (scenario !== undefined) return { kind: 'scenario', name: scenario, options };
  return way === 'demo' ? { kind: 'demo', options } : only(given, options);
}

function only(given: ReadonlyMap<Flag, string>, options: RunOptions): Wish {
  const what = given.get('--only') ?? '';
  const [odd] = [...given.keys()].filter((flag) => flag !== '--only');
  if (what === 'slack')
    return odd === undefined ? { kind: 'only-slack' } : mistake(`${odd} does not go with --only slack.`);
  if (what !== 'cluster') return mistake(`--only takes slack or cluster, not "${what}".`);
  const out = given.get('--out');
  if (out === undefined)
    return mistake('--only cluster expects --out DIR, where talosconfig and kubeconfig are written.');
  return { kind: 'only-cluster', out, options };
}

function readOptions(given: ReadonlyMap<Flag, string>): RunOptions | Extract<Wish, { kind: 'mistake' }> {
  const seed = whole(given.get('--seed') ?? '1');
  if (seed === null) return mistake('--seed expects a whole number.');
  const rebootText = given.get('--reboot-ms');
  const rebootMs = rebootText === undefined ? null : whole(rebootText);
  if (rebootText !== undefined && rebootMs === null)
    return mistake('--reboot-ms expects a whole number of milliseconds.');
  const nodes = given.get('--nodes');
  if (nodes === undefined) return { seed, size: null, rebootMs };
  const found = /^(\d+)\+(\d+)$/.exec(nodes);
  const size = { controlPlanes: Number(found?.[1] ?? 0), workers: Number(found?.[2] ?? 0) };
  if (found === null || size.controlPlanes < 1 || size.controlPlanes + size.workers > MOST_NODES) {
    return mistake(
      `--nodes expects control-plane+workers such as 3+3, at least 1+0 and at most ${MOST_NODES} together.`,
    );
  }
  return { seed, size, rebootMs };
}

function whole(text: string): number | null {
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
}

function mistake(sentence: string): Extract<Wish, { kind: 'mistake' }> {
  return { kind: 'mistake', sentence };
}

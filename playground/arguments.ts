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

const FLAGS = ['--list', '--scenario', '--only', '--out', '--seed', '--nodes', '--reboot-ms'] as const;
type Flag = (typeof FLAGS)[number];

/** More nodes than this do not fit the loopback addresses a simulated cluster takes. */
const MOST_NODES = 100;

export function readArguments(words: readonly string[]): Wish {
  const given = new Map<Flag, string>();
  for (let at = 0; at < words.length; at += 1) {
    const flag = FLAGS.find((known) => known === words[at]);
    if (flag === undefined) return mistake(`"${words[at] ?? ''}" is not an option of the demo.`);
    if (flag === '--list') {
      given.set(flag, '');
      continue;
    }
    const value = words[at + 1];
    if (value === undefined || value.startsWith('--')) return mistake(`${flag} expects a value.`);
    given.set(flag, value);
    at += 1;
  }
  const options = readOptions(given);
  if ('sentence' in options) return options;
  if (given.has('--list')) return { kind: 'list' };
  const scenario = given.get('--scenario');
  if (scenario !== undefined) return { kind: 'scenario', name: scenario, options };
  return only(given, options);
}

function only(given: ReadonlyMap<Flag, string>, options: RunOptions): Wish {
  const what = given.get('--only');
  const out = given.get('--out');
  if (what === undefined)
    return out === undefined ? { kind: 'demo', options } : mistake('--out belongs to --only cluster.');
  if (what === 'slack') return { kind: 'only-slack' };
  if (what !== 'cluster') return mistake(`--only takes slack or cluster, not "${what}".`);
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

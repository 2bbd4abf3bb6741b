// The Kubernetes half of a pre-flight over many nodes and pods, with all checks and a health check on every pod: time, memory of the worker alone, and pages.
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { startFlags } from './as-started.ts';
import { figure, judged, type Measurement, type Part, ratio } from './measurement.ts';
import type { Judgement, Judging } from './programs/judging.ts';
import type { Populated, Told } from './programs/kubernetes.ts';

/** Issue 4: at most 5 s and 250 MB for 500 nodes and 10,000 pods, growing linearly. */
const MOST_S = 5;
const MOST_MB = 250;
/** A third of a lease's time, in which it is renewed (issue 4: anybody may ask for a check while rollouts are driven). */
const MOST_STALL_MS = 1_000;
/** Twice the pods take twice as long; what grows with their square takes four times. */
const MOST_GROWTH = 3;
const PODS_A_NODE = 20;
const MB = 1_000_000;
const KUBERNETES = fileURLToPath(new URL('programs/kubernetes.ts', import.meta.url));
const JUDGING = fileURLToPath(new URL('programs/judging.ts', import.meta.url));
const QUIET = '--disable-warning=DEP0123';

export const preflight: Measurement = {
  name: 'preflight',
  sentence:
    'The Kubernetes half of a pre-flight, all checks and one on every pod in CEL: time, stalls, pages, and the memory of the worker alone.',
  run: async ({ pods }, say) => {
    const half = await seen(Math.floor(pods / 2), say);
    const whole = await seen(pods, say);
    return [partOf(half, null), partOf(whole, half)];
  },
};

export interface Seen extends Judgement {
  readonly nodes: number;
  /** Pages of pods that the API was asked for. */
  readonly pages: number;
}

async function seen(pods: number, say: (line: string) => void): Promise<Seen> {
  const nodes = Math.max(4, Math.floor(pods / PODS_A_NODE));
  say(`${nodes} nodes, ${pods} pods`);
  const server = fork(KUBERNETES, [], { execArgv: [QUIET], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  try {
    const serving = await told(server, { nodes, pods });
    if (serving.kind !== 'serves') throw new Error(`the simulated API did not start: ${whyOf(serving)}`);
    const judgement = await judgedBy({ kubeconfig: serving.kubeconfig, nodes });
    if (judgement.silent.length > 0) throw new Error(`silent: ${judgement.silent.join(', ')}`);
    if (judgement.health.some((verdict) => verdict !== 'healthy'))
      throw new Error(`the health check is ${judgement.health.join(', ')}`);
    const asked = await told(server, 'tell');
    const pages = asked.kind === 'asked' ? (asked.paths['/api/v1/pods'] ?? 0) : 0;
    return { ...judgement, nodes, pages };
  } finally {
    server.kill('SIGKILL');
  }
}

function whyOf(told: Told): string {
  return told.kind === 'failed' ? told.why : told.kind;
}

function told(server: ChildProcess, message: Populated | 'tell'): Promise<Told> {
  return new Promise((resolve, reject) => {
    server.once('message', (reply: Told) => resolve(reply));
    server.once('exit', (code) => reject(new Error(`the simulated API ended with ${code}`)));
    server.send(message);
  });
}

/** In a process of its own, whose memory is nobody else's. */
function judgedBy(judging: Judging): Promise<Judgement> {
  return new Promise((resolve, reject) => {
    const worker = fork(JUDGING, [], {
      execArgv: [...startFlags()],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    worker.once('message', (said: { readonly judged: Judgement } | { readonly failed: string }) => {
      if ('judged' in said) resolve(said.judged);
      else reject(new Error(`the worker failed: ${said.failed}`));
    });
    worker.once('exit', (code) => reject(new Error(`the worker ended with ${code}`)));
    worker.send(judging);
  });
}

function partOf(one: Seen, half: Seen | null): Part {
  const seconds = (one.readMs + one.checkMs) / 1_000;
  const grown = (of: (seen: Seen) => number) => (half === null ? Number.NaN : of(one) / of(half));
  const time = grown(({ readMs, checkMs }) => readMs + checkMs);
  return {
    title: `${one.nodes} nodes, ${one.pods} pods`,
    figures: [
      judged(figure('read and judged in', seconds, 's'), MOST_S),
      figure('of it the checks', one.checkMs, 'ms'),
      judged(figure('longest stall', one.stallMs, 'ms'), MOST_STALL_MS),
      judged(figure('resident, at most', one.residentBytes / MB, 'MB'), MOST_MB),
      figure('pages of pods', one.pages),
      ...(half === null
        ? []
        : [
            judged(figure('time ÷ that of half the pods', time, '×'), MOST_GROWTH),
            ratio('resident ÷ that of half the pods', one.residentBytes, half.residentBytes),
          ]),
    ],
  };
}

// A survey, and the pre-flight of a plan, of many machines over mutual TLS: calls as the servers count them, and time against the slowest answer.
import { MemoryJournal } from '../playground/doubles/store.ts';
import { systemClock } from '../src/clock.ts';
import { planned } from '../src/engine/planning.ts';
import { survey as surveyed } from '../src/engine/survey.ts';
import type { ClusterWork } from '../src/engine/work.ts';
import { QUESTION_LIMIT_MS } from '../src/talos/reads.ts';
import { type ClusterProcess, startClusterProcess } from './cluster-process.ts';
import { aClusterWork } from './cluster-work.ts';
import {
  type Figure,
  figure,
  type Judged,
  judged,
  type Measurement,
  type Part,
  quantile,
  ratio,
} from './measurement.ts';
import type { Heard, Manners } from './programs/cluster-talk.ts';

/** Issue 3: at most 7 Talos calls a node for a survey, 24 for a full pre-flight, ending within 2 s of the slowest answer. */
const SURVEY_CALLS = 7;
const PREFLIGHT_CALLS = 24;
const AFTER_SLOWEST_MS = 2_000;
/** What a machine in the next rack takes for an answer. */
const USUAL_MS = [5, 25] as const;
export const survey: Measurement = {
  name: 'survey',
  sentence: 'A survey of many machines over mutual TLS: calls a node, and time against the slowest answer.',
  run: async ({ nodes, slowMs }, say) => {
    say(`starting ${nodes} machines`);
    const cluster = await startClusterProcess({ controlPlanes: 3, workers: nodes - 3 });
    // The last in line: whatever waits for its turn, waits longest before it asks this one.
    const last = `w-${nodes - 3}`;
    const slow = { node: last, ms: slowMs };
    const slowS = slowMs / 1_000;
    try {
      const parts: Part[] = [];
      for (const run of [
        { title: 'survey, the first', most: SURVEY_CALLS, changed: {}, ask: look },
        { title: 'survey, the second', most: SURVEY_CALLS, changed: {}, before: look, ask: look },
        { title: `survey, one answer takes ${slowS} s`, most: SURVEY_CALLS, changed: { slow }, ask: look },
        { title: 'survey, one machine dead', most: SURVEY_CALLS, changed: { dead: last }, ask: look },
        { title: 'pre-flight of an upgrade', most: PREFLIGHT_CALLS, changed: {}, ask: preflight },
      ]) {
        say(`${run.title}, ${nodes} nodes`);
        parts.push(await measured(cluster, run));
      }
      return parts;
    } finally {
      await cluster.stop();
    }
  },
};

interface Run {
  readonly title: string;
  readonly most: number;
  readonly changed: Partial<Manners>;
  /** What this process had done already. Without it, it has just started: no connection, nothing known. */
  readonly before?: (work: ClusterWork) => Promise<unknown>;
  /** Resolves with how many machines had answered. */
  readonly ask: (work: ClusterWork) => Promise<number>;
}

async function look(work: ClusterWork): Promise<number> {
  const { nodes } = await surveyed(work, systemClock);
  return nodes.filter(({ machine }) => machine.kind === 'said').length;
}

async function preflight(work: ClusterWork): Promise<number> {
  const goal = { kind: 'upgrade-talos', version: 'v1.13.5' } as const;
  const proposal = await planned(work.name, goal, {
    journal: new MemoryJournal(systemClock),
    clock: systemClock,
    work,
  });
  if (proposal.kind === 'declined') throw new Error(`no plan was made: ${proposal.sentence}`);
  return proposal.plan.nodes.length;
}

async function measured(cluster: ClusterProcess, { title, most, changed, before, ask }: Run): Promise<Part> {
  const manners: Manners = { usualMs: [...USUAL_MS], slow: null, dead: null, ...changed };
  const work = aClusterWork(cluster);
  try {
    await before?.(work);
    await cluster.prepare(manners);
    const begunMs = performance.now();
    const answered = await ask(work);
    const wallMs = performance.now() - begunMs;
    const nodes = Object.keys(cluster.addresses).length;
    // Whoever asks nobody is quick.
    if (answered !== nodes - (manners.dead === null ? 0 : 1))
      throw new Error(`only ${answered} of ${nodes} machines answered (${title})`);
    return { title, figures: figuresOf(await cluster.heard(), { wallMs, most, manners }) };
  } finally {
    await Promise.all([work.machines.close(), work.workloads.close()]);
  }
}

interface Told {
  readonly wallMs: number;
  readonly most: number;
  readonly manners: Manners;
}

/** What the servers heard, against what was promised. A machine that never answers is given up at the limit of one question. */
export function figuresOf(
  heard: ReadonlyMap<string, Heard>,
  { wallMs, most, manners }: Told,
): readonly (Figure | Judged)[] {
  const callsOf = (one: Heard): number => Object.values(one.calls).reduce((sum, count) => sum + count, 0);
  const calls = [...heard.values()].map(callsOf);
  const alike = [...heard].flatMap(([node, one]) =>
    node === manners.dead || node === manners.slow?.node ? [] : [callsOf(one)],
  );
  const { slow } = manners;
  // A timer may be a little early.
  if (slow !== null && (heard.get(slow.node)?.slowestMs ?? 0) < slow.ms - 1)
    throw new Error(`${slow.node} was to answer after ${slow.ms} ms, and did not`);
  const slowestMs = Math.max(0, ...[...heard.values()].map((one) => one.slowestMs));
  const awaitedMs = manners.dead === null ? slowestMs : Math.max(slowestMs, QUESTION_LIMIT_MS);
  const awaited = manners.dead === null ? 'the slowest answer' : "one question's limit";
  return [
    figure('nodes asked', heard.size),
    figure(
      'calls',
      calls.reduce((sum, count) => sum + count, 0),
      'calls',
    ),
    figure('calls a node, median', quantile(calls, 0.5), 'calls'),
    // One that is slow or dead is asked through a second endpoint too: that is what failing over costs.
    ...(alike.length === calls.length
      ? []
      : [figure('calls of the slow or dead one', Math.max(...calls), 'calls')]),
    judged(figure('calls a node, most', alike.length === 0 ? Number.NaN : Math.max(...alike), 'calls'), most),
    figure('time', wallMs, 'ms'),
    figure('slowest answer', slowestMs, 'ms'),
    judged(figure(`time behind ${awaited}`, wallMs - awaitedMs, 'ms'), AFTER_SLOWEST_MS),
    ratio(`time ÷ ${awaited}`, wallMs, awaitedMs),
  ];
}

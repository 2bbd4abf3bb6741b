// What our own doing adds to an upgrade: for each node, and over the whole way, beside what the simulated machines take.
import { runScenario } from '../playground/scenarios/run.ts';
import type { Result } from '../playground/scenarios/scenario.ts';
import { upgrade } from '../playground/scenarios/upgrades.ts';
import { figure, judged, type Measurement, type Part, quantile, ratio } from './measurement.ts';

/** Issue 5: at most 1.0 s a node (95 of 100), and at most 5 % over the whole way on 6 nodes of 20 s. */
const MOST_NODE_S = 1;
const MOST_WALL = 1.05;
/**
 * How a node's time is made up: mostly of its restart. The drain is short, because its time is taken off also where a node had
 * nothing to drain.
 */
const SHARES = { installMs: 0.25, rebootMs: 0.75 } as const;
const DRAIN_MS = 50;
const PULL_MS = 500;
/** As in the scenarios, and as it is where nothing is configured (README, `poll`): whatever ends is noticed within this. */
const POLLS = { prompt: 30, usual: 500 } as const;
const OPTIONS = { seed: 1, size: null, rebootMs: null } as const;
/** Nobody waits for anything longer than for a node and everything beside it. */
const PATIENCE_MS = 60_000;

export const overhead: Measurement = {
  name: 'overhead',
  sentence: 'What our own doing adds to an upgrade: for each node, and over the whole way.',
  run: async ({ nodeMs }, say) => {
    const run = (pollMs: number): Promise<Result> => {
      say(`an upgrade of 6 nodes of ${nodeMs / 1_000} s, looked at every ${pollMs} ms`);
      return upgraded(nodeMs, pollMs);
    };
    return [
      overheadPart(`6 nodes of ${nodeMs / 1_000} s`, await run(POLLS.prompt)),
      overheadPart(`the same, looked at every ${POLLS.usual} ms`, await run(POLLS.usual)),
    ];
  },
};

function upgraded(nodeMs: number, pollMs: number): Promise<Result> {
  const world = {
    ...upgrade.world,
    pullMs: PULL_MS,
    drainMs: DRAIN_MS,
    installMs: SHARES.installMs * nodeMs,
    rebootMs: SHARES.rebootMs * nodeMs,
  };
  return runScenario(
    { ...upgrade, world },
    {
      options: OPTIONS,
      say: () => undefined,
      onLog: () => undefined,
      patienceMs: PATIENCE_MS + 10 * nodeMs,
      pollMs,
    },
  );
}

/** Throws for an upgrade that did not go as it should. */
export function overheadPart(title: string, result: Result): Part {
  const { ok, missed, nodes, wallMs, limitMs } = result;
  if (!ok) throw new Error(`the upgrade did not go as it should: ${missed.join('; ')}`);
  const eachS = nodes.map(({ overheadMs }) => overheadMs / 1_000);
  return {
    title,
    figures: [
      figure('overhead a node, median', quantile(eachS, 0.5), 's'),
      judged(figure('overhead a node, 95 of 100', quantile(eachS, 0.95), 's'), MOST_NODE_S),
      figure('time', wallMs / 1_000, 's'),
      figure('what the machines take', limitMs / 1_000, 's'),
      judged(ratio('time ÷ what the machines take', wallMs, limitMs), MOST_WALL),
    ],
  };
}

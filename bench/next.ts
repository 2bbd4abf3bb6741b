// What should be in hand: the question a driver asks after every fact, on the plan of a large cluster.
import { evolve } from '../src/rollout/evolve.ts';
import { next as whatNext } from '../src/rollout/next.ts';
import { figure, type Measurement, quantile, ratio } from './measurement.ts';
import { timed } from './stopwatch.ts';
import { folded, halfway } from './stories.ts';

const FEW = 10;

export const next: Measurement = {
  name: 'next',
  sentence: 'next and evolve on the plan of many nodes, halfway through its workers.',
  run: async ({ nodes, rounds }) => {
    const few = took(FEW, rounds);
    const many = took(nodes, rounds);
    return [
      {
        title: `the plan of ${nodes} nodes`,
        figures: [
          figure('next, median', many.nextUs, 'µs'),
          ratio(`next ÷ that of ${FEW} nodes`, many.nextUs, few.nextUs),
          figure('evolve by one fact, median', many.evolveUs, 'µs'),
          ratio(`evolve ÷ that of ${FEW} nodes`, many.evolveUs, few.evolveUs),
        ],
      },
    ];
  },
};

function took(nodes: number, rounds: number): { readonly nextUs: number; readonly evolveUs: number } {
  const story = halfway(nodes);
  const rollout = folded(story);
  const last = story.entries.at(-1);
  if (last === undefined) throw new Error('a story begins with asked');
  const before = folded({ entries: story.entries.slice(0, -1) });
  const median = (run: () => unknown): number => quantile(timed(rounds, run), 0.5);
  return {
    nextUs: median(() => whatNext(rollout, story.now)),
    evolveUs: median(() => evolve(before, last)),
  };
}

// The card of a large rollout: how long it takes to draw, and how large it is.
import { card } from '../src/bot/views/card.ts';
import { aPolicy } from '../test/builders/plan.ts';
import { figure, type Measurement, type Part, quantile, ratio } from './measurement.ts';
import { timed } from './stopwatch.ts';
import { folded, halfway } from './stories.ts';

const FEW = 10;

export const views: Measurement = {
  name: 'views',
  sentence: 'The card of a rollout of many nodes, drawn.',
  run: async ({ nodes, rounds }) => [drawn(nodes, rounds, drawnUs(FEW, rounds))],
};

function drawn(nodes: number, rounds: number, fewUs: number): Part {
  const message = draw(nodes)();
  const us = drawnUs(nodes, rounds);
  return {
    title: `the card of ${nodes} nodes`,
    figures: [
      figure('drawn in, median', us, 'µs'),
      ratio(`drawn in ÷ that of ${FEW} nodes`, us, fewUs),
      figure('blocks', message.blocks.length),
      figure('characters of JSON', JSON.stringify(message.blocks).length),
    ],
  };
}

function drawnUs(nodes: number, rounds: number): number {
  return quantile(timed(rounds, draw(nodes)), 0.5);
}

function draw(nodes: number): () => ReturnType<typeof card> {
  const story = halfway(nodes);
  const rollout = folded(story);
  const policy = aPolicy();
  const sentence = 'installing: 37 % of the image is on the disk';
  const notes = Object.fromEntries(
    story.plan.nodes.map(({ name }) => [name, { sentence, at: story.now - 1_000 }]),
  );
  return () => card({ rollout, policy, notes, now: story.now });
}

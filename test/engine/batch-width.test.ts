import { expect, it } from 'vitest';
import { SimulatedEstate } from '../../playground/doubles/estate.ts';
import { nodesAway } from '../../src/rollout/rollout.ts';
import { aNodeDetail } from '../builders/estate.ts';
import { aScene, REQUESTER } from './scene.ts';

it('never more workers away than the policy says, also when one that is away was skipped', async () => {
  const estate = new SimulatedEstate();
  const scene = aScene({
    world: { workers: 5, rebootMs: 16_000 },
    policy: { parallelWorkers: 2 },
    estate: estate.reader,
  });
  estate.change({ nodes: scene.house.world.nodes.map(({ name }) => aNodeDetail(name)) });
  scene.start();
  await scene.until(({ plan }) => plan !== null);
  scene.house.world.inject('never-ready', { node: 'w-1' });
  await scene.until(({ phase }) => phase.phase === 'held');
  await scene.says({ kind: 'skip' }, REQUESTER);
  let most: readonly string[] = [];
  await scene.until((r) => {
    const away = nodesAway(r);
    if (away.length > most.length) most = away;
    return r.phase.phase === 'held' || r.phase.phase === 'finished' || r.phase.phase === 'at-gate';
  });
  expect(most.length).toBeLessThanOrEqual(2);
});

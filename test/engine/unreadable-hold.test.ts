// Who meets an entry that it must not act on leaves the lease to somebody who can read it.
import { expect, it } from 'vitest';
import { CLUSTER } from '../../playground/doubles/house.ts';
import { linkOf } from '../../src/store/entry.ts';
import { aScene } from './../engine/scene.ts';

it('a driver that cannot read the journal any more leaves it to one that can', async () => {
  const scene = aScene({ world: { installMs: 4_000 } });
  const { house, id } = scene;
  scene.start();
  await scene.untilStep('w-1', 'install', 'step-begun');
  scene.people = () => null;
  // A newer replica wrote a fact that this version does not know.
  const lines = house.journal.linesOf(CLUSTER, id);
  const last = lines.at(-1) ?? '';
  house.journal.plant(
    CLUSTER,
    id,
    `{"n":${lines.length + 1},"at":${house.time.now()},"prev":"${linkOf(last)}","by":{"kind":"clock"},"v":99,"kind":"of-tomorrow","data":{}}`,
  );
  await house.time.advance(30_000);
  // The newer worker asks for the lease now and then.
  const replies: string[] = [];
  for (let i = 0; i < 60; i += 1) {
    await house.time.advance(1_000);
    const reply = await house.journal.take(CLUSTER, id, 'newer-worker');
    replies.push(reply.kind);
    if (reply.kind === 'taken') break;
  }
  expect(replies.at(-1)).toBe('taken');
});

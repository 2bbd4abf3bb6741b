// An "again" of which nobody can say when it may be sent: the chain is whole, and still nobody acts on it.
import { expect, it } from 'vitest';
import { CLUSTER } from '../../playground/doubles/house.ts';
import { linkOf, sealLine } from '../../src/store/entry.ts';
import { aSmallScene, REQUESTER } from './scene.ts';

it('a restart in doubt is not sent again, and whoever asks is told where it is and what was found', async () => {
  const scene = aSmallScene();
  const { house, id } = scene;
  scene.start();
  await scene.until(({ plan }) => plan !== null);
  house.world.inject('lost-call', { node: 'w-1', method: 'Reboot' });
  await scene.until(({ phase }) => phase.phase === 'held');
  scene.people = () => null;
  const lines = house.journal.linesOf(CLUSTER, id);
  const data = { subject: scene.step('w-1', 'reboot').id, user: REQUESTER, notBefore: null, delivery: 'd' };
  const tail = JSON.stringify({ by: { kind: 'person', user: REQUESTER }, v: 1, kind: 'retried', data }).slice(
    1,
  );
  const seal = { n: lines.length + 1, at: house.time.now(), prev: linkOf(lines.at(-1) ?? ''), tail };
  house.journal.plant(CLUSTER, id, sealLine(seal));
  const reboots = scene.counted('reboots')['w-1'] ?? 0;
  await house.time.advance(600_000);
  expect(house.journal.linesOf(CLUSTER, id)).toHaveLength(lines.length + 1);
  expect(scene.counted('reboots')['w-1'] ?? 0).toBe(reboots);
  const answer = await scene.says({ kind: 'abort' });
  expect(answer).toMatchObject({ kind: 'refusal', code: 'journal-unreadable' });
  expect(JSON.stringify(answer)).toMatch(
    new RegExp(`Entry ${lines.length + 1} of rollout ${id} .*the notBefore of its retried is null and not`),
  );
});

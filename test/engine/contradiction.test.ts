// Facts that are well-formed and cannot follow each other: nobody goes on from them, and it is said as of any unreadable journal.
import { expect, it } from 'vitest';
import { CLUSTER } from '../../playground/doubles/house.ts';
import { contradictionIn, rehearse } from '../../src/engine/folding.ts';
import { lineTail, linkOf, sealLine } from '../../src/store/entry.ts';
import { aScene, REQUESTER } from './scene.ts';

/** A rollout at its first card, and a fact after it that this program never writes there. */
async function contradicted() {
  const scene = aScene();
  const { house, id } = scene;
  const first = scene.start();
  await scene.untilGate('cp-1');
  scene.people = () => null;
  first.kill();
  await house.time.advance(5_000);
  const lines = house.journal.linesOf(CLUSTER, id);
  const tail = lineTail({ kind: 'step-outdated', step: 'no-such-step', why: 'x' }, { kind: 'clock' });
  const seal = { n: lines.length + 1, at: house.time.now(), prev: linkOf(lines.at(-1) ?? ''), tail };
  house.journal.plant(CLUSTER, id, sealLine(seal));
  return { scene, house, id, known: lines.length };
}

it('are not complained of twice a second, and whoever asks is told where it is and what helps', async () => {
  const { scene, house, id, known } = await contradicted();
  await house.journal.append({
    cluster: CLUSTER,
    rollout: id,
    expect: known + 1,
    events: [{ kind: 'paused', user: REQUESTER, delivery: 'x' }],
    by: { kind: 'person', user: REQUESTER },
  });
  const before = house.voices.errors.length;
  scene.start();
  await house.time.advance(30_000);
  // Once by the sweep, and once by the bell or the next sweep.
  expect(house.voices.errors.length - before).toBeLessThanOrEqual(2);
  const answer = await scene.says({ kind: 'abort' });
  expect(answer).toMatchObject({ kind: 'refusal', code: 'journal-unreadable' });
  expect(JSON.stringify(answer)).toMatch(
    new RegExp(`Entry ${known + 1} of rollout ${id} cannot be read: it contradicts .*Restore the journal`),
  );
});

it('leave what came before them to be shown', async () => {
  const { house, id, known } = await contradicted();
  const broken = contradictionIn(id, await house.journal.read(CLUSTER, id));
  expect(broken).toMatchObject({ n: known + 1, remedy: 'person' });
  expect(broken?.readable).toHaveLength(known);
});

it('are never written by this program: a defect of ours stops what it is in, and closes no journal', async () => {
  const scene = aScene();
  scene.start();
  await scene.untilGate('cp-1');
  const { rollout } = scene;
  const why = 'x';
  expect(() => rehearse(rollout, [{ kind: 'step-outdated', step: 'no-such-step', why }], 1)).toThrow(
    'is not in its plan',
  );
  const retried = { kind: 'retried', subject: 'gate:cp-1', notBefore: Number.NaN } as const;
  expect(() => rehearse(rollout, [{ ...retried, user: REQUESTER, delivery: 'd' }], 1)).toThrow('notBefore');
  rehearse(rollout, [{ kind: 'paused', user: REQUESTER, delivery: 'd' }], 1);
});

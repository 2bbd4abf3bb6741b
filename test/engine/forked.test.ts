// A store that lost facts and goes on without them: whoever remembers them decides nothing more, and nothing is sent a second time.
import { expect, it } from 'vitest';
import { CLUSTER } from '../../playground/doubles/house.ts';
import { LEASE_MS } from '../../src/engine/ports/journal.ts';
import type { Machines } from '../../src/engine/ports/machines.ts';
import { LeaseLost, Session } from '../../src/engine/session.ts';
import { aScene, REQUESTER } from './scene.ts';

it('a driver that remembers more than the store holds gives its lease up', async () => {
  const scene = aScene();
  scene.start();
  await scene.untilStep('w-1', 'cordon', 'step-ended');
  for (const process of scene.house.living) process.kill();
  await scene.house.time.advance(5_000);
  const { journal, time } = scene.house;
  const parts = { journal, clock: time.engineClock(), owner: 'worker-9' };
  const session = await Session.open(parts, CLUSTER, scene.id);
  if (session === null) throw new Error('nobody else drives');
  const { version } = session.rollout;
  journal.lose(CLUSTER, scene.id, version - 1);
  const paused = { kind: 'paused', user: 'U0ANN', delivery: 'd-1' } as const;
  await expect(session.commit(() => [paused])).rejects.toBeInstanceOf(LeaseLost);
  expect(session.holds()).toBe(false);
  expect(journal.linesOf(CLUSTER, scene.id)).toHaveLength(version - 1);
  // Also when the store grew to the same length again.
  await time.advance(5_000);
  const again = await Session.open(parts, CLUSTER, scene.id);
  const known = again?.rollout.version ?? 0;
  journal.lose(CLUSTER, scene.id, known - 1);
  await journal.append({
    cluster: CLUSTER,
    rollout: scene.id,
    expect: known - 1,
    events: [paused],
    by: { kind: 'clock' },
  });
  await expect(again?.commit(() => [paused])).rejects.toBeInstanceOf(LeaseLost);
});

it('a driver that waits notices that the store lost facts, with its next renewal', async () => {
  const scene = aScene();
  scene.start();
  await scene.untilStep('w-1', 'cordon', 'step-ended');
  for (const process of scene.house.living) process.kill();
  await scene.house.time.advance(5_000);
  const { journal, time } = scene.house;
  const session = await Session.open(
    { journal, clock: time.engineClock(), owner: 'worker-9' },
    CLUSTER,
    scene.id,
  );
  if (session === null) throw new Error('nobody else drives');
  const done = new AbortController();
  const keeping = session.keep(done.signal);
  journal.lose(CLUSTER, scene.id, session.rollout.version - 1);
  await time.advance(1_000);
  expect(session.lost.signal.aborted).toBe(true);
  done.abort();
  await keeping;
});

it('a lease is not let go over what was written in the place of a lost fact', async () => {
  const scene = aScene();
  scene.start();
  await scene.untilStep('w-1', 'cordon', 'step-ended');
  for (const process of scene.house.living) process.kill();
  await scene.house.time.advance(5_000);
  const { journal, time } = scene.house;
  const session = await Session.open(
    { journal, clock: time.engineClock(), owner: 'worker-9' },
    CLUSTER,
    scene.id,
  );
  if (session === null) throw new Error('nobody else drives');
  const before = session.rollout.version - 1;
  journal.lose(CLUSTER, scene.id, before);
  await journal.append({
    cluster: CLUSTER,
    rollout: scene.id,
    expect: before,
    events: [{ kind: 'aborted', user: REQUESTER, delivery: 'd' }],
    by: { kind: 'person', user: REQUESTER },
  });
  await expect(session.letGo(null)).rejects.toMatchObject({ code: 'JOURNAL_FORKED' });
  // Somebody looks at it when the lease is over.
  expect(journal.looksOf(CLUSTER).get(scene.id)).toBeLessThanOrEqual(time.now() + LEASE_MS);
});

it('a restart whose "begun" the store forgot is not sent again by the process that sent it, however long the machine takes', async () => {
  const scene = aScene();
  const { house, id } = scene;
  const sent: string[] = [];
  // A machine that said yes, and shuts its services down for longer than this test lasts.
  const reboot: Machines['reboot'] = async (address) => {
    sent.push(address);
    return { kind: 'done', value: { actorId: 'slow' } };
  };
  scene.between((ports) => {
    const machines = new Proxy(ports.machines, {
      get: (target, key) => (key === 'reboot' ? reboot : Reflect.get(target, key, target)),
    });
    return { ...ports, machines };
  });
  scene.start();
  await scene.untilStep('w-1', 'reboot', 'step-begun');
  await house.time.runUntil(() => sent.length === 1, 60_000);
  const lines = (): readonly string[] => house.journal.linesOf(CLUSTER, id);
  house.journal.lose(
    CLUSTER,
    id,
    lines().findLastIndex((line) => line.includes('"step-begun"')),
  );
  await house.time.runUntil(() => lines().at(-1)?.includes('"step-doubted"') === true, 300_000);
  expect(sent).toHaveLength(1);
});

// A store that lost facts and goes on without them: whoever remembers them decides nothing more, and nothing is sent a second time.
import { expect, it } from 'vitest';
import { CLUSTER } from '../../playground/doubles/house.ts';
import { Fault } from '../../src/engine/ports/fault.ts';
import { LEASE_MS } from '../../src/engine/ports/journal.ts';
import type { Machines } from '../../src/engine/ports/machines.ts';
import { LeaseLost, Session } from '../../src/engine/session.ts';
import { aScene, REQUESTER } from './scene.ts';

/** A rollout under way whose driver died, and another one that has it now. */
async function driven() {
  const scene = aScene();
  scene.start();
  await scene.untilStep('w-1', 'cordon', 'step-ended');
  for (const process of scene.house.living) process.kill();
  await scene.house.time.advance(5_000);
  const { journal, time } = scene.house;
  const parts = { journal, clock: time.engineClock(), owner: 'worker-9' };
  const open = (): Promise<Session | null> => Session.open(parts, CLUSTER, scene.id);
  const session = await open();
  if (session === null) throw new Error('nobody else drives');
  return { scene, session, open };
}

it('a driver that remembers more than the store holds gives its lease up', async () => {
  const { scene, session, open } = await driven();
  const { journal, time } = scene.house;
  const { version } = session.rollout;
  journal.lose(CLUSTER, scene.id, version - 1);
  const paused = { kind: 'paused', user: 'U0ANN', delivery: 'd-1' } as const;
  await expect(session.commit(() => [paused])).rejects.toBeInstanceOf(LeaseLost);
  expect(session.holds()).toBe(false);
  expect(journal.linesOf(CLUSTER, scene.id)).toHaveLength(version - 1);
  // Also when the store grew to the same length again.
  await time.advance(5_000);
  const again = await open();
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
  const { scene, session } = await driven();
  const { journal, time } = scene.house;
  const done = new AbortController();
  const keeping = session.keep(done.signal);
  journal.lose(CLUSTER, scene.id, session.rollout.version - 1);
  await time.advance(1_000);
  expect(session.lost.signal.aborted).toBe(true);
  done.abort();
  await keeping;
});

it('a lease is not let go over what was written in the place of a lost fact', async () => {
  const { scene, session } = await driven();
  const { journal, time } = scene.house;
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

it('nor withdrawn, when the store goes back to an earlier "begun" of its own that it never sent', async () => {
  const scene = aScene();
  const { house, id } = scene;
  const lines = (): readonly string[] => house.journal.linesOf(CLUSTER, id);
  const begins = (line: string): boolean => /"step-begun".*w-1-reboot/.test(line);
  let sent = 0;
  const reboot: Machines['reboot'] = async () => {
    sent += 1;
    return { kind: 'done', value: { actorId: 'slow' } };
  };
  let swallowed = false;
  scene.between((ports) => {
    const machines = new Proxy(ports.machines, {
      get: (target, key) => (key === 'reboot' ? reboot : Reflect.get(target, key, target)),
    });
    const journal = new Proxy(ports.journal, {
      get: (target, key) => {
        const member: unknown = Reflect.get(target, key, target);
        if (key !== 'append' || typeof member !== 'function') return member;
        return async (...args: unknown[]) => {
          const given: unknown = await Reflect.apply(member, target, args);
          if (swallowed || !begins(lines().at(-1) ?? '')) return given;
          swallowed = true;
          throw new Fault('unreachable', 'the answer was lost');
        };
      },
    });
    return { ...ports, machines, journal };
  });
  scene.start();
  await scene.until(() => sent === 1);
  expect(lines().filter(begins)).toHaveLength(2);
  house.journal.lose(CLUSTER, id, lines().findIndex(begins) + 1);
  await house.time.runUntil(() => lines().at(-1)?.includes('"step-doubted"') === true, 300_000);
  expect(lines().filter((line) => line.includes('"step-withdrawn"'))).toEqual([]);
  expect(sent).toBe(1);
});

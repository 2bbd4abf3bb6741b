// A process that was frozen around its "begun" never takes somebody else's for its own.
import { expect, it } from 'vitest';
import { CLUSTER } from '../../playground/doubles/house.ts';
import type { Journal } from '../../src/engine/ports/journal.ts';
import type { Machines } from '../../src/engine/ports/machines.ts';
import { aScene, REQUESTER, willing } from './scene.ts';

it.each([
  { name: 'SIGSTOP: its monotonic clock went on', suspended: false },
  { name: 'VM suspend: its monotonic clock stood still', suspended: true },
])('one call per "begun" ($name)', async ({ suspended }) => {
  let frozenAt: number | null = null;
  let thawedAt: number | null = null;
  const thaw = Promise.withResolvers<void>();
  const scene = aScene({
    clockOf: (owner, clock) =>
      owner !== 'worker-1' || !suspended
        ? clock
        : {
            ...clock,
            now: () => clock.now(),
            sleep: async (ms, signal) => {
              await clock.sleep(ms, signal);
              // The rest of a sleep goes on after the thaw.
              if (frozenAt !== null && thawedAt === null) {
                await thaw.promise;
                await clock.sleep(300, signal);
              }
            },
            monotonic: () =>
              frozenAt === null
                ? clock.monotonic()
                : clock.monotonic() - ((thawedAt ?? clock.monotonic()) - frozenAt),
          },
  });
  const { house } = scene;
  const sent: string[] = [];
  const rebooting =
    (owner: string): Machines['reboot'] =>
    async () => {
      sent.push(
        `${owner} after ${scene.facts('step-begun').filter(({ step }) => step.includes('w-1-reboot')).length} begun`,
      );
      return { kind: 'done', value: { actorId: 'slow' } };
    };
  const withReboot =
    (owner: string) =>
    (machines: Machines): Machines =>
      new Proxy(machines, { get: (t, k) => (k === 'reboot' ? rebooting(owner) : Reflect.get(t, k, t)) });
  // worker-1 freezes once the store has its "begun" and before anything is heard of it.
  scene.start((ports) => ({
    ...ports,
    machines: withReboot('worker-1')(ports.machines),
    journal: new Proxy(ports.journal, {
      get: (target, key) => {
        const member: unknown = Reflect.get(target, key, target);
        if (typeof member !== 'function') return member;
        return async (...args: unknown[]) => {
          if (frozenAt !== null && thawedAt === null) await thaw.promise;
          const given = await Reflect.apply(member, target, args);
          const begins =
            key === 'append' &&
            /step-begun.*w-1-reboot/.test(
              JSON.stringify((args[0] as Parameters<Journal['append']>[0]).events),
            );
          if (begins && frozenAt === null) {
            frozenAt = house.time.engineClock().monotonic();
            await thaw.promise;
          }
          return given;
        };
      },
    }),
  }));
  scene.people = (rollout) => (frozenAt === null ? willing(rollout) : null);
  await scene.until(() => frozenAt !== null);
  const second = scene.start((ports) => ({ ...ports, machines: withReboot('worker-2')(ports.machines) }));
  await scene.until(({ phase }) => phase.phase === 'held');
  void second.submit(
    { cluster: CLUSTER, rollout: scene.id },
    { intent: { kind: 'retry' }, user: REQUESTER, delivery: 'again' },
  );
  await scene.until(() => sent.length === 1);
  scene.people = () => null;
  expect(sent).toEqual(['worker-2 after 2 begun']);
  thawedAt = house.time.engineClock().monotonic();
  thaw.resolve();
  await house.time.advance(15_000);
  expect(sent).toEqual(['worker-2 after 2 begun']);
});

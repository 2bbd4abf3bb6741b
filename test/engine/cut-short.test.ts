// A stop while an approved gate is proved again must not void the approval.
import { expect, it } from 'vitest';
import { Fault } from '../../src/engine/ports/fault.ts';
import { aSmallScene } from './scene.ts';

it.each([[0], [5], [250], [495], [500], [505]])(
  'a stop while a card is proved again costs no approval (nudged %s ms before)',
  async (nudgedMs) => {
    const scene = aSmallScene({ world: { workers: 0, controlPlanes: 3 } });
    const clock = scene.house.time.engineClock();
    let slow = false;
    const first = scene.start((ports) => ({
      ...ports,
      // A machine takes two seconds to answer, and hangs up at once when it is told to.
      machines: new Proxy(ports.machines, {
        get: (t, k) => {
          const member: unknown = Reflect.get(t, k, t);
          if (typeof member !== 'function') return member;
          if (k !== 'look') return member.bind(t);
          return async (address: string, options?: { signal?: AbortSignal }) => {
            if (slow) {
              await clock.sleep(2_000, options?.signal);
              if (options?.signal?.aborted) throw new Fault('unreachable', 'the caller no longer waits');
            }
            return Reflect.apply(member, t, [address, options]);
          };
        },
      }),
      // The store takes half a second to read a journal.
      journal: new Proxy(ports.journal, {
        get: (t, k) => {
          const member: unknown = Reflect.get(t, k, t);
          if (typeof member !== 'function') return member;
          return async (...args: unknown[]) => {
            if (k === 'read' && slow) await clock.sleep(500);
            return Reflect.apply(member, t, args);
          };
        },
      }),
    }));
    await scene.until(({ phase }) => phase.phase === 'at-gate');
    slow = true;
    await scene.until(() => scene.facts('approved').length === 1);
    await scene.house.time.advance(2_000);
    first.driver.nudge(scene.id);
    await scene.house.time.advance(nudgedMs);
    void first.stop(15_000);
    scene.start();
    await scene.until(() => scene.facts('gate-passed').length + scene.facts('gate-voided').length > 0);
    expect(scene.facts('gate-voided')).toEqual([]);
  },
);

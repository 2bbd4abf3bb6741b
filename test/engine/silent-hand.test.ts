// A call that stays silent: its step has a limit, and a lost lease frees the rollout for whoever drives next, also in the same process.
import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/engine/ports/fault.ts';
import type { Machines } from '../../src/engine/ports/machines.ts';
import { aScene } from './scene.ts';

const away = (): Promise<never> => Promise.reject(new Fault('unreachable', 'the store does not answer'));

describe('an installation whose stream is silent for half an hour (INSTALL_LIMIT_MS)', () => {
  const staged = () => {
    const scene = aScene();
    const clock = scene.house.time.engineClock();
    let sentAt = 0;
    let gone = false;
    const takes: number[] = [];
    const install: Machines['install'] = async () => {
      sentAt = scene.house.time.now();
      await clock.sleep(30 * 60_000);
      return { kind: 'lost', fault: new Fault('unreachable', 'no answer within 1800 s') };
    };
    scene.start((ports) => ({
      ...ports,
      machines: new Proxy(ports.machines, {
        get: (t, k) => (k === 'install' ? install : Reflect.get(t, k, t)),
      }),
      journal: new Proxy(ports.journal, {
        get: (t, k) => {
          if (gone) return away;
          const member: unknown = Reflect.get(t, k, t);
          if (typeof member !== 'function') return member;
          return (...args: unknown[]) => {
            if (k === 'take') takes.push(scene.house.time.now());
            return Reflect.apply(member, t, args);
          };
        },
      }),
    }));
    return { scene, takes, sentAt: () => sentAt, setGone: (yes: boolean) => (gone = yes) };
  };

  it('is held in doubt at the limit of its step', async () => {
    const { scene, sentAt } = staged();
    await scene.until(({ phase }) => phase.phase === 'held');
    const tookMs = scene.house.time.now() - sentAt();
    expect(tookMs / scene.step('w-1', 'install').limitMs).toBeLessThanOrEqual(1.05);
  });

  it('does not keep the only worker from driving again after a Redis that was away for four seconds', async () => {
    const { scene, takes, sentAt, setGone } = staged();
    await scene.until(() => sentAt() > 0);
    const before = takes.length;
    setGone(true);
    await scene.house.time.advance(4_000);
    setGone(false);
    await scene.house.time.advance(60_000);
    expect(takes.length).toBeGreaterThan(before);
  });
});

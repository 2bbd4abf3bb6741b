// A store that is away for a moment does not make an act doubtful whose end was answered in band.
import { expect, it } from 'vitest';
import { Fault } from '../../src/engine/ports/fault.ts';
import type { Journal } from '../../src/engine/ports/journal.ts';
import type { Machines } from '../../src/engine/ports/machines.ts';
import { aScene } from './scene.ts';

const wrapped = (journal: Journal, before: (key: string, args: unknown[]) => void): Journal =>
  new Proxy(journal, {
    get: (t, k) => {
      const member: unknown = Reflect.get(t, k, t);
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]) => {
        before(String(k), args);
        return Reflect.apply(member, t, args);
      };
    },
  });

it.each([
  new Fault('unreachable', 'the store does not answer'),
  new Fault('busy', 'Redis refused: OOM command not allowed', { code: 'OOM' }),
  new Fault('refused', 'Redis refused: READONLY', { code: 'READONLY' }),
])(
  'a call that provably never left is not held in doubt because of a second in which $message',
  async (fault) => {
    const scene = aScene();
    let away = false;
    let tries = 0;
    scene.start((ports) => {
      const reboot: Machines['reboot'] = async (...args) => {
        tries += 1;
        if (tries > 1) return ports.machines.reboot(...args);
        // The network of this worker is gone for a moment: neither the node nor the store can be reached.
        away = true;
        scene.house.time.after(1_000, () => {
          away = false;
        });
        return { kind: 'withdrawn', fault: new Fault('unreachable', 'the connection broke before sending') };
      };
      return {
        ...ports,
        machines: new Proxy(ports.machines, {
          get: (t, k) => (k === 'reboot' ? reboot : Reflect.get(t, k, t)),
        }),
        journal: wrapped(ports.journal, () => {
          if (away) throw fault;
        }),
      };
    });
    await scene.plays();
    expect(scene.facts('step-doubted')).toEqual([]);
  },
);

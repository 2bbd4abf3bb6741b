// What a departing machine says of itself is shown while it is away, and neither decides nor blocks anything.
import { describe, expect, it } from 'vitest';
import { CLUSTER, type ProcessPorts } from '../../playground/doubles/house.ts';
import type { Machines } from '../../src/engine/ports/machines.ts';
import { aSmallScene } from './scene.ts';

function watching(watch: Machines['watch']): (ports: ProcessPorts) => ProcessPorts {
  return (ports) => ({ ...ports, machines: { ...ports.machines, watch } });
}

describe('the progress of a departure', () => {
  it('is noted for the card', async () => {
    const scene = aSmallScene({ world: { rebootMs: 20_000 }, policy: { limits: { rebootMs: 60_000 } } });
    const said = new Set<string>();
    scene.tap({
      before: ({ method, args }) => {
        if (method === 'note') said.add(`${String(args[2])}: ${String(args[3])}`);
      },
    });
    await scene.plays();
    expect(scene.phase).toMatchObject({ outcome: 'upgraded' });
    expect([...said].filter((sentence) => sentence.startsWith('w-1: stop')).length).toBeGreaterThan(0);
  });

  it('begins with the call and ends with the step', async () => {
    const open = new Set<string>();
    const during: string[] = [];
    const scene = aSmallScene().between(
      watching((address, _, signal) => {
        open.add(address);
        during.push(address);
        return new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            open.delete(address);
            resolve();
          });
        });
      }),
    );
    scene.start();
    await scene.untilStep('w-1', 'install', 'step-begun');
    expect(during).toEqual([]);
    await scene.untilStep('w-1', 'reboot', 'step-ended');
    expect(during).toEqual([scene.house.world.machine('w-1').node.address]);
    expect(open.size).toBe(0);
    await scene.plays();
    expect(during).toHaveLength(4);
    expect(open.size).toBe(0);
  });

  it.each([
    ['never answers', () => new Promise<void>(() => undefined)],
    ['dies at once, again and again', () => Promise.resolve()],
    ['fails, which it must not', () => Promise.reject(new Error('a mistake of the adapter'))],
  ] as const)('that %s changes nothing', async (_, watch) => {
    const calm = await aSmallScene().plays();
    let opened = 0;
    const scene = aSmallScene().between(
      watching(() => {
        opened += 1;
        return watch();
      }),
    );
    await scene.plays();
    expect(scene.phase).toMatchObject({ outcome: 'upgraded' });
    expect(scene.audit.entries.map(({ at, event }) => [at, event.kind])).toEqual(
      calm.audit.entries.map(({ at, event }) => [at, event.kind]),
    );
    // A stream that dies is not opened in a circle.
    expect(opened).toBeLessThanOrEqual(10);
    scene.audit.close();
    expect(scene.audit.broken).toEqual([]);
  });

  it('is not shown any more by a process that was killed', async () => {
    const scene = aSmallScene({ world: { rebootMs: 10_000 } });
    const first = scene.start();
    await scene.untilStep('w-1', 'reboot', 'step-begun');
    await scene.house.time.advance(1_000);
    first.kill();
    const before = JSON.stringify(await scene.house.journal.notes(CLUSTER, scene.id));
    await scene.house.time.advance(5_000);
    expect(JSON.stringify(await scene.house.journal.notes(CLUSTER, scene.id))).toBe(before);
  });
});

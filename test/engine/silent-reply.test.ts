// A call whose reply is lost without a sound: what the machine shows ends the wait, not the call's deadline of many minutes.
import { describe, expect, it } from 'vitest';
import { type ActReply, Fault } from '../../src/engine/ports/fault.ts';
import { withMachines } from './machines-between.ts';
import { aSmallScene, type Scene } from './scene.ts';

const LEGACY = {
  goal: { kind: 'upgrade-talos', version: 'v1.12.9' },
  world: { talosVersion: 'v1.12.8' },
} as const;

/** The call arrives and is done; its reply never comes, and nothing says so until the caller gives up. */
function silently(scene: Scene): Scene {
  return withMachines(scene, (machines) => ({
    upgradeLegacy: async (address, options) => {
      await machines.upgradeLegacy(address, options);
      const { over } = options;
      return new Promise<ActReply<{ readonly actorId: string }>>((resolve) => {
        const fault = new Fault('unreachable', 'the call was given up.');
        over?.addEventListener('abort', () => resolve({ kind: 'lost', fault }), { once: true });
      });
    },
  }));
}

describe('an upgrade in one call', () => {
  it('that was never answered ends when the machine is seen in another boot', async () => {
    const scene = silently(aSmallScene(LEGACY));
    await scene.plays();
    expect(scene.phase).toMatchObject({ outcome: 'upgraded' });
    expect(scene.counted('legacyUpgrades')).toEqual({ 'cp-1': 1, 'cp-2': 1, 'cp-3': 1, 'w-1': 1 });
    expect(scene.facts('step-doubted')).toEqual([]);
  });
});

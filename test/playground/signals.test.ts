// What SIGTERM does to the real program while an installation is in flight: once it waits, twice it ends at once.
import { describe, expect, it } from 'vitest';
import { Troupe } from '../../playground/scenarios/troupe.ts';
import { begin } from '../../playground/scenarios/upgrades.ts';
import { raiseStage } from '../../playground/stage.ts';

/** Longer than any signal may be waited for here, and shorter than the program waits for an act. */
const INSTALL_MS = 12_000;
/** What comes sooner than a second after the first signal is the same one (src/main.ts), as the program gets them: a busy machine is late. */
const ANOTHER_ONE_MS = 4_000;
const LIMIT_MS = 180_000;

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('a process with an installation in flight', () => {
  it(
    'waits for it at a first signal, and ends at once at a second one',
    async () => {
      const stage = await raiseStage({
        world: { talosVersion: 'v1.13.4', workers: 1, pullMs: 50, installMs: INSTALL_MS },
        port: 0,
        pollMs: 30,
        onLine: () => undefined,
      });
      try {
        const troupe = new Troupe(stage, () => undefined, 60_000);
        const { crew, cluster } = stage;
        const pid = crew.pidOf(crew.first) ?? 0;
        await begin(troupe, 'v1.13.5');
        const installing = (): boolean =>
          cluster.world.snapshot().nodes.some(({ phase }) => phase === 'installing');
        await troupe.until('an installation', installing);
        process.kill(pid, 'SIGTERM');
        const first = Date.now();
        await troupe.until('another signal to be one', () => Date.now() - first > ANOTHER_ONE_MS);
        expect(isAlive(pid)).toBe(true);
        process.kill(pid, 'SIGTERM');
        await troupe.until('its end', () => !isAlive(pid));
        // By then nothing of the installation had ended.
        expect(installing()).toBe(true);
      } finally {
        await stage.stop();
      }
    },
    LIMIT_MS,
  );
});

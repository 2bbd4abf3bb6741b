// SIGTERM at any moment: the lease is given away at once, acts in flight are finished, and nobody repeats or doubts them.
import { describe, expect, it } from 'vitest';
import type { BotProcess } from '../../playground/doubles/house.ts';
import type { Tap } from '../../playground/doubles/mortal.ts';
import { Fault } from '../../src/engine/ports/fault.ts';
import type { Journal } from '../../src/engine/ports/journal.ts';
import type { Machines } from '../../src/engine/ports/machines.ts';
import type { StepKind } from '../../src/rollout/step.ts';
import { aScene, aSmallScene, type Scene, type SceneOptions } from './scene.ts';

/** Milliseconds an orchestrator leaves for acts in flight. */
const GRACE_MS = 15_000;
/** Milliseconds from a stop until somebody else drives: one sweep, and some. */
const SOON_MS = 700;

const LEGACY: SceneOptions = {
  goal: { kind: 'upgrade-talos', version: 'v1.12.6' },
  world: { talosVersion: 'v1.12.4' },
};

function driving(process: BotProcess, scene: Scene): boolean {
  return process.life.alive && process.driver.seen(scene.id) !== null;
}

function wellEnded(scene: Scene): void {
  expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
  expect(scene.facts('step-doubted')).toEqual([]);
  expect(scene.facts('step-failed')).toEqual([]);
  scene.audit.close();
  expect(scene.audit.broken).toEqual([]);
}

/** Every step that is sent once was begun once: nothing was sent a second time, and nobody had to withdraw. */
function begunTwice(scene: Scene): readonly string[] {
  const begun = scene.facts('step-begun').map(({ step }) => step);
  return begun.filter((step, at) => begun.indexOf(step) !== at && /-(install|reboot)$/.test(step));
}

describe('a worker that is told to end', () => {
  it('gives its lease away at once: another one drives while the installation is still in flight', async () => {
    const scene = aScene({ world: { installMs: 9_000 } });
    const first = scene.start();
    await scene.untilStep('w-1', 'install', 'step-begun');
    const second = scene.start();
    let over = false;
    void first.stop(GRACE_MS).then(() => {
      over = true;
    });
    await scene.until(() => driving(second, scene), SOON_MS);
    expect(over).toBe(false);
    await scene.until(() => over);
    const install = scene.step('w-1', 'install').id;
    const ends = scene.audit.entries.filter(
      ({ event }) => event.kind === 'step-ended' && event.step === install,
    );
    expect(ends.map(({ by }) => by)).toEqual([{ kind: 'driver', name: first.owner }]);
    await scene.plays();
    expect(begunTwice(scene)).toEqual([]);
    wellEnded(scene);
  });

  it('sends nothing more, also where a step was being written down as begun', async () => {
    const scene = aScene();
    const first = scene.start();
    scene.tap({
      before: ({ method, args }) => {
        if (method !== 'append' || !JSON.stringify(args).includes('step-begun')) return;
        if (JSON.stringify(args).includes('-w-1-install')) void first.stop(GRACE_MS);
      },
    });
    await scene.untilStep('w-1', 'install', 'step-begun');
    expect(scene.counted('installs')).toMatchObject({ 'w-1': 0 });
    await scene.until(() => !first.life.alive, SOON_MS);
    expect(scene.facts('step-withdrawn')).toHaveLength(1);
    scene.start();
    await scene.plays();
    expect(scene.counted('installs')).toMatchObject({ 'w-1': 1 });
    wellEnded(scene);
  });

  it('sends nothing more, also where the adapter was still proving its connection', async () => {
    const scene = aScene();
    const { house } = scene;
    let proving = false;
    const sent: string[] = [];
    const first = scene.start((ports) => {
      const reboot: Machines['reboot'] = async (...args) => {
        proving = true;
        // Two endpoints that do not answer, before one that does (talos/acts.ts).
        await house.time.engineClock().sleep(4_000);
        const reply = await ports.machines.reboot(...args);
        sent.push(reply.kind);
        return reply;
      };
      const machines = new Proxy(ports.machines, {
        get: (target, key) => (key === 'reboot' ? reboot : Reflect.get(target, key, target)),
      });
      return { ...ports, machines };
    });
    await scene.until(() => proving);
    const second = scene.start();
    void first.stop(GRACE_MS);
    await scene.until(() => driving(second, scene), SOON_MS);
    await scene.plays();
    expect(sent).toEqual(['withdrawn']);
    wellEnded(scene);
  });

  it('is replaced at once also when the store refuses to take the lease back: it runs out', async () => {
    const scene = aScene({ world: { rebootMs: 8_000 } });
    let away = false;
    const letGo: Journal['letGo'] = (...args) =>
      away
        ? Promise.reject(new Fault('unreachable', 'the store does not answer'))
        : scene.house.journal.letGo(...args);
    const first = scene.start((ports) => ({
      ...ports,
      journal: new Proxy(ports.journal, {
        get: (target, key) => (key === 'letGo' ? letGo : Reflect.get(target, key, target)),
      }),
    }));
    await scene.untilStep('w-1', 'reboot', 'step-begun');
    const second = scene.start();
    away = true;
    void first.stop(GRACE_MS);
    await scene.until(() => driving(second, scene), 3_000 + SOON_MS);
    await scene.plays();
    wellEnded(scene);
  });

  const KINDS: readonly (readonly [StepKind, SceneOptions])[] = [
    ['pull', { world: { pullMs: 3_000 } }],
    ['drain', { world: { drainMs: 3_000 } }],
    ['install', { world: { installMs: 3_000 } }],
    ['reboot', { world: { rebootMs: 3_000 } }],
    ['return', { world: { rebootMs: 3_000 } }],
  ];

  it.each(KINDS)('in the middle of a %s hands it over', async (kind, options) => {
    const scene = aScene(options);
    const first = scene.start();
    await scene.untilStep('w-1', kind, 'step-begun');
    const second = scene.start();
    const stopped = first.stop(GRACE_MS);
    await scene.until(() => driving(second, scene), SOON_MS);
    await scene.plays();
    await stopped;
    expect(begunTwice(scene)).toEqual([]);
    expect(scene.counted('installs')).toMatchObject({ 'w-1': 1 });
    expect(scene.counted('reboots')).toMatchObject({ 'w-1': 1 });
    wellEnded(scene);
  });
});

/** Ends whoever causes the effect of this number, in good order, and starts another one beside it. */
function stopping(scene: Scene, at: number): Tap {
  let done = false;
  return {
    before: (call) => {
      if (done || scene.audit.effects.length !== at) return;
      done = true;
      scene.start();
      for (const process of scene.house.living) if (process.owner === call.owner) void process.stop(GRACE_MS);
    },
  };
}

describe('a stop at every single effect of an upgrade', () => {
  const STORIES: readonly (readonly [string, SceneOptions])[] = [
    ['over the lifecycle API', {}],
    ['over the legacy API', LEGACY],
  ];

  it.each(STORIES)(
    '%s: it goes on, nothing is held in doubt and nothing is done twice',
    async (_, options) => {
      const effects = (await aSmallScene(options).plays()).audit.effects.length;
      expect(effects).toBeGreaterThan(50);
      for (let at = 1; at <= effects; at += 1) {
        const scene = aSmallScene(options);
        scene.tap(stopping(scene, at));
        await scene.plays();
        expect([at, scene.phase]).toMatchObject([at, { outcome: 'upgraded' }]);
        wellEnded(scene);
      }
    },
    120_000,
  );
});

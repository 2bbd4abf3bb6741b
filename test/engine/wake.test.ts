// A driver's waking and falling asleep: the store away, clicks at a bad moment, a stop, and mistakes of our own.
import { describe, expect, it } from 'vitest';
import { CLUSTER } from '../../playground/doubles/house.ts';
import { Fault } from '../../src/engine/ports/fault.ts';
import { approvalFingerprint } from '../../src/rollout/gate.ts';
import { laneOfGate } from '../../src/rollout/plan.ts';
import { APPROVER, aScene, idle, REQUESTER, type Scene } from './scene.ts';

function wellEnded(scene: Scene): void {
  scene.audit.close();
  expect(scene.audit.broken).toEqual([]);
}

const away = (): Promise<never> => Promise.reject(new Fault('unreachable', 'the store does not answer'));

describe('a store that is away', () => {
  it.each([
    { name: 'shorter than the lease', ms: 2_000 },
    { name: 'longer than the lease', ms: 20_000 },
  ])('for a while, $name, costs time and nothing else', async ({ ms }) => {
    const scene = aScene({ world: { rebootMs: 5_000 } });
    let gone = false;
    scene.between((ports) => ({
      ...ports,
      journal: new Proxy(ports.journal, {
        get: (target, key) => (gone ? away : Reflect.get(target, key, target)),
      }),
    }));
    scene.start();
    for (const [node, kind] of [
      ['w-1', 'install'],
      ['w-2', 'reboot'],
      ['cp-1', 'drain'],
    ] as const) {
      await scene.untilStep(node, kind, 'step-begun');
      gone = true;
      await scene.house.time.advance(ms);
      gone = false;
    }
    await scene.plays();
    expect(scene.phase).toMatchObject({ outcome: 'upgraded' });
    expect(Object.values(scene.counted('reboots'))).toEqual([1, 1, 1, 1, 1, 1]);
    expect(scene.audit.broken).toEqual([]);
  });
});

describe('a nudge', () => {
  it('that comes at any moment of a driver’s falling asleep wakes it again', async () => {
    for (let turns = 0; turns <= 60; turns += 1) {
      const scene = aScene({ sweeps: false, world: { workers: 0, controlPlanes: 3 } });
      const process = scene.start();
      await scene.until(({ phase }) => phase.phase === 'at-gate');
      scene.people = idle;
      await scene.house.time.advance(1_000);
      // Awake once more without a reason: it looks, finds nothing, and lets go.
      let nudged = false;
      scene.tap({
        after: ({ method }) => {
          if (method !== 'letGo' || nudged) return;
          nudged = true;
          void afterTurns(turns, () => approveAndDrive(scene));
        },
      });
      void process.driver.drive(CLUSTER, scene.id);
      await scene.until(() => scene.facts('gate-passed').length > 0, 2_000);
    }
  });

  async function afterTurns(turns: number, run: () => void): Promise<void> {
    for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
    run();
  }

  /** What a click and its bell come to, in one turn. */
  function approveAndDrive(scene: Scene): void {
    const { rollout, house } = scene;
    const gate = rollout.phase.phase === 'at-gate' ? rollout.phase.gate : '';
    const planned = rollout.plan === null ? null : laneOfGate(rollout.plan, gate)?.gate;
    if (planned === null || planned === undefined) throw new Error('no gate is open');
    const fingerprint = approvalFingerprint(planned, house.policy);
    void house.journal.append({
      cluster: CLUSTER,
      rollout: scene.id,
      expect: rollout.version,
      events: [{ kind: 'approved', gate, fingerprint, user: APPROVER, delivery: 'click' }],
      by: { kind: 'person', user: APPROVER },
    });
    for (const { driver } of house.living) void driver.drive(CLUSTER, scene.id);
  }
});

describe('a driver that is stopped', () => {
  it('waits for the installation in flight, gives the lease back, and another one goes on at once', async () => {
    const scene = aScene({ world: { installMs: 4_000 } });
    const first = scene.start();
    await scene.untilStep('w-1', 'install', 'step-begun');
    let stopped = false;
    void first.stop(10_000).then(() => {
      stopped = true;
    });
    await scene.until(() => stopped);
    expect(scene.facts('step-ended').at(-1)?.step).toBe(scene.step('w-1', 'install').id);
    const stoppedAt = scene.house.time.now();
    scene.start();
    await scene.untilStep('w-1', 'reboot', 'step-begun');
    expect(scene.house.time.now() - stoppedAt).toBeLessThan(1_000);
    await scene.plays();
    wellEnded(scene);
  });

  it('ends a pull, which the next one begins again', async () => {
    const scene = aScene({ world: { pullMs: 60_000 } });
    const first = scene.start();
    await scene.until(() => scene.facts('step-begun').length > 0);
    let stopped = false;
    void first.stop(5_000).then(() => {
      stopped = true;
    });
    await scene.until(() => stopped, 1_000);
    scene.house.world.heal();
    expect(scene.facts('step-ended')).toEqual([]);
    expect(scene.facts('step-failed')).toEqual([]);
  });

  it('gives up on what does not end in time', async () => {
    const scene = aScene({ world: { installMs: 15_000 } });
    const first = scene.start();
    await scene.untilStep('w-1', 'install', 'step-begun');
    let stopped = false;
    void first.stop(2_000).then(() => {
      stopped = true;
    });
    await scene.until(() => stopped, 2_500);
    scene.start();
    await scene.plays();
    expect(scene.counted('installs')).toMatchObject({ 'w-1': 1 });
    wellEnded(scene);
  });
});

describe('a rollout that waits for nobody and has nothing to do', () => {
  it('complains, and is looked at again', async () => {
    const scene = aScene();
    scene.start();
    await scene.until(({ phase }) => phase.phase === 'at-gate');
    scene.people = idle;
    await scene.house.time.advance(1_000);
    // No door lets this in: it stands for a mistake of ours that leaves a gate open under a running rollout.
    await scene.house.journal.append({
      cluster: CLUSTER,
      rollout: scene.id,
      expect: scene.rollout.version,
      events: [{ kind: 'resumed', user: REQUESTER, delivery: 'impossible' }],
      by: { kind: 'person', user: REQUESTER },
    });
    await scene.house.time.advance(130_000);
    const complaints = scene.house.voices.errors.filter(({ message }) => message.includes('nothing to do'));
    expect(complaints.length).toBeGreaterThanOrEqual(2);
    expect(complaints.length).toBeLessThanOrEqual(4);
  });
});

describe('a task that ends in an error', () => {
  it.each([
    ['of our own', new TypeError('a mistake of ours'), 'error', 'ended in an error'],
    ['because nobody answers', new Fault('unreachable', 'Redis does not answer'), 'warn', 'was cut short'],
  ] as const)(
    'is started again after a second, not in a circle, and says so: %s',
    async (_why, error, level, what) => {
      const scene = aScene();
      let tries = 0;
      scene.start((ports) => ({
        ...ports,
        machines: {
          ...ports.machines,
          members: (options) => {
            tries += 1;
            if (tries <= 3) throw error;
            return ports.machines.members(options);
          },
        },
      }));
      await scene.until(({ plan }) => plan !== null, 10_000);
      expect(tries).toBe(4);
      const said = scene.house.voices.said.filter((line) => line.level !== 'info');
      expect(said.map((line) => [line.level, line.message])).toEqual(
        Array.from({ length: 3 }, () => [level, `a task ${what} and is started again`]),
      );
    },
  );
});

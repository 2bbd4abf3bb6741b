// One step: sent once, observed ever after, and asked again only when a person says so and its first copy can no longer arrive.
import { describe, expect, it } from 'vitest';
import type { ProcessPorts } from '../../playground/doubles/house.ts';
import { type ActReply, Fault } from '../../src/engine/ports/fault.ts';
import type { Machines } from '../../src/engine/ports/machines.ts';
import { debtsOf } from '../../src/rollout/rollout.ts';
import type { StepKind } from '../../src/rollout/step.ts';
import { doubtedThatHappened, happenedOnce } from './doubted.ts';
import { aScene, aSmallScene, REQUESTER, type Scene, willing } from './scene.ts';

const NOBODY = new Fault('unreachable', 'nobody answered');

function wellEnded(scene: Scene): void {
  scene.audit.close();
  expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
  expect(scene.audit.broken).toEqual([]);
}

/** Puts an answer before the first so many calls of one method. */
function answering<K extends keyof Machines>(
  method: K,
  answer: (real: Machines[K], call: number) => Machines[K],
): (ports: ProcessPorts) => ProcessPorts {
  let calls = 0;
  return (ports) => ({
    ...ports,
    machines: new Proxy(ports.machines, {
      get: (target, key) => {
        if (key !== method) return Reflect.get(target, key, target);
        calls += 1;
        return answer(target[method], calls);
      },
    }),
  });
}

const replying =
  (reply: ActReply<never>, times: number) =>
  <A extends readonly unknown[], R>(real: (...args: A) => Promise<R>, call: number) =>
    call <= times ? () => Promise.resolve(reply) : real;

describe('an act that may be sent once', () => {
  it.each(['reboot', 'install'] as const)(
    'whose reply is lost is observed and not sent again: %s',
    async (kind) => {
      const scene = aSmallScene();
      const method = kind === 'reboot' ? 'Reboot' : 'Upgrade';
      scene.house.world.inject('lost-reply', { node: 'w-1', method });
      await scene.plays();
      expect(scene.counted(kind === 'reboot' ? 'reboots' : 'installs')).toMatchObject({ 'w-1': 1 });
      wellEnded(scene);
    },
  );

  it('that never left is withdrawn and begins again by itself', async () => {
    const scene = aSmallScene().between(
      answering('reboot', replying({ kind: 'withdrawn', fault: NOBODY }, 2)),
    );
    await scene.plays();
    expect(scene.facts('step-withdrawn')).toHaveLength(2);
    expect(scene.rollout.begins.get(scene.step('w-1', 'reboot').id)).toBe(3);
    expect(scene.counted('reboots')).toMatchObject({ 'w-1': 1 });
    scene.audit.close();
    expect(scene.phase).toMatchObject({ outcome: 'upgraded' });
  });

  it('that never leaves is held after five tries', async () => {
    const scene = aSmallScene().between(
      answering('reboot', replying({ kind: 'withdrawn', fault: NOBODY }, 1_000)),
    );
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'held', held: { kind: 'failed', why: 'nobody answered' } });
    expect(scene.rollout.begins.get(scene.step('w-1', 'reboot').id)).toBe(5);
    expect(scene.counted('reboots')).toMatchObject({ 'w-1': 0 });
  });

  it('that is refused is held with the machine’s own reason', async () => {
    const fault = new Fault('refused', 'not authorized');
    const scene = aSmallScene().between(answering('reboot', replying({ kind: 'refused', fault }, 1)));
    await scene.plays();
    expect(scene.phase).toMatchObject({
      phase: 'held',
      held: { kind: 'failed', node: 'w-1', why: 'not authorized' },
    });
    scene.people = retrying;
    await scene.plays();
    wellEnded(scene);
  });
});

describe('an act in doubt', () => {
  const lostInTheWires = () => answering('reboot', replying({ kind: 'lost', fault: NOBODY }, 1));

  it('is held at its limit, and sent again only when its first copy can no longer arrive', async () => {
    const scene = aSmallScene().between(lostInTheWires());
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'held', held: { kind: 'doubted', node: 'w-1' } });
    const { id, limitMs } = scene.step('w-1', 'reboot');
    const at = (kind: string): number =>
      scene.audit.entries.findLast(({ event }) => event.kind === kind)?.at ?? 0;
    expect(at('step-doubted') - at('step-begun')).toBeGreaterThanOrEqual(limitMs);
    const doubtedAt = at('step-doubted');
    await scene.says({ kind: 'retry' });
    await scene.until(() => scene.rollout.begins.get(id) === 2);
    expect(at('step-begun') - doubtedAt).toBeGreaterThanOrEqual(scene.house.policy.limits.flightMs);
    await scene.plays();
    expect(scene.counted('reboots')).toMatchObject({ 'w-1': 1 });
    scene.audit.close();
    expect(scene.phase).toMatchObject({ outcome: 'upgraded' });
  });

  it('cannot be skipped', async () => {
    const scene = aSmallScene().between(lostInTheWires());
    await scene.plays();
    expect(await scene.says({ kind: 'skip' })).toMatchObject({ kind: 'refusal', code: 'not-skippable' });
  });

  it.each([
    { kind: 'reboot', goal: 'upgrade' },
    { kind: 'rollback', goal: 'rollback' },
  ] as const)('that did happen is seen, and not sent again: $kind', async ({ kind, goal }) => {
    const scene = await doubtedThatHappened(kind, goal);
    await scene.says({ kind: 'retry' });
    await scene.plays();
    happenedOnce(scene, kind);
  });

  it('about an installation is settled by what the machine shows: it had ended well', async () => {
    const scene = aSmallScene({ world: { installMs: 25_000 } });
    scene.house.world.inject('lost-reply', { node: 'w-1', method: 'Upgrade' });
    await scene.plays();
    expect(scene.phase).toMatchObject({ held: { kind: 'doubted' } });
    await scene.says({ kind: 'retry' });
    await scene.untilStep('w-1', 'install', 'step-ended');
    expect(scene.counted('installs')).toMatchObject({ 'w-1': 1 });
    // The boot in which it was armed: another one clears that, whichever system it runs.
    const { bootId } = scene.house.world.machine('w-1');
    const settled = { exitCode: 0, settledBy: 'log', bootId };
    expect(scene.facts('step-ended').at(-1)?.result).toEqual(settled);
  });

  it('about an installation nobody can judge is never repeated; after a restart by hand it is', async () => {
    const unknown: Machines['installOutcome'] = async () => ({ kind: 'unknown' });
    let blind = true;
    const lost = answering('install', replying({ kind: 'lost', fault: NOBODY }, 1));
    const dark = answering('installOutcome', (real) => (blind ? unknown : real));
    const scene = aSmallScene().between((ports) => dark(lost(ports)));
    await scene.plays();
    expect(scene.phase).toMatchObject({ held: { kind: 'doubted' } });
    await scene.says({ kind: 'retry' });
    await scene.plays();
    expect(scene.phase).toMatchObject({
      held: { kind: 'failed', why: expect.stringContaining('not repeated') },
    });
    expect(scene.counted('installs')).toMatchObject({ 'w-1': 0 });
    scene.house.world.inject('reboot-by-human', { node: 'w-1' });
    await scene.house.time.advance(5_000);
    blind = false;
    await scene.says({ kind: 'retry' });
    await scene.plays();
    expect(scene.counted('installs')).toMatchObject({ 'w-1': 1 });
    expect(scene.phase).toMatchObject({ outcome: 'upgraded' });
  });
});

describe('an installer that fails', () => {
  it('holds the rollout with its own words, and runs again when a person says so', async () => {
    const scene = aSmallScene();
    scene.house.world.inject('installer-exits-nonzero', { node: 'w-1', code: 3 });
    await scene.plays();
    expect(scene.phase).toMatchObject({
      phase: 'held',
      held: { kind: 'failed', why: expect.stringMatching(/exit code 3: .*input\/output error/) },
    });
    expect(debtsOf(scene.rollout)).toHaveLength(1);
    scene.people = retrying;
    await scene.plays();
    expect(scene.counted('installs')).toMatchObject({ 'w-1': 2, 'cp-1': 1 });
    wellEnded(scene);
  });
});

describe('an act that may be repeated', () => {
  it('is asked again within the same "begun" when the way there failed', async () => {
    const scene = aSmallScene().between((ports) => {
      let cordons = 0;
      return {
        ...ports,
        workloads: new Proxy(ports.workloads, {
          get: (target, key) => {
            if (key !== 'cordon') return Reflect.get(target, key, target);
            return (node: string, mark: string) => {
              cordons += 1;
              return cordons <= 3 ? Promise.reject(NOBODY) : target.cordon(node, mark);
            };
          },
        }),
      };
    });
    await scene.plays();
    expect(scene.rollout.begins.get(scene.step('w-1', 'cordon').id)).toBe(1);
    wellEnded(scene);
  });

  it('fails at once on a no that stays', async () => {
    const scene = aSmallScene();
    scene.house.world.inject('image-missing', { node: 'w-1' });
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'held', held: { kind: 'failed', node: 'w-1' } });
    scene.house.world.heal();
    scene.people = retrying;
    await scene.plays();
    wellEnded(scene);
  });

  it('gets its whole time again from whoever finds it, however long its first process was dead', async () => {
    const scene = aScene();
    scene.house.world.inject('pdb-blocks');
    const first = scene.start();
    await scene.untilStep('w-1', 'drain', 'step-begun');
    await scene.house.time.advance(1_000);
    first.kill();
    await scene.house.time.advance(3_600_000);
    scene.start();
    await scene.house.time.advance(5_000);
    scene.house.world.heal();
    await scene.plays();
    expect(scene.facts('step-failed')).toEqual([]);
    wellEnded(scene);
  });
});

describe('a step that cannot even be looked at', () => {
  it.each([
    ['w-1', 'reboot', 15_000],
    ['w-1', 'install', 20_000],
  ] as const)('fails without having begun: %s %s', async (node, kind, limitMs) => {
    const scene = aSmallScene();
    scene.start();
    const before: StepKind = kind === 'reboot' ? 'install' : 'drain';
    await scene.untilStep(node, before, 'step-begun');
    const { address } = scene.house.world.machine(node).node;
    scene.house.world.inject('unreachable', { node });
    await scene.plays();
    expect(scene.phase).toMatchObject({
      phase: 'held',
      held: { kind: 'failed', subject: scene.step(node, kind).id },
    });
    expect(scene.phase).toMatchObject({ held: { why: expect.stringContaining(address) } });
    expect(scene.rollout.begins.get(scene.step(node, kind).id)).toBeUndefined();
    const [begunBefore, failed] = scene.audit.entries.slice(-2);
    expect((failed?.at ?? 0) - (begunBefore?.at ?? 0)).toBeGreaterThanOrEqual(limitMs);
    scene.house.world.heal();
    scene.people = retrying;
    await scene.plays();
    wellEnded(scene);
  });
});

describe('an append whose answer is lost', () => {
  it('makes nobody wait for a person, whichever it is', { timeout: 60_000 }, async () => {
    const calm = await aSmallScene().plays();
    const appends = calm.audit.effects.filter(({ name }) => name.startsWith('append')).length;
    for (let lost = 1; lost <= appends; lost += 1) {
      let count = 0;
      const scene = aSmallScene().between((ports) => ({
        ...ports,
        journal: new Proxy(ports.journal, {
          get: (target, key) => {
            if (key !== 'append') return Reflect.get(target, key, target);
            return async (request: Parameters<typeof target.append>[0]) => {
              const reply = await target.append(request);
              count += 1;
              if (count === lost) throw NOBODY;
              return reply;
            };
          },
        }),
      }));
      await scene.plays();
      const about = `append ${lost} of ${appends}: ${scene.story()}`;
      expect(scene.phase, about).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
      expect(scene.counted('installs'), about).toEqual({ 'cp-1': 1, 'cp-2': 1, 'cp-3': 1, 'w-1': 1 });
      expect(scene.audit.broken, about).toEqual([]);
    }
  });
});

/** Somebody presses "retry" whenever it is held. */
function retrying(rollout: Parameters<typeof willing>[0]): ReturnType<typeof willing> {
  return rollout.phase.phase === 'held' ? { intent: { kind: 'retry' }, user: REQUESTER } : willing(rollout);
}

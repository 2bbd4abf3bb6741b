// A node that waits for its restart, when a call to it was lost or nobody knows what waits: it is asked before anything is guessed.
import { describe, expect, it } from 'vitest';
import { CLUSTER } from '../../playground/doubles/house.ts';
import { reverted } from '../../playground/world/bootloader.ts';
import { Fault } from '../../src/engine/ports/fault.ts';
import type { Goal } from '../../src/rollout/goal.ts';
import { restartsUnseen } from '../../src/rollout/rollout.ts';
import { toldRollback } from '../../src/talos/machined-log.ts';
import { aborted, givenUp, givenUpUnseen, later, restartLost } from './left-armed.ts';
import { withMachines } from './machines-between.ts';
import { REQUESTER, type Scene, UPGRADE } from './scene.ts';

/** Milliseconds of simulated time after which a lost call arrives no more. */
const FLOWN_MS = 200_000;
const GUEST_AGENT = 'ce4c980550dd2ab1b17bbf2b08801c7eb59418eafe8f279833297925d67c7515';
const OTHER_EXTENSIONS: Goal = {
  kind: 'upgrade-talos',
  version: 'v1.13.4',
  staged: true,
  schematic: { kind: 'change', add: ['iscsi-tools'], remove: ['qemu-guest-agent'] },
};

/** What people are told to do about w-1 when the rollout is declined for what was left there. */
function adviceOf(scene: Scene): string {
  const [declined] = scene.facts('declined');
  const left = declined?.findings.find(
    ({ check, subject }) => check.startsWith('machine-') && subject === 'w-1',
  );
  if (left?.advice === null || left === undefined) throw new Error(`nobody advises\n${scene.story()}`);
  return left.advice;
}

describe('a restart that was lost on its way', () => {
  it('leaves its node armed: it can be disarmed, as the advice says', async () => {
    const before = await restartLost();
    await before.house.time.advance(FLOWN_MS);
    const up = await later(before, UPGRADE).plays();
    expect(adviceOf(up)).toContain(`/talos disarm ${CLUSTER} node w-1`);
    const scene = await later(up, { kind: 'disarm-node', node: 'w-1' }, 'r3').plays();
    expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'disarmed' });
    expect(scene.versions()['w-1']).toBe('v1.13.4');
  });

  it('behind an installation nobody saw end, leaves that as unknown as it was: it is not offered to be disarmed', async () => {
    const finishing = later(await givenUpUnseen('never-arrived'), { kind: 'finish-node', node: 'w-1' });
    finishing.house.world.inject('lost-call', { node: 'w-1', method: 'Reboot' });
    await finishing.plays();
    expect(finishing.phase).toMatchObject({ phase: 'held', held: { kind: 'doubted', node: 'w-1' } });
    await aborted(finishing);
    await finishing.house.time.advance(FLOWN_MS);
    const up = await later(finishing, UPGRADE, 'r3').plays();
    expect(adviceOf(up)).toContain(`/talos finish ${CLUSTER} node w-1`);
    expect(adviceOf(up)).not.toContain('disarm');
  });
});

describe('a disarm in doubt', () => {
  it('that turned the boot entry and did not restart is not turned back by Retry', async () => {
    const scene = later(await givenUp(), { kind: 'disarm-node', node: 'w-1' });
    scene.house.world.inject('lost-call', { node: 'w-1', method: 'Rollback' });
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'held', held: { kind: 'doubted', node: 'w-1' } });
    // Rollback turns the entry at once and restarts afterwards: here its restart failed, and its reply was lost.
    const { state, log } = scene.house.world.machine('w-1').parts;
    log.info('rollback via API received');
    state.bootloader = reverted(state.bootloader);
    await scene.says({ kind: 'retry' }, REQUESTER);
    await scene.until(({ phase }) => phase.phase === 'held' || phase.phase === 'finished');
    expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'disarmed' });
    expect(scene.versions()['w-1']).toBe('v1.13.4');
    expect(scene.counted('rollbacks')['w-1']).toBe(0);
  });

  it.each([
    { log: 'shows that it never arrived', told: true, counted: 'rollbacks', never: 'reboots' },
    { log: 'is not told', told: false, counted: 'reboots', never: 'rollbacks' },
  ] as const)('whose log $log is followed by one of $counted', async ({ told, counted, never }) => {
    const scene = later(await givenUp(), { kind: 'disarm-node', node: 'w-1' });
    scene.house.world.inject('lost-call', { node: 'w-1', method: 'Rollback' });
    await scene.plays();
    for (const process of scene.house.living) process.kill();
    const silent = async (): Promise<never> => {
      throw new Fault('unreachable', 'its log is not told');
    };
    withMachines(scene, () => (told ? {} : { rollbackArrived: silent })).start();
    await scene.says({ kind: 'retry' }, REQUESTER);
    await scene.until(() => scene.counted(counted)['w-1'] === 1);
    expect(scene.counted(never)['w-1']).toBe(0);
  });
});

describe('a disarming in doubt', () => {
  /** The first call turned the entry, its restart failed, and its reply was lost. */
  async function turned(): Promise<Scene> {
    const scene = later(await givenUp(), { kind: 'disarm-node', node: 'w-1' });
    scene.house.world.inject('lost-call', { node: 'w-1', method: 'Rollback' });
    await scene.plays();
    const { state } = scene.house.world.machine('w-1').parts;
    state.bootloader = reverted(state.bootloader);
    for (const process of scene.house.living) process.kill();
    return scene;
  }

  it('is not turned back where trying again was withdrawn in between', async () => {
    const scene = await turned();
    scene.house.world.machine('w-1').parts.log.info('rollback via API received');
    let withdrawals = 1;
    withMachines(scene, (machines) => ({
      reboot: async (...args) => {
        if (withdrawals === 0) return machines.reboot(...args);
        withdrawals -= 1;
        return { kind: 'withdrawn', fault: new Fault('unreachable', 'no way to it for a moment') };
      },
    })).start();
    await scene.says({ kind: 'retry' }, REQUESTER);
    await scene.until(() => scene.facts('step-withdrawn').length > 0);
    expect(restartsUnseen(scene.rollout)).toEqual(['w-1']);
    await scene.until(({ phase }) => phase.phase === 'finished');
    expect([scene.counted('rollbacks')['w-1'], scene.versions()['w-1']]).toEqual([0, 'v1.13.4']);
  });

  it('is not turned back where the log of the machine no longer reaches back to it', async () => {
    const scene = await turned();
    const ring = '2099/01/01 00:00:00.000000 OK [/cosi.resource.State/Get] 1ms unary Success\n';
    withMachines(scene, () => ({
      rollbackArrived: async (_address, sinceMs) => toldRollback(ring, sinceMs),
    })).start();
    await scene.says({ kind: 'retry' }, REQUESTER);
    await scene.until(({ phase }) => phase.phase === 'finished');
    expect([scene.counted('rollbacks')['w-1'], scene.versions()['w-1']]).toEqual([0, 'v1.13.4']);
  });
});

describe('a finish', () => {
  it('never restarts a machine under its running installer', async () => {
    const scene = later(await givenUpUnseen('still-running'), { kind: 'finish-node', node: 'w-1' });
    const { state } = scene.house.world.machine('w-1').parts;
    const under: boolean[] = [];
    scene.tap({
      before: ({ method }) => {
        if (method === 'reboot') under.push(state.installing);
      },
    });
    expect(state.installing).toBe(true);
    await scene.plays();
    expect(under).toEqual([]);
    expect(scene.phase).toMatchObject({ phase: 'held', held: { node: 'w-1' } });
    await scene.until(() => !state.installing);
    await scene.says({ kind: 'retry' }, REQUESTER);
    await scene.plays();
    expect(under).toEqual([false]);
    expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
  });

  it('restarts in the mode that the policy says', async () => {
    const scene = later(await givenUp({ policy: { rebootMode: 'powercycle' } }), {
      kind: 'finish-node',
      node: 'w-1',
    });
    const modes: unknown[] = [];
    scene.tap({
      before: ({ method, args }) => {
        if (method === 'reboot') modes.push(args[1]);
      },
    });
    await scene.plays();
    expect(modes).toEqual(['powercycle']);
  });
});

describe('a node armed with other extensions of the version that it runs', () => {
  const armed = (): Promise<Scene> => givenUp({ goal: OTHER_EXTENSIONS, world: { schematic: GUEST_AGENT } });
  const schematicOf = (scene: Scene): string => scene.house.world.machine('w-1').schematic;

  it.each([
    { kind: 'finish-node', counted: 'reboots', stays: false },
    { kind: 'disarm-node', counted: 'rollbacks', stays: true },
  ] as const)('is restarted by $kind, although no version changes', async ({ kind, counted, stays }) => {
    const scene = await later(await armed(), { kind, node: 'w-1' }).plays();
    expect(scene.counted(counted)['w-1']).toBe(1);
    expect(schematicOf(scene) === GUEST_AGENT).toBe(stays);
    const again = await later(scene, { kind: 'finish-node', node: 'w-1' }, 'r3').plays();
    expect(again.phase).toMatchObject({ phase: 'finished', outcome: 'unchanged' });
  });
});

describe('a rollback in doubt whose machine takes its time to tell its log', () => {
  it.each([
    ['and tells it', 4_000, 'rollbacks', 'finished'],
    // Restarted, it boots the entry that nobody turned, which is no disarming.
    ['and does not tell it', 15_000, 'reboots', 'held'],
  ] as const)('%s is tried again when a person says so', async (_how, takesMs, counted, phase) => {
    const scene = later(await givenUp(), { kind: 'disarm-node', node: 'w-1' });
    scene.house.world.inject('lost-call', { node: 'w-1', method: 'Rollback' });
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'held', held: { kind: 'doubted', node: 'w-1' } });
    for (const process of scene.house.living) process.kill();
    withMachines(scene, (machines) => ({
      rollbackArrived: async (...asked) => {
        await scene.house.time.engineClock().sleep(takesMs);
        if (counted === 'reboots') throw new Fault('unreachable', 'its log is not told');
        return machines.rollbackArrived(...asked);
      },
    })).start();
    await scene.says({ kind: 'retry' }, REQUESTER);
    await scene.plays();
    expect(scene.phase.phase).toBe(phase);
    expect(scene.facts('step-withdrawn')).toEqual([]);
    expect(scene.counted(counted)['w-1']).toBe(1);
  });
});

// Pause, resume, abort and skip: nothing in hand is interrupted, nothing new begins, and what was changed is put back.
import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/engine/ports/fault.ts';
import { debtsOf } from '../../src/rollout/rollout.ts';
import type { StepKind } from '../../src/rollout/step.ts';
import { LITTLE_WORK } from './little-work.ts';
import { withMachines } from './machines-between.ts';
import { APPROVER, aScene, aSmallScene, idle, type People, REQUESTER, type Scene, willing } from './scene.ts';

function nothingBroken(scene: Scene): void {
  scene.audit.close();
  expect(scene.audit.broken).toEqual([]);
}

const KINDS: readonly StepKind[] = ['pull', 'cordon', 'drain', 'install', 'reboot', 'return', 'uncordon'];

describe('a pause', () => {
  it.each(KINDS)('during %s lets it end, and a resume goes on behind it', async (kind) => {
    const scene = aSmallScene();
    scene.start();
    await scene.untilStep('w-1', kind, 'step-begun');
    await scene.says({ kind: 'pause' });
    await scene.until(({ phase }) => phase.phase === 'paused', 60_000);
    const { version } = scene.rollout;
    await scene.house.time.advance(300_000);
    expect(scene.rollout.version).toBe(version);
    await scene.says({ kind: 'resume' });
    await scene.plays();
    expect(scene.phase).toMatchObject({ outcome: 'upgraded' });
    expect(new Set(Object.values(scene.counted('installs')))).toEqual(new Set([1]));
    nothingBroken(scene);
  });

  it('takes an open card away; after the resume there is a new one', async () => {
    const scene = aSmallScene();
    scene.start();
    await scene.until(({ phase }) => phase.phase === 'at-gate');
    scene.people = idle;
    const gate = scene.phase.phase === 'at-gate' ? scene.phase.gate : '';
    await scene.says({ kind: 'pause' });
    await scene.until(({ phase }) => phase.phase === 'paused');
    expect(await scene.says({ kind: 'approve', gate }, APPROVER)).toMatchObject({
      kind: 'refusal',
      code: 'gate-closed',
    });
    await scene.says({ kind: 'resume' });
    await scene.until(({ phase }) => phase.phase === 'at-gate');
    expect(scene.facts('gate-opened').filter((event) => event.gate === gate)).toHaveLength(2);
    scene.people = willing;
    await scene.plays();
    nothingBroken(scene);
  });
});

describe('a pause during which the step in hand fails', () => {
  const TWO_WORKERS = { workloads: LITTLE_WORK, world: { controlPlanes: 3, workers: 2 } } as const;

  /** Paused while w-1 is installed, which fails: held. */
  async function pausedAndHeld(): Promise<Scene> {
    const scene = aScene(TWO_WORKERS);
    scene.start();
    scene.house.world.inject('installer-exits-nonzero', { node: 'w-1', times: 1 });
    await scene.untilStep('w-1', 'install', 'step-begun');
    expect(await scene.says({ kind: 'pause' }, REQUESTER)).toMatchObject({ kind: 'taken' });
    await scene.until(({ phase }) => phase.phase === 'held');
    expect(scene.phase).toMatchObject({ held: { node: 'w-1' }, pausedBy: REQUESTER });
    return scene;
  }

  it.each([
    ['retry', 'v1.13.5'],
    ['skip', 'v1.13.4'],
  ] as const)('outlasts a %s: nothing new starts until somebody resumes', async (kind, version) => {
    const scene = await pausedAndHeld();
    expect(await scene.says({ kind }, APPROVER)).toMatchObject({ kind: 'taken' });
    expect(scene.phase).toEqual({ phase: 'paused', user: REQUESTER });
    const { version: entries } = scene.rollout;
    await scene.house.time.advance(300_000);
    expect(scene.rollout.version).toBe(entries);
    expect(scene.counted('installs')).toMatchObject({ 'w-2': 0 });
    await scene.says({ kind: 'resume' }, APPROVER);
    await scene.plays();
    expect(scene.phase).toMatchObject({ outcome: 'upgraded' });
    expect(scene.versions()).toMatchObject({ 'w-1': version, 'w-2': 'v1.13.5', 'cp-1': 'v1.13.5' });
    nothingBroken(scene);
  });

  it('outlasts the choice made twice by one delivery, and a worker that died with it', async () => {
    const scene = await pausedAndHeld();
    expect(await scene.says({ kind: 'retry' }, APPROVER, 'twice')).toMatchObject({ kind: 'taken' });
    expect(await scene.says({ kind: 'retry' }, APPROVER, 'twice')).toMatchObject({ kind: 'already' });
    scene.house.living[0]?.kill();
    scene.start();
    await scene.house.time.advance(300_000);
    expect(scene.phase).toEqual({ phase: 'paused', user: REQUESTER });
    expect(scene.facts('paused')).toMatchObject([{ user: REQUESTER }, { user: REQUESTER, stays: true }]);
    nothingBroken(scene);
  });

  it('ends with an abort', async () => {
    const scene = await pausedAndHeld();
    await scene.says({ kind: 'abort' }, APPROVER);
    await scene.plays();
    expect(scene.phase).toMatchObject({ outcome: 'aborted' });
    nothingBroken(scene);
  });
});

describe('an abort', () => {
  it.each(KINDS)(
    'during %s waits for what is in hand, and leaves every cordon as it was found',
    async (kind) => {
      const scene = aSmallScene();
      scene.start();
      await scene.untilStep('w-1', kind, 'step-begun');
      await scene.says({ kind: 'abort' });
      await scene.plays();
      expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'aborted' });
      expect(debtsOf(scene.rollout)).toEqual([]);
      expect(scene.counted('installs')).toMatchObject({ 'cp-1': 0, 'cp-2': 0, 'cp-3': 0 });
      nothingBroken(scene);
    },
  );

  it('leaves a node cordoned that somebody had cordoned before', async () => {
    const scene = aSmallScene();
    scene.house.objects.setUnschedulable('w-1', true);
    scene.audit.noteFound();
    scene.start();
    await scene.untilStep('w-1', 'drain', 'step-begun');
    await scene.says({ kind: 'abort' });
    await scene.plays();
    expect(scene.house.objects.isCordoned('w-1')).toBe(true);
    nothingBroken(scene);
  });

  it.each([
    ['a proposal', async (scene: Scene) => scene.until(({ phase }) => phase.phase === 'proposed')],
    ['an open card', async (scene: Scene) => scene.until(({ phase }) => phase.phase === 'at-gate')],
  ] as const)('of %s ends it at once', async (_, arrive) => {
    const scene = aSmallScene();
    scene.start();
    if (_ === 'a proposal') scene.people = idle;
    if (_ === 'a proposal') await scene.asks();
    await arrive(scene);
    scene.people = idle;
    await scene.says({ kind: 'abort' });
    await scene.until(({ phase }) => phase.phase === 'finished', 5_000);
    expect(scene.phase).toMatchObject({ outcome: 'aborted' });
    nothingBroken(scene);
  });

  it('of a held rollout puts back what it owes', async () => {
    const scene = aSmallScene();
    scene.house.world.inject('installer-exits-nonzero', { node: 'w-1' });
    await scene.plays();
    expect(debtsOf(scene.rollout)).toHaveLength(1);
    await scene.says({ kind: 'abort' });
    await scene.plays();
    expect(scene.phase).toMatchObject({ outcome: 'aborted' });
    nothingBroken(scene);
  });

  it('whose putting back fails is held, and a person may take the debt over by name', async () => {
    const scene = aSmallScene();
    let broken = false;
    scene.between((ports) => ({
      ...ports,
      workloads: {
        ...ports.workloads,
        uncordon: (node, mark) =>
          broken ? Promise.reject(new Error('the API is away')) : ports.workloads.uncordon(node, mark),
      },
    }));
    scene.start();
    await scene.untilStep('w-1', 'install', 'step-begun');
    broken = true;
    await scene.says({ kind: 'abort' });
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'held', ending: 'aborted', held: { kind: 'failed' } });
    await scene.says({ kind: 'skip' });
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'aborted' });
    expect([...scene.rollout.debtsTaken.values()]).toEqual([REQUESTER]);
    nothingBroken(scene);
  });

  it('survives a crash while it puts things back', async () => {
    const scene = aSmallScene();
    const first = scene.start();
    await scene.untilStep('w-1', 'drain', 'step-begun');
    await scene.says({ kind: 'abort' });
    await scene.untilStep('w-1', 'uncordon', 'step-begun');
    first.kill();
    scene.start();
    await scene.plays();
    expect(scene.phase).toMatchObject({ outcome: 'aborted' });
    nothingBroken(scene);
  });
});

describe('a skip', () => {
  const skipping: People = (rollout) =>
    rollout.phase.phase === 'held' ? { intent: { kind: 'skip' }, user: REQUESTER } : willing(rollout);

  it('leaves a worker behind, pays what it was owed first, and goes on with the others', async () => {
    const scene = aScene();
    scene.house.world.inject('installer-exits-nonzero', { node: 'w-1', times: 0 });
    scene.people = skipping;
    await scene.plays();
    expect(scene.phase).toMatchObject({ outcome: 'upgraded' });
    expect(scene.versions()).toMatchObject({ 'w-1': 'v1.13.4', 'w-2': 'v1.13.5', 'cp-1': 'v1.13.5' });
    const names = scene.audit.effects.map(({ name }) => name);
    expect(names.indexOf('uncordon w-1')).toBeLessThan(names.indexOf('cordon w-2'));
    nothingBroken(scene);
  });

  it.each(['w-2', 'cp-2'])('leaves %s behind when its image cannot be had', async (node) => {
    const scene = aScene();
    const address = scene.house.world.machine(node).node.address;
    let isRefused = true;
    withMachines(scene, (machines) => ({
      pull: (asked, image, options) =>
        asked === address && isRefused
          ? Promise.reject(new Fault('refused', 'the registry refuses it'))
          : machines.pull(asked, image, options),
    }));
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'held', held: { node } });
    isRefused = false;
    await scene.says({ kind: 'skip' });
    await scene.plays();
    expect(scene.phase).toMatchObject({ outcome: 'upgraded' });
    expect(scene.versions()).toMatchObject({ [node]: 'v1.13.4', 'cp-1': 'v1.13.5' });
    expect(scene.counted('reboots')).toMatchObject({ [node]: 0, 'cp-1': 1 });
    expect(scene.audit.effects.map(({ name }) => name)).not.toContain(`cordon ${node}`);
    nothingBroken(scene);
  });

  it('is refused for a control-plane node that was already changed', async () => {
    const scene = aSmallScene();
    for (const node of ['cp-1', 'cp-2', 'cp-3'])
      scene.house.world.inject('installer-exits-nonzero', { node, times: 0 });
    await scene.plays();
    expect(await scene.says({ kind: 'skip' })).toMatchObject({ kind: 'refusal', code: 'not-skippable' });
  });

  it('of a worker that does not come back never lets the control plane go while it is away', async () => {
    const scene = aSmallScene();
    scene.house.world.inject('never-ready', { node: 'w-1' });
    scene.people = (rollout) => (rollout.skipped.size > 0 ? willing(rollout) : skipping(rollout));
    await scene.plays();
    expect(scene.phase).toMatchObject({
      phase: 'held',
      held: { kind: 'withheld', why: expect.stringContaining('w-1') },
    });
    expect(scene.counted('reboots')).toMatchObject({ 'cp-1': 0, 'cp-2': 0, 'cp-3': 0 });
    nothingBroken(scene);
  });
});

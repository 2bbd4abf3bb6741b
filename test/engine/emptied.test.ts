// Right before a restart: a node that somebody uncordoned, or to which pods came, is drained again and never restarted blindly.
import { describe, expect, it } from 'vitest';
import { stepState } from '../../src/rollout/rollout.ts';
import { aSmallScene, type Scene, type SceneOptions } from './scene.ts';

const LEGACY: SceneOptions = {
  goal: { kind: 'upgrade-talos', version: 'v1.12.6' },
  world: { talosVersion: 'v1.12.4' },
};

function wellEnded(scene: Scene): void {
  scene.audit.close();
  expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
  expect(scene.audit.broken).toEqual([]);
}

const begun = (scene: Scene, kind: 'cordon' | 'drain', node = 'w-1'): number =>
  scene.facts('step-begun').filter(({ step }) => step === scene.step(node, kind).id).length;

/** Somebody does this whenever the drain of the node has ended, at most so many times. */
function whenDrained(scene: Scene, act: () => void, { node = 'w-1', times = 1 } = {}): void {
  let done = 0;
  scene.tap({
    after: ({ method }) => {
      if (method !== 'append' || done >= times || scene.rollout.plan === null) return;
      const ended = scene.facts('step-ended').filter(({ step }) => step === scene.step(node, 'drain').id);
      if (ended.length <= done) return;
      done += 1;
      act();
    },
  });
}

const uncordons =
  (scene: Scene, node = 'w-1') =>
  (): void =>
    scene.house.objects.setUnschedulable(node, false);

describe.each([
  { name: 'over the lifecycle API', options: {} },
  { name: 'over the legacy API', options: LEGACY },
])('a node $name', ({ options }) => {
  it('that somebody uncordoned after its drain is cordoned again before it restarts', async () => {
    const scene = aSmallScene(options);
    whenDrained(scene, uncordons(scene));
    await scene.plays();
    const [why] = new Set(scene.facts('step-outdated').map((fact) => fact.why));
    expect(why).toContain('w-1 was uncordoned by somebody since it was drained');
    expect(begun(scene, 'cordon')).toBe(2);
    expect(scene.counted('reboots')).toMatchObject({ 'w-1': 1 });
    wellEnded(scene);
  });

  it('to which pods came after its drain is drained again before it restarts', async () => {
    const scene = aSmallScene(options);
    const { strays } = scene.house.objects;
    whenDrained(scene, () => {
      strays.pod({ namespace: 'shop', name: 'late', node: 'w-1', owner: 'StatefulSet' });
    });
    await scene.plays();
    expect(scene.facts('step-outdated').some(({ why }) => why.includes('shop/late'))).toBe(true);
    expect(begun(scene, 'drain')).toBe(2);
    wellEnded(scene);
  });
});

describe('a control-plane node', () => {
  it('that somebody uncordoned is cordoned again, under the same approval', async () => {
    const scene = aSmallScene();
    scene.start();
    await scene.until(({ phase }) => phase.phase === 'at-gate');
    const node = scene.phase.phase === 'at-gate' ? scene.phase.gate.replace('gate:', '') : '';
    whenDrained(scene, uncordons(scene, node), { node });
    await scene.plays();
    expect(begun(scene, 'cordon', node)).toBe(2);
    expect(scene.facts('approved').filter(({ gate }) => gate === `gate:${node}`)).toHaveLength(1);
    wellEnded(scene);
  });
});

describe('somebody who uncordons again and again', () => {
  it('has the node held with a sentence, and a retry has it drained again', async () => {
    const scene = aSmallScene();
    const uncordon = uncordons(scene);
    let fights = true;
    scene.tap({
      before: ({ method }) => {
        const plan = scene.audit.rollout?.plan ?? null;
        if (!fights || method !== 'podsOn' || plan === null) return;
        if (stepState(scene.rollout, scene.step('w-1', 'drain').id).state === 'ended') uncordon();
      },
    });
    await scene.plays();
    expect(scene.phase).toMatchObject({
      phase: 'held',
      held: { node: 'w-1', why: expect.stringMatching(/uncordoned by somebody.*keep others from it/) },
    });
    expect(scene.counted('reboots')).toMatchObject({ 'w-1': 0 });
    fights = false;
    await scene.says({ kind: 'retry' });
    await scene.plays();
    wellEnded(scene);
  });
});

describe('a drain that failed at its limit twice', () => {
  it('has cleared nothing by that: after the third one a stray pod has the node cleared again', async () => {
    const scene = aSmallScene({ policy: { limits: { drainMs: 20_000 } } });
    const { objects, world } = scene.house;
    world.inject('pod-held', { node: 'w-1' });
    scene.start();
    for (const heals of [false, true]) {
      await scene.until(({ phase }) => phase.phase === 'held');
      if (heals) world.heal();
      await scene.says({ kind: 'retry' });
      await scene.until(({ phase }) => phase.phase !== 'held');
    }
    whenDrained(scene, () => {
      objects.strays.pod({ namespace: 'shop', name: 'late', node: 'w-1', owner: 'StatefulSet' });
    });
    await scene.plays();
    expect(begun(scene, 'drain')).toBe(4);
    wellEnded(scene);
  });
});

describe('what is owed', () => {
  it.each([
    ['schedulable', false],
    ['cordoned', true],
  ] as const)(
    'after an abort between two drains is the schedule as it was found: %s',
    async (_found, cordoned) => {
      const scene = aSmallScene();
      scene.house.objects.setUnschedulable('w-1', cordoned);
      scene.audit.noteFound();
      whenDrained(scene, uncordons(scene));
      scene.start();
      await scene.until(() => scene.facts('step-outdated').length > 0);
      await scene.says({ kind: 'abort' });
      await scene.plays();
      expect(scene.phase).toMatchObject({ outcome: 'aborted' });
      scene.audit.close();
      expect(scene.audit.broken).toEqual([]);
    },
  );
});

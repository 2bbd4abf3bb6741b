// A drain that pods keep from ending: people are asked early, in pairs, about exactly these pods, and it goes on by itself when it can.
import { describe, expect, it } from 'vitest';
import { CLUSTER } from '../../playground/doubles/house.ts';
import type { DrainChoice } from '../../src/rollout/blockade.ts';
import type { Policy } from '../../src/rollout/policy.ts';
import { crashing } from './crash.ts';
import { APPROVER, aScene, type People, REQUESTER, type Scene, SECOND_APPROVER, willing } from './scene.ts';

const LONG: {
  readonly policy: Partial<Omit<Policy, 'limits'>> & { readonly limits: Partial<Policy['limits']> };
} = {
  policy: { limits: { drainMs: 300_000 } },
};

function wellEnded(scene: Scene): void {
  scene.audit.close();
  expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
  expect(scene.audit.broken).toEqual([]);
}

const drainOfW1 = (scene: Scene): string => scene.step('w-1', 'drain').id;

const says = (scene: Scene, choice: DrainChoice, user: string) =>
  scene.says({ kind: 'drain', step: drainOfW1(scene), choice }, user);

/** Until people are asked for the n-th time. */
const untilAsked = (scene: Scene, times = 1): Promise<Scene> =>
  scene.until(() => scene.facts('drain-blocked').length >= times);

async function blocked(scene: Scene): Promise<Scene> {
  scene.house.world.inject('pdb-blocks');
  scene.start();
  return untilAsked(scene);
}

const deletions = (scene: Scene, node: string): number => scene.house.objects.actsOn(node).deletions;

describe('people are asked about a blocked drain', () => {
  it('long before its limit, with the budget’s figures and the owner of each pod', async () => {
    const scene = await blocked(aScene(LONG));
    const at = (kind: string): number =>
      scene.audit.entries.findLast(({ event }) => event.kind === kind)?.at ?? 0;
    const [begun, asked] = [at('step-begun'), at('drain-blocked')];
    expect(asked - begun).toBeLessThan(60_000);
    expect(scene.facts('drain-blocked')[0]?.blockers).toContainEqual(
      expect.objectContaining({
        ...{ namespace: 'shop', workload: 'shop/ReplicaSet web', cause: 'budget' },
        budgets: [
          { name: 'web', disruptionsAllowed: 0, currentHealthy: 3, desiredHealthy: 3, expectedPods: 3 },
        ],
      }),
    );
    expect(scene.phase).toEqual({ phase: 'running', halt: null });
  });

  it('once, while it is tried on; when the budget lets go it goes on without anybody', async () => {
    const scene = await blocked(aScene(LONG));
    await scene.house.time.advance(120_000);
    expect(scene.facts('drain-blocked')).toHaveLength(1);
    scene.house.world.heal();
    await scene.plays();
    expect(scene.facts('drain-decided')).toEqual([]);
    wellEnded(scene);
  });

  it('at once when two budgets forbid it for good, and not again when one of them is deleted', async () => {
    const scene = aScene(LONG);
    const { strays } = scene.house.objects;
    let undo = (): void => undefined;
    // After the checks before the node, which would have stopped it untouched.
    scene.tap({
      after: ({ method, args }) => {
        if (method === 'cordon' && args[0] === 'w-1') undo = strays.budget('shop', 'second', 'web');
      },
    });
    scene.start();
    await untilAsked(scene);
    const blockers = scene.facts('drain-blocked')[0]?.blockers ?? [];
    expect(blockers.map(({ cause }) => cause)).toContain('budgets');
    expect(blockers[0]?.budgets.map(({ name }) => name).sort()).toEqual(['second', 'web']);
    undo();
    await scene.plays();
    wellEnded(scene);
  });

  it('by nobody when pods only take their time', async () => {
    const scene = aScene(LONG);
    scene.house.world.inject('pod-slow', { node: 'w-1', ms: 40_000, grace: 120 });
    scene.start();
    await scene.untilStep('w-1', 'drain', 'step-begun');
    await scene.house.time.advance(5_000);
    const { 'w-1': note } = await scene.house.journal.notes(CLUSTER, scene.id);
    expect(note?.sentence).toMatch(/1 pod to stop: shop\/slow \(it may take another \d+ s\)/);
    await scene.plays();
    expect(scene.facts('drain-blocked')).toEqual([]);
    wellEnded(scene);
  });

  it('when a pod is past its time, with the finalizer that holds it, which is never taken off', async () => {
    const scene = aScene(LONG);
    scene.house.world.inject('pod-held', { node: 'w-1' });
    scene.start();
    await untilAsked(scene);
    expect(scene.facts('drain-blocked')[0]?.blockers).toEqual([
      expect.objectContaining({
        ...{ namespace: 'shop', name: 'held', cause: 'stuck' },
        why: 'its finalizers still stand: example.org/backup',
      }),
    ]);
    expect(await says(scene, 'force', APPROVER)).toMatchObject({ kind: 'refusal' });
    scene.house.world.heal();
    await scene.plays();
    wellEnded(scene);
  });

  it('anew, and about everything that stays, when another pod gets stuck', async () => {
    const scene = await blocked(aScene(LONG));
    await says(scene, 'leave', REQUESTER);
    scene.house.world.inject('pod-held', { node: 'w-1' });
    await untilAsked(scene, 2);
    const names =
      scene
        .facts('drain-blocked')
        .at(-1)
        ?.blockers.map(({ name }) => name) ?? [];
    expect(names).toContain('held');
    // What was asked for about other pods is not confirmed by the next click.
    await says(scene, 'leave', APPROVER);
    expect(scene.facts('drain-decided')).toEqual([]);
    scene.house.world.heal();
    await scene.plays();
    wellEnded(scene);
  });
});

describe('two people', () => {
  it('leave the pods to the restart: they run until the shutdown, and the node goes', async () => {
    const scene = await blocked(aScene(LONG));
    const left = scene.facts('drain-blocked')[0]?.blockers.map(({ uid }) => uid) ?? [];
    await says(scene, 'leave', REQUESTER);
    await scene.house.time.advance(5_000);
    expect(scene.facts('drain-decided')).toEqual([]);
    await says(scene, 'leave', APPROVER);
    await scene.untilStep('w-1', 'reboot', 'step-begun');
    const ended = scene.facts('step-ended').find(({ step }) => step === drainOfW1(scene));
    expect(ended?.result).toMatchObject({ left: left.length });
    expect(deletions(scene, 'w-1')).toBe(0);
    scene.house.world.heal();
    await scene.plays();
    wellEnded(scene);
  });

  it('have them deleted past the budget, each with its grace, and nothing else', async () => {
    const scene = await blocked(aScene(LONG));
    const forced = scene.facts('drain-blocked')[0]?.blockers.length ?? 0;
    await says(scene, 'force', APPROVER);
    await says(scene, 'force', SECOND_APPROVER);
    await scene.untilStep('w-1', 'drain', 'step-ended');
    expect(deletions(scene, 'w-1')).toBe(forced);
    scene.house.world.heal();
    await scene.plays();
    expect(scene.facts('drain-decided')[0]).toMatchObject({ askedBy: APPROVER, user: SECOND_APPROVER });
    wellEnded(scene);
  });
});

describe('one person', () => {
  it('gives it the whole time again', async () => {
    const scene = await blocked(aScene());
    await scene.house.time.advance(10_000);
    await says(scene, 'wait', APPROVER);
    await scene.house.time.advance(25_000);
    expect(scene.facts('step-failed')).toEqual([]);
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'held', held: { kind: 'failed', subject: drainOfW1(scene) } });
    expect(scene.facts('step-failed')).toHaveLength(1);
  });

  it('aborts: nothing more is evicted, and the node is put back at once', async () => {
    const scene = await blocked(aScene(LONG));
    const before = scene.house.time.now();
    await scene.says({ kind: 'abort' });
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'aborted' });
    expect(scene.house.time.now() - before).toBeLessThan(10_000);
    expect(scene.house.objects.isCordoned('w-1')).toBe(false);
    scene.audit.close();
    expect(scene.audit.broken).toEqual([]);
  });
});

describe('a process that dies in a blocked drain', () => {
  /** Two people leave what keeps w-1, as soon as they are asked. */
  const leaving: People = (rollout) => {
    for (const [step, { question }] of rollout.drains) {
      if (question === null || rollout.steps.get(step)?.state !== 'begun') continue;
      const user = question.proposal === null ? REQUESTER : APPROVER;
      return { intent: { kind: 'drain', step, choice: 'leave' }, user };
    }
    return willing(rollout);
  };

  it('asks nobody twice', async () => {
    const scene = await blocked(aScene(LONG));
    scene.house.living[0]?.kill();
    scene.start();
    await scene.house.time.advance(90_000);
    expect(scene.facts('drain-blocked')).toHaveLength(1);
  });

  it('goes on where it was, killed before and after each of the facts about it', async () => {
    const open = (): Scene => {
      const scene = aScene({ ...LONG, world: { controlPlanes: 1, workers: 3 }, archived: true });
      scene.house.world.inject('pdb-blocks');
      scene.people = leaving;
      return scene;
    };
    const calm = await open().plays();
    wellEnded(calm);
    const points = calm.audit.effects
      .filter(({ name }) => /(?:drain|evict)/.test(name))
      .filter((_, at) => at % 3 === 0);
    expect(points.some(({ name }) => name.includes('drain-blocked'))).toBe(true);
    for (const { n: at } of calm.audit.effects.filter(({ name }) => name.includes('append drain-'))) {
      for (const when of ['before', 'after'] as const) {
        const scene = open();
        scene.tap(crashing(scene, { at, when }));
        scene.start();
        await scene.plays();
        wellEnded(scene);
        expect(scene.facts('drain-decided').length).toBe(calm.facts('drain-decided').length);
      }
    }
  }, 60_000);
});

describe('volumes of pods that left', () => {
  it('are waited for until they are detached', async () => {
    const scene = aScene(LONG);
    scene.house.world.inject('volume-attached', { node: 'w-1' });
    scene.start();
    await scene.untilStep('w-1', 'drain', 'step-begun');
    await scene.house.time.advance(20_000);
    expect(scene.facts('step-ended').some(({ step }) => step === drainOfW1(scene))).toBe(false);
    scene.house.world.heal();
    await scene.plays();
    wellEnded(scene);
  });

  it('keep the node no longer than their share of the limit', async () => {
    const scene = aScene(LONG);
    scene.house.world.inject('volume-attached', { node: 'w-1' });
    await scene.plays();
    const ended = scene.facts('step-ended').find(({ step }) => step === drainOfW1(scene));
    expect(ended?.result).toMatchObject({ attached: 'pvc-database' });
    wellEnded(scene);
  });
});

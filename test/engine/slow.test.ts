// Silence is a bug: a step that takes longer than usual says so unasked, with what the machine says of itself.
import { describe, expect, it } from 'vitest';
import { CLUSTER } from '../../playground/doubles/house.ts';
import { evidenceOf } from '../../src/engine/slow.ts';
import { logOf, whyOf } from '../../src/engine/why.ts';
import { stepState, stepsInHand } from '../../src/rollout/rollout.ts';
import { aSmallScene, type Scene } from './scene.ts';

async function whileRebooting(ms: number): Promise<Scene> {
  const scene = aSmallScene();
  scene.start();
  await scene.until(({ plan }) => plan !== null);
  scene.house.world.inject('slow-boot', { node: 'w-1', ms });
  await scene.untilStep('w-1', 'reboot', 'step-begun');
  return scene;
}

/** Lets simulated time pass until the answer is there. */
async function answered<T>({ house }: Scene, asked: Promise<T>): Promise<T> {
  let there = false;
  void asked.then(
    () => (there = true),
    () => (there = true),
  );
  await house.time.runUntil(() => there, 60_000);
  return asked;
}

describe('a step that takes longer than usual', () => {
  it('says so once, before its limit, with what was seen, and goes on', async () => {
    const scene = await whileRebooting(12_000);
    await scene.plays();
    const [told, ...again] = scene.facts('step-slow').filter(({ step }) => step.endsWith('w-1-reboot'));
    expect(again).toEqual([]);
    expect(told?.afterMs).toBeGreaterThanOrEqual(10_000);
    expect(told?.afterMs).toBeLessThan(20_000);
    expect(told?.evidence.join('\n')).toMatch(/w-1 does not answer/);
    expect(scene.phase).toMatchObject({ outcome: 'upgraded' });
    expect(scene.audit.broken).toEqual([]);
  });

  it('is not told of where all goes as it should', async () => {
    const scene = aSmallScene();
    await scene.plays();
    expect(scene.facts('step-slow')).toEqual([]);
  });

  it('is measured by what it took here before, once that was seen often enough', async () => {
    let scene = aSmallScene({ goal: { kind: 'upgrade-talos', version: 'v1.13.5' } });
    await scene.plays();
    for (const [id, version] of [
      ['r2', 'v1.13.6'],
      ['r3', 'v1.13.7'],
      ['r4', 'v1.13.8'],
    ] as const) {
      for (const process of scene.house.living) process.kill();
      scene = aSmallScene({ after: scene, id, goal: { kind: 'upgrade-talos', version } });
      scene.start();
      if (id === 'r4') {
        await scene.until(({ plan }) => plan !== null);
        scene.house.world.inject('slow-boot', { node: 'w-1', ms: 8_000 });
      }
      await scene.plays();
      expect(scene.phase).toMatchObject({ outcome: 'upgraded' });
    }
    const told = scene.facts('step-slow').filter(({ step }) => step.endsWith('w-1-reboot'));
    expect(told).toHaveLength(1);
    expect(told[0]?.usual?.seen).toBe(3);
    expect(told[0]?.afterMs).toBeLessThan(10_000);
  });
});

describe('the answer to why', () => {
  it('names the step in hand, for how long, and what its machine says', async () => {
    const scene = await whileRebooting(12_000);
    await scene.house.time.advance(3_000);
    const parts = {
      work: scene.house.work(),
      journal: scene.house.journal,
      clock: scene.house.time.engineClock(),
    };
    const { steps } = await answered(scene, whyOf(CLUSTER, parts));
    expect(steps).toHaveLength(1);
    expect(steps[0]).toMatchObject({ node: 'w-1', usual: null });
    expect(steps[0]?.forMs).toBeGreaterThanOrEqual(3_000);
    expect(steps[0]?.evidence.join('\n')).toMatch(/w-1 does not answer/);
    // Lines of logs are told apart: not everybody who asks is shown them.
    expect(steps[0]?.evidence.join('\n')).not.toContain('[talos]');
    expect(steps[0]?.log).toBeInstanceOf(Array);
  });

  it.each([
    ['told', 'since the step in hand began', 0],
    ['not told', 'before the step in hand began', -1],
  ])('the last word of a node is %s when it was said %s', async (isTold, _when, laterMs) => {
    const scene = await whileRebooting(12_000);
    const { rollout, house } = scene;
    const [step] = stepsInHand(rollout);
    const state = stepState(rollout, step?.id ?? '');
    const node = rollout.plan?.nodes.find(({ name }) => name === step?.node);
    if (state.state !== 'begun' || node === undefined) throw new Error('nothing is in hand');
    const note = { sentence: 'waiting: cp-3 does not answer', at: state.at + laterMs };
    const journal = { notes: async () => ({ [node.name]: note }) };
    const asked = { machines: house.work().machines, journal, rollout, node };
    const { sentences } = await answered(scene, evidenceOf(asked));
    expect(sentences.includes(`Its last word: ${note.sentence}.`)).toBe(isTold === 'told');
  });

  it('has nothing to tell where nothing runs', async () => {
    const scene = aSmallScene();
    const parts = {
      work: scene.house.work(),
      journal: scene.house.journal,
      clock: scene.house.time.engineClock(),
    };
    expect(await answered(scene, whyOf(CLUSTER, parts))).toEqual({ kind: 'why', steps: [] });
  });
});

describe('the end of a log', () => {
  it('is told of a node of the plan, and of no other machine', async () => {
    const scene = aSmallScene();
    scene.start();
    await scene.untilGate('cp-1');
    const parts = { work: scene.house.work(), journal: scene.house.journal };
    const of = (node: string) =>
      answered(scene, logOf({ kind: 'log', cluster: CLUSTER, rollout: scene.id, node }, parts));
    const log = await of('w-1');
    expect(log).toMatchObject({ kind: 'log', node: 'w-1' });
    if (log.kind === 'log') expect(log.text).toMatch(/== machined on w-1 ==\n.*\[talos\]/);
    expect(await of('elsewhere')).toMatchObject({ kind: 'failed' });
  });
});

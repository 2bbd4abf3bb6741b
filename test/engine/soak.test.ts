// A soak as it is driven: asleep while it lasts, asked about at its end, held when something fell ill, cut short by a named person.
import { describe, expect, it } from 'vitest';
import { SimulatedEstate } from '../../playground/doubles/estate.ts';
import { CLUSTER } from '../../playground/doubles/house.ts';
import { stepsOf } from '../../src/rollout/plan.ts';
import { soakingOf } from '../../src/rollout/soak.ts';
import { wellEnded, withIll } from './moments.ts';
import { aScene, BYSTANDER, REQUESTER, type Scene, type SceneOptions } from './scene.ts';

const MINUTE = 60_000;
const SOAK_MS = 10 * MINUTE;

function soaking(options: SceneOptions = {}): { readonly scene: Scene; readonly estate: SimulatedEstate } {
  const estate = new SimulatedEstate();
  const policy = {
    order: 'canary',
    soak: { workersMs: 0, canaryMs: SOAK_MS, stagesMs: 0 },
    ...options.policy,
  } as const;
  return { scene: aScene({ ...options, estate: estate.reader, policy }), estate };
}

const soakId = ({ rollout }: Scene): string =>
  stepsOf(rollout.plan ?? failing()).find(({ kind }) => kind === 'soak')?.id ?? failing();

function failing(): never {
  throw new Error('there is no soak');
}

/** Until the canary is through and nothing is in hand. */
async function untilSoaking(scene: Scene): Promise<void> {
  scene.start();
  await scene.until((rollout) => soakingOf(rollout) !== null);
  await scene.house.time.advance(5_000);
}

const touched = (scene: Scene, node: string): boolean =>
  scene.facts('step-begun').some(({ step }) => new RegExp(`-${node}-(?!pull)`).test(step));

describe('while it lasts', () => {
  it('nobody holds a lease, a timer or a poll, and nothing is touched; then the others go', async () => {
    const { scene } = soaking();
    await untilSoaking(scene);
    const calls = new Set<string>();
    let listening = true;
    scene.tap({ before: ({ method }) => (listening ? void calls.add(method) : undefined) });
    await scene.house.time.advance(SOAK_MS - MINUTE);
    listening = false;
    expect(calls).toEqual(new Set(['due']));
    expect(touched(scene, 'w-1')).toBe(true);
    expect(touched(scene, 'w-2')).toBe(false);
    await scene.plays();
    const ended = scene.audit.entries.find(
      ({ event }) => event.kind === 'step-ended' && event.step === soakId(scene),
    );
    const back = scene.audit.entries.find(
      ({ event }) => event.kind === 'step-ended' && event.step === scene.step('w-1', 'uncordon').id,
    );
    expect((ended?.at ?? 0) - (back?.at ?? 0)).toBeGreaterThanOrEqual(SOAK_MS);
    wellEnded(scene);
  });

  it('a process that dies changes nothing of its end', async () => {
    const { scene } = soaking();
    await untilSoaking(scene);
    const until = soakingOf(scene.rollout)?.until;
    for (const process of scene.house.living) process.kill();
    await scene.house.time.advance(MINUTE);
    scene.start();
    await scene.house.time.advance(MINUTE);
    expect(soakingOf(scene.rollout)?.until).toBe(until);
    expect(touched(scene, 'w-2')).toBe(false);
    await scene.plays();
    wellEnded(scene);
  });

  it('a pause takes hold at once, and an abort ends it', async () => {
    const { scene } = soaking();
    await untilSoaking(scene);
    await scene.says({ kind: 'pause' });
    expect(scene.phase).toMatchObject({ phase: 'paused' });
    await scene.says({ kind: 'resume' });
    await scene.says({ kind: 'abort' });
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'aborted' });
    expect(touched(scene, 'w-2')).toBe(false);
  });

  it('an operator may continue now, which is written down; nobody else may', async () => {
    const { scene } = soaking();
    await untilSoaking(scene);
    expect(await scene.says({ kind: 'continue' }, BYSTANDER)).toMatchObject({ kind: 'refusal' });
    await scene.says({ kind: 'continue' });
    expect(scene.facts('soak-shortened')).toMatchObject([{ step: soakId(scene), user: REQUESTER }]);
    const since = scene.house.time.now();
    await scene.plays();
    expect(scene.house.time.now() - since).toBeLessThan(SOAK_MS);
    wellEnded(scene);
  });
});

describe('at its end', () => {
  const noteOf = async (scene: Scene): Promise<string> =>
    Object.values(await scene.house.journal.notes(CLUSTER, scene.id))
      .map(({ sentence }) => sentence)
      .join('\n');

  it('what does not hold keeps the others waiting, and then a person is asked: again, or in spite of it', async () => {
    const { scene, estate } = soaking();
    await untilSoaking(scene);
    estate.change({
      health: [{ name: 'databases', verdict: 'unhealthy', detail: 'db-1 has 2 of 3', timeoutMs: 2 * MINUTE }],
    });
    await scene.house.time.advance(SOAK_MS + MINUTE);
    expect(await noteOf(scene)).toContain('db-1 has 2 of 3');
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'held', held: { node: 'soak of w-1', kind: 'failed' } });
    expect(touched(scene, 'w-2')).toBe(false);
    await scene.says({ kind: 'retry' });
    await scene.house.time.advance(MINUTE);
    expect(touched(scene, 'w-2')).toBe(false);
    estate.change({ health: [] });
    await scene.plays();
    wellEnded(scene);
  });

  it('a person may go on in spite of it', async () => {
    const { scene, estate } = soaking();
    await untilSoaking(scene);
    const sick = { name: 'rook-ceph', namespace: 'rook-ceph', health: 'HEALTH_ERR', details: [] };
    estate.change({ ceph: [sick] });
    await scene.plays();
    expect(scene.phase).toMatchObject({
      phase: 'held',
      held: { why: expect.stringContaining('HEALTH_ERR') },
    });
    await scene.says({ kind: 'skip' });
    estate.change({ ceph: null });
    await scene.plays();
    wellEnded(scene);
  });

  it('a canary that restarted once more is no canary that came back', async () => {
    const { scene } = soaking();
    await untilSoaking(scene);
    scene.house.world.inject('reboot-by-human', { node: 'w-1' });
    await scene.plays();
    expect(scene.phase).toMatchObject({
      phase: 'held',
      held: { why: expect.stringContaining('w-1 restarted once more since it came back') },
    });
    // Nothing can make that undone: whoever says "again" has read it.
    await scene.says({ kind: 'retry' });
    await scene.plays();
    wellEnded(scene);
  });

  it('a canary that was left behind shows nothing, so the others wait for a word of their own', async () => {
    const { scene } = soaking();
    scene.house.world.inject('pdb-blocks');
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'held', held: { node: 'w-1' } });
    scene.house.world.heal();
    await scene.says({ kind: 'skip' });
    await scene.plays();
    expect(scene.phase).toMatchObject({
      phase: 'held',
      held: { subject: soakId(scene), why: expect.stringContaining('was left behind') },
    });
    expect(touched(scene, 'w-2')).toBe(false);
    await scene.says({ kind: 'retry' });
    await scene.plays();
    wellEnded(scene);
  });

  it.each<readonly [string, SceneOptions['policy'], boolean]>([
    ['hold the others', {}, true],
    ['are only told where the policy says so', { checks: { 'new-troubles': 'warn' } }, false],
  ])('pods that fell ill on it %s', async (_what, policy, held) => {
    const { scene } = soaking({ policy: policy ?? {} });
    let ill = false;
    withIll(scene, () => ill);
    await untilSoaking(scene);
    ill = true;
    await scene.plays();
    if (!held) return wellEnded(scene);
    expect(scene.phase).toMatchObject({
      phase: 'held',
      held: { why: expect.stringContaining('shop/DaemonSet agent (CrashLoopBackOff)') },
    });
    expect(touched(scene, 'w-2')).toBe(false);
  });
});

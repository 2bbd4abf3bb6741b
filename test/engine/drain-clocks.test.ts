// Drains by processes whose wall clocks are wrong, or are put right meanwhile: pods and volumes have the time that they have.
import { describe, expect, it } from 'vitest';
import type { Clock } from '../../src/engine/ports/clock.ts';
import { APPROVER, aScene, type Scene } from './scene.ts';

const HOUR_MS = 3_600_000;
const GRACE_MS = 30_000;
/** Cards that do not expire by the clock of a bot that is hours ahead. */
const CARDS = { proposalExpiryMs: 6 * HOUR_MS, gateExpiryMs: 6 * HOUR_MS };
const LONG = { limits: { drainMs: 300_000 }, ...CARDS };
/** A tenth of that limit: so long after its grace a pod counts as stuck. */
const MARGIN_MS = 30_000;

/** A scene whose processes are so far ahead, which can be changed. */
function ahead(aheadMs: number, policy: NonNullable<Parameters<typeof aScene>[0]>['policy'] = LONG) {
  const skew = { aheadMs };
  const clockOf = (_owner: string, clock: Clock): Clock => ({
    ...clock,
    now: () => clock.now() + skew.aheadMs,
  });
  return { skew, scene: aScene({ policy: policy ?? LONG, clockOf }) };
}

const drainOf = (scene: Scene): string => scene.step('w-1', 'drain').id;

async function draining(scene: Scene, fault: string, params: Record<string, string | number> = {}) {
  scene.start();
  await scene.until(({ plan }) => plan !== null);
  scene.house.world.inject(fault, params);
  await scene.untilStep('w-1', 'drain', 'step-begun');
}

const untilAsked = (scene: Scene): Promise<Scene> =>
  scene.until(({ phase }) => phase.phase === 'held' || scene.facts('drain-blocked').length > 0);

function at(scene: Scene, kind: string): number {
  return scene.audit.entries.findLast(({ event }) => event.kind === kind)?.at ?? Number.NaN;
}

describe.each([0, 300_000, 2 * HOUR_MS, -2 * HOUR_MS])('a worker that is %i ms ahead', (aheadMs) => {
  it('calls no pod stuck that only takes its time', async () => {
    const { scene } = ahead(aheadMs);
    await draining(scene, 'pod-slow', { node: 'w-1', ms: 40_000, grace: 60 });
    await scene.untilStep('w-1', 'drain', 'step-ended');
    expect(scene.facts('drain-blocked')).toEqual([]);
  });

  it('asks people about a pod that is past its time, and not before', async () => {
    const { scene } = ahead(aheadMs);
    await draining(scene, 'pod-held', { node: 'w-1' });
    await untilAsked(scene);
    expect(scene.facts('drain-blocked')).toMatchObject([{ blockers: [{ name: 'held', cause: 'stuck' }] }]);
    const askedMs = at(scene, 'drain-blocked') - at(scene, 'step-begun');
    expect(askedMs).toBeGreaterThanOrEqual(MARGIN_MS);
    expect(askedMs).toBeLessThan(GRACE_MS + MARGIN_MS);
  });

  it('waits for a volume as long as the drain has time, and people gave it', async () => {
    const { scene } = ahead(aheadMs, { limits: { drainMs: 60_000 }, ...CARDS });
    await draining(scene, 'pdb-blocks');
    scene.house.world.inject('volume-attached', { node: 'w-1' });
    await untilAsked(scene);
    await scene.house.time.advance(40_000);
    await scene.says({ kind: 'drain', step: drainOf(scene), choice: 'wait' }, APPROVER);
    scene.house.world.heal({ name: 'pdb-blocks' });
    await scene.untilStep('w-1', 'drain', 'step-ended');
    const ended = scene.facts('step-ended').find(({ step }) => step === drainOf(scene));
    expect(ended?.result['attached']).toEqual(expect.stringContaining('pvc'));
    // A third of the limit is for volumes.
    const waitedMs = at(scene, 'step-ended') - at(scene, 'drain-decided');
    expect(waitedMs).toBeGreaterThanOrEqual(20_000);
    expect(waitedMs).toBeLessThan(40_000);
  });
});

it('a clock that is set back meanwhile keeps nothing from being asked again', async () => {
  const { scene, skew } = ahead(0);
  await draining(scene, 'pdb-blocks');
  await untilAsked(scene);
  skew.aheadMs = -HOUR_MS;
  scene.house.world.heal();
  await scene.until(
    ({ phase }) =>
      phase.phase === 'held' || scene.facts('step-ended').some(({ step }) => step === drainOf(scene)),
  );
  expect(scene.phase.phase).not.toBe('held');
});

it('who takes a drain over does not take back what people are asked about a pod past its time', async () => {
  const { scene } = ahead(0);
  await draining(scene, 'pod-held', { node: 'w-1' });
  await untilAsked(scene);
  await scene.says({ kind: 'drain', step: drainOf(scene), choice: 'leave' }, APPROVER);
  for (const process of scene.house.living) process.kill();
  scene.start();
  await scene.house.time.advance(MARGIN_MS / 2);
  expect(scene.facts('drain-cleared')).toEqual([]);
  expect(scene.facts('drain-blocked')).toHaveLength(1);
});

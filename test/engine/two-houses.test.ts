// Two bots on different stores and one cluster: the advisory Lease keeps them out of each other's way, and lets nobody wait for the dead.
import { describe, expect, it } from 'vitest';
import { LEASE_DURATION_MS } from '../../src/engine/ports/advisory-lease.ts';
import { changed, holderOf, leased, neighbourOf, seize, specOf, watchedActs } from './leased.ts';
import { REQUESTER, willing } from './scene.ts';

/** As they are when nothing is configured: a scene's own are shorter. */
const USUAL_LIMITS = {
  rebootMs: 900_000,
  returnMs: 900_000,
  proveMs: 300_000,
  installMs: 1_200_000,
  drainMs: 900_000,
};

describe('two houses on one cluster', () => {
  it('do not change it at once: the second one waits, says for whom, and a person is asked', async () => {
    const first = leased();
    first.start();
    await first.untilStep('w-1', 'drain', 'step-begun');
    // Its people leave the first card as it is, and its worker drains for as long as the second one waits.
    const stay = seize(first, 'talos-chatops/r1/worker-1');
    for (const process of first.house.living) process.kill();
    const second = neighbourOf(first);
    second.start();
    await second.until(({ phase }) => phase.phase === 'running');
    await second.house.time.advance(10_000);
    const notes = JSON.stringify(await second.house.journal.notes('homelab', 'r2'));
    expect(notes).toContain(
      "waiting: The cluster's Lease is held by rollout r1 of another bot (worker-1), since 2026-01-01 00:00 UTC",
    );
    await second.plays();
    expect(second.phase).toMatchObject({
      phase: 'held',
      held: { kind: 'failed', why: expect.stringContaining('two bots must not change it at once') },
    });
    expect(changed(second)).toBe(false);
    expect(first.house.objects.isCordoned('w-1')).toBe(true);
    stay();
    await second.says({ kind: 'retry' });
    await second.until(() => changed(second));
    expect(holderOf(second)).toBe('talos-chatops/r2/worker-1');
  });

  it('take turns: nothing of one happens while the other has it', async () => {
    const first = leased();
    const second = neighbourOf(first);
    const acts = [watchedActs(first), watchedActs(second)];
    second.people = (rollout) =>
      rollout.phase.phase === 'held' ? { intent: { kind: 'retry' }, user: REQUESTER } : willing(rollout);
    first.start();
    second.start();
    await first.untilStep('w-1', 'drain', 'step-begun');
    await second.asks();
    await first.plays();
    expect(first.phase).toMatchObject({ outcome: 'upgraded' });
    await second.plays();
    expect(second.phase.phase).toBe('finished');
    for (const [house, seen] of acts.entries())
      expect(seen.filter((act) => !act.includes(`/r${house + 1}/`))).toEqual([]);
    expect(Object.values(first.counted('reboots'))).toEqual([1, 1, 1, 1]);
  });

  it('the second one gets in when the first one died, once it was silent for its time', async () => {
    const first = leased();
    first.start();
    await first.untilStep('w-1', 'drain', 'step-begun');
    for (const process of first.house.living) process.kill();
    const second = neighbourOf(first);
    const since = second.house.time.now();
    second.start();
    await second.until(() => changed(second));
    const waited = second.house.time.now() - since;
    expect(waited).toBeGreaterThanOrEqual(LEASE_DURATION_MS);
    expect(waited).toBeLessThan(LEASE_DURATION_MS + 20_000);
    expect(second.facts('step-failed')).toEqual([]);
    expect(specOf(second)).toMatchObject({
      holderIdentity: 'talos-chatops/r2/worker-1',
      leaseTransitions: 2,
    });
  });

  it.each([130_000, 175_000, 220_000, 265_000])(
    'the second one stays out while the first one restarts the only control-plane node for %i ms, and the API with it',
    async (rebootMs) => {
      const policy = { limits: USUAL_LIMITS };
      const first = leased({
        ...{ archived: true, policy: { ...policy, order: 'control-plane-first' } },
        world: { controlPlanes: 1, workers: 2, rebootMs },
      });
      const second = neighbourOf(first, { archived: true, policy });
      first.start();
      second.start();
      await first.untilStep('cp-1', 'install', 'step-begun');
      await second.asks();
      await second.until(({ phase }) => phase.phase === 'running');
      await second.house.time.advance(5_000);
      await first.untilStep('cp-1', 'reboot', 'step-begun');
      const isBack = (): boolean =>
        first.facts('step-ended').some(({ step }) => step === first.step('cp-1', 'return').id);
      await second.until(({ phase }) => isBack() || changed(second) || phase.phase === 'held');
      expect(isBack()).toBe(true);
      expect(changed(second)).toBe(false);
    },
  );
});

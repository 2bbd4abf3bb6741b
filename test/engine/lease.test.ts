// The advisory Lease in a rollout: held while nodes are changed, nobody's while nobody acts, and a reason to stop only before a node leaves.
import { describe, expect, it } from 'vitest';
import { LEASE } from '../../playground/doubles/advisory-lease.ts';
import { LEASE_DURATION_MS } from '../../src/engine/ports/advisory-lease.ts';
import { changed, holderOf, leased, seize, specOf, watchedActs } from './leased.ts';
import { idle, willing } from './scene.ts';

describe('the advisory Lease', () => {
  it('is held at every act on a node, workers as well, and is nobody’s at the end', async () => {
    const scene = leased();
    const acts = watchedActs(scene);
    await scene.plays();
    expect(scene.phase).toMatchObject({ outcome: 'upgraded' });
    expect(acts.length).toBeGreaterThan(12);
    expect(acts.filter((act) => !act.endsWith(': talos-chatops/r1/worker-1'))).toEqual([]);
    const reboot = scene.facts('step-begun').find(({ step }) => step === scene.step('w-1', 'reboot').id);
    expect(reboot?.evidence).toMatchObject({ lease: 'talos-chatops/r1/worker-1', leaseEpoch: 1 });
    expect(holderOf(scene)).toBeNull();
    scene.audit.close();
    expect(scene.audit.broken).toEqual([]);
  });

  it('is not taken before people agreed, nor while they are asked about the next node', async () => {
    const scene = leased();
    scene.people = (rollout) => (rollout.phase.phase === 'at-gate' ? null : willing(rollout));
    scene.start();
    await scene.until(({ phase }) => phase.phase === 'proposed');
    expect(specOf(scene)).toEqual({});
    await scene.until(({ phase }) => phase.phase === 'at-gate');
    await scene.house.time.advance(1_000);
    expect(changed(scene, 'w-1')).toBe(true);
    expect(holderOf(scene)).toBeNull();
  });

  it('changes nothing where it is switched off', async () => {
    const scene = leased({ leased: false });
    await scene.plays();
    expect(scene.phase).toMatchObject({ outcome: 'upgraded' });
    expect(specOf(scene)).toEqual({});
    expect(JSON.stringify(scene.facts('step-begun'))).not.toContain('lease');
  });

  it('is nobody’s while a rollout is held or paused, and when it was aborted', async () => {
    const scene = leased();
    scene.start();
    await scene.untilStep('w-1', 'drain', 'step-begun');
    expect(holderOf(scene)).toBe('talos-chatops/r1/worker-1');
    await scene.says({ kind: 'pause' });
    scene.people = idle;
    await scene.until(({ phase }) => phase.phase === 'paused');
    await scene.house.time.advance(1_000);
    expect(holderOf(scene)).toBeNull();
    await scene.says({ kind: 'abort' });
    await scene.until(({ phase }) => phase.phase === 'finished');
    await scene.house.time.advance(1_000);
    expect(holderOf(scene)).toBeNull();
  });
});

describe('a Lease that is taken in the middle', () => {
  it('between what is written down and the call: the call does not leave until the Lease is ours again', async () => {
    const scene = leased();
    const { time } = scene.house;
    let free: (() => void) | null = null;
    scene.between((ports) => {
      const { journal } = ports;
      const append: typeof journal.append = async (request) => {
        const reply = await journal.append(request);
        const reboots = request.events.some(
          (event) => event.kind === 'step-begun' && event.step === scene.step('w-1', 'reboot').id,
        );
        if (!reboots || free !== null) return reply;
        free = seize(scene);
        // Longer than it takes us to see at a renewal who has it.
        await time.engineClock().sleep(LEASE_DURATION_MS / 2);
        return reply;
      };
      return { ...ports, journal: Object.assign(Object.create(journal), { append }) };
    });
    scene.start();
    await scene.until(() => scene.facts('step-withdrawn').length > 0);
    expect(scene.facts('step-withdrawn')[0]?.why).toContain('taken by another bot before the call was sent');
    expect(scene.counted('reboots')).toMatchObject({ 'w-1': 0 });
    (free ?? (() => undefined))();
    await scene.plays();
    expect(scene.phase).toMatchObject({ outcome: 'upgraded' });
    expect(scene.counted('reboots')).toMatchObject({ 'w-1': 1 });
  });
});

describe('a Lease that is not to be had', () => {
  it('stops nobody where Kubernetes does not serve it: that is written down, and the rollout goes on', async () => {
    const scene = leased();
    scene.house.objects.shelf.uninstall(LEASE);
    await scene.plays();
    expect(scene.phase).toMatchObject({ outcome: 'upgraded' });
    const drain = scene.facts('step-begun').find(({ step }) => step === scene.step('w-1', 'drain').id);
    expect(drain?.evidence).toMatchObject({ lease: null, leaseTrouble: expect.stringContaining('404') });
    expect(scene.house.voices.said.map(({ message }) => message)).toContain(
      'a node is changed without the Lease',
    );
  });

  it('stops no node midway when its API goes away with its only control-plane node', async () => {
    const scene = leased({ world: { controlPlanes: 1, workers: 1 }, archived: true });
    await scene.plays();
    expect(scene.phase).toMatchObject({ outcome: 'upgraded' });
    expect(holderOf(scene)).toBeNull();
  });

  it('and was taken by another bot stops the node before it leaves, and not when it has left', async () => {
    const scene = leased({ world: { rebootMs: 10_000 } });
    scene.start();
    await scene.untilStep('w-1', 'install', 'step-begun');
    let free = seize(scene);
    await scene.plays();
    expect(scene.phase).toMatchObject({
      phase: 'held',
      held: { node: 'w-1', why: expect.stringContaining('rollout r9 of another bot (elsewhere)') },
    });
    expect(scene.counted('reboots')).toMatchObject({ 'w-1': 0 });
    free();
    await scene.says({ kind: 'retry' });
    await scene.untilStep('w-1', 'reboot', 'step-begun');
    free = seize(scene);
    await scene.untilStep('w-1', 'uncordon', 'step-ended');
    expect(scene.house.objects.isCordoned('w-1')).toBe(false);
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'held', held: { node: 'cp-1' } });
    expect(changed(scene, 'cp-1')).toBe(false);
    free();
  });
});

// The advisory Lease in a rollout: held while nodes are changed, nobody's while nobody acts, and a reason to stop only before a node leaves.
import { describe, expect, it } from 'vitest';
import { LEASE } from '../../playground/doubles/advisory-lease.ts';
import { LEASE_DURATION_MS } from '../../src/engine/ports/advisory-lease.ts';
import { crashing, patient } from './crash.ts';
import { changed, holderOf, leased, seize, specOf, watchedActs } from './leased.ts';
import { idle, type Scene, willing } from './scene.ts';

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

describe('a Lease whose holder dies', () => {
  it('is taken over at once by another process of the same house', async () => {
    const scene = leased();
    scene.start();
    await scene.untilStep('w-1', 'drain', 'step-begun');
    for (const process of scene.house.living) process.kill();
    const since = scene.house.time.now();
    scene.start();
    await scene.untilStep('w-1', 'install', 'step-begun');
    expect(scene.house.time.now() - since).toBeLessThan(30_000);
    expect(specOf(scene)).toMatchObject({ holderIdentity: 'talos-chatops/r1/worker-2', leaseTransitions: 2 });
    await scene.plays();
    expect(scene.phase).toMatchObject({ outcome: 'upgraded' });
    expect(holderOf(scene)).toBeNull();
  });

  it('is taken again while the node is away, when its holder died after it had sent it', async () => {
    const scene = leased({ world: { rebootMs: 15_000 } });
    scene.start();
    await scene.untilStep('w-1', 'reboot', 'step-begun');
    await scene.house.time.advance(2_000);
    for (const process of scene.house.living) process.kill();
    scene.start();
    await scene.house.time.advance(8_000);
    expect(scene.facts('step-ended').some(({ step }) => step === scene.step('w-1', 'reboot').id)).toBe(false);
    expect(holderOf(scene)).toBe('talos-chatops/r1/worker-2');
    await scene.plays();
    expect(scene.phase).toMatchObject({ outcome: 'upgraded' });
  });

  it('is given back by its successor, wherever the holder was killed, and before the last fact', async () => {
    const appends = async (killAt: number): Promise<{ readonly made: number; readonly holder: unknown }> => {
      const scene = leased({ world: { controlPlanes: 1, workers: 1 }, archived: true });
      let made = 0;
      scene.people = patient;
      scene.tap({
        after: ({ method, owner }) => {
          if (method !== 'append') return;
          made += 1;
          if (made !== killAt) return;
          for (const process of scene.house.living) if (process.owner === owner) process.kill();
          scene.house.time.after(200, () => scene.start());
        },
      });
      await scene.plays();
      expect(scene.phase).toMatchObject({ outcome: 'upgraded' });
      await scene.house.time.advance(1_000);
      return { made, holder: holderOf(scene) };
    };
    const { made } = await appends(0);
    const left: number[] = [];
    for (let at = 1; at <= made; at += 1) if ((await appends(at)).holder !== null) left.push(at);
    expect(left).toEqual([]);
  });

  it('expires when its process lives on without its place in the store', async () => {
    const scene = leased({ world: { rebootMs: 15_000 } });
    let cutOff = false;
    scene.between((ports) => {
      const { journal } = ports;
      const renew: typeof journal.renew = async (lease) =>
        cutOff ? { kind: 'lease-lost' } : journal.renew(lease);
      const take: typeof journal.take = async (...asked) =>
        cutOff ? { kind: 'held-elsewhere' } : journal.take(...asked);
      return { ...ports, journal: Object.assign(Object.create(journal), { renew, take }) };
    });
    scene.start();
    await scene.untilStep('w-1', 'reboot', 'step-begun');
    cutOff = true;
    await scene.house.time.advance(10_000);
    const { renewTime } = specOf(scene);
    await scene.house.time.advance(LEASE_DURATION_MS);
    expect(specOf(scene)).toMatchObject({ renewTime, holderIdentity: 'talos-chatops/r1/worker-1' });
  });

  it('leaves a rollout that ends well, killed before or after any write to the Lease', async () => {
    const writes = (
      scene: Scene,
      hear: (n: number, when: 'before' | 'after', owner: string) => void,
    ): void => {
      let n = 0;
      const isWrite = ({ method }: { readonly method: string }) => ['create', 'replace'].includes(method);
      scene.tap({
        before: (call) => {
          if (!isWrite(call)) return;
          n += 1;
          hear(n, 'before', call.owner);
        },
        after: (call) => {
          if (isWrite(call)) hear(n, 'after', call.owner);
        },
      });
    };
    let count = 0;
    const whole = leased();
    writes(whole, (n) => {
      count = n;
    });
    await whole.plays();
    expect(count).toBeGreaterThan(8);
    const wrong: string[] = [];
    for (let at = 1; at <= count; at += 1) {
      for (const when of ['before', 'after'] as const) {
        const scene = leased();
        scene.people = patient;
        writes(scene, (n, moment, owner) => {
          if (n !== at || moment !== when) return;
          for (const process of scene.house.living) if (process.owner === owner) process.kill();
          scene.house.time.after(at % 2 === 0 ? 200 : 30_000, () => void scene.start());
        });
        await scene.plays();
        scene.audit.close();
        const { phase } = scene.phase;
        const holder = holderOf(scene);
        if (phase !== 'finished' || holder !== null || scene.audit.broken.length > 0)
          wrong.push(`${when} ${at}: ${phase}, ${String(holder)}, ${scene.audit.broken.join('; ')}`);
      }
    }
    expect(wrong).toEqual([]);
  }, 60_000);

  it.each([20, 31, 42, 53, 64, 75])('leaves a rollout that ends well (effect %i)', async (at) => {
    const scene = leased();
    scene.people = patient;
    scene.tap(crashing(scene, { at, when: at % 2 === 0 ? 'before' : 'after' }));
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
    scene.audit.close();
    expect(scene.audit.broken).toEqual([]);
    expect(holderOf(scene)).toBeNull();
  });

  it('is left standing when a process stops with a step in hand, so that nobody slips in between', async () => {
    const scene = leased();
    const process = scene.start();
    await scene.untilStep('w-1', 'reboot', 'step-begun');
    void process.stop(10);
    await scene.house.time.advance(1_000);
    expect(process.life.alive).toBe(false);
    expect(holderOf(scene)).toBe('talos-chatops/r1/worker-1');
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

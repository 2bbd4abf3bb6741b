// What becomes of the advisory Lease when its holder dies: it is taken over at once, given back by whoever succeeds, or expires.
import { describe, expect, it } from 'vitest';
import { SimulatedEstate } from '../../playground/doubles/estate.ts';
import { LEASE_DURATION_MS } from '../../src/engine/ports/advisory-lease.ts';
import { aNodeDetail } from '../builders/estate.ts';
import { crashing, patient } from './crash.ts';
import { changed, holderOf, leased, seize, specOf } from './leased.ts';
import type { Scene } from './scene.ts';

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
    expect(specOf(scene)).toMatchObject({ leaseTransitions: 2 });
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
    // Under the name of the one that died: the journal knows no other yet.
    expect(specOf(scene)).toMatchObject({ holderIdentity: 'talos-chatops/r1/worker-1', leaseTransitions: 2 });
    await scene.plays();
    expect(scene.phase).toMatchObject({ outcome: 'upgraded' });
  });

  it.each(['kill', 'stop'] as const)(
    'and whose successor ends before its first fact is taken over at once all the same (%s)',
    async (way) => {
      const scene = leased({ world: { workers: 2, rebootMs: 15_000 } });
      scene.start();
      await scene.untilStep('w-1', 'reboot', 'step-begun');
      for (const process of scene.house.living) process.kill();
      scene.start();
      await scene.until(() => specOf(scene)['leaseTransitions'] === 2, 10_000);
      expect(scene.audit.entries.some(({ by }) => by.kind === 'driver' && by.name === 'worker-2')).toBe(
        false,
      );
      for (const process of scene.house.living) {
        if (way === 'kill') process.kill();
        else void process.stop(10);
      }
      await scene.house.time.advance(300);
      scene.start();
      await scene.untilStep('w-1', 'return', 'step-ended');
      const since = scene.house.time.now();
      await scene.untilStep('w-2', 'cordon', 'step-begun');
      expect(scene.house.time.now() - since).toBeLessThan(10_000);
      await scene.plays();
      expect(holderOf(scene)).toBeNull();
    },
  );

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

  it('is had by whoever waited for something else before: how long it stands is counted from the first look at it', async () => {
    const scene = leased({ policy: { limits: { proveMs: 300_000 } } });
    const { objects, world, time } = scene.house;
    const apiIs = (up: boolean): void => {
      world.kubernetesAway = !up;
      objects.apiServerUp(up);
    };
    scene.start();
    await scene.until(({ phase }) => phase.phase === 'proposed');
    seize(scene, 'talos-chatops/r9/gone', 'dies');
    apiIs(false);
    await scene.until(({ phase }) => phase.phase === 'running');
    await time.advance(250_000);
    apiIs(true);
    await scene.until(({ phase }) => changed(scene) || phase.phase === 'held');
    expect(scene.phase.phase).toBe('running');
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

  it('keeps nobody out any longer for what was waited for in between', async () => {
    const estate = new SimulatedEstate();
    const scene = leased({ policy: { limits: { proveMs: 300_000 } }, estate: estate.reader });
    const db = (verdict: 'healthy' | 'unhealthy') => ({
      name: 'db',
      verdict,
      detail: 'x',
      timeoutMs: 300_000,
    });
    const nodes = scene.house.world.nodes.map(({ name }) => aNodeDetail(name));
    estate.change({ nodes, health: [db('healthy')] });
    scene.start();
    await scene.until(({ phase }) => phase.phase === 'proposed');
    seize(scene, 'talos-chatops/r9/gone', 'dies');
    await scene.until(({ phase }) => phase.phase === 'running');
    await scene.house.time.advance(20_000);
    expect(changed(scene)).toBe(false);
    estate.change({ health: [db('unhealthy')] });
    await scene.house.time.advance(250_000);
    estate.change({ health: [db('healthy')] });
    await scene.until(({ phase }) => changed(scene) || phase.phase === 'held');
    expect(scene.phase.phase).toBe('running');
  });

  it('before it wrote down that it had it is succeeded at once as well', async () => {
    const scene = leased();
    let isKilled = false;
    scene.tap({
      before: () => {
        if (isKilled || holderOf(scene) === null) return;
        isKilled = true;
        for (const process of scene.house.living) process.kill();
      },
    });
    scene.start();
    await scene.until(() => isKilled);
    const since = scene.house.time.now();
    scene.start();
    await scene.untilStep('w-1', 'cordon', 'step-begun');
    expect(scene.house.time.now() - since).toBeLessThan(6_000);
  });
});

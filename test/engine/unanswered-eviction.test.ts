// An eviction that nobody answers, because a webhook takes for ever: people are asked about it, and an abort does not wait for it.
import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/engine/ports/fault.ts';
import { aScene, type Scene } from './scene.ts';

describe('an eviction that a webhook never lets be answered', () => {
  /** Of pods on w-1: nothing for as long as a call may take, and then that nobody answered. */
  function unanswered(afterMs: number): { readonly scene: Scene; readonly asked: () => number } {
    const scene = aScene({ policy: { limits: { drainMs: 300_000 } } });
    let asked = 0;
    scene.between((ports) => ({
      ...ports,
      workloads: {
        ...ports.workloads,
        evict: async (pod) => {
          if (pod.node !== 'w-1') return ports.workloads.evict(pod);
          asked += 1;
          await scene.house.time.engineClock().sleep(afterMs);
          throw new Fault('unreachable', 'Kubernetes did not answer in time.', { code: 'TIMEOUT' });
        },
      },
    }));
    scene.start();
    return { scene, asked: () => asked };
  }

  it('is asked about after a while', async () => {
    const { scene } = unanswered(35_000);
    await scene.until(() => scene.facts('drain-blocked').length > 0);
    expect(scene.facts('drain-blocked')[0]?.blockers[0]).toMatchObject({
      cause: 'refused',
      why: 'Kubernetes did not answer in time.',
    });
  });

  it('is not waited for by an abort', async () => {
    const { scene, asked } = unanswered(3_600_000);
    await scene.until(() => asked() > 0);
    const before = scene.house.time.now();
    await scene.says({ kind: 'abort' });
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'aborted' });
    expect(scene.house.time.now() - before).toBeLessThan(10_000);
    expect(scene.house.objects.isCordoned('w-1')).toBe(false);
  });
});

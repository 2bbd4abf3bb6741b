// A patch that cordons and that nobody waits for any more: whatever ended the rollout meanwhile, no node stays cordoned.
import { describe, expect, it } from 'vitest';
import type { ProcessPorts } from '../../playground/doubles/house.ts';
import { Fault } from '../../src/engine/ports/fault.ts';
import type { Journal } from '../../src/engine/ports/journal.ts';
import type { Workloads } from '../../src/engine/ports/workloads.ts';
import { aSmallScene, REQUESTER, type Scene } from './scene.ts';

const NODE = 'w-1';

/** One patch of the node, on its way for a while. */
interface Patch {
  /** What became of it; null while it is on its way. */
  landed: 'applied' | 'conflict' | null;
  sent: boolean;
}

function versionOf({ house }: Scene): string {
  const node = house.objects.api.get('nodes', undefined, NODE);
  return node.kind === 'refused' ? '' : node.object.metadata.resourceVersion;
}

function cordoned({ house }: Scene): boolean {
  return house.objects.isCordoned(NODE);
}

/** The first cordon decides on what it reads, and its patch arrives when `landing` says so; the adapter's second try is the double's. */
function late(scene: Scene, ports: ProcessPorts, patch: Patch, landing: () => Promise<void>): Workloads {
  return {
    ...ports.workloads,
    cordon: async (node, mark, options) => {
      if (patch.sent) return ports.workloads.cordon(node, mark, options);
      patch.sent = true;
      const read = versionOf(scene);
      await landing();
      patch.landed = versionOf(scene) === read ? 'applied' : 'conflict';
      return patch.landed === 'applied'
        ? ports.workloads.cordon(node, mark)
        : ports.workloads.cordon(node, mark, options);
    },
  };
}

/** A store that this process does not reach while it is cut off. */
function cutOff(journal: Journal, isCut: () => boolean): Journal {
  return new Proxy(journal, {
    get: (target, key) => {
      const member: unknown = Reflect.get(target, key, target);
      if (typeof member !== 'function') return member;
      return async (...args: readonly unknown[]): Promise<unknown> => {
        if (isCut()) throw new Fault('unreachable', 'the store is away');
        return Reflect.apply(member, target, args);
      };
    },
  });
}

/** A process loses its lease with the patch on its way, which arrives when `land` is called. */
async function stalled() {
  const scene = aSmallScene();
  const patch: Patch = { landed: null, sent: false };
  let back = false;
  const landing = Promise.withResolvers<void>();
  scene.start((ports) => ({
    ...ports,
    journal: cutOff(ports.journal, () => patch.sent && !back),
    workloads: late(scene, ports, patch, () => landing.promise),
  }));
  await scene.until(() => patch.sent);
  return {
    scene,
    patch,
    land: landing.resolve,
    reconnect: () => {
      back = true;
    },
  };
}

describe('a process that lost its lease with its cordon on the way', () => {
  it('cordons nothing after the rollout went on without it, and ended', async () => {
    const { scene, patch, land, reconnect } = await stalled();
    await scene.house.time.advance(5_000);
    scene.start();
    await scene.untilStep(NODE, 'drain', 'step-begun');
    reconnect();
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
    land();
    await scene.house.time.advance(5_000);
    expect(patch.landed).toBe('conflict');
    expect(cordoned(scene)).toBe(false);
  });

  it('cordons nothing after the rollout was aborted without it', async () => {
    const { scene, patch, land } = await stalled();
    const second = scene.start();
    void second.submit(
      { cluster: 'homelab', rollout: scene.id },
      { intent: { kind: 'abort' }, user: REQUESTER, delivery: 'abort-1' },
    );
    await scene.until(({ phase }) => phase.phase === 'finished');
    land();
    await scene.house.time.advance(60_000);
    expect(patch.landed).toBe('conflict');
    expect(cordoned(scene)).toBe(false);
  });
});

it('a cordon that was given up leaves no node cordoned when it arrives after an abort', async () => {
  const scene = aSmallScene();
  const patch: Patch = { landed: null, sent: false };
  const { time } = scene.house;
  const wait = (ms: number) => new Promise<void>((ended) => time.after(ms, ended));
  scene.between((ports) => {
    const workloads = late(scene, ports, patch, () => wait(20_000));
    return {
      ...ports,
      workloads: {
        ...workloads,
        cordon: async (...asked) => {
          if (patch.sent) return workloads.cordon(...asked);
          void workloads.cordon(...asked).catch(() => undefined);
          await wait(10_000);
          throw new Fault('unreachable', 'Kubernetes did not answer in time', { code: 'TIMEOUT' });
        },
      },
    };
  });
  scene.start();
  await scene.untilStep(NODE, 'cordon', 'step-begun');
  await scene.says({ kind: 'abort' });
  await scene.until(({ phase }) => phase.phase === 'finished');
  expect(patch.landed).toBeNull();
  await time.advance(60_000);
  expect(patch.landed).toBe('conflict');
  expect(cordoned(scene)).toBe(false);
});

// A look from before a pause or a hold counts no more: what must hold before a node is asked again before its drain and its departure.
import { describe, expect, it } from 'vitest';
import { SimulatedEstate } from '../../playground/doubles/estate.ts';
import type { EstateViews } from '../../src/cluster/estate/estate.ts';
import type { StepKind } from '../../src/rollout/step.ts';
import { aNodeDetail } from '../builders/estate.ts';
import { aScene, REQUESTER, type Scene } from './scene.ts';

const HOURS_MS = 8 * 3_600_000;

const rebuilding = (copies: readonly string[]): Pick<EstateViews, 'longhorn'> => ({
  longhorn: {
    drainPolicy: 'block-if-contains-last-replica',
    volumes: [{ name: 'pvc-1', robustness: 'degraded', state: 'attached', replicas: 2, node: 'w-2', copies }],
  },
});
const REBUILDING = rebuilding(['w-1', 'w-2']);
const TUPPR: Pick<EstateViews, 'otherUpgraders'> = {
  otherUpgraders: [{ kind: 'tuppr', name: 'cluster', state: 'working', detail: 'phase Upgrading' }],
};

interface Furnished {
  readonly scene: Scene;
  readonly estate: SimulatedEstate;
}

function furnished(): Furnished {
  const estate = new SimulatedEstate();
  const scene = aScene({
    world: { workers: 2 },
    policy: { limits: { proveMs: 10_000 } },
    estate: estate.reader,
  });
  // Long enough to say "pause" before it has ended.
  scene.between((ports) => ({
    ...ports,
    workloads: {
      ...ports.workloads,
      cordon: async (...asked) => {
        await new Promise<void>((ended) => scene.house.time.after(5_000, ended));
        return ports.workloads.cordon(...asked);
      },
    },
  }));
  estate.change({ nodes: scene.house.world.nodes.map(({ name }) => aNodeDetail(name)) });
  return { scene, estate };
}

/** Paused once that step of the first worker was begun, and for hours, in which something changes. */
async function pausedAfter({ scene, estate }: Furnished, kind: StepKind, change: Partial<EstateViews>) {
  scene.start();
  await scene.untilStep('w-1', kind, 'step-begun');
  await scene.says({ kind: 'pause' }, REQUESTER);
  await scene.until(({ phase }) => phase.phase === 'paused');
  await scene.house.time.advance(HOURS_MS);
  estate.change(change);
  await scene.says({ kind: 'resume' }, REQUESTER);
}

const begun = (scene: Scene, kind: StepKind): boolean =>
  scene.facts('step-begun').some(({ step }) => step === scene.step('w-1', kind).id);

describe('after a pause of hours', () => {
  it.each<readonly [StepKind, StepKind, Partial<EstateViews>, Partial<EstateViews>, string]>([
    ['cordon', 'drain', REBUILDING, { longhorn: null }, 'Longhorn is rebuilding: pvc-1'],
    ['cordon', 'drain', TUPPR, { otherUpgraders: [] }, 'tuppr is at work here'],
    ['drain', 'reboot', rebuilding(['w-2', 'cp-1']), { longhorn: null }, 'Longhorn is rebuilding: pvc-1'],
    ['drain', 'reboot', TUPPR, { otherUpgraders: [] }, 'tuppr is at work here'],
  ])(
    'in its %s the node is not sent into its %s before all is whole',
    async (last, held, trouble, over, says) => {
      const { scene, estate } = furnished();
      await pausedAfter({ scene, estate }, last, trouble);
      await scene.until(({ phase }) => phase.phase === 'held');
      expect(scene.phase).toMatchObject({ held: { node: 'w-1', why: expect.stringContaining(says) } });
      expect(begun(scene, held)).toBe(false);
      // The hold itself is one more reason to ask again.
      await scene.says({ kind: 'retry' });
      await scene.until(({ phase }) => phase.phase === 'running');
      await scene.until(({ phase }) => phase.phase === 'held');
      expect(begun(scene, held)).toBe(false);
      estate.change(over);
      await scene.says({ kind: 'retry' });
      await scene.plays();
      scene.audit.close();
      expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
      expect(scene.audit.broken).toEqual([]);
    },
  );

  it('a volume that lacks the copy of the drained node does not keep it from coming back', async () => {
    const { scene, estate } = furnished();
    await pausedAfter({ scene, estate }, 'drain', REBUILDING);
    await scene.untilStep('w-1', 'reboot', 'step-begun');
    expect(scene.facts('step-failed')).toEqual([]);
  });

  it('a node that is away already is not kept from coming back', async () => {
    const { scene, estate } = furnished();
    await pausedAfter({ scene, estate }, 'reboot', TUPPR);
    await scene.untilStep('w-1', 'uncordon', 'step-ended');
    expect(scene.facts('step-failed')).toEqual([]);
  });
});

it('without a pause it is asked once, before the first change', async () => {
  const { scene, estate } = furnished();
  scene.start();
  await scene.untilStep('w-1', 'cordon', 'step-begun');
  estate.change({ ...TUPPR, ...REBUILDING });
  await scene.untilStep('w-1', 'uncordon', 'step-ended');
  expect(scene.facts('step-failed')).toEqual([]);
});

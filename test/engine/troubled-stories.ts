// Stories in which people do something else than agree, or the cluster is in the way; and rollouts of another shape.
import { blockedDrains, questionOf } from '../../src/rollout/blockade.ts';
import { lanesOf } from '../../src/rollout/plan.ts';
import { laneDone, type Rollout } from '../../src/rollout/rollout.ts';
import { patient } from './crash.ts';
import { aLoneScene, LONE } from './lone.ts';
import {
  APPROVER,
  aScene,
  aSmallScene,
  type People,
  REQUESTER,
  type Scene,
  type SceneOptions,
} from './scene.ts';
import { all } from './stories.ts';
import type { Story } from './story.ts';

const GUEST_AGENT = 'ce4c980550dd2ab1b17bbf2b08801c7eb59418eafe8f279833297925d67c7515';
/** Of a cluster whose two workers run enough that something is in the way of a drain. */
const WORKING = [...LONE, 'w-2'];
const CONTROL_PLANE = ['cp-1', 'cp-2', 'cp-3'];

/** Whether a node that the plan takes away is done. */
function oneIsDone(rollout: Rollout): boolean {
  const { plan } = rollout;
  if (plan === null) return false;
  return lanesOf(plan).some(
    (lane) => lane.steps.some(({ presence }) => presence === 'departs') && laneDone(rollout, lane),
  );
}

/** They are patient, and do one thing besides as soon as it makes sense. */
export const besides =
  (wish: (scene: Scene, rollout: Rollout) => ReturnType<People>) =>
  (scene: Scene): People =>
  (rollout) =>
    wish(scene, rollout) ?? patient(rollout);

/** Once between two nodes, with something in hand; and once at a card, which is closed by it. */
const pausing = besides((scene, rollout) => {
  const { phase } = rollout;
  if (phase.phase === 'paused') return { intent: { kind: 'resume' }, user: REQUESTER };
  const before = scene.facts('paused').length;
  const between = phase.phase === 'running' && phase.halt === null && oneIsDone(rollout);
  const now = before === 0 ? between : before === 1 && phase.phase === 'at-gate';
  return now ? { intent: { kind: 'pause' }, user: REQUESTER } : null;
});

/** In the middle of the first control-plane node: it is cordoned, and maybe more. */
const aborting = besides((scene, { phase }) => {
  const cordoned = scene.facts('step-ended').some(({ step }) => /-cp-\d-cordon$/.test(step));
  const goes = phase.phase === 'running' && phase.halt === null && cordoned;
  return goes ? { intent: { kind: 'abort' }, user: REQUESTER } : null;
});

const denying = besides((_scene, { phase }) =>
  phase.phase === 'at-gate'
    ? { intent: { kind: 'deny', gate: phase.gate, reason: 'Not today.' }, user: APPROVER }
    : null,
);

const skipping = besides((_scene, { phase }) =>
  phase.phase === 'held' && phase.held.kind === 'failed'
    ? { intent: { kind: 'skip' }, user: REQUESTER }
    : null,
);

/** Somebody makes room, and says "again". */
const makingRoom = besides((scene, { phase }) => {
  if (phase.phase !== 'held' || phase.held.kind !== 'failed') return null;
  scene.house.world.heal();
  return { intent: { kind: 'retry' }, user: REQUESTER };
});

/** One leaves to the restart what keeps a node, and another one confirms it. */
export const leaving = besides((_scene, rollout) => {
  const [step] = blockedDrains(rollout);
  if (step === undefined) return null;
  const user = questionOf(rollout, step)?.proposal === null ? REQUESTER : APPROVER;
  return { intent: { kind: 'drain', step, choice: 'leave' }, user };
});

function aWorkingScene(options: Omit<SceneOptions, 'world'> = {}): Scene {
  return aScene({ archived: true, ...options, world: { controlPlanes: 1, workers: 2 } });
}

export const TROUBLED_STORIES: readonly Story[] = [
  {
    name: 'paused',
    open: async () => aLoneScene(),
    people: pausing,
    outcome: 'upgraded',
    expected: { installs: all(1, LONE), reboots: all(1, LONE) },
  },
  {
    name: 'aborted',
    open: async () => aSmallScene(),
    people: aborting,
    outcome: 'aborted',
    expected: { installs: all(1, ['w-1']), reboots: all(1, ['w-1']) },
  },
  {
    name: 'denied',
    open: async () => aSmallScene(),
    people: denying,
    outcome: 'denied',
    expected: {
      installs: { ...all(0, CONTROL_PLANE), 'w-1': 1 },
      reboots: { ...all(0, CONTROL_PLANE), 'w-1': 1 },
    },
  },
  {
    name: 'skipped',
    open: async () => {
      const scene = aLoneScene();
      scene.house.world.inject('installer-exits-nonzero', { node: 'w-1', times: 0 });
      return scene;
    },
    people: skipping,
    outcome: 'upgraded',
    expected: { installs: { 'cp-1': 1 }, reboots: { 'cp-1': 1, 'w-1': 0 } },
  },
  {
    name: 'drain-blocked',
    open: async () => {
      const scene = aWorkingScene({ policy: { limits: { drainMs: 4_000 } } });
      scene.house.world.inject('pdb-blocks', {});
      return scene;
    },
    people: makingRoom,
    outcome: 'upgraded',
    expected: { installs: all(1, WORKING), reboots: all(1, WORKING) },
  },
  {
    name: 'drain-left',
    open: async () => {
      const scene = aWorkingScene();
      scene.house.world.inject('pdb-blocks', {});
      return scene;
    },
    people: leaving,
    outcome: 'upgraded',
    expected: { installs: all(1, WORKING), reboots: all(1, WORKING) },
  },
  {
    name: 'extensions',
    open: async () =>
      aLoneScene({
        goal: {
          kind: 'upgrade-talos',
          version: 'v1.13.4',
          schematic: { kind: 'change', add: ['iscsi-tools'], remove: ['qemu-guest-agent'] },
        },
        world: { schematic: GUEST_AGENT },
      }),
    outcome: 'upgraded',
    expected: { installs: all(1, LONE), reboots: all(1, LONE) },
  },
  {
    name: 'parallel-workers',
    open: async () => aLoneScene({ policy: { parallelWorkers: 2 }, world: { workers: 3 } }),
    sideBySide: true,
    outcome: 'upgraded',
    expected: { installs: all(1, [...WORKING, 'w-3']), reboots: all(1, [...WORKING, 'w-3']) },
  },
  {
    name: 'journey-hop',
    open: async () => {
      const scene = aLoneScene();
      const asked = scene.askIntent();
      if (asked.kind !== 'ask') throw new Error('a scene begins with a question');
      const to = { talos: 'v1.14.0', kubernetes: null };
      const ahead = [{ kind: 'talos', to: 'v1.14.0' }] as const;
      scene.askIntent = () => ({ ...asked, journey: { v: 1, to, hop: 1, of: 2, ahead } });
      return scene;
    },
    outcome: 'upgraded',
    expected: { installs: all(1, LONE), reboots: all(1, LONE) },
    alsoWrong: ({ rollout }) => (rollout.journey?.hop === 1 ? [] : ['it forgot which hop it is']),
  },
];

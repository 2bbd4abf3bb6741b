// Sets the stage of a round: the simulated cluster, the store, and the processes, as the round's setup says.

import { aSceneBeside } from '../test/engine/beside.ts';
import { upgradedByHand } from '../test/engine/doubted.ts';
import { LITTLE_WORK } from '../test/engine/little-work.ts';
import { STOPPED } from '../test/engine/overriding.ts';
import { aScene, idle, type Scene, type SceneOptions } from '../test/engine/scene.ts';
import type { Setup, Story } from './draw.ts';
import type { Weather } from './weather.ts';

const GUEST_AGENT = 'ce4c980550dd2ab1b17bbf2b08801c7eb59418eafe8f279833297925d67c7515';
const PROPOSAL_STANDS_MS = 4 * 3_600_000;

type About = Pick<SceneOptions, 'goal' | 'world' | 'policy'>;

const ABOUT: Readonly<Record<Story, About>> = {
  upgrade: {},
  legacy: { goal: { kind: 'upgrade-talos', version: 'v1.12.6' }, world: { talosVersion: 'v1.12.4' } },
  staged: { goal: { kind: 'upgrade-talos', version: 'v1.13.5', staged: true } },
  'staged-legacy': {
    goal: { kind: 'upgrade-talos', version: 'v1.12.6', staged: true },
    world: { talosVersion: 'v1.12.4' },
  },
  extensions: {
    goal: {
      kind: 'upgrade-talos',
      version: 'v1.13.4',
      schematic: { kind: 'change', add: ['iscsi-tools'], remove: ['qemu-guest-agent'] },
    },
    world: { schematic: GUEST_AGENT },
  },
  rollback: { goal: { kind: 'rollback-node', node: 'cp-2' } },
  stopped: { policy: STOPPED },
  beside: {},
};

/** The scene, before anybody lives in it. */
export async function setStage(setup: Setup, weather: Weather): Promise<Scene> {
  const { story, seed, controlPlanes, workers, guarded, installMs, rebootMs } = setup;
  const about = ABOUT[story];
  const options: SceneOptions = {
    ...about,
    workloads: LITTLE_WORK,
    guarded,
    archived: controlPlanes === 1,
    clockOf: weather.clockOf,
    world: { ...about.world, seed, controlPlanes, workers, installMs, rebootMs },
    policy: {
      ...about.policy,
      parallelWorkers: setup.parallelWorkers,
      approvals: setup.approvals,
      proposalExpiryMs: PROPOSAL_STANDS_MS,
      gateExpiryMs: setup.gateExpiryMs,
    },
  };
  const scene = story === 'beside' ? aSceneBeside(options).scene : aScene(options);
  weather.time = scene.house.time;
  scene.people = idle;
  scene.between(weather.between);
  if (story === 'rollback') await upgradedByHand(scene, 'cp-2');
  // Somebody cordoned a worker before: it must be left so.
  if (workers > 1 && seed % 3 === 0) scene.house.objects.setUnschedulable('w-2', true);
  scene.audit.noteFound();
  return scene;
}

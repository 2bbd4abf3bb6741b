// Sets the stage of a round: the simulated cluster, the store, and the processes, as the round's setup says.
import type { WorkloadSet } from '../playground/world/kubernetes/default-workloads.ts';
import type { Policy } from '../src/rollout/policy.ts';
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

/** Of two pods one must be left: with a single worker a drain is blocked without anybody's doing. */
const GUARDED_WORK: WorkloadSet = {
  ...LITTLE_WORK,
  budgets: [{ namespace: 'shop', name: 'web', app: 'web', limits: { minAvailable: 1 } }],
};
/** People need some of it to make up their minds, in milliseconds. */
const BLOCKED_DRAIN_MS = 90_000;

function policyOf({ besides: { soaks, budgets }, further }: Setup): Partial<Omit<Policy, 'limits'>> & {
  readonly limits?: Partial<Policy['limits']>;
} {
  const limits = budgets || further.returns ? { limits: { drainMs: BLOCKED_DRAIN_MS } } : {};
  if (soaks === null) return limits;
  const { order, cold, ...soak } = soaks;
  return { ...limits, order, soak, ...(cold ? { canary: { rebootMode: 'powercycle' } } : {}) };
}

/** The scene, before anybody lives in it. */
export async function setStage(setup: Setup, weather: Weather): Promise<Scene> {
  const { story, seed, controlPlanes, workers, guarded, installMs, rebootMs, besides } = setup;
  const about = ABOUT[story];
  const options: SceneOptions = {
    ...about,
    workloads: besides.budgets ? GUARDED_WORK : LITTLE_WORK,
    guarded,
    leased: besides.leased,
    archived: controlPlanes === 1,
    clockOf: weather.clockOf,
    world: { ...about.world, seed, controlPlanes, workers, installMs, rebootMs },
    policy: {
      ...about.policy,
      ...policyOf(setup),
      parallelWorkers: setup.parallelWorkers,
      approvals: setup.approvals,
      proposalExpiryMs: PROPOSAL_STANDS_MS,
      gateExpiryMs: setup.gateExpiryMs,
    },
  };
  const scene = story === 'beside' ? aSceneBeside(options).scene : aScene(options);
  weather.time = scene.house.time;
  weather.astray.machineAt = (address) => scene.house.world.find(address);
  scene.people = idle;
  scene.between(weather.between);
  if (story === 'rollback') await upgradedByHand(scene, 'cp-2');
  // Somebody cordoned a worker before: it must be left so.
  if (workers > 1 && seed % 3 === 0) scene.house.objects.setUnschedulable('w-2', true);
  scene.audit.noteFound();
  return scene;
}

/** Another rollout on the same cluster, about one of the nodes that the first one left armed, or about one that is not. */
export function nextStage(
  after: Scene,
  weather: Weather,
  { goal, which }: { readonly goal: 'finish-node' | 'disarm-node'; readonly which: number },
): Scene {
  const machines = after.house.world.machines();
  const armed = machines.filter(({ armed }) => armed);
  const among = armed.length > 0 ? armed : machines;
  const node = among[which % among.length]?.node.name ?? '';
  const scene = aScene({ after, id: 'r3', goal: { kind: goal, node } });
  scene.people = idle;
  scene.between(weather.between);
  scene.audit.noteFound();
  return scene;
}

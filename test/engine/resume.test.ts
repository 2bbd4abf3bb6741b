// The product's promise, enumerated: killed before and after every single write and act, it goes on and breaks no rule.
import { describe, expect, it } from 'vitest';
import { CLUSTER } from '../../playground/doubles/house.ts';
import type { WorkloadSet } from '../../playground/world/kubernetes/default-workloads.ts';
import type { Entry } from '../../src/rollout/event.ts';
import { type CrashPoint, crashing, patient } from './crash.ts';
import { aScene, type Scene } from './scene.ts';

/** Somebody cordoned a worker before: it must be left so. One pod that may move, so that there is something to evict. */
const LITTLE_WORK: WorkloadSet = {
  deployments: [
    {
      namespace: 'shop',
      name: 'web',
      replicas: 2,
      image: 'registry.example/shop/web:4.2.0',
      graceSeconds: 30,
      volumes: [],
      toleratesControlPlane: false,
    },
  ],
  daemons: [{ namespace: 'kube-system', name: 'kube-proxy', image: 'registry.k8s.io/kube-proxy:v1.34.1' }],
  budgets: [],
};

interface Story {
  readonly name: string;
  /** A fresh scene, ready to be asked. */
  readonly open: () => Promise<Scene>;
  readonly outcome: 'upgraded' | 'rolled-back';
  /** How often each counted call was made on each node at the end. */
  readonly expected: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

async function upgradeScene(talosVersion: string, version: string): Promise<Scene> {
  const scene = aScene({
    goal: { kind: 'upgrade-talos', version },
    world: { controlPlanes: 3, workers: 2, talosVersion },
    workloads: LITTLE_WORK,
  });
  scene.house.objects.setUnschedulable('w-2', true);
  return aware(scene);
}

/** An audit must know how the nodes were found, so a scene is prepared before its audit looks. */
function aware(scene: Scene): Scene {
  scene.audit.noteFound();
  return scene;
}

/** The journal of an upgrade that went well: what a rollback knows the previous version from. */
let past: readonly Entry[] | null = null;

async function rollbackScene(): Promise<Scene> {
  past ??= (await aScene({ id: 'r0', workloads: LITTLE_WORK, world: { workers: 2 } }).plays()).audit.entries;
  const scene = aScene({
    goal: { kind: 'rollback-node', node: 'cp-2' },
    world: { controlPlanes: 3, workers: 2 },
    workloads: LITTLE_WORK,
  });
  await scene.house.journal.append({
    cluster: CLUSTER,
    rollout: 'r0',
    expect: 0,
    events: past.slice(0, 90).map(({ event }) => event),
    by: { kind: 'driver', name: 'worker-0' },
  });
  await scene.house.journal.append({
    cluster: CLUSTER,
    rollout: 'r0',
    expect: 90,
    events: past.slice(90).map(({ event }) => event),
    by: { kind: 'driver', name: 'worker-0' },
  });
  const machine = scene.house.world.machine('cp-2');
  const image = 'ghcr.io/siderolabs/installer:v1.13.5';
  void machine
    .pull({ ref: image, place: 'system' })
    .then(() => machine.install({ ref: image, place: 'system' }));
  await scene.house.time.runUntil(() => machine.armed, 10_000);
  machine.reboot();
  await scene.house.time.advance(5_000);
  return scene;
}

const all = (
  value: number,
  nodes = ['cp-1', 'cp-2', 'cp-3', 'w-1', 'w-2'],
): Readonly<Record<string, number>> => Object.fromEntries(nodes.map((node) => [node, value]));

const STORIES: readonly Story[] = [
  {
    name: 'upgrade',
    open: () => upgradeScene('v1.13.4', 'v1.13.5'),
    outcome: 'upgraded',
    expected: { installs: all(1), reboots: all(1) },
  },
  {
    name: 'upgrade-legacy',
    open: () => upgradeScene('v1.12.4', 'v1.12.6'),
    outcome: 'upgraded',
    expected: { legacyUpgrades: all(1), reboots: all(1) },
  },
  {
    name: 'rollback',
    open: rollbackScene,
    outcome: 'rolled-back',
    expected: { rollbacks: { ...all(0), 'cp-2': 1 } },
  },
];

/** Plays a story with at most one crash; returns what is wrong with how it went. */
async function played(
  story: Story,
  crash: CrashPoint | null,
): Promise<{ scene: Scene; wrong: readonly string[] }> {
  const scene = await story.open();
  scene.people = patient;
  if (crash !== null) scene.tap(crashing(scene, crash));
  scene.start();
  const wrong: string[] = [];
  try {
    await scene.plays();
  } catch (error) {
    wrong.push(error instanceof Error ? error.message : String(error));
  }
  scene.audit.close();
  const { phase } = scene.rollout;
  const ended = phase.phase === 'finished' ? phase.outcome : phase.phase;
  if (ended !== story.outcome) wrong.push(`it ended ${ended}\n${scene.story()}`);
  for (const [what, expected] of Object.entries(story.expected)) {
    const counted = scene.counted(what as Parameters<Scene['counted']>[0]);
    if (JSON.stringify(counted) !== JSON.stringify(expected))
      wrong.push(`${what}: ${JSON.stringify(counted)}`);
  }
  return { scene, wrong: [...wrong, ...scene.audit.broken] };
}

function pointsOf(effects: number): readonly CrashPoint[] {
  const numbers = Array.from({ length: effects }, (_, index) => index + 1);
  return numbers.flatMap((at) => [
    { at, when: 'before' as const },
    { at, when: 'after' as const },
  ]);
}

describe('a process killed at any moment', { timeout: 120_000 }, () => {
  it.each(STORIES)('goes on where it was: $name', async (story) => {
    const calm = await played(story, null);
    expect(calm.wrong).toEqual([]);
    const { effects } = calm.scene.audit;
    const points = pointsOf(effects.length);
    const failed: string[] = [];
    const heldAt = new Set<string>();
    for (const point of points) {
      const { scene, wrong } = await played(story, point);
      const name = `${point.when} ${effects[point.at - 1]?.name}`;
      if (scene.facts('step-doubted').length > 0) heldAt.add(name);
      if (wrong.length > 0) failed.push(`${name}: ${wrong.join('; ')}`);
    }
    console.log(
      `${story.name}: ${points.length - failed.length} of ${points.length} crash points; ${heldAt.size} of them held in doubt until a person said "again"`,
    );
    expect(failed.slice(0, 5)).toEqual([]);
  });
});

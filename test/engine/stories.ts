// The stories whose every crash point is tried: each kind of rollout, with people who agree to everything.
import { CLUSTER } from '../../playground/doubles/house.ts';
import type { Entry } from '../../src/rollout/event.ts';
import { besideScene, wrongBeside } from './beside.ts';
import { LITTLE_WORK } from './little-work.ts';
import { STOPPED } from './overriding.ts';
import { aScene, type Scene, type SceneOptions } from './scene.ts';
import type { Story } from './story.ts';

async function upgradeScene(
  talosVersion: string,
  version: string,
  {
    staged = false,
    policy = {},
  }: { readonly staged?: boolean; readonly policy?: SceneOptions['policy'] } = {},
): Promise<Scene> {
  const scene = aScene({
    policy,
    goal: { kind: 'upgrade-talos', version, ...(staged ? { staged: true } : {}) },
    world: { controlPlanes: 3, workers: 2, talosVersion },
    workloads: LITTLE_WORK,
  });
  // Somebody cordoned a worker before: it must be left so.
  scene.house.objects.setUnschedulable('w-2', true);
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

/** One control-plane node, whose etcd is copied in its own lane; etcd and the Kubernetes API go away with it. */
async function loneScene(workers: number): Promise<Scene> {
  return aScene({
    goal: { kind: 'upgrade-talos', version: 'v1.13.5' },
    world: { controlPlanes: 1, workers, talosVersion: 'v1.13.4' },
    workloads: LITTLE_WORK,
    archived: true,
  });
}

export const all = (
  value: number,
  nodes = ['cp-1', 'cp-2', 'cp-3', 'w-1', 'w-2'],
): Readonly<Record<string, number>> => Object.fromEntries(nodes.map((node) => [node, value]));

/** Each way through a rollout with people who agree to everything. */
export const STORIES: readonly Story[] = [
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
    name: 'staged',
    open: () => upgradeScene('v1.13.4', 'v1.13.5', { staged: true }),
    outcome: 'upgraded',
    expected: { installs: all(1), reboots: all(1) },
  },
  {
    name: 'overridden',
    open: () => upgradeScene('v1.13.4', 'v1.13.5', { policy: { ...STOPPED, start: 'at-once' } }),
    outcome: 'upgraded',
    expected: { installs: all(1), reboots: all(1) },
  },
  {
    name: 'staged-legacy',
    open: () => upgradeScene('v1.12.4', 'v1.12.6', { staged: true }),
    outcome: 'upgraded',
    expected: { legacyUpgrades: all(1), reboots: all(1) },
  },
  {
    name: 'single-cp',
    open: () => loneScene(2),
    outcome: 'upgraded',
    expected: { installs: all(1, ['cp-1', 'w-1', 'w-2']), reboots: all(1, ['cp-1', 'w-1', 'w-2']) },
  },
  {
    name: 'single-node',
    open: () => loneScene(0),
    outcome: 'upgraded',
    expected: { installs: all(1, ['cp-1']), reboots: all(1, ['cp-1']) },
  },
  {
    name: 'beside',
    open: besideScene,
    outcome: 'upgraded',
    expected: { installs: all(1, ['cp-1', 'cp-2', 'cp-3', 'w-1']) },
    alsoWrong: wrongBeside,
  },
  {
    name: 'rollback',
    open: rollbackScene,
    outcome: 'rolled-back',
    expected: { rollbacks: { ...all(0), 'cp-2': 1 } },
  },
];

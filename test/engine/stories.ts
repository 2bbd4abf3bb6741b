// The stories whose every crash point is tried: each kind of rollout, with people who agree to everything.
import { CLUSTER } from '../../playground/doubles/house.ts';
import type { Entry } from '../../src/rollout/event.ts';
import { besideScene, wrongBeside } from './beside.ts';
import { holderOf } from './leased.ts';
import { LITTLE_WORK } from './little-work.ts';
import { aLoneScene, LONE } from './lone.ts';
import { STOPPED } from './overriding.ts';
import { aScene, aSmallScene, type Scene } from './scene.ts';
import type { Story } from './story.ts';

const SMALL = ['cp-1', 'cp-2', 'cp-3', 'w-1'];
const CONTROL_PLANE = ['cp-1', 'cp-2', 'cp-3'];

/** Everything that keeps others out is taken, and given back between two nodes of the control plane. */
async function upgradeScene(talosVersion: string, version: string): Promise<Scene> {
  const scene = aSmallScene({
    goal: { kind: 'upgrade-talos', version },
    world: { talosVersion },
    guarded: true,
    leased: true,
  });
  return foundCordoned(scene, 'cp-2');
}

/** Only control plane, whose leader hands over; the legacy path below has the workers. */
async function stagedScene(): Promise<Scene> {
  return aSmallScene({
    goal: { kind: 'upgrade-talos', version: 'v1.13.5', staged: true },
    world: { workers: 0, talosVersion: 'v1.13.4' },
  });
}

async function stagedLegacyScene(): Promise<Scene> {
  const scene = aLoneScene({
    goal: { kind: 'upgrade-talos', version: 'v1.12.6', staged: true },
    world: { workers: 2, talosVersion: 'v1.12.4' },
  });
  return foundCordoned(scene, 'w-2');
}

/** Somebody cordoned a node before: it must be left so. */
function foundCordoned(scene: Scene, node: string): Scene {
  scene.house.objects.setUnschedulable(node, true);
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

/** Nobody is kept out any more by what nobody does; what a dead process held in etcd expires there by itself. */
function wrongHolders(scene: Scene): readonly string[] {
  const { mutex, living } = scene.house;
  const isHeld = living.some(({ owner }) => owner === mutex.owner);
  return [
    ...(isHeld ? ['the upgrade mutex is still held'] : []),
    ...(holderOf(scene) === null ? [] : ['the Lease is still held']),
  ];
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
    expected: { installs: all(1, SMALL), reboots: all(1, SMALL) },
    alsoWrong: wrongHolders,
  },
  {
    name: 'upgrade-legacy',
    open: () => upgradeScene('v1.12.4', 'v1.12.6'),
    outcome: 'upgraded',
    expected: { legacyUpgrades: all(1, SMALL), reboots: all(1, SMALL) },
    alsoWrong: wrongHolders,
  },
  {
    name: 'staged',
    open: stagedScene,
    outcome: 'upgraded',
    expected: { installs: all(1, CONTROL_PLANE), reboots: all(1, CONTROL_PLANE) },
  },
  {
    name: 'overridden',
    // What stops it is that nobody copies etcd, without which a single member would not go at all.
    open: async () => aSmallScene({ world: { workers: 0 }, policy: { ...STOPPED, start: 'at-once' } }),
    outcome: 'upgraded',
    expected: { installs: all(1, CONTROL_PLANE), reboots: all(1, CONTROL_PLANE) },
  },
  {
    name: 'staged-legacy',
    open: stagedLegacyScene,
    outcome: 'upgraded',
    expected: { legacyUpgrades: all(1, ['cp-1', 'w-1', 'w-2']), reboots: all(1, ['cp-1', 'w-1', 'w-2']) },
  },
  {
    name: 'single-cp',
    open: async () => aLoneScene(),
    outcome: 'upgraded',
    expected: { installs: all(1, LONE), reboots: all(1, LONE) },
  },
  {
    name: 'single-node',
    open: async () => aLoneScene({ world: { workers: 0 } }),
    outcome: 'upgraded',
    expected: { installs: all(1, ['cp-1']), reboots: all(1, ['cp-1']) },
  },
  {
    name: 'beside',
    open: besideScene,
    outcome: 'upgraded',
    expected: { installs: all(1, LONE) },
    alsoWrong: wrongBeside,
  },
  {
    name: 'rollback',
    open: rollbackScene,
    outcome: 'rolled-back',
    expected: { rollbacks: { ...all(0), 'cp-2': 1 } },
  },
];

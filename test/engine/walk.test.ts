// Random walks: people press what they like, things break and heal, processes die; no rule may break, and it always ends.
import { describe, expect, it } from 'vitest';
import { createRandom, type Random } from '../../playground/world/random.ts';
import type { Intent } from '../../src/rollout/intent.ts';
import { standing } from '../../src/rollout/override.ts';
import { ORDERS } from '../../src/rollout/policy.ts';
import type { Rollout } from '../../src/rollout/rollout.ts';
import { crashing } from './crash.ts';
import { overriding, REASON, STOPPED } from './overriding.ts';
import {
  APPROVER,
  aScene,
  idle,
  type People,
  REQUESTER,
  type Scene,
  SECOND_APPROVER,
  willing,
} from './scene.ts';

/** What may happen to a cluster and pass; a node that somebody else takes away is another test's subject. */
const TROUBLES: readonly string[] = [
  'slow-boot',
  'slow-install',
  'slow-pull',
  'lost-reply',
  'installer-exits-nonzero',
  'image-missing',
  'not-ready',
  'unreachable',
  'etcd-alarm',
  'etcd-learner',
  'leader-moves',
  'pdb-blocks',
];

/** Turns of one walk, each of some seconds. */
const TURNS = 60;

function pick<T>(random: Random, values: readonly T[]): T {
  const value = values[random.int(values.length)];
  if (value === undefined) throw new Error('nothing to pick from');
  return value;
}

function paramsOf(
  random: Random,
  fault: string,
  { house }: Scene,
): Readonly<Record<string, string | number>> {
  const names = house.world.nodes.map(({ name }) => name);
  const anywhere = pick(random, names);
  const controlPlane = pick(
    random,
    names.filter((name) => name.startsWith('cp')),
  );
  switch (fault) {
    case 'pdb-blocks':
      return {};
    case 'leader-moves':
      return { to: controlPlane };
    case 'lost-reply':
      return { node: anywhere, method: pick(random, ['Reboot', 'Upgrade']) };
    case 'slow-boot':
    case 'slow-install':
    case 'slow-pull':
      return { node: anywhere, ms: 1_000 * random.int(30) };
    default:
      return { node: fault.startsWith('etcd') ? controlPlane : anywhere };
  }
}

function wish(random: Random, rollout: Rollout): { intent: Intent; user: string } {
  const user = pick(random, [REQUESTER, APPROVER, SECOND_APPROVER]);
  const gate = rollout.phase.phase === 'at-gate' ? rollout.phase.gate : 'gate:cp-1';
  const usual: readonly Intent[] = [
    { kind: 'start' },
    { kind: 'approve', gate },
    { kind: 'approve', gate },
    { kind: 'resume' },
    { kind: 'retry' },
    { kind: 'retry' },
    { kind: 'pause' },
    { kind: 'skip' },
  ];
  const stopped: readonly Intent[] = [
    { kind: 'start' },
    { kind: 'override', checks: ['etcd-snapshot'], reason: pick(random, [REASON, '']) },
    { kind: 'override', checks: ['etcd-quorum'], reason: REASON },
  ];
  const wishes = standing(rollout).length > 0 ? stopped : usual;
  return { intent: pick(random, wishes), user };
}

/** Everybody wants it to end: what stands in the way is asked for again, and what cannot get better that way is given up. */
const helpful: People = (rollout) => {
  if (rollout.phase.phase === 'held') {
    const hopeless = rollout.phase.ending === null && rollout.phase.held.why.includes('came back');
    return { intent: { kind: hopeless ? 'abort' : 'retry' }, user: REQUESTER };
  }
  if (rollout.phase.phase === 'paused') return { intent: { kind: 'resume' }, user: REQUESTER };
  return overriding(willing)(rollout);
};

function isLone({ house }: Scene): boolean {
  return house.world.settings.controlPlanes === 1;
}

async function turn(scene: Scene, random: Random): Promise<void> {
  const { house } = scene;
  const chance = random.next();
  if (chance < 0.15) {
    const fault = pick(random, TROUBLES);
    // The only member of etcd is never a learner.
    if (fault === 'etcd-learner' && isLone(scene)) return;
    // Of several learners nobody could be elected any more.
    if (house.world.activeFaults().some(({ name }) => name === fault)) return;
    try {
      house.world.inject(fault, paramsOf(random, fault, scene));
    } catch {
      // A leader that cannot be: nothing happens then.
    }
  } else if (chance < 0.3) house.world.heal();
  else if (chance < 0.35) {
    for (const process of house.living.slice(0, 1 + random.int(2))) process.kill();
    if (random.int(3) === 0) await house.time.advance(1_000 * random.int(20));
  } else if (chance < 0.5) {
    const at = scene.audit.effects.length + 1 + random.int(8);
    scene.tap(crashing(scene, { at, when: random.int(2) === 0 ? 'before' : 'after' }));
  } else if (scene.audit.rollout !== null && house.living.length > 0) {
    const { intent, user } = wish(random, scene.rollout);
    // Whoever it was said to may die over it: then it was said to nobody.
    await scene.says(intent, user).catch(() => undefined);
  }
  if (house.living.length === 0) scene.start();
  if (random.int(8) === 0) scene.start();
  await house.time.advance(random.int(4) === 0 ? 100 * random.int(300) : 50 * random.int(20));
  // Long enough for the copy of the only member to grow old.
  if (isLone(scene) && random.int(20) === 0) await house.time.advance(4_000_000);
  scene.audit.compare();
}

const DAY_MS = 86_400_000;

interface Size {
  readonly controlPlanes: number;
  readonly workers: number;
}

async function walked(seed: number, size: Size = { controlPlanes: 3, workers: 3 }): Promise<Scene> {
  const random = createRandom(seed);
  const legacy = seed % 3 === 0;
  const scene = aScene({
    policy: {
      parallelWorkers: 1 + random.int(2),
      order: ORDERS[seed % ORDERS.length] ?? 'workers-first',
      soak: { workersMs: 0, canaryMs: 30_000, stagesMs: seed % 4 === 0 ? 30_000 : 0 },
      ...(seed % 5 === 0 ? STOPPED : {}),
      // The long pauses of the lone are about the age of a copy, not about cards that expire.
      ...(size.controlPlanes === 1 ? { proposalExpiryMs: DAY_MS, gateExpiryMs: DAY_MS } : {}),
    },
    guarded: seed % 2 === 0,
    archived: size.controlPlanes === 1,
    ...(legacy
      ? {
          goal: { kind: 'upgrade-talos', version: 'v1.12.6' },
          world: { seed, talosVersion: 'v1.12.4', ...size },
        }
      : { world: { seed, ...size } }),
  });
  scene.people = idle;
  scene.start();
  await scene.asks();
  for (let turns = 0; turns < TURNS && scene.phase.phase !== 'finished'; turns += 1)
    await turn(scene, random);
  scene.house.world.heal();
  scene.people = helpful;
  if (scene.house.living.length === 0) scene.start();
  await scene.until(({ phase }) => phase.phase === 'finished');
  scene.audit.close();
  return scene;
}

describe('a random walk', { timeout: 20_000 }, () => {
  it.each(Array.from({ length: 60 }, (_, index) => index + 1))(
    'ends, and breaks no rule (seed %i)',
    async (seed) => {
      const scene = await walked(seed);
      expect(scene.audit.broken).toEqual([]);
    },
  );

  it.each([
    { controlPlanes: 1, workers: 0 },
    { controlPlanes: 1, workers: 2 },
  ])('of 30 seeds ends with $controlPlanes + $workers nodes as well', { timeout: 120_000 }, async (size) => {
    let upgraded = 0;
    let copiedAgain = 0;
    for (let seed = 1; seed <= 30; seed += 1) {
      const scene = await walked(seed, size);
      expect(scene.audit.broken, `seed ${seed}`).toEqual([]);
      upgraded += scene.facts('finished').filter(({ outcome }) => outcome === 'upgraded').length;
      copiedAgain += scene.facts('step-outdated').length;
    }
    // They go far enough to mean something.
    expect(upgraded).toBeGreaterThan(10);
    expect(copiedAgain).toBeGreaterThan(0);
  });
});

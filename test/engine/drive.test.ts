// One rollout from the question to its end: what is done, in which order, by whom, and that nobody's word gets lost.
import { describe, expect, it } from 'vitest';
import { CLUSTER, type ProcessPorts } from '../../playground/doubles/house.ts';
import { Fault } from '../../src/engine/ports/fault.ts';
import type { Journal } from '../../src/engine/ports/journal.ts';
import { APPROVER, aScene, type Scene, willing } from './scene.ts';

const LEGACY = {
  goal: { kind: 'upgrade-talos', version: 'v1.12.6' },
  world: { talosVersion: 'v1.12.4' },
} as const;

function wellEnded(scene: Scene): void {
  scene.audit.close();
  expect(scene.audit.broken).toEqual([]);
}

/** The journal of a process, with some calls answered differently. */
function journalWith(ports: ProcessPorts, changed: Partial<Journal>): ProcessPorts {
  const journal = new Proxy(ports.journal, {
    get: (target, key) => Reflect.get(changed, key) ?? Reflect.get(target, key, target),
  });
  return { ...ports, journal };
}

const away = (): Promise<never> => Promise.reject(new Fault('unreachable', 'the store does not answer'));

describe('an upgrade', () => {
  it.each([
    { name: 'over the lifecycle API', options: {} },
    { name: 'over the legacy API', options: LEGACY },
  ])('$name touches every node once, workers first and the etcd leader last', async ({ options }) => {
    const scene = aScene(options);
    const leader = scene.house.world.etcd.leader();
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
    const once = { 'cp-1': 1, 'cp-2': 1, 'cp-3': 1, 'w-1': 1, 'w-2': 1, 'w-3': 1 };
    expect(scene.counted('installs')).toEqual(once);
    expect(scene.counted('reboots')).toEqual(once);
    expect(new Set(Object.values(scene.versions()))).toEqual(
      new Set([scene.goal.kind === 'upgrade-talos' ? scene.goal.version : '']),
    );
    const { rebootOrder } = scene.house.world.counters;
    expect(rebootOrder.slice(0, 3)).toEqual(['w-1', 'w-2', 'w-3']);
    expect(rebootOrder.at(-1)).toBe(leader);
    wellEnded(scene);
  });

  it('asks before each control-plane node, and never the person who wants it', async () => {
    const scene = aScene();
    await scene.plays();
    expect(scene.facts('gate-passed').map(({ gate }) => gate)).toHaveLength(3);
    expect(scene.facts('approved').map(({ user }) => user)).toEqual([APPROVER, APPROVER, APPROVER]);
    for (const { proof } of scene.facts('gate-passed'))
      expect(proof).toMatchObject({ voters: 3, quorum: 2, votersLeft: 2 });
  });

  it('gives the claim and the Look back with its last fact', async () => {
    const scene = aScene();
    await scene.plays();
    expect(await scene.house.journal.claimOf(CLUSTER)).toBeNull();
    expect(scene.house.journal.looksOf(CLUSTER).size).toBe(0);
  });

  it('needs no bell at all: the sweep is enough', async () => {
    const scene = aScene();
    scene.house.bells.deaf = true;
    await scene.plays();
    expect(scene.phase).toMatchObject({ outcome: 'upgraded' });
    wellEnded(scene);
  });

  it('sends workers away side by side as wide as the policy says', async () => {
    const scene = aScene({ policy: { parallelWorkers: 2 }, world: { rebootMs: 5_000 } });
    let most = 0;
    scene.tap({
      after: ({ method }) => {
        if (method === 'append') most = Math.max(most, scene.house.world.counters.awayNow().length);
      },
    });
    await scene.plays();
    expect(most).toBe(2);
    expect(scene.phase).toMatchObject({ outcome: 'upgraded' });
    wellEnded(scene);
  });

  it('sends the leader last also when the leadership moves on the way', async () => {
    const scene = aScene();
    const first = scene.house.world.etcd.leader();
    const next = first === 'cp-1' ? 'cp-2' : 'cp-1';
    scene.start();
    await scene.untilStep('w-3', 'reboot', 'step-begun');
    scene.house.world.inject('leader-moves', { to: next });
    await scene.plays();
    expect(scene.facts('lane-deferred').map(({ why }) => why)).toContain(`${next} leads etcd`);
    expect(scene.house.world.counters.rebootOrder.at(-1)).toBe(next);
    wellEnded(scene);
  });
});

describe('several processes', () => {
  it('do nothing twice and decide nothing twice', async () => {
    const scene = aScene();
    for (const _ of [1, 2, 3]) scene.start();
    await scene.plays();
    expect(Object.values(scene.counted('installs'))).toEqual([1, 1, 1, 1, 1, 1]);
    expect(scene.facts('step-begun')).toHaveLength(
      new Set(scene.facts('step-begun').map(({ step }) => step)).size,
    );
    wellEnded(scene);
  });

  it('take over when the driver is killed, within the lease and one sweep', async () => {
    const scene = aScene();
    const first = scene.start();
    scene.start();
    await scene.untilStep('w-1', 'install', 'step-begun');
    first.kill();
    const diedAt = scene.house.time.now();
    await scene.until(() => scene.house.living.some(({ driver }) => driver.seen(scene.id) !== null));
    expect(scene.house.time.now() - diedAt).toBeLessThanOrEqual(3_500);
    await scene.plays();
    wellEnded(scene);
  });
});

describe('a driver that loses its lease in the middle of an installation', () => {
  it('lets the stream finish and writes down its end, while the next steps are the other one’s', async () => {
    const scene = aScene({ world: { installMs: 9_000 } });
    scene.start((ports) => journalWith(ports, { renew: away }));
    await scene.untilStep('w-1', 'install', 'step-begun');
    scene.start();
    await scene.untilStep('w-1', 'return', 'step-begun');
    const writers = scene.audit.entries.flatMap(({ by, event }) =>
      'step' in event &&
      event.step.startsWith(scene.step('w-1', 'install').id.slice(0, 6)) &&
      by.kind === 'driver'
        ? [`${event.kind} ${event.step.split('-').at(-1)} ${by.name}`]
        : [],
    );
    expect(writers).toContain('step-begun install worker-1');
    expect(writers).toContain('step-ended install worker-1');
    expect(writers).toContain('step-begun reboot worker-2');
    expect(scene.counted('installs')).toMatchObject({ 'w-1': 1 });
    scene.audit.close();
    expect(scene.audit.broken).toEqual([]);
  });
});

describe('people', () => {
  it('are waited for without a lease, a timer or a poll', async () => {
    const scene = aScene();
    scene.people = (rollout) => (rollout.phase.phase === 'at-gate' ? null : willing(rollout));
    scene.start();
    await scene.until(({ phase }) => phase.phase === 'at-gate');
    await scene.house.time.advance(5_000);
    const calls: string[] = [];
    scene.tap({ before: ({ method }) => void calls.push(method) });
    await scene.house.time.advance(60_000);
    expect(new Set(calls)).toEqual(new Set(['due']));
  });
});

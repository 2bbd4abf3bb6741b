// Installed now, restarted later; and the restarts of old machines, of which a staged upgrade takes two.
import { describe, expect, it } from 'vitest';
import { CLUSTER } from '../../playground/doubles/house.ts';
import type { WorldSettings } from '../../playground/world/settings.ts';
import { blocks } from '../../src/checks/finding.ts';
import { type Planned, planned } from '../../src/engine/planning.ts';
import type { Goal } from '../../src/rollout/goal.ts';
import { type Lane, lanesOf } from '../../src/rollout/plan.ts';
import { nodesArmed } from '../../src/rollout/rollout.ts';
import type { StepKind } from '../../src/rollout/step.ts';
import { withMachines } from './machines-between.ts';
import { aSmallScene, REQUESTER, type Scene, type SceneOptions } from './scene.ts';

const STAGED: Goal = { kind: 'upgrade-talos', version: 'v1.13.5', staged: true };
const LEGACY_STAGED: Goal = { kind: 'upgrade-talos', version: 'v1.12.9', staged: true };
/** Milliseconds of simulated time after which a machine that restarted is up again. */
const REBOOTED_MS = 15_000;
const NODES = ['cp-1', 'cp-2', 'cp-3', 'w-1'];
const each = <T>(value: T): Readonly<Record<string, T>> =>
  Object.fromEntries(NODES.map((name) => [name, value]));

const staged = (options: SceneOptions = {}): Scene => aSmallScene({ goal: STAGED, ...options });

describe('a staged upgrade from 1.13 on', () => {
  it('installs on every node before any restarts, and asks before each', async () => {
    const scene = staged();
    scene.start();
    await scene.untilGate('w-1');
    expect(scene.counted('installs')).toEqual(each(1));
    expect(scene.counted('reboots')).toEqual(each(0));
    expect(nodesArmed(scene.rollout)).toEqual(['w-1', 'cp-1', 'cp-2', 'cp-3'].toSorted(byPlan(scene)));
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
    expect([scene.counted('installs'), scene.counted('reboots')]).toEqual([each(1), each(1)]);
    expect(scene.versions()).toEqual(each('v1.13.5'));
    expect(scene.facts('gate-passed').map(({ gate }) => gate)).toHaveLength(NODES.length);
    expect(nodesArmed(scene.rollout)).toEqual([]);
    expect(scene.audit.broken).toEqual([]);
  });

  it('never drains or cordons for an installation', async () => {
    const scene = staged();
    scene.start();
    await scene.untilGate('w-1');
    expect(scene.audit.effects.filter(({ name }) => /^(cordon|evict)/.test(name))).toEqual([]);
  });

  it('given up between the two parts leaves its nodes armed, by name, and nobody installs on them again', async () => {
    const scene = staged();
    scene.start();
    await scene.untilGate('w-1');
    await scene.says({ kind: 'abort' });
    await scene.until(({ phase }) => phase.phase === 'finished');
    expect(nodesArmed(scene.rollout).toSorted()).toEqual(NODES);
    const proposal = await plans(scene, STAGED);
    expect(proposal).toMatchObject({ kind: 'declined', outcome: 'blocked' });
    const armed = proposal.findings.filter(({ check }) => check === 'machine-armed');
    expect(armed.map(({ subject }) => subject).toSorted()).toEqual(NODES);
  });

  it('goes on where an armed node restarted by itself: it already runs the new version', async () => {
    const scene = staged();
    scene.start();
    await scene.untilGate('w-1');
    scene.house.world.machine('w-1').reboot('default', 'fault');
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
    expect(scene.counted('reboots')).toEqual({ ...each(1), 'w-1': 0 });
    expect(scene.counted('installs')).toEqual(each(1));
  });

  it('does not ask about, clear or restart a node that crashed into the new version while another was away', async () => {
    const scene = staged();
    scene.start();
    await scene.until(() => scene.facts('step-begun').some(({ step }) => step.endsWith('cp-1-reboot')));
    scene.house.world.machine('cp-2').reboot('default', 'fault');
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
    expect(scene.counted('reboots')).toEqual({ ...each(1), 'cp-2': 0 });
    expect(scene.versions()).toEqual(each('v1.13.5'));
    expect(scene.facts('gate-opened').map(({ gate }) => gate)).not.toContain('gate:cp-2');
    expect(scene.audit.effects.filter(({ name }) => /^(cordon|uncordon|forfeit\w*) cp-2/.test(name))).toEqual(
      [],
    );
    const { id } = laneWith(scene, 'cp-2', 'reboot');
    const mine = ({ step }: { readonly step: string }): boolean => step.startsWith(id);
    expect(
      scene
        .facts('step-begun')
        .filter(mine)
        .map(({ step }) => step),
    ).toEqual([`${id}-return`]);
    const seen = scene.facts('step-ended').find(({ step }) => step === `${id}-cordon`)?.result;
    expect(seen).toMatchObject({
      restartedItself: 'v1.13.5',
      bootId: scene.house.world.machine('cp-2').bootId,
    });
    expect(seen?.['previousBootId']).not.toBe(seen?.['bootId']);
    expect(scene.facts('step-ended').find(({ step }) => step === `${id}-reboot`)?.result).toEqual(seen);
    expect(scene.audit.broken).toEqual([]);
  });

  it('does not clear or restart one that crashed into the new version while people were asked about it', async () => {
    const scene = staged();
    scene.start();
    await scene.untilGate('cp-2');
    scene.house.world.machine('cp-2').reboot('default', 'fault');
    await scene.house.time.advance(REBOOTED_MS);
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
    expect(scene.counted('reboots')).toEqual({ ...each(1), 'cp-2': 0 });
    expect(scene.audit.effects.filter(({ name }) => /^(cordon|evict|forfeit)\w* cp-2/.test(name))).toEqual(
      [],
    );
  });

  it.each([
    ['w-1', 'failed'],
    ['cp-2', 'withheld'],
  ])('neither clears nor restarts %s, which restarted by itself and fell back: %s', async (node, kind) => {
    const scene = staged();
    scene.start();
    await scene.untilGate('w-1');
    scene.house.world.inject('falls-back', { node });
    scene.house.world.machine(node).reboot('default', 'fault');
    await scene.house.time.advance(REBOOTED_MS);
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'held', held: { kind, node } });
    if (scene.phase.phase === 'held')
      expect(scene.phase.held.why).toMatch(/restarted by itself .* fell back/);
    expect(scene.counted('reboots')[node]).toBe(0);
    expect(scene.audit.effects.filter(({ name }) => name === `cordon ${node}`)).toEqual([]);
    await scene.says({ kind: 'abort' });
    await scene.until(({ phase }) => phase.phase === 'finished');
    const { findings } = await plans(scene, STAGED);
    expect(findings.filter(({ subject }) => subject === node).filter(blocks)).toEqual([]);
  });

  it('leaves a skipped node behind in both parts: what was not installed is not restarted', async () => {
    const scene = staged();
    scene.house.world.inject('installer-exits-nonzero', { node: 'w-1' });
    scene.start();
    await scene.until(({ phase }) => phase.phase === 'held');
    await scene.says({ kind: 'skip' });
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
    expect(scene.versions()).toEqual({ ...each('v1.13.5'), 'w-1': 'v1.13.4' });
    expect(scene.counted('reboots')).toEqual({ ...each(1), 'w-1': 0 });
    expect(scene.rollout.skipped.size).toBe(2);
  });

  it('waits for Start even where the policy starts at once', async () => {
    const scene = staged({ policy: { start: 'at-once' } });
    scene.people = () => null;
    scene.start();
    await scene.says(scene.askIntent(), REQUESTER);
    await scene.until(({ phase }) => phase.phase === 'proposed');
    expect(scene.counted('installs')).toEqual(each(0));
  });
});

describe('a staged upgrade up to 1.12', () => {
  const legacy = (world: Partial<WorldSettings> = {}): Scene =>
    staged({ goal: LEGACY_STAGED, world: { talosVersion: 'v1.12.4', ...world } });

  it('ends with the second restart, and is sent once', async () => {
    const scene = legacy();
    const boots = bootsOf(scene, 'w-1');
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
    expect(scene.versions()).toEqual(each('v1.12.9'));
    expect(scene.counted('legacyUpgrades')).toEqual(each(1));
    expect(boots().length).toBe(3);
    expect(scene.audit.broken).toEqual([]);
  });

  it('is not taken for fallen back while its first boot is seen, and restarts a second time', async () => {
    // Served early, as from 1.13 on: then the boot between is seen from outside, with the old version.
    const scene = withMachines(legacy({ installMs: 3_000 }), () => ({}));
    const between = bootBetween(scene, 'w-1');
    await scene.plays();
    expect(between()).toBeGreaterThan(0);
    expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
  });

  it('that installed nothing is held: it runs the old version after its restarts', async () => {
    const scene = legacy();
    scene.house.world.inject('installer-exits-nonzero', { node: 'w-1' });
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'held', held: { node: 'w-1', kind: 'failed' } });
    if (scene.phase.phase === 'held') expect(scene.phase.held.why).toMatch(/came back with v1\.12\.4/);
    expect(scene.counted('legacyUpgrades')).toEqual({ ...each(0), 'w-1': 1 });
  });

  it('in doubt between its restarts is waited for, not taken for fallen back', async () => {
    const limits = { pullMs: 1_000, installMs: 1_000, rebootMs: 1_000 };
    // Longer than a call may be on its way: when the person says "again", it still installs.
    const scene = staged({
      ...{ goal: LEGACY_STAGED, policy: { limits } },
      world: { talosVersion: 'v1.12.4', installMs: 200_000 },
    });
    const between = bootBetween(scene, 'w-1');
    const people = scene.people;
    scene.people = (rollout) =>
      rollout.phase.phase === 'held' ? { intent: { kind: 'retry' }, user: REQUESTER } : people(rollout);
    scene.start();
    await scene.untilStep('w-1', 'return', 'step-ended');
    expect(scene.facts('step-doubted')).toHaveLength(1);
    expect(between()).toBeGreaterThan(0);
    const returning = scene.step('w-1', 'return').id;
    expect(scene.facts('step-failed').filter(({ step }) => step === returning)).toEqual([]);
    expect(scene.counted('legacyUpgrades')).toEqual({ ...each(0), 'w-1': 1 });
  });

  it('never calls the lifecycle API', async () => {
    const calls: string[] = [];
    const scene = withMachines(legacy(), (machines) => ({
      pull: (...args) => {
        calls.push('pull');
        return machines.pull(...args);
      },
      install: (...args) => {
        calls.push('install');
        return machines.install(...args);
      },
    }));
    await scene.plays();
    expect(scene.phase).toMatchObject({ outcome: 'upgraded' });
    expect(calls).toEqual([]);
  });
});

/** Plans as a worker does for `/talos plan`. */
async function plans({ house }: Scene, goal: Goal): Promise<Planned> {
  const parts = { journal: house.journal, clock: house.time.engineClock(), work: house.work() };
  let answer: Planned | null = null;
  void planned(CLUSTER, goal, parts).then((given) => {
    answer = given;
  });
  await house.time.runUntil(() => answer !== null, 60_000);
  return answer ?? failing('it was not planned');
}

/** The plan's order of nodes, which is the order in which they are armed. */
function byPlan(scene: Scene): (a: string, b: string) => number {
  const order = lanesOf(scene.rollout.plan ?? failing('there is no plan')).map(({ node }) => node);
  return (a, b) => order.lastIndexOf(a) - order.lastIndexOf(b);
}

function laneWith(scene: Scene, node: string, kind: StepKind): Lane {
  const lanes = lanesOf(scene.rollout.plan ?? failing('there is no plan'));
  const found = lanes.find((lane) => lane.node === node && lane.steps.some((step) => step.kind === kind));
  return found ?? failing(`${node} has no lane with a ${kind}`);
}

function bootsOf(scene: Scene, node: string): () => readonly string[] {
  const machine = scene.house.world.machine(node);
  const boots = new Set([machine.bootId]);
  machine.parts.events.subscribe(() => boots.add(machine.bootId));
  return () => [...boots];
}

/** Counts the looks at a machine between its two restarts. */
function bootBetween(scene: Scene, node: string): () => number {
  let looks = 0;
  const machine = scene.house.world.machine(node);
  machine.parts.events.subscribe(({ event }) => {
    if (event.kind === 'machine-status' && event.status.stage === 'installing') machine.life.listen(true);
  });
  withMachines(scene, (machines) => ({
    look: async (address, options) => {
      const view = await machines.look(address, options);
      if (address === machine.node.address && view.stage === 'installing') looks += 1;
      return view;
    },
  }));
  return () => looks;
}

function failing(why: string): never {
  throw new Error(why);
}

// A change of extensions: a new schematic is asked for, installed on every node, and believed only when the node reports it.
import { describe, expect, it } from 'vitest';
import { CLUSTER } from '../../playground/doubles/house.ts';
import { fold } from '../../src/rollout/evolve.ts';
import type { Goal } from '../../src/rollout/goal.ts';
import { checksOf, standing } from '../../src/rollout/override.ts';
import { plannedNode } from '../../src/rollout/plan.ts';
import { overriding } from './overriding.ts';
import { aSmallScene, REQUESTER, type Scene, type SceneOptions } from './scene.ts';

const VERSION = 'v1.13.4';
const GUEST_AGENT = 'ce4c980550dd2ab1b17bbf2b08801c7eb59418eafe8f279833297925d67c7515';
const ISCSI = 'c9078f9419961640c712a8bf2bb9174933dfcf1da383fd8ea2b7dc21493f8bac';

const CHANGE: Goal = {
  kind: 'upgrade-talos',
  version: VERSION,
  schematic: { kind: 'change', add: ['iscsi-tools'], remove: ['qemu-guest-agent'] },
};

function aChange(options: SceneOptions = {}): Scene {
  return aSmallScene({ goal: CHANGE, ...options, world: { schematic: GUEST_AGENT, ...options.world } });
}

const schematics = (scene: Scene): readonly string[] => [
  ...new Set(scene.house.world.machines().map((one) => one.schematic)),
];

describe('extensions alone', () => {
  it.each([
    ['over the lifecycle API', CHANGE, VERSION],
    ['over the legacy API', { ...CHANGE, version: 'v1.12.9' }, 'v1.12.9'],
  ])('are changed with one installation and one restart a node, %s', async (_what, goal, talosVersion) => {
    const scene = aChange({ goal, world: { talosVersion } });
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
    expect(schematics(scene)).toEqual([ISCSI]);
    const once = { 'cp-1': 1, 'cp-2': 1, 'cp-3': 1, 'w-1': 1 };
    expect(scene.counted('installs')).toEqual(once);
    expect(scene.counted('reboots')).toEqual(once);
    scene.audit.close();
    expect(scene.audit.broken).toEqual([]);
  });

  it('come together with a version', async () => {
    const scene = aChange({ goal: { ...CHANGE, version: 'v1.13.5' } });
    await scene.plays();
    expect(schematics(scene)).toEqual([ISCSI]);
    expect(new Set(Object.values(scene.versions()))).toEqual(new Set(['v1.13.5']));
  });

  it('that are there already change nothing', async () => {
    const scene = aChange({ world: { schematic: ISCSI } });
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'unchanged' });
    expect(scene.facts('declined')[0]?.sentence).toContain('with +iscsi-tools −qemu-guest-agent');
  });

  it('are written into the plan: before, after, what comes and goes, and the digest of the image', async () => {
    const scene = aChange();
    scene.start();
    await scene.until(({ phase }) => phase.phase === 'proposed');
    const { plan } = scene.rollout;
    const node = plan === null ? null : plannedNode(plan, 'w-1');
    expect(node).toMatchObject({
      from: VERSION,
      to: VERSION,
      schematic: GUEST_AGENT,
      extensions: ['qemu-guest-agent'],
      becomes: {
        schematic: ISCSI,
        extensions: ['iscsi-tools'],
        digest: expect.stringMatching(/^sha256:/),
      },
    });
  });
});

describe('a node that does not report what it should', () => {
  it.each([
    ['over the lifecycle API', VERSION, ': the new system did not boot'],
    ['over the legacy API', 'v1.12.9', ': the new system was not installed, or did not boot'],
  ])('because the new system did not boot is held, in words, %s', async (_what, version, why) => {
    const scene = aChange({ goal: { ...CHANGE, version }, world: { talosVersion: version } });
    scene.start();
    scene.house.world.inject('falls-back', { node: 'w-1' });
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'held' });
    const [failure] = scene.facts('step-failed');
    expect(failure?.why).toContain(`with schematic ${GUEST_AGENT}, as before${why} and Talos fell back.`);
  });

  it('because the image lacks the extension is held, in words', async () => {
    const scene = aChange();
    // The factory names another schematic than it built: the plain one, without any extension.
    const { shelf } = scene.house.world;
    const real = shelf.extensionsOf.bind(shelf);
    shelf.extensionsOf = (id) => (id === ISCSI ? [] : real(id));
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'held' });
    expect(scene.facts('step-failed')[0]?.why).toBe('w-1 came back without iscsi-tools.');
  });

  it('because an extension stayed is held, in words', async () => {
    const scene = aChange();
    const { shelf } = scene.house.world;
    shelf.extensionsOf = () => ['iscsi-tools', 'qemu-guest-agent'];
    await scene.plays();
    // It has iscsi-tools already, as far as anybody can see: only the other one must go.
    expect(scene.facts('step-failed')[0]?.why).toBe('w-1 came back and still has qemu-guest-agent.');
  });
});

describe('what cannot be had is said before anything is touched', () => {
  it.each([
    [
      'an extension nobody offers',
      { add: ['iscsi-toolz'], remove: [] },
      null,
      /no official extension called iscsi-toolz/,
    ],
    [
      'an image that does not exist',
      { add: ['iscsi-tools'], remove: [] },
      'factory-missing',
      /does not exist: installer image/,
    ],
    [
      'a factory that is away',
      { add: ['iscsi-tools'], remove: [] },
      'factory-unavailable',
      /service temporarily unavailable/,
    ],
  ] as const)('%s', async (_what, change, fault, says) => {
    const scene = aChange({ goal: { ...CHANGE, schematic: { kind: 'change', ...change } } });
    if (fault !== null) scene.house.world.inject(fault);
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'blocked' });
    const findings = scene.facts('declined').flatMap((fact) => fact.findings.map(({ sentence }) => sentence));
    expect(findings.join('\n')).toMatch(says);
    expect(scene.counted('pulls')).toEqual({ 'cp-1': 0, 'cp-2': 0, 'cp-3': 0, 'w-1': 0 });
  });

  it('a schematic nobody knows', async () => {
    const scene = aChange({ goal: { ...CHANGE, schematic: { kind: 'id', id: 'ff'.repeat(32) } } });
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'blocked' });
  });
});

it('a schematic is taken by its id, and somebody must stand for what it takes away', async () => {
  const scene = aChange({
    goal: { ...CHANGE, schematic: { kind: 'id', id: GUEST_AGENT } },
    world: { schematic: '613e1592b2da41ae5e265e8789429f22e121aab91cb4deb6bc3c0b6262961245' },
  });
  scene.start();
  await scene.until(({ phase }) => phase.phase === 'proposed');
  const [lost] = scene.rollout.findings.filter(({ check }) => check === 'extensions');
  expect(lost).toMatchObject({
    level: 'blocker',
    sentence: expect.stringContaining('loses iscsi-tools, util-linux-tools'),
    advice: expect.stringContaining('--extensions -iscsi-tools,-util-linux-tools'),
  });
  expect(checksOf(standing(scene.rollout))).toEqual(['extensions']);
  scene.people = overriding();
  await scene.plays();
  expect(schematics(scene)).toEqual([GUEST_AGENT]);
});

it('a plan waits for an image that is built first', async () => {
  const scene = aChange();
  scene.house.world.inject('factory-slow', { ms: 120_000 });
  const before = scene.house.time.now();
  scene.start();
  await scene.until(({ phase }) => phase.phase === 'proposed');
  expect(scene.house.time.now() - before).toBeGreaterThanOrEqual(120_000);
});

it('a rollback after a change of extensions brings the former schematic back, though the version is the same', async () => {
  const scene = await aChange({ policy: { start: 'at-once' } }).plays();
  const { house } = scene;
  const goal = { kind: 'rollback-node', node: 'w-1' } as const;
  const intent = { kind: 'ask', rollout: 'r2', cluster: CLUSTER, goal, channel: 'C0PLATFORM' } as const;
  const [process] = house.living;
  void process?.submit({ cluster: CLUSTER, rollout: 'r2' }, { intent, user: REQUESTER, delivery: 'r2' });
  const machine = house.world.machine('w-1');
  await house.time.runUntil(() => machine.schematic === GUEST_AGENT, 600_000);
  await house.time.advance(60_000);
  const rollout = fold(await house.journal.read(CLUSTER, 'r2'));
  expect(rollout?.phase).toMatchObject({ phase: 'finished', outcome: 'rolled-back' });
  expect(rollout?.findings.map(({ sentence }) => sentence).join()).toContain(
    'its former schematic ce4c9805…',
  );
  expect(scene.counted('rollbacks')).toMatchObject({ 'w-1': 1, 'cp-1': 0 });
});

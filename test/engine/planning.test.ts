// Planning reads the cluster and the journals, and touches nothing; what does not answer is a finding, never a guess.
import { describe, expect, it } from 'vitest';
import { CLUSTER } from '../../playground/doubles/house.ts';
import { COMPATIBILITY } from '../../src/cluster/compatibility.ts';
import { PATH_RULES } from '../../src/cluster/path.ts';
import { pastRollouts } from '../../src/engine/past.ts';
import type { ReleaseWork } from '../../src/engine/paths.ts';
import { type Planned, planned, previousVersion } from '../../src/engine/planning.ts';
import type { Goal } from '../../src/rollout/goal.ts';
import { lanesOf, stepsOf } from '../../src/rollout/plan.ts';
import { KUBERNETES, TALOS } from '../cluster/path-question.ts';
import { upgradedByHand } from './doubted.ts';
import { aScene, aSmallScene, type Scene, UPGRADE } from './scene.ts';

const RELEASES: ReleaseWork = {
  lists: {
    talos: async () => ({ versions: TALOS, source: 'github', ageMs: 0, troubles: [] }),
    kubernetes: async () => ({ versions: KUBERNETES, source: 'github', ageMs: 0, troubles: [] }),
  },
  table: COMPATIBILITY,
  rules: PATH_RULES,
  projects: { talos: 'https://git.example/talos', kubernetes: 'https://git.example/kubernetes' },
  close: async () => undefined,
};

/** Plans as a worker does for `/talos plan`. */
async function plans(scene: Scene, goal: Goal, releases?: ReleaseWork): Promise<Planned> {
  const { house } = scene;
  const { journal } = house;
  const clock = house.time.engineClock();
  const work = { ...house.work(), ...(releases === undefined ? {} : { releases }) };
  let answer: Planned | null = null;
  void planned(CLUSTER, goal, { journal, clock, work }).then((given) => {
    answer = given;
  });
  await house.time.runUntil(() => answer !== null, 60_000);
  if (answer === null) throw new Error('it was not planned');
  return answer;
}

const lanes = (answer: Planned): readonly string[] =>
  answer.kind === 'planned' ? lanesOf(answer.plan).map(({ id }) => id) : [];

describe('an upgrade', () => {
  it('is planned images first, then workers, then the control plane with the leader last', async () => {
    const scene = aScene();
    const leader = scene.house.world.etcd.leader() ?? '';
    const answer = await plans(scene, UPGRADE);
    expect(answer.kind).toBe('planned');
    expect(lanes(answer).slice(6, 9)).toEqual(['07-w-1', '08-w-2', '09-w-3']);
    expect(lanes(answer).at(-1)).toContain(leader);
  });

  it('touches nothing', async () => {
    const scene = aScene();
    await plans(scene, UPGRADE);
    expect(scene.audit.effects).toEqual([]);
    expect(Object.values(scene.counted('pulls'))).toEqual([0, 0, 0, 0, 0, 0]);
    expect(await scene.house.journal.claimOf(CLUSTER)).toBeNull();
  });

  it('of nodes that already run the version is unchanged', async () => {
    const answer = await plans(aScene(), { kind: 'upgrade-talos', version: 'v1.13.4' });
    expect(answer).toMatchObject({ kind: 'declined', outcome: 'unchanged' });
  });

  it('that is too far for one hop is declined with the way there', async () => {
    const scene = aScene({ world: { talosVersion: 'v1.11.6', kubernetesVersion: 'v1.31.14' } });
    const answer = await plans(scene, { kind: 'upgrade-talos', version: 'v1.13.9' }, RELEASES);
    expect(answer).toMatchObject({ kind: 'declined', outcome: 'blocked' });
    const hops = answer.kind === 'declined' ? answer.way?.hops.map(({ kind, to }) => `${kind} ${to}`) : [];
    expect(hops).toEqual(['talos v1.12.11', 'talos v1.13.9']);
  });

  it('that is too far says how long a hop takes, once one was walked', async () => {
    const far = { kind: 'upgrade-talos', version: 'v1.15.1' } as const;
    const lists = {
      ...RELEASES.lists,
      talos: async () => ({ versions: [...TALOS, 'v1.15.1'], source: 'github', ageMs: 0, troubles: [] }),
    };
    const way = async (scene: Scene) => {
      const answer = await plans(scene, far, { ...RELEASES, lists });
      return answer.kind === 'declined' ? answer.way : undefined;
    };
    const fresh = await way(aSmallScene());
    expect(fresh?.hops.length).toBeGreaterThan(0);
    expect(fresh?.hopTime).toBeUndefined();
    const scene = await aSmallScene().plays();
    const walked = await way(scene);
    expect(walked?.hopTime?.upgrades).toBe(1);
    expect(walked?.hopTime?.ms).toBeGreaterThan(0);
  });

  it('that something else blocks has no way, and one nobody lists a version for neither', async () => {
    const sick = aScene();
    sick.house.world.inject('node-down', { node: 'w-1' });
    await sick.house.time.advance(1_000);
    expect(await plans(sick, UPGRADE, RELEASES)).not.toHaveProperty('way');
    const scene = aScene({ world: { talosVersion: 'v1.11.6' } });
    expect(await plans(scene, { kind: 'upgrade-talos', version: 'v1.13.9' })).not.toHaveProperty('way');
  });

  it('may skip a minor where the policy lets it', async () => {
    const world = { talosVersion: 'v1.11.6', kubernetesVersion: 'v1.31.14' } as const;
    const goal: Goal = { kind: 'upgrade-talos', version: 'v1.13.9' };
    const lenient = { ...RELEASES, rules: { ...RELEASES.rules, minors: 'installer-limit' as const } };
    const hops = async (releases: ReleaseWork) =>
      (await plans(aScene({ world }), goal, releases)).findings.find(({ check }) => check === 'legal-hop')
        ?.level;
    expect([await hops(RELEASES), await hops(lenient)]).toEqual(['blocker', 'ok']);
  });

  it('says how long it takes once an upgrade ended well, and nothing before', async () => {
    const scene = aSmallScene();
    const next: Goal = { kind: 'upgrade-talos', version: 'v1.13.9' };
    expect(await plans(scene, next)).toMatchObject({ kind: 'planned', estimate: null });
    await scene.plays();
    const answer = await plans(scene, next);
    expect(answer).toMatchObject({ kind: 'planned', estimate: { upgrades: 1 } });
    if (answer.kind !== 'planned' || answer.estimate === null) throw new Error('nothing is known');
    const { typicalMs, slowMs, nodes } = answer.estimate;
    expect(Object.keys(nodes).sort()).toEqual(answer.plan.nodes.map(({ name }) => name).sort());
    expect(typicalMs).toBeGreaterThan(Math.max(...Object.values(nodes)));
    expect(slowMs).toBeGreaterThanOrEqual(typicalMs);
  });

  it('leaves out the node that already runs it', async () => {
    const scene = aScene();
    await upgradedByHand(scene, 'w-2');
    const answer = await plans(scene, UPGRADE);
    expect(lanes(answer).some((lane) => lane.includes('w-2'))).toBe(false);
  });

  it.each([
    ['a machine is silent', 'node-down', { node: 'w-1' }, /w-1 does not answer/],
    ['a node is not Ready', 'not-ready', { node: 'w-2' }, /w-2/],
    ['etcd raises an alarm', 'etcd-alarm', { node: 'cp-1' }, /alarm/],
    ['a member is a learner', 'etcd-learner', { node: 'cp-1' }, /learner/],
  ] as const)('is blocked when %s, with the reason', async (_, fault, params, reason) => {
    const scene = aScene();
    scene.house.world.inject(fault, params);
    await scene.house.time.advance(1_000);
    const answer = await plans(scene, UPGRADE);
    expect(answer).toMatchObject({ kind: 'declined', outcome: 'blocked' });
    const blocking = answer.findings.filter(({ level }) => level === 'blocker' || level === 'unknown');
    expect(blocking.map(({ sentence }) => sentence).join('\n')).toMatch(reason);
  });

  it('is blocked when nothing answers at all', async () => {
    const scene = aSmallScene();
    for (const { node } of scene.house.world.machines())
      scene.house.world.inject('node-down', { node: node.name });
    expect(await plans(scene, UPGRADE)).toMatchObject({ kind: 'declined', outcome: 'blocked' });
  });
});

describe('a rollback', () => {
  it('of a node nobody knows is refused with the names there are', async () => {
    const answer = await plans(aSmallScene(), { kind: 'rollback-node', node: 'cp-9' });
    expect(answer).toMatchObject({
      kind: 'declined',
      outcome: 'refused',
      sentence: expect.stringContaining('cp-1'),
    });
  });

  it('expects the version the journal remembers', async () => {
    const scene = await aSmallScene().plays();
    const answer = await plans(scene, { kind: 'rollback-node', node: 'w-1' });
    if (answer.kind !== 'planned') throw new Error('it was declined');
    const back = stepsOf(answer.plan).find(({ kind }) => kind === 'return');
    expect(back?.params).toMatchObject({ version: 'v1.13.4', from: 'v1.13.5' });
  });

  it('without a record warns, and expects no version', async () => {
    const scene = aSmallScene();
    await upgradedByHand(scene, 'w-1');
    const answer = await plans(scene, { kind: 'rollback-node', node: 'w-1' });
    expect(answer.findings).toContainEqual(
      expect.objectContaining({ check: 'rollback-target', level: 'warning' }),
    );
  });
});

describe('after a rollout was aborted with a node that never came back whole', () => {
  async function left(): Promise<Scene> {
    const scene = aSmallScene();
    scene.house.world.inject('never-ready', { node: 'cp-1' });
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'held', held: { node: 'cp-1' } });
    await scene.says({ kind: 'abort' });
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'aborted' });
    return scene;
  }

  it('that node may be rolled back, to what it ran before', async () => {
    const answer = await plans(await left(), { kind: 'rollback-node', node: 'cp-1' });
    if (answer.kind !== 'planned') throw new Error(answer.sentence);
    const back = stepsOf(answer.plan).find(({ kind }) => kind === 'return');
    expect(back?.params).toMatchObject({ version: 'v1.13.4', from: 'v1.13.5' });
  });

  it.each<[string, Goal]>([
    ['another control-plane node', { kind: 'rollback-node', node: 'cp-2' }],
    ['a worker', { kind: 'rollback-node', node: 'w-1' }],
    ['the cluster', UPGRADE],
  ])('%s has to wait', async (_what, goal) => {
    const answer = await plans(await left(), goal);
    expect(answer).toMatchObject({ kind: 'declined', outcome: 'blocked' });
    expect(answer.findings.map(({ check }) => check)).toContain('node-away');
  });

  it('nobody has to wait once it is whole again', async () => {
    const scene = await left();
    scene.house.world.heal();
    await scene.house.time.advance(5_000);
    expect((await plans(scene, UPGRADE)).kind).toBe('planned');
  });
});

describe('what a node ran before', () => {
  const remembered = async (scene: Scene, node: string): Promise<string | null> =>
    previousVersion(await pastRollouts(scene.house.journal, CLUSTER), node)?.version ?? null;

  it('is what its last finished restart came from', async () => {
    const scene = await aSmallScene().plays();
    expect(await remembered(scene, 'cp-2')).toBe('v1.13.4');
    expect(await remembered(scene, 'nobody')).toBeNull();
  });

  it('is unknown after an installation that was begun and not seen through', async () => {
    const scene = aSmallScene();
    scene.house.world.inject('installer-exits-nonzero', { node: 'w-1' });
    await scene.plays();
    expect(await remembered(scene, 'w-1')).toBeNull();
  });
});

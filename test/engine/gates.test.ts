// The cards before a control-plane node: posted only when proved, proved again after the click, and again right before the act.
import { describe, expect, it } from 'vitest';
import { CLUSTER } from '../../playground/doubles/house.ts';
import {
  APPROVER,
  aSmallScene,
  BYSTANDER,
  idle,
  REQUESTER,
  type Scene,
  SECOND_APPROVER,
  willing,
} from './scene.ts';

function wellEnded(scene: Scene): void {
  scene.audit.close();
  expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
  expect(scene.audit.broken).toEqual([]);
}

/** A scene in which the workers are done, with nobody pressing anything from then on. */
async function beforeTheFirstCard(options: Parameters<typeof aSmallScene>[0] = {}): Promise<Scene> {
  const scene = aSmallScene(options);
  scene.start();
  await scene.untilStep('w-1', 'reboot', 'step-begun');
  return scene;
}

const gateNode = (scene: Scene): string =>
  scene.phase.phase === 'at-gate' ? scene.phase.gate.replace('gate:', '') : '';

describe('a card', () => {
  it('is not posted before its proof holds; the chatter says why, and it comes by itself', async () => {
    const scene = await beforeTheFirstCard();
    scene.house.world.inject('etcd-alarm', { node: 'cp-2' });
    await scene.untilStep('w-1', 'uncordon', 'step-ended');
    await scene.house.time.advance(5_000);
    expect(scene.facts('gate-opened')).toEqual([]);
    const notes = await scene.house.journal.notes(CLUSTER, scene.id);
    expect(
      Object.values(notes)
        .map(({ sentence }) => sentence)
        .join(),
    ).toContain('waiting to be proved');
    scene.house.world.heal();
    await scene.plays();
    wellEnded(scene);
  });

  it('is withheld when the proof cannot be had in time, and a person may ask for it again', async () => {
    const scene = await beforeTheFirstCard();
    scene.house.world.inject('etcd-learner', { node: 'cp-3' });
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'held', held: { kind: 'withheld' } });
    expect(scene.facts('gate-withheld')[0]?.why).toContain('learner');
    scene.house.world.heal();
    await scene.says({ kind: 'retry' });
    await scene.plays();
    wellEnded(scene);
  });

  it('is withheld at once when the cluster is not the one the plan was made for', async () => {
    const scene = await beforeTheFirstCard();
    const machines = scene.house.world.machine('cp-1').parts.state;
    machines.bootloader = {
      ...machines.bootloader,
      booted: { ...machines.bootloader.booted, version: 'v1.13.2' },
    };
    await scene.plays();
    expect(scene.phase).toMatchObject({
      phase: 'held',
      held: { kind: 'withheld', why: expect.stringContaining('v1.13.2') },
    });
  });

  it('expires, and what was done until then stays done', async () => {
    const scene = aSmallScene({ policy: { gateExpiryMs: 600_000 } });
    scene.people = (rollout) => (rollout.phase.phase === 'at-gate' ? null : willing(rollout));
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'expired' });
    expect(scene.facts('gate-expired')).toHaveLength(1);
    expect(scene.counted('reboots')).toEqual({ 'cp-1': 0, 'cp-2': 0, 'cp-3': 0, 'w-1': 1 });
    scene.audit.close();
    expect(scene.audit.broken).toEqual([]);
  });

  it('that is denied ends the rollout, and no control-plane node was touched', async () => {
    const scene = aSmallScene();
    scene.people = (rollout) =>
      rollout.phase.phase === 'at-gate'
        ? { intent: { kind: 'deny', gate: rollout.phase.gate, reason: 'not today' }, user: APPROVER }
        : willing(rollout);
    await scene.plays();
    expect(scene.phase).toMatchObject({ outcome: 'denied' });
    const acts = scene.audit.effects.filter(({ name }) => /^(install|reboot|cordon|evict) cp-/.test(name));
    expect(acts).toEqual([]);
  });

  it('needs as many different people as the policy says', async () => {
    const scene = aSmallScene({ policy: { approvals: 2 } });
    await scene.plays();
    expect(scene.facts('approved').map(({ user }) => user)).toEqual([
      APPROVER,
      SECOND_APPROVER,
      APPROVER,
      SECOND_APPROVER,
      APPROVER,
      SECOND_APPROVER,
    ]);
    wellEnded(scene);
  });

  it.each([
    [BYSTANDER, 'not-approver'],
    [REQUESTER, 'own-request'],
  ] as const)('refuses %s', async (user, code) => {
    const scene = aSmallScene();
    scene.start();
    await scene.until(({ phase }) => phase.phase === 'at-gate');
    scene.people = idle;
    const gate = `gate:${gateNode(scene)}`;
    const version = scene.rollout.version;
    expect(await scene.says({ kind: 'approve', gate }, user)).toMatchObject({ kind: 'refusal', code });
    expect(scene.rollout.version).toBe(version);
  });
});

describe('an approved card', () => {
  async function atTheFirstCard(): Promise<Scene> {
    const scene = aSmallScene();
    scene.start();
    await scene.until(({ phase }) => phase.phase === 'at-gate');
    scene.people = idle;
    await scene.house.time.advance(2_000);
    return scene;
  }

  it('is void when the cluster can no longer lose the node, and a new one comes when it can', async () => {
    const scene = await atTheFirstCard();
    const node = gateNode(scene);
    scene.house.world.inject('etcd-alarm', { node: 'cp-3' });
    await scene.says({ kind: 'approve', gate: `gate:${node}` }, APPROVER);
    await scene.until(() => scene.facts('gate-voided').length > 0);
    expect(scene.facts('gate-voided')[0]?.why).toContain('alarm');
    expect(scene.facts('gate-passed')).toEqual([]);
    scene.house.world.heal();
    scene.people = willing;
    await scene.plays();
    expect(scene.facts('gate-opened').filter(({ gate }) => gate === `gate:${node}`)).toHaveLength(2);
    expect(scene.facts('approved').filter(({ gate }) => gate === `gate:${node}`)).toHaveLength(2);
    wellEnded(scene);
  });

  it.each([
    ['how many', { approvals: 2 }],
    ['who', { approvers: [APPROVER] }],
    ['whether alone', { selfApproval: 'allowed' }],
  ] as const)('is void when the rules changed since it was posted: %s', async (_, changed) => {
    const scene = await atTheFirstCard();
    scene.house.changePolicy(changed);
    await scene.says({ kind: 'approve', gate: `gate:${gateNode(scene)}` }, APPROVER);
    await scene.until(() => scene.facts('gate-voided').length > 0);
    expect(scene.facts('gate-voided')[0]?.why).toContain('rules');
    scene.people = willing;
    await scene.plays();
    wellEnded(scene);
  });
});

describe('right before the node leaves', () => {
  /** One control-plane node approved and being installed, while another one dies. */
  async function anotherDies(ms = 0): Promise<{ scene: Scene; node: string; other: string }> {
    const scene = aSmallScene();
    scene.start();
    await scene.until(({ phase }) => phase.phase === 'at-gate');
    const node = gateNode(scene);
    const other = ['cp-1', 'cp-2', 'cp-3'].find((name) => name !== node) ?? '';
    await scene.untilStep(node, 'install', 'step-begun');
    scene.house.world.inject('node-down', { node: other, ...(ms > 0 ? { ms } : {}) });
    return { scene, node, other };
  }

  it('the proof is made once more, and it waits until it holds', async () => {
    const { scene, node } = await anotherDies(5_000);
    await scene.plays();
    expect(scene.counted('reboots')).toMatchObject({ [node]: 1 });
    expect(scene.house.world.counters.maxControlPlaneAwayAny).toBe(1);
    wellEnded(scene);
  });

  it('it is held when the proof does not come back', async () => {
    const { scene, node, other } = await anotherDies();
    await scene.plays();
    expect(scene.phase).toMatchObject({
      phase: 'held',
      held: { kind: 'failed', why: expect.stringMatching(`${node} may not be touched now: .*${other}`) },
    });
    expect(scene.counted('reboots')).toMatchObject({ [node]: 0 });
    scene.house.world.heal();
    await scene.house.time.advance(10_000);
    await scene.says({ kind: 'retry' });
    await scene.plays();
    wellEnded(scene);
  });
});

describe('a proposal', () => {
  it('that nobody starts expires, and nothing was touched', async () => {
    const scene = aSmallScene();
    scene.people = idle;
    scene.start();
    await scene.asks();
    await scene.until(({ phase }) => phase.phase === 'finished');
    expect(scene.phase).toMatchObject({ outcome: 'expired' });
    expect(scene.audit.effects.every(({ name }) => name.startsWith('append'))).toBe(true);
    expect(await scene.house.journal.claimOf(CLUSTER)).toBeNull();
  });

  it('starts by itself where the policy says so', async () => {
    const scene = aSmallScene({ policy: { start: 'at-once' } });
    scene.people = (rollout) => (rollout.phase.phase === 'proposed' ? null : willing(rollout));
    await scene.plays();
    expect(scene.facts('started')).toMatchObject([{ user: null }]);
    wellEnded(scene);
  });
});

// The one door for intents: redelivered, raced, claimed and refused.
import { describe, expect, it } from 'vitest';
import { CLUSTER } from '../../playground/doubles/house.ts';
import { Fault } from '../../src/engine/ports/fault.ts';
import { type Submitted, submitter } from '../../src/engine/submit.ts';
import type { Intent } from '../../src/rollout/intent.ts';
import {
  APPROVER,
  aSmallScene,
  BYSTANDER,
  idle,
  REQUESTER,
  type Scene,
  SECOND_APPROVER,
  UPGRADE,
  willing,
} from './scene.ts';

async function answered(scene: Scene, asking: Promise<Submitted>): Promise<Submitted> {
  let answer: Submitted | null = null;
  void asking.then((given) => {
    answer = given;
  });
  await scene.house.time.runUntil(() => answer !== null, 10_000);
  return asking;
}

function presses(
  scene: Scene,
  intent: Intent,
  by: { user?: string; delivery?: string; rollout?: string } = {},
): Promise<Submitted> {
  const [process] = scene.house.living;
  if (process === undefined) throw new Error('no process lives');
  const { user = REQUESTER, delivery = 'd1', rollout = scene.id } = by;
  return process.submit({ cluster: CLUSTER, rollout }, { intent, user, delivery });
}

async function atACard(): Promise<{ scene: Scene; gate: string }> {
  const scene = aSmallScene({ policy: { approvals: 2 } });
  scene.start();
  await scene.until(({ phase }) => phase.phase === 'at-gate');
  scene.people = idle;
  await scene.house.time.advance(2_000);
  return { scene, gate: scene.phase.phase === 'at-gate' ? scene.phase.gate : '' };
}

describe('a question', () => {
  it('delivered twice is one rollout', async () => {
    const scene = aSmallScene();
    scene.people = idle;
    scene.start();
    const first = await answered(scene, presses(scene, scene.askIntent()));
    const second = await answered(scene, presses(scene, scene.askIntent()));
    expect([first.kind, second.kind]).toEqual(['taken', 'already']);
    expect(scene.facts('asked')).toHaveLength(1);
  });

  it('delivered twice at the same moment is one rollout too', async () => {
    const scene = aSmallScene();
    scene.people = idle;
    scene.start();
    scene.start();
    const answers = await Promise.all([
      answered(scene, presses(scene, scene.askIntent())),
      answered(scene, presses(scene, scene.askIntent())),
    ]);
    expect(answers.map(({ kind }) => kind).toSorted()).toEqual(['already', 'taken']);
    expect(scene.facts('asked')).toHaveLength(1);
  });

  it('about a taken cluster is refused with who and what, and leaves no trace', async () => {
    const scene = aSmallScene();
    scene.people = idle;
    scene.start();
    await answered(scene, presses(scene, scene.askIntent()));
    const other: Intent = { ...UPGRADE_ASK, rollout: 'r2' };
    const answer = await answered(
      scene,
      presses(scene, other, { rollout: 'r2', delivery: 'd2', user: APPROVER }),
    );
    expect(answer).toMatchObject({
      kind: 'refusal',
      code: 'claimed',
      sentence: expect.stringContaining(`<@${REQUESTER}>`),
    });
    expect(scene.house.journal.linesOf(CLUSTER, 'r2')).toEqual([]);
  });

  it('may be asked once the rollout before it is over', async () => {
    const scene = await aSmallScene().plays();
    const answer = await answered(
      scene,
      presses(scene, { ...UPGRADE_ASK, rollout: 'r2' }, { rollout: 'r2', delivery: 'd2' }),
    );
    expect(answer.kind).toBe('taken');
  });

  it.each([
    [BYSTANDER, CLUSTER, 'not-operator'],
    [REQUESTER, 'elsewhere', 'unknown-cluster'],
  ] as const)('by %s about %s is refused', async (user, cluster, code) => {
    const scene = aSmallScene();
    const process = scene.start();
    const asked = { intent: { ...UPGRADE_ASK, cluster }, user, delivery: 'd1' };
    expect(await answered(scene, process.submit({ cluster, rollout: scene.id }, asked))).toMatchObject({
      kind: 'refusal',
      code,
    });
  });
});

describe('a click', () => {
  it('on a rollout that is not there is refused', async () => {
    const scene = aSmallScene();
    scene.start();
    expect(await answered(scene, presses(scene, { kind: 'pause' }))).toMatchObject({
      code: 'unknown-rollout',
    });
  });

  it('delivered twice counts once', async () => {
    const { scene, gate } = await atACard();
    const click = { user: APPROVER, delivery: 'click-1' };
    expect((await answered(scene, presses(scene, { kind: 'approve', gate }, click))).kind).toBe('taken');
    expect((await answered(scene, presses(scene, { kind: 'approve', gate }, click))).kind).toBe('already');
    expect(scene.facts('approved')).toHaveLength(1);
  });

  it('says what it wrote down and upon what, also when it is delivered again', async () => {
    const { scene, gate } = await atACard();
    const { version } = scene.rollout;
    const click = { user: APPROVER, delivery: 'click-1' };
    const written = { before: { version }, events: [{ kind: 'approved', gate, user: APPROVER }] };
    for (const kind of ['taken', 'already']) {
      const answer = await answered(scene, presses(scene, { kind: 'approve', gate }, click));
      expect(answer).toMatchObject({ kind, written });
      await scene.says({ kind: 'pause' });
    }
  });

  it('that is so already wrote nothing down', async () => {
    const { scene } = await atACard();
    await scene.says({ kind: 'pause' });
    const again = await answered(scene, presses(scene, { kind: 'pause' }, { delivery: 'again' }));
    expect(again).toMatchObject({ kind: 'already', written: { before: scene.rollout, events: [] } });
  });

  it('by the same person again is no second approval', async () => {
    const { scene, gate } = await atACard();
    await answered(scene, presses(scene, { kind: 'approve', gate }, { user: APPROVER, delivery: 'click-1' }));
    const again = await answered(
      scene,
      presses(scene, { kind: 'approve', gate }, { user: APPROVER, delivery: 'click-2' }),
    );
    expect(again).toMatchObject({ kind: 'refusal', code: 'already-approved' });
  });

  it('of two people at the same moment counts for both', async () => {
    const { scene, gate } = await atACard();
    const answers = await Promise.all([
      answered(scene, presses(scene, { kind: 'approve', gate }, { user: APPROVER, delivery: 'click-1' })),
      answered(
        scene,
        presses(scene, { kind: 'approve', gate }, { user: SECOND_APPROVER, delivery: 'click-2' }),
      ),
    ]);
    expect(answers.map(({ kind }) => kind)).toEqual(['taken', 'taken']);
    await scene.until(() => scene.facts('gate-passed').length === 1);
  });

  it('of a yes and a no at the same moment never passes both', async () => {
    const { scene, gate } = await atACard();
    await Promise.all([
      answered(
        scene,
        presses(scene, { kind: 'deny', gate, reason: 'no' }, { user: APPROVER, delivery: 'click-1' }),
      ),
      answered(
        scene,
        presses(scene, { kind: 'approve', gate }, { user: SECOND_APPROVER, delivery: 'click-2' }),
      ),
    ]);
    await scene.until(({ phase }) => phase.phase === 'finished');
    expect(scene.phase).toMatchObject({ outcome: 'denied' });
    expect(scene.facts('gate-passed')).toEqual([]);
  });

  it('wins its race against a driver that writes all the time', async () => {
    const scene = aSmallScene();
    scene.start();
    await scene.untilStep('w-1', 'pull', 'step-ended');
    expect((await scene.says({ kind: 'pause' })).kind).toBe('taken');
    await scene.until(({ phase }) => phase.phase === 'paused');
    await scene.says({ kind: 'resume' });
    scene.people = willing;
    await scene.plays();
    expect(scene.phase).toMatchObject({ outcome: 'upgraded' });
  });

  it('that loses every race says so, and changes nothing', async () => {
    const { scene, gate } = await atACard();
    const { house } = scene;
    const submit = submitter({
      journal: Object.assign(Object.create(house.journal), {
        read: house.journal.read.bind(house.journal),
        append: async () => ({ kind: 'moved', version: 1 }),
      }),
      deliveries: house.deliveries,
      bells: house.bells,
      clock: house.time.engineClock(),
      policyOf: () => house.policy,
    });
    const { version } = scene.rollout;
    const asked = { intent: { kind: 'approve', gate }, user: APPROVER, delivery: 'click' } as const;
    expect(await submit({ cluster: CLUSTER, rollout: scene.id }, asked)).toMatchObject({
      code: 'journal-busy',
    });
    expect(scene.rollout.version).toBe(version);
  });

  it('that no replica has confirmed says so, and rings: it may count yet', async () => {
    const { scene, gate } = await atACard();
    const { house } = scene;
    const submit = submitter({
      journal: Object.assign(Object.create(house.journal), {
        read: house.journal.read.bind(house.journal),
        append: async () => {
          throw new Fault('busy', 'passed on to 0 of 1', { code: 'UNACKNOWLEDGED' });
        },
      }),
      deliveries: house.deliveries,
      bells: house.bells,
      clock: house.time.engineClock(),
      policyOf: () => house.policy,
    });
    const before = house.bells.rung.length;
    const asked = { intent: { kind: 'approve', gate }, user: APPROVER, delivery: 'click' } as const;
    expect(await submit({ cluster: CLUSTER, rollout: scene.id }, asked)).toMatchObject({
      code: 'journal-closed',
      sentence: expect.stringContaining('no replica of Redis has confirmed it yet'),
    });
    expect(house.bells.rung).toHaveLength(before + 1);
  });

  it('rings once for what was written, and never for what was not', async () => {
    const { scene, gate } = await atACard();
    const before = scene.house.bells.rung.length;
    await answered(
      scene,
      presses(scene, { kind: 'approve', gate }, { user: BYSTANDER, delivery: 'click-1' }),
    );
    expect(scene.house.bells.rung.length).toBe(before);
    await answered(scene, presses(scene, { kind: 'approve', gate }, { user: APPROVER, delivery: 'click-2' }));
    expect(scene.house.bells.rung.slice(before)).toEqual([
      { goal: 'upgrade-talos', cluster: CLUSTER, rollout: scene.id },
    ]);
  });
});

const UPGRADE_ASK = {
  kind: 'ask',
  rollout: 'r1',
  cluster: CLUSTER,
  goal: UPGRADE,
  channel: 'C0PLATFORM',
} as const;

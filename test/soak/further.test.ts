// What came to be drawn last: lost notes, calls that are lost for good and withdrawn afterwards, pods that come back; and how they are judged.
import { describe, expect, it } from 'vitest';
import { Astray } from '../../soak/astray.ts';
import { drawRound, type Setup } from '../../soak/draw.ts';
import { DrainFacts } from '../../soak/ledger-drains.ts';
import { describeMove, type Move } from '../../soak/move.ts';
import { Arrivals, movable } from '../../soak/pods.ts';
import type { Blocker } from '../../src/rollout/blockade.ts';
import type { RolloutEvent } from '../../src/rollout/event.ts';
import { aPolicy } from '../builders/plan.ts';
import { upgradedByHand } from '../engine/doubted.ts';
import { APPROVER, aScene, aSmallScene, REQUESTER, type Scene } from '../engine/scene.ts';

const ROUNDS = Array.from({ length: 400 }, (_, round) => drawRound(3, round + 1));
const share = (has: (setup: Setup) => boolean): number =>
  ROUNDS.filter(({ setup }) => has(setup)).length / ROUNDS.length;
const isUnnoted = (move: Move): boolean => move.do === 'window' && move.is === 'unnoted';
const isReturning = (move: Move): boolean => move.do === 'fault' && move.name === 'pod-returns';

describe('what came to be drawn last', () => {
  it('is drawn in part of the rounds, so that most of them are as they were', () => {
    for (const one of ['reads', 'unnoted', 'astray', 'returns', 'pauses'] as const) {
      expect(share(({ further }) => further[one])).toBeGreaterThan(0.03);
      expect(share(({ further }) => further[one])).toBeLessThan(0.2);
    }
    const nothing = share(({ further }) => !Object.values(further).includes(true));
    expect(nothing).toBeGreaterThan(0.6);
  });

  it('brings its own moves only where it was drawn', () => {
    for (const { setup, moves } of ROUNDS) {
      const { unnoted, astray, returns } = setup.further;
      expect(moves.some(isUnnoted)).toBe(unnoted);
      expect(moves.filter((move) => move.do === 'astray')).toHaveLength(astray ? 1 : 0);
      expect(moves.some(isReturning)).toBe(returns);
    }
  });

  it('is about a thread only where somebody keeps one', () => {
    for (const { besides, further } of ROUNDS.map(({ setup }) => setup))
      expect((further.reads || further.unnoted) && !besides.announced).toBe(false);
  });

  it('loses half a rollback only where there is one, and nothing, one or too many tries after it are withdrawn', () => {
    const lost = ROUNDS.flatMap(({ setup, moves }) =>
      moves.flatMap((move) => (move.do === 'astray' ? [{ setup, move }] : [])),
    );
    for (const { setup, move } of lost)
      expect(move.is === 'half' && setup.story !== 'rollback' && !setup.besides.sequel).toBe(false);
    expect(new Set(lost.map(({ move }) => move.withdrawn))).toEqual(new Set([0, 1, 2, 5]));
  });

  it('is told in one line', () => {
    expect(describeMove({ do: 'astray', is: 'half', withdrawn: 2 })).toBe('astray is=half withdrawn=2');
  });
});

describe('a call that is lost for good', () => {
  function on(scene: Scene): Astray {
    const astray = new Astray();
    astray.machineAt = (address) => scene.house.world.find(address);
    return astray;
  }
  const call = (scene: Scene, method: string, may?: () => boolean) => ({
    ...{ method, may, address: scene.house.world.machine('cp-2').node.address },
  });

  it('never arrives, and so many behind it are withdrawn', () => {
    const scene = aScene();
    const astray = on(scene);
    astray.loses({ is: 'gone', withdrawn: 2 });
    const kinds = Array.from({ length: 4 }, () => astray.takes(call(scene, 'reboot'))?.kind ?? 'sent');
    expect(kinds).toEqual(['lost', 'withdrawn', 'withdrawn', 'sent']);
    expect(scene.counted('reboots')['cp-2']).toBe(0);
  });

  it.each([
    ['an installation', 'gone', 'install', undefined],
    ['half of anything but a rollback', 'half', 'reboot', undefined],
    ['what its sender may not send any more', 'gone', 'reboot', () => false],
  ] as const)('is not %s', async (_what, is, method, may) => {
    const scene = aScene();
    await upgradedByHand(scene, 'cp-2');
    const astray = on(scene);
    astray.loses({ is, withdrawn: 1 });
    expect(astray.takes(call(scene, method, may))).toBeNull();
    expect(astray.takes(call(scene, 'rollback'))?.kind).toBe('lost');
  });

  it('turned the boot entry and restarted nothing, where half of it was done', async () => {
    const scene = aScene();
    await upgradedByHand(scene, 'cp-2');
    const { parts, bootId } = scene.house.world.machine('cp-2');
    const entry = parts.state.bootloader.defaultLabel;
    const astray = on(scene);
    astray.loses({ is: 'half', withdrawn: 0 });
    expect(astray.takes(call(scene, 'rollback'))?.kind).toBe('lost');
    await scene.house.time.advance(60_000);
    expect(parts.state.bootloader.defaultLabel).not.toBe(entry);
    expect(scene.house.world.machine('cp-2').bootId).toBe(bootId);
    expect(scene.counted('rollbacks')['cp-2']).toBe(1);
  });

  it('is no half of a rollback that the machine refuses', () => {
    const scene = aScene();
    const astray = on(scene);
    astray.loses({ is: 'half', withdrawn: 0 });
    expect(astray.takes(call(scene, 'rollback'))).toBeNull();
  });
});

describe('pods that come back', () => {
  const STEP = '02-w-1-drain';
  const OSD = 'storage/ReplicaSet osd';
  const shown = (cause: Blocker['cause']): RolloutEvent => ({
    ...{ kind: 'drain-blocked', step: STEP },
    blockers: [
      {
        namespace: 'storage',
        name: 'osd-1',
        uid: 'a',
        workload: OSD,
        cause,
        why: '',
        budgets: [],
        loses: [],
      },
    ],
  });
  const proposed = (choice: 'leave' | 'force'): RolloutEvent => ({
    ...{ kind: 'drain-proposed', step: STEP, choice, user: REQUESTER, delivery: 'd' },
  });
  const decision = (choice: 'leave' | 'force', workloads: readonly string[]) => ({
    ...{ kind: 'drain-decided' as const, step: STEP, choice, pods: ['a'], workloads },
    ...{ askedBy: REQUESTER, user: APPROVER, delivery: 'd' },
  });
  function factsOf(...events: readonly RolloutEvent[]): DrainFacts {
    const facts = new DrainFacts();
    for (const event of events) facts.write(event);
    return facts;
  }

  it.each([
    ['all pods of an owner that was shown to do so', 'comes-back', 'leave', [OSD], 0],
    ['an owner of which one pod only stays', 'budget', 'leave', [OSD], 1],
    ['an owner that was not shown', 'comes-back', 'leave', ['shop/ReplicaSet web'], 1],
    ['an owner, and that its pods be deleted', 'comes-back', 'force', [OSD], 1],
  ] as const)('may be agreed about or not: %s', (_what, cause, choice, owners, wrong) => {
    const facts = factsOf(shown(cause), proposed(choice));
    const wrongs = [...facts.wrongs(decision(choice, owners), aPolicy())];
    expect(wrongs.filter((why) => why.includes('they come back'))).toHaveLength(wrong);
  });

  it('are left by their owner in this drain, whichever they are by then, and nobody else is', () => {
    const facts = factsOf(shown('comes-back'), proposed('leave'), decision('leave', [OSD]));
    expect(facts.isLeft(STEP, { uid: 'b', owner: OSD })).toBe(true);
    expect(facts.isLeft('03-w-2-drain', { uid: 'b', owner: OSD })).toBe(false);
    expect(facts.isLeft(STEP, { uid: 'b', owner: 'shop/ReplicaSet web' })).toBe(false);
    expect(facts.isLeft(STEP, { uid: 'a', owner: 'shop/ReplicaSet web' })).toBe(true);
  });

  it('are known by the name that people know, and since when they are there', async () => {
    const scene = aSmallScene();
    const { house } = scene;
    const arrivals = new Arrivals(house);
    arrivals.watch();
    await house.time.advance(10_000);
    house.world.inject('pod-returns', { node: 'w-1' });
    const [osd] = movable(house, 'w-1').filter(({ name }) => name.startsWith('storage/'));
    expect(osd).toMatchObject({ name: 'storage/osd-1', owner: OSD });
    expect(arrivals.within(osd?.uid ?? '', 4_000)).toBe(true);
    for (const { uid, name } of movable(house, 'w-1'))
      expect([name, arrivals.within(uid, 4_000)]).toEqual([name, uid === osd?.uid]);
    await house.time.advance(5_000);
    expect(arrivals.within(osd?.uid ?? '', 4_000)).toBe(false);
  });
});

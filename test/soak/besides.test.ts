// What a round has besides its own moves: drawn without touching those, met often enough to mean something, and judged by more than the journal.
import { describe, expect, it } from 'vitest';
import { drawRound, type Setup } from '../../soak/draw.ts';
import { DrainFacts } from '../../soak/ledger-drains.ts';
import { describeMove, type Move } from '../../soak/move.ts';
import type { RolloutEvent } from '../../src/rollout/event.ts';
import { APPROVER, aPolicy, BYSTANDER, REQUESTER } from '../builders/plan.ts';

const ROUNDS = Array.from({ length: 400 }, (_, round) => drawRound(3, round + 1));
const OWN: readonly Move['do'][] = ['drainers', 'lease', 'window', 'settle'];
const share = (has: (setup: Setup) => boolean): number =>
  ROUNDS.filter(({ setup }) => has(setup)).length / ROUNDS.length;

describe('what a round has besides', () => {
  it('is drawn in part of the rounds, each by itself, so that most of what was drawn before is as it was', () => {
    const shares = [
      share(({ besides }) => besides.budgets),
      share(({ besides }) => besides.soaks !== null),
      share(({ besides }) => besides.leased),
      share(({ besides }) => besides.announced),
      share(({ besides }) => besides.turns),
    ];
    for (const one of shares) {
      expect(one).toBeGreaterThan(0.06);
      expect(one).toBeLessThan(0.3);
    }
    const nothing = share(({ besides }) =>
      Object.values(besides).every((one) => one === false || one === null),
    );
    expect(nothing).toBeGreaterThan(0.25);
    expect(share(({ besides }) => besides.sequel)).toBeGreaterThan(0.03);
  });

  it('brings its own moves only where it was drawn', () => {
    for (const { setup, moves } of ROUNDS) {
      const { budgets, leased, announced, sequel } = setup.besides;
      const { returns } = setup.further;
      const drawn = new Set(moves.map((move) => move.do).filter((one) => OWN.includes(one)));
      expect(drawn.has('drainers') && !budgets && !returns).toBe(false);
      expect(drawn.has('lease') && !leased).toBe(false);
      expect(drawn.has('window') && !announced).toBe(false);
      expect(drawn.has('settle')).toBe(sequel);
    }
  });

  it('gives up only what leaves nodes armed', () => {
    const stories = new Set(
      ROUNDS.filter(({ setup }) => setup.besides.sequel).map(({ setup }) => setup.story),
    );
    expect(stories).toEqual(new Set(['staged']));
  });

  it.each<[Move, string]>([
    [{ do: 'drainers', choose: 'force', alone: true }, 'drainers choose=force alone=true'],
    [{ do: 'lease', ms: 5 }, 'lease ms=5'],
    [{ do: 'window', is: 'deaf', ms: 200 }, 'window is=deaf ms=200'],
    [{ do: 'settle', goal: 'disarm-node', which: 2 }, 'settle goal=disarm-node which=2'],
    [{ do: 'press', wish: 'drain-force', user: 1, again: null }, 'press drain-force as 1'],
  ])('tells a move in one line: %j', (move, line) => {
    expect(describeMove(move)).toBe(line);
  });
});

describe('a decision about a drain', () => {
  const step = '02-w-1-drain';
  const delivery = 'd';
  const blocked = (...uids: readonly string[]): RolloutEvent => ({
    kind: 'drain-blocked',
    step,
    blockers: uids.map((uid) => ({
      ...{ namespace: 'shop', name: uid, uid, workload: 'shop/web', why: '', budgets: [], loses: [] },
      cause: 'budget' as const,
    })),
  });
  const proposed: RolloutEvent = { kind: 'drain-proposed', step, choice: 'force', user: REQUESTER, delivery };
  const decision = (pods: readonly string[], askedBy = REQUESTER, user = APPROVER) => ({
    ...{ kind: 'drain-decided' as const, step, choice: 'force' as const, pods, askedBy, user, delivery },
  });
  const wrongs = (before: readonly RolloutEvent[], last: ReturnType<typeof decision>): readonly string[] => {
    const facts = new DrainFacts();
    for (const event of before) facts.write(event);
    return [...facts.wrongs(last, aPolicy())];
  };

  it('is right when two people agreed about the pods that were shown', () => {
    expect(wrongs([blocked('a', 'b'), proposed], decision(['a']))).toEqual([]);
  });

  it.each([
    ['by one person', [blocked('a'), proposed], decision(['a'], REQUESTER, REQUESTER), /alone/],
    ['that nobody asked for', [blocked('a')], decision(['a']), /never asked/],
    ['about pods that came later', [blocked('a'), proposed, blocked('b')], decision(['b']), /never asked/],
    ['about pods that were not shown', [blocked('a'), proposed], decision(['b']), /nobody was shown/],
    ['about no pods', [blocked('a'), proposed], decision([]), /nobody was shown/],
    ['of a bystander', [blocked('a'), proposed], decision(['a'], REQUESTER, BYSTANDER), /may not approve/],
    [
      'about a question that is over',
      [blocked('a'), proposed, { kind: 'drain-cleared', step } as const],
      decision(['a']),
      /nothing that asks/,
    ],
  ])('%s is wrong', (_what, before, last, why) => {
    expect(wrongs(before, last).join('\n')).toMatch(why);
  });

  it('lets exactly its pods go', () => {
    const facts = new DrainFacts();
    for (const event of [blocked('a', 'b'), proposed, decision(['a'])]) facts.write(event);
    expect([...facts.forced]).toEqual(['a']);
    expect([...facts.left]).toEqual([]);
  });
});

// Five hundred random walks with every promise judged after every effect; and that a walk can be told, played again and shortened.
import { describe, expect, it } from 'vitest';
import { drawRound } from '../../soak/draw.ts';
import { INVARIANTS } from '../../soak/invariants.ts';
import { describeMove, type Move } from '../../soak/move.ts';
import { shrunk } from '../../soak/shrink.ts';
import { linesOfFailure, soaked } from '../../soak/soak.ts';
import { type Walked, walked } from '../../soak/walk.ts';

/** What CI walks: the same rounds each time, so that it fails for a change and not by chance. */
const SEED = 1;
const ROUNDS = 500;
const AT_A_TIME = 100;

describe('random walks', { timeout: 180_000 }, () => {
  const rests = new Set<string>();
  const outcomes = new Map<string, number>();
  const facts = new Set<string>();

  it.each(Array.from({ length: ROUNDS / AT_A_TIME }, (_, part) => 1 + part * AT_A_TIME))(
    'from round %i on break none of the nine promises',
    async (from) => {
      const onRound = (_round: number, walk: Walked): void => {
        for (const fact of walk.facts) facts.add(fact);
        const doubt = walk.facts.indexOf('step-doubted');
        if (doubt >= 0 && walk.facts.includes('step-withdrawn', doubt)) facts.add('step-withdrawn in doubt');
      };
      const soak = await soaked({ seed: SEED, from, rounds: AT_A_TIME, onRound });
      expect(soak.failure === null ? [] : linesOfFailure(soak.failure)).toEqual([]);
      for (const rest of soak.rests.keys()) rests.add(rest);
      for (const [outcome, times] of soak.outcomes)
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + times);
    },
  );

  it('go far enough to mean something, and come to rest in many places', () => {
    expect(outcomes.get('upgraded')).toBeGreaterThan(ROUNDS / 3);
    expect(outcomes.get('rolled-back')).toBeGreaterThan(ROUNDS / 50);
    expect([...outcomes.keys()]).toEqual(expect.arrayContaining(['aborted', 'denied', 'expired']));
    expect([...outcomes.keys()]).not.toContain('not over');
    expect([...rests].filter((rest) => rest.startsWith('held')).length).toBeGreaterThan(3);
    expect([...rests]).toEqual(expect.arrayContaining([expect.stringContaining('doubted')]));
  });

  it('meet what they are drawn for: drains that people decide about, soaks, turns, doubts, lost notes, and armed nodes settled both ways', () => {
    expect([...facts]).toEqual(
      expect.arrayContaining([
        'drain-cleared',
        'drain-decided wait',
        'drain-decided leave',
        'drain-decided force',
        'soak-shortened',
        'handed-over',
        'finished disarmed',
        'step-withdrawn in doubt',
        'drain-decided leave owners',
        'message found again',
        'message posted twice',
      ]),
    );
  });
});

describe('a walk', () => {
  it('is the same for the same seed and round, to the last effect', async () => {
    for (const round of [2, 5, 11]) {
      const [first, second] = [await walked(drawRound(9, round)), await walked(drawRound(9, round))];
      expect(second).toEqual(first);
      expect(first.effects).toBeGreaterThan(0);
    }
  });

  it('is another for another seed or round', () => {
    expect(drawRound(9, 2)).toEqual(drawRound(9, 2));
    expect(drawRound(9, 3)).not.toEqual(drawRound(9, 2));
    expect(drawRound(8, 2)).not.toEqual(drawRound(9, 2));
  });

  it('draws every kind of move', () => {
    const moves = Array.from({ length: 200 }, (_, round) => drawRound(1, round).moves).flat();
    const kinds: readonly Move['do'][] = [
      'wait',
      'press',
      'fault',
      'heal',
      'start',
      'kill',
      'stop',
      'crash',
      'store',
      'bells',
      'ring',
      'clock',
      'late',
      'astray',
      'streams',
      'policy',
      'drainers',
      'lease',
      'window',
      'settle',
    ];
    expect(new Set(moves.map((move) => move.do))).toEqual(new Set(kinds));
    expect(moves.filter((move) => move.do === 'press' && move.again !== null).length).toBeGreaterThan(0);
  });

  it.each<[Move, string]>([
    [{ do: 'wait', ms: 40 }, 'wait ms=40'],
    [{ do: 'press', wish: 'approve', user: 1, again: 40 }, 'press approve as 1, again after 40 ms'],
    [{ do: 'press', wish: 'go', user: 0, again: null }, 'press go as 0'],
    [{ do: 'fault', name: 'node-down', params: { node: 'cp-1', ms: 5 } }, 'fault node-down node=cp-1 ms=5'],
    [{ do: 'heal' }, 'heal'],
    [{ do: 'store', is: 'deaf', which: null, ms: 300 }, 'store is=deaf which=null ms=300'],
  ])('tells a move in one line: %j', (move, line) => {
    expect(describeMove(move)).toBe(line);
  });
});

describe('a failing walk', () => {
  const { setup } = drawRound(1, 1);
  const waits = (...ms: readonly number[]): readonly Move[] => ms.map((one) => ({ do: 'wait', ms: one }));

  it('is made as short as it can be', async () => {
    const moves = waits(1, 2, 3, 4, 5, 6, 7, 8, 9);
    const needed = [3, 8];
    const fails = async (round: { readonly moves: readonly Move[] }): Promise<boolean> =>
      needed.every((ms) => round.moves.some((move) => move.do === 'wait' && move.ms === ms));
    expect(await shrunk({ setup, moves }, fails)).toEqual(waits(3, 8));
  });

  it('of which everything is needed stays as it is', async () => {
    const moves = waits(1, 2, 3);
    expect(await shrunk({ setup, moves }, async (round) => round.moves.length === 3)).toEqual(moves);
  });

  it('is told with its seed, its round, the number of the promise, its moves and how to see it again', () => {
    const broken = [{ invariant: 2, what: 'without cp-1 etcd has 1 of 2 members it needs' }];
    const failure = { seed: 3, round: 17, setup, broken, moves: waits(5), drawn: 40, story: 'n 1\nn 2' };
    const lines = linesOfFailure(failure);
    expect(lines[0]).toBe('seed 3, round 17:');
    expect(lines[1]).toBe('  invariant 2 is broken: without cp-1 etcd has 1 of 2 members it needs');
    expect(lines).toContain('  shortest failing prefix, 1 of 40 moves:');
    expect(lines).toContain('    1. wait ms=5');
    expect(lines.at(-1)).toBe('again: npm run soak -- --seed 3 --round 17');
  });
});

describe('the list of invariants', () => {
  it('has all nine, each once and each with a way to be seen broken', () => {
    expect(INVARIANTS.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    for (const { number, promise, ...judges } of INVARIANTS)
      expect(Object.values(judges).length, `${number}: ${promise}`).toBeGreaterThan(0);
  });
});

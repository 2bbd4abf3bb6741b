// When a fleet, an upgrade and a death are what was promised: tables of figures, not of times that passed.
import { describe, expect, it } from 'vitest';
import { mostAtOnce, partOf, type Rolled } from '../../bench/fleet.ts';
import type { Followed } from '../../bench/fleet-people.ts';
import { isJudged, type Part } from '../../bench/measurement.ts';
import { overheadPart } from '../../bench/overhead.ts';
import type { Standing } from '../../bench/programs/fleet-talk.ts';
import type { Told } from '../../bench/programs/telling.ts';
import { resumeParts } from '../../bench/resume.ts';
import type { NodeResult, Result } from '../../playground/scenarios/scenario.ts';
import type { Entry } from '../../src/rollout/event.ts';
import type { Rollout } from '../../src/rollout/rollout.ts';

const MB = 1_000_000;

function missedIn({ figures }: Part): readonly string[] {
  return figures.filter(isJudged).flatMap(({ judgement, name }) => (judgement === 'missed' ? [name] : []));
}

interface Life {
  readonly startedAt?: number;
  readonly lastAt?: number;
  readonly outcome?: 'upgraded' | 'aborted';
  readonly doubts?: number;
}

function followed(
  cluster: string,
  { startedAt = 0, lastAt = 9, outcome = 'upgraded', doubts = 0 }: Life,
): Followed {
  const rollout = { startedAt, lastAt, phase: { phase: 'finished', outcome, sentence: null } };
  const doubted = { event: { kind: 'step-doubted' } } as Entry;
  return { cluster, rollout: rollout as Rollout, entries: Array.from({ length: doubts }, () => doubted) };
}

function standing(name: string, changed: Partial<Standing> = {}): Standing {
  return { name, reboots: [1, 1], versions: ['v1.13.5', 'v1.13.5'], mostAway: 1, ...changed };
}

function told(mb: number): Told {
  return { residentBytes: mb * MB, mostBytes: mb * MB, heapBytes: 0, externalBytes: 0, cpuMs: mb };
}

function rolled(changed: Partial<Rolled> = {}): Rolled {
  return {
    followed: [followed('c1', {}), followed('c2', {})],
    standings: [standing('c1'), standing('c2')],
    ready: told(150),
    ended: told(399),
    errors: 0,
    seconds: 10,
    ...changed,
  };
}

describe('a fleet', () => {
  it.each<[string, Partial<Rolled>, readonly string[]]>([
    ['that got there', {}, []],
    ['whose worker grew', { ended: told(401) }, ['resident, at most']],
    [
      'of which one was aborted',
      { followed: [followed('c1', {}), followed('c2', { outcome: 'aborted' })] },
      ['clusters not upgraded'],
    ],
    [
      'whose journal says more than its machines',
      { standings: [standing('c1'), standing('c2', { versions: ['v1.13.5', 'v1.13.4'] })] },
      ['clusters not upgraded'],
    ],
    [
      'of which a machine restarted twice',
      { standings: [standing('c1'), standing('c2', { reboots: [1, 2] })] },
      ['clusters not upgraded'],
    ],
    ['that nobody asked how it stands', { standings: [standing('c1')] }, ['clusters not upgraded']],
    [
      'with a doubt',
      { followed: [followed('c1', {}), followed('c2', { doubts: 1 })] },
      ['steps held in doubt'],
    ],
    [
      'with two control-plane nodes away',
      { standings: [standing('c1', { mostAway: 2 }), standing('c2')] },
      ['control-plane nodes of a cluster away at once'],
    ],
  ])('%s is judged', (_what, changed, missed) => {
    expect(missedIn(partOf(rolled(changed)))).toEqual(missed);
  });

  it.each<[string, readonly Life[], number]>([
    [
      'all at once',
      [
        { startedAt: 0, lastAt: 9 },
        { startedAt: 5, lastAt: 12 },
      ],
      2,
    ],
    [
      'one after the other',
      [
        { startedAt: 0, lastAt: 5 },
        { startedAt: 5, lastAt: 9 },
      ],
      1,
    ],
  ])('that rolled %s is told so', (_what, lives, most) => {
    expect(mostAtOnce(lives.map((life, at) => followed(`c${at}`, life)))).toBe(most);
  });

  it('that did not roll at once measures nothing', () => {
    const one = followed('c1', { startedAt: 0, lastAt: 5 });
    const other = followed('c2', { startedAt: 6, lastAt: 9 });
    expect(() => partOf(rolled({ followed: [one, other] }))).toThrow('only 1 of 2 clusters');
  });
});

function upgraded(overheads: readonly number[], changed: Partial<Result> = {}): Result {
  const nodes = overheads.map((overheadMs) => ({ overheadMs }) as NodeResult);
  return { ok: true, missed: [], nodes, wallMs: 105, limitMs: 100, ...changed } as Result;
}

describe('the overhead of an upgrade', () => {
  it.each<[string, Result, readonly string[]]>([
    ['as promised', upgraded([10, 1_000]), []],
    ['of one node', upgraded([10, 1_001]), ['overhead a node, 95 of 100']],
    ['of the way', upgraded([10], { wallMs: 106 }), ['time ÷ what the machines take']],
    ['of no node', upgraded([]), ['overhead a node, 95 of 100']],
  ])('%s is judged', (_what, result, missed) => {
    expect(missedIn(overheadPart('6 nodes', result))).toEqual(missed);
  });

  it('says nothing of an upgrade that did not go as it should', () => {
    const result = upgraded([10], { ok: false, missed: ['every node runs v1.13.5'] });
    expect(() => overheadPart('6 nodes', result)).toThrow('every node runs v1.13.5');
  });
});

describe('driving again', () => {
  const dead = (changed: Partial<Result>): readonly Result[] => {
    const killed = { scenario: 'kill-worker', outcome: 'upgraded', doubts: 0, drivingAgainMs: 3_000 };
    return [{ ...killed, ...changed } as Result];
  };

  it.each<[string, Partial<Result>, readonly string[]]>([
    ['soon', {}, []],
    ['late', { drivingAgainMs: 5_001 }, ['driving again after']],
    ['in doubt', { doubts: 1 }, ['steps held in doubt']],
  ])('%s is judged', (_what, changed, missed) => {
    expect(resumeParts(dead(changed)).flatMap(missedIn)).toEqual(missed);
  });

  it.each<[string, Partial<Result>]>([
    ['nobody drove again', { drivingAgainMs: null }],
    ['the upgrade was held', { outcome: 'held' }],
  ])('measures nothing where %s', (_what, changed) => {
    expect(() => resumeParts(dead(changed))).toThrow('nobody drove again');
  });
});

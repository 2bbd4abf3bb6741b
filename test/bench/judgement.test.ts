// When a promise is held: tables of figures, not of times that passed.
import { describe, expect, it } from 'vitest';
import { figure, isJudged, judged, QUICK, quantile, ratio } from '../../bench/measurement.ts';
import type { Heard, Manners } from '../../bench/programs/cluster-talk.ts';
import { linesOf, reportOf, verdictOf } from '../../bench/report.ts';
import { figuresOf } from '../../bench/survey.ts';

describe('a judgement', () => {
  it.each([
    [19.9, 20, 'held'],
    [20, 20, 'held'],
    [20.1, 20, 'missed'],
    [-3, 20, 'held'],
    [Number.NaN, 20, 'missed'],
    [Number.POSITIVE_INFINITY, 20, 'missed'],
    [5, Number.NaN, 'missed'],
  ])('of %d where at most %d was promised is %s', (value, atMost, judgement) => {
    expect(judged(figure('grown', value, 'MB'), atMost).judgement).toBe(judgement);
  });

  it('of nothing measured is never held', () => {
    expect(judged(figure('median', quantile([], 0.5), 'ms'), 1).judgement).toBe('missed');
    expect(ratio('of nothing', 1, 0).value).toBe(Number.POSITIVE_INFINITY);
  });
});

const heard = (calls: number, slowestMs: number): Heard => ({
  calls: { Version: 1, Get: calls - 1 },
  firstMs: 0,
  lastMs: slowestMs,
  slowestMs,
});

interface Case {
  readonly what: string;
  readonly machines: Readonly<Record<string, Heard>>;
  readonly wallMs: number;
  readonly manners?: Partial<Manners>;
  readonly missed: readonly string[];
}

const CASES: readonly Case[] = [
  {
    what: 'few calls, soon over',
    machines: { 'cp-1': heard(7, 20), 'w-1': heard(4, 30) },
    wallMs: 500,
    missed: [],
  },
  {
    what: 'one call too many at one machine',
    machines: { 'cp-1': heard(8, 20), 'w-1': heard(4, 30) },
    wallMs: 500,
    missed: ['calls a node, most'],
  },
  {
    what: 'not over 2 s behind the slowest answer',
    machines: { 'cp-1': heard(7, 3_000) },
    wallMs: 5_001,
    missed: ['time behind the slowest answer'],
  },
  {
    what: 'a slow machine that was asked through a second endpoint too',
    machines: { 'cp-1': heard(7, 20), 'w-1': heard(14, 3_000) },
    wallMs: 3_500,
    manners: { slow: { node: 'w-1', ms: 3_000 } },
    missed: [],
  },
  {
    what: 'a dead machine given up in time',
    machines: { 'cp-1': heard(7, 20), 'w-1': heard(9, 0) },
    wallMs: 6_900,
    manners: { dead: 'w-1' },
    missed: [],
  },
  {
    what: 'a dead machine waited for',
    machines: { 'cp-1': heard(7, 20), 'w-1': heard(9, 0) },
    wallMs: 8_600,
    manners: { dead: 'w-1' },
    missed: ["time behind one question's limit"],
  },
  { what: 'nobody was asked', machines: {}, wallMs: 5, missed: ['calls a node, most'] },
];

describe('a survey', () => {
  it.each(CASES)('is judged: $what', ({ machines, wallMs, manners, missed }) => {
    const figures = figuresOf(new Map(Object.entries(machines)), {
      wallMs,
      most: 7,
      manners: { usualMs: [0, 0], slow: null, dead: null, ...manners },
    });
    const found = figures.filter(isJudged).filter(({ judgement }) => judgement === 'missed');
    expect(found.map(({ name }) => name)).toEqual(missed);
  });

  it('that met no slow machine where one was to be measures nothing', () => {
    expect(() =>
      figuresOf(new Map([['w-1', heard(4, 30)]]), {
        wallMs: 40,
        most: 7,
        manners: { usualMs: [0, 0], slow: { node: 'w-1', ms: 3_000 }, dead: null },
      }),
    ).toThrow('w-1 was to answer after 3000 ms');
  });
});

describe('a report', () => {
  const result = (atMost: number) => ({
    name: 'snapshot',
    parts: [
      {
        title: '2048 MiB into a folder',
        figures: [figure('time', 121.6, 's'), judged(figure('grown', 3.25, 'MB'), atMost)],
      },
    ],
  });

  it('says every figure on a line of its own', () => {
    expect(linesOf(result(20))).toEqual([
      'snapshot: 2048 MiB into a folder',
      '  time          122 s',
      '  grown        3.25 MB     held (at most 20)',
      '',
    ]);
  });

  it.each([
    [[result(20)], true, 'All 1 promises held.'],
    [[result(20), result(3)], false, '1 of 2 promises missed.'],
    [[], true, 'No promise was measured.'],
  ])('of %j counts its promises', (results, ok, verdict) => {
    const report = reportOf(results, QUICK);
    expect([report.ok, verdictOf(report)]).toEqual([ok, verdict]);
  });
});

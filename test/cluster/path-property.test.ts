// What holds for every path: each state on it is legal, none is shorter, and walking it changes no plan.
import { describe, expect, it } from 'vitest';
import type { TalosRow } from '../../src/cluster/compatibility.ts';
import { findPath, type PathHop, type PathQuestion, type Standing } from '../../src/cluster/path.ts';
import { aQuestion } from './path-question.ts';

type Range = readonly [from: number, to: number];

/** Kubernetes of Talos 1.10, 1.11, …: as it is, narrow, with a gap nobody can cross, and with ranges that run ahead. */
const TABLES: readonly (readonly [name: string, ranges: readonly Range[]])[] = [
  [
    'as it is',
    [
      [28, 33],
      [29, 34],
      [30, 35],
      [31, 36],
      [32, 37],
    ],
  ],
  [
    'narrow',
    [
      [28, 29],
      [29, 30],
      [30, 31],
      [31, 32],
    ],
  ],
  [
    'with a gap',
    [
      [28, 29],
      [28, 30],
      [32, 34],
      [32, 35],
    ],
  ],
  [
    'running ahead',
    [
      [28, 34],
      [31, 34],
      [31, 32],
      [32, 34],
    ],
  ],
];
const FIRST_TALOS = 10;
const KUBERNETES: Range = [28, 37];
const SIDES = ['talos', 'kubernetes'] as const;

const upTo = ([from, to]: Range): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, at) => from + at);
const versions = (minors: readonly number[]): readonly string[] => minors.map((minor) => `v1.${minor}.5`);
const minorIn = (version: string): number => Number(version.split('.')[1]);

function rowsOf(ranges: readonly Range[]): readonly TalosRow[] {
  return ranges.map(([from, to], at) => ({
    minor: `1.${FIRST_TALOS + at}`,
    hosts: { from: `1.${FIRST_TALOS + at - 2}.0`, below: `1.${FIRST_TALOS + at + 2}.0` },
    kubernetes: { from: `1.${from}`, to: `1.${to}` },
    newest: null,
    enterFrom: null,
    hints: [],
  }));
}

interface Pair {
  readonly talos: number;
  readonly kubernetes: number;
}

/** Every legal pair of a table. */
function legalPairs(ranges: readonly Range[]): readonly Pair[] {
  return ranges.flatMap((range, at) =>
    upTo(range).map((kubernetes) => ({ talos: FIRST_TALOS + at, kubernetes })),
  );
}

/** How many hops between all pairs, found by widening rings rather than by the planner's search; absent = there is no way. */
function ringsFrom(start: Pair, ranges: readonly Range[]): ReadonlyMap<string, number> {
  const legal = new Set(legalPairs(ranges).map(({ talos, kubernetes }) => `${talos} ${kubernetes}`));
  const found = new Map([[`${start.talos} ${start.kubernetes}`, 0]]);
  for (let ring = 1; ring <= legal.size; ring += 1) {
    for (const [key, hops] of [...found]) {
      const [talos = 0, kubernetes = 0] = key.split(' ').map(Number);
      if (hops !== ring - 1) continue;
      for (const next of [`${talos + 1} ${kubernetes}`, `${talos} ${kubernetes + 1}`])
        if (legal.has(next) && !found.has(next)) found.set(next, ring);
    }
  }
  return found;
}

function question(from: Pair, to: Pair, ranges: readonly Range[]): PathQuestion {
  return aQuestion({
    talos: `v1.${from.talos}.5`,
    kubernetes: `v1.${from.kubernetes}.5`,
    to: { talos: `1.${to.talos}`, kubernetes: `1.${to.kubernetes}` },
    table: rowsOf(ranges),
    releases: { talos: versions(upTo([8, 16])), kubernetes: versions(upTo(KUBERNETES)) },
  });
}

/** What runs after the first hops of a path. */
function after(standing: Standing, hops: readonly PathHop[]): Standing {
  const last = (kind: PathHop['kind']): string | undefined => hops.findLast((hop) => hop.kind === kind)?.to;
  const kubernetes = last('kubernetes');
  return {
    talos: [last('talos') ?? standing.talos[0] ?? ''],
    controlPlane: [kubernetes ?? standing.controlPlane[0] ?? ''],
    kubelets: [kubernetes ?? standing.kubelets[0] ?? ''],
  };
}

describe.each(TABLES)('with a table %s', (_, ranges) => {
  const pairs = legalPairs(ranges);
  const asked = pairs.flatMap((from) =>
    pairs.filter((to) => SIDES.every((side) => to[side] >= from[side])).map((to) => ({ from, to })),
  );

  it('a path is as short as any, and missing only where there is none', () => {
    const rings = new Map(pairs.map((from) => [from, ringsFrom(from, ranges)]));
    for (const { from, to } of asked) {
      const shortest = rings.get(from)?.get(`${to.talos} ${to.kubernetes}`);
      const found = findPath(question(from, to, ranges));
      expect([from, to, found.kind === 'found' ? found.path.hops.length : found.kind]).toEqual([
        from,
        to,
        shortest ?? 'blocked',
      ]);
    }
  });

  it('every state on the way is legal, and no hop skips a minor', () => {
    for (const { from, to } of asked) {
      const found = findPath(question(from, to, ranges));
      const hops =
        found.kind === 'found' ? found.path.hops : found.kind === 'blocked' ? found.nearest.hops : [];
      const at = { ...from };
      for (const hop of hops) {
        expect(minorIn(hop.from)).toBe(at[hop.kind]);
        expect(minorIn(hop.to)).toBe(at[hop.kind] + 1);
        at[hop.kind] += 1;
        const [oldest, newest] = ranges[at.talos - FIRST_TALOS] ?? [0, 0];
        expect(at.kubernetes).toBeGreaterThanOrEqual(oldest);
        expect(at.kubernetes).toBeLessThanOrEqual(newest);
      }
    }
  });

  it('planned again after any of its hops, the rest of it stays', () => {
    for (const { from, to } of asked.filter((_one, at) => at % 7 === 0)) {
      const first = question(from, to, ranges);
      const found = findPath(first);
      if (found.kind !== 'found') continue;
      const { hops } = found.path;
      for (let done = 1; done <= hops.length; done += 1) {
        const again = findPath({ ...first, standing: after(first.standing, hops.slice(0, done)) });
        const rest = again.kind === 'found' ? again.path.hops : [];
        expect(rest.map(({ kind, to: version }) => [kind, version])).toEqual(
          hops.slice(done).map(({ kind, to: version }) => [kind, version]),
        );
      }
    }
  });
});

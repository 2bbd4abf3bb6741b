// Names and the rule for what stays, as tables.
import { describe, expect, it } from 'vitest';
import { fileNameOf, readFileName } from '../../src/archive/name.ts';
import { outdated } from '../../src/archive/retention.ts';
import type { ListedSnapshot } from '../../src/engine/ports/archive.ts';

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 10, 20, 15, 4, 5, 67);

/** Snapshots so many days old, named after their age. */
function aged(...days: readonly number[]): readonly ListedSnapshot[] {
  return days.map((age) => ({
    ...{ name: String(age), rollout: 'r1', takenAt: NOW - age * DAY_MS },
    ...{ bytes: 1, encrypted: false },
  }));
}

describe('what is deleted', () => {
  it.each([
    { has: [], keep: 3, maxAge: 30, gone: [] },
    { has: [1], keep: 3, maxAge: 30, gone: [] },
    { has: [1, 2, 3], keep: 3, maxAge: 30, gone: [] },
    { has: [1, 2, 3, 4, 5], keep: 3, maxAge: 30, gone: [4, 5] },
    { has: [5, 1, 4, 2, 3], keep: 3, maxAge: 30, gone: [4, 5] },
    { has: [1, 29, 30, 31], keep: 10, maxAge: 30, gone: [31] },
    { has: [40, 50, 60], keep: 10, maxAge: 30, gone: [50, 60] },
    { has: [400], keep: 1, maxAge: 30, gone: [] },
    { has: [1, 40, 50], keep: 2, maxAge: 30, gone: [40, 50] },
    { has: [1, 2], keep: 1, maxAge: 30, gone: [2] },
    // Taken by a clock that was ahead: it counts as the newest, and is not too old.
    { has: [-3, 0, 1], keep: 2, maxAge: 30, gone: [1] },
  ])('of $has days, keeping $keep for $maxAge days, is $gone', ({ has, keep, maxAge, gone }) => {
    const names = outdated(aged(...has), { keep, maxAgeMs: maxAge * DAY_MS }, NOW, null).map(({ name }) =>
      Number(name),
    );
    expect(names).toEqual(gone);
  });

  it.each([
    { has: [-1, 0], taken: 0, keep: 1, maxAge: 30, gone: [] },
    { has: [-2, -1, 0, 1], taken: 0, keep: 1, maxAge: 30, gone: [-1, 1] },
    { has: [-1, 0, 1], taken: 0, keep: 2, maxAge: 30, gone: [1] },
    // By a clock that was far behind.
    { has: [1, 40, 50], taken: 40, keep: 5, maxAge: 30, gone: [50] },
    { has: [0, 1, 2], taken: 0, keep: 2, maxAge: 30, gone: [2] },
  ])(
    'of $has days, keeping $keep, is $gone when $taken was just taken',
    ({ has, taken, keep, maxAge, gone }) => {
      const rule = { keep, maxAgeMs: maxAge * DAY_MS };
      const names = outdated(aged(...has), rule, NOW, String(taken)).map(({ name }) => Number(name));
      expect(names).toEqual(gone);
    },
  );
});

describe('a name', () => {
  it.each([
    { cluster: 'prod', rollout: 'r0123456789', encrypted: false },
    { cluster: 'a-b-c', rollout: 'R1', encrypted: true },
  ])('of $cluster says again what it was made of', (named) => {
    const file = fileNameOf({ ...named, takenAt: NOW });
    expect(readFileName(file)).toEqual({ ...named, takenAt: NOW });
    expect(file).toContain('20261120T150405.067Z');
  });

  it('sorts by time, to the millisecond, whatever follows', () => {
    const at = (takenAt: number, cluster: string): string =>
      fileNameOf({ cluster, rollout: 'r1', takenAt, encrypted: false });
    const names = [at(NOW, 'z'), at(NOW + 1, 'a'), at(NOW + DAY_MS, 'a'), at(NOW + 60 * DAY_MS, '0')];
    expect(names.toSorted()).toEqual(names);
  });

  it.each([
    '',
    'db.snapshot',
    '20261120T150405.067Z_prod_r1.snapshot.part',
    '.20261120T150405.067Z_prod_r1.snapshot.abc.part',
    '20261120T150405Z_prod_r1.snapshot',
    '20261320T150405.067Z_prod_r1.snapshot',
    '20261120T150405.067Z_prod.snapshot',
    '20261120T150405.067Z_pr/od_r1.snapshot',
    '20261120T150405.067Z_prod_r1.snapshot.gz',
  ])('that is not ours (%j) says nothing', (file) => {
    expect(readFileName(file)).toBeNull();
  });
});

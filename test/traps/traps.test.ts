// The traps of Talos's API, each with a test, and each test seen to fail once the guard it is about is taken out.
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { pageOf } from './page.ts';
import { mutated, PrivateCopy, patternOf, type Report, ROOT } from './private-copy.ts';
import type { NamedTest } from './trap.ts';
import { TRAPS, UNGUARDED } from './traps.ts';

/** The last trap of the sheet. */
const LAST = 34;
/** Child processes at a time: as many as CI's machine has cores. */
const LANES = 2;
/** Milliseconds for a guard: its turn comes when others are done. */
const TURN_LIMIT_MS = 600_000;

const ROWS = TRAPS.flatMap(({ trap, guards }) => guards.map((guard) => ({ trap, guard, by: guard.by })));
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

describe('the table of traps', () => {
  it('has every trap of the sheet once, with a guard or with a reason for having none', () => {
    const numbers = [...TRAPS, ...UNGUARDED].map(({ trap }) => trap).sort((a, b) => a - b);
    expect(numbers).toEqual(Array.from({ length: LAST }, (_, index) => index + 1));
    for (const { trap, guards } of TRAPS) expect(guards.length, `trap ${trap}`).toBeGreaterThan(0);
    expect(UNGUARDED.map(({ trap }) => trap)).toEqual([31]);
  });

  it.each(ROWS)('$trap: there is a test that the bot $by', ({ guard }) => {
    const titles = guard.test.name.split(' > ');
    const text = read(guard.test.file);
    for (const title of titles) {
      const written = [
        `'${title.replaceAll("'", "\\'")}'`,
        `"${title}"`,
        `\`${title.replaceAll('`', '\\`')}\``,
      ];
      expect(
        written.filter((quoted) => text.includes(quoted)),
        title,
      ).not.toEqual([]);
    }
  });

  it.each(ROWS)('$trap: that by which the bot $by is there, and can be taken out', ({ guard }) => {
    const { mutant } = guard;
    const without = mutated(read(mutant.file), mutant);
    if (mutant.file.endsWith('.ts')) expect(() => stripTypeScriptTypes(without)).not.toThrow();
  });
});

/** A turn in one of the copies, which are made when they are needed; whoever comes while all are in use waits. */
class Lanes {
  readonly #width: number;
  readonly #copies: PrivateCopy[] = [];
  readonly #free: PrivateCopy[] = [];
  readonly #waiting: ((copy: PrivateCopy) => void)[] = [];

  constructor(width: number) {
    this.#width = width;
  }

  async turn<T>(use: (copy: PrivateCopy) => Promise<T>): Promise<T> {
    const copy = this.#free.pop() ?? this.#made() ?? (await this.#freed());
    try {
      return await use(copy);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free.push(copy);
      else next(copy);
    }
  }

  #made(): PrivateCopy | null {
    if (this.#copies.length >= this.#width) return null;
    const copy = new PrivateCopy();
    this.#copies.push(copy);
    return copy;
  }

  #freed(): Promise<PrivateCopy> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  remove(): void {
    for (const copy of this.#copies) copy.remove();
  }
}

describe('docs/traps.md', () => {
  it('says what the table says', async () => {
    await expect(pageOf(TRAPS, UNGUARDED)).toMatchFileSnapshot(join(ROOT, 'docs', 'traps.md'));
  });
});

describe('taking a guard out', () => {
  const lanes = new Lanes(LANES);
  afterAll(() => lanes.remove());

  const about = (test: NamedTest, { outcomes }: Report) =>
    outcomes.filter(({ file, name }) => file === test.file && new RegExp(`^${patternOf(test)}$`).test(name));

  it('is not needed for these tests to pass', { timeout: TURN_LIMIT_MS }, async ({ signal }) => {
    const report = await lanes.turn((copy) =>
      copy.runs(
        ROWS.map(({ guard }) => guard.test),
        signal,
      ),
    );
    expect(report.troubles).toEqual([]);
    for (const { guard } of ROWS) {
      const states = about(guard.test, report).map(({ status }) => status);
      expect(new Set(states), guard.test.name).toEqual(new Set(['passed']));
    }
    expect(report.exitCode).toBe(0);
  });

  it.concurrent.for(ROWS)(
    '$trap: a test notices when this is taken out: the bot $by',
    { timeout: TURN_LIMIT_MS },
    async ({ guard }, { signal }) => {
      const report = await lanes.turn((copy) => copy.runs([guard.test], signal, guard.mutant));
      expect(report.troubles).toEqual([]);
      const failed = about(guard.test, report).filter(({ status }) => status === 'failed');
      expect(
        failed.length,
        report.outcomes.map(({ name, status }) => `${name}: ${status}`).join('\n'),
      ).toBeGreaterThan(0);
      // By what it expects, not by a mistake in the way it was made to fail.
      for (const { failures } of failed)
        expect(failures[0]).toMatch(/^(?:AssertionError: |Fault: |Error: promise (?:resolved|rejected) )/);
      expect(report.exitCode).toBe(1);
    },
  );
});

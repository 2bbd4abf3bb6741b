// Guards of the product taken out one at a time: each must be noticed by the soak, by the promise that it keeps.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { INVARIANTS } from '../../soak/invariants.ts';
import type { Mutant } from '../../soak/mutant.ts';
import { MUTANTS } from '../../soak/mutants.ts';
import { planted } from '../../soak/plant.ts';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** Every mutant is caught within so many rounds of seed 1, from the round on that its row names. */
const ROUNDS = 200;
/** Milliseconds for one child: it takes one to ten seconds; a busy machine takes ten times that. */
const CHILD_LIMIT_MS = 300_000;

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** As in a shell: this run's marks of being inside vitest are not passed on. */
function soak(...words: readonly string[]): Promise<Ended> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(VITEST|TEST|NODE_ENV|DEV|PROD|MODE)/.test(name)),
  );
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(ROOT, 'soak', 'main.ts'), ...words], {
      cwd: ROOT,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: CHILD_LIMIT_MS,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (piece) => (output += String(piece)));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}

/** Each file with everything planted that belongs to it. */
function mutatedFiles({ plants }: Mutant): readonly string[] {
  const files = new Set(plants.map(({ file }) => file));
  return [...files].map((file) =>
    plants.filter((plant) => plant.file === file).reduce(planted, readFileSync(join(ROOT, file), 'utf8')),
  );
}

describe('the list of mutants', () => {
  it('names each once, and each breaks a promise that there is', () => {
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
    const numbers = INVARIANTS.map(({ number }) => number);
    for (const { name, breaks } of MUTANTS)
      expect(numbers, name).toEqual(expect.arrayContaining([...breaks]));
    expect(new Set(MUTANTS.flatMap(({ breaks }) => breaks))).toEqual(new Set(numbers));
  });

  it.each(MUTANTS)('can plant $name: what it takes out is there once', (mutant) => {
    for (const text of mutatedFiles(mutant)) expect(() => stripTypeScriptTypes(text)).not.toThrow();
  });
});

describe('the soak', { timeout: 2 * CHILD_LIMIT_MS }, () => {
  it('walks the product as it is without a word', async () => {
    const { code, output } = await soak('--rounds', '10');
    expect(output).toContain('none of the nine promises broken');
    expect(code).toBe(0);
  });

  it('lists its mutants', async () => {
    const { code, output } = await soak('--list');
    expect(output.trim().split('\n')).toHaveLength(MUTANTS.length);
    expect(code).toBe(0);
  });

  it.concurrent.for(MUTANTS)('notices a bot that $sentence', async ({ name, breaks, around = 1 }) => {
    const { code, output } = await soak(
      '--mutant',
      name,
      '--from',
      String(around),
      '--rounds',
      String(ROUNDS),
      '--as-drawn',
    );
    const broken = [...output.matchAll(/invariant (\d) is broken/g)].map(([, number]) => Number(number));
    expect(broken.filter((number) => breaks.includes(number)).length, output.slice(0, 2_000)).toBeGreaterThan(
      0,
    );
    // By a promise that is broken, not by a judge that stumbles over it.
    expect(broken[0], output.slice(0, 2_000)).not.toBe(0);
    expect(code).toBe(1);
  });
});

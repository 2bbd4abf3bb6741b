// What is held is told from what is garbage, in a process that can collect it.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { MemoryWatch } from '../../bench/memory-watch.ts';

const run = promisify(execFile);
const WATCH = fileURLToPath(new URL('../../bench/memory-watch.ts', import.meta.url));
const MIB = 1_048_576;

/** Passes 64 MiB in pieces of 64 KiB and does this with each of them. */
async function grownBy(each: string): Promise<{ liveBytes: number; looks: number }> {
  const program = `
    import { MemoryWatch } from ${JSON.stringify(WATCH)};
    const watch = new MemoryWatch(64 * ${MIB});
    const held = [];
    for (let at = 0; at < 1024; at += 1) {
      const piece = Buffer.allocUnsafeSlow(65_536).fill(at);
      ${each};
      watch.passed(piece.length);
    }
    process.stdout.write(JSON.stringify({ ...watch.grown(), held: held.length }));`;
  const words = ['--expose-gc', '--input-type=module', '--eval', program];
  return JSON.parse((await run(process.execPath, words)).stdout) as { liveBytes: number; looks: number };
}

describe('a memory watch', () => {
  it.each([
    ['nothing', '', 0],
    ['every piece', 'held.push(piece)', 48],
    ['every other piece', 'if (at % 2 === 0) held.push(piece)', 24],
  ])('sees what is held: %s', async (_what, each, mib) => {
    const { liveBytes, looks } = await grownBy(each);
    expect(looks).toBeGreaterThanOrEqual(4);
    expect(liveBytes / MIB).toBeGreaterThan(0.7 * mib - 4);
    expect(liveBytes / MIB).toBeLessThan(mib + 4);
  });

  it('does not begin where garbage cannot be collected', () => {
    const { gc } = globalThis;
    delete (globalThis as { gc?: unknown }).gc;
    expect(() => new MemoryWatch(MIB)).toThrow('--expose-gc');
    if (gc !== undefined) globalThis.gc = gc;
  });
});

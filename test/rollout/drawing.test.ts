// The page for operators shows what the code does: its drawing, its phases, its buttons.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { phaseChanges, withDrawing } from '../../scripts/draw-phases.ts';

const page = readFileSync(new URL('../../docs/rollout.md', import.meta.url), 'utf8');

describe('docs/rollout.md', () => {
  it('has the drawing that the code gives (node scripts/draw-phases.ts --write)', () => {
    expect(page).toContain('```mermaid\n');
    expect(withDrawing(page)).toBe(page);
  });

  it('explains every phase that is drawn', () => {
    const phases = new Set([...phaseChanges().keys()].flatMap((change) => change.split(' ')));
    expect(phases.size).toBe(9);
    for (const phase of phases) expect(page).toContain(`| \`${phase}\` |`);
  });
});

describe('the phases', () => {
  const ways = [...phaseChanges()].map(([change]) => change.split(' '));

  it('all lead on, except the last', () => {
    const left = new Set(ways.map(([from]) => from));
    for (const [, to] of ways) if (to !== 'finished') expect(left).toContain(to);
    expect(left).not.toContain('finished');
  });

  it('never lead back from the end: who tidies up does not run again', () => {
    expect(ways.filter(([from, to]) => from === 'tidying' && to !== 'held' && to !== 'finished')).toEqual([]);
  });
});

// docs/checks.md explains every check, and says of each what the program says.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CHECKS } from '../src/checks/catalogue.ts';

const PAGE = readFileSync(new URL('../docs/checks.md', import.meta.url), 'utf8');

/** Each section that explains checks: their names and its first word. */
const EXPLAINED = [...PAGE.matchAll(/^### (?<names>[a-z, -]+)\n\n(?<standing>\w+)[.,]/gm)].flatMap(
  ({ groups }) =>
    (groups?.['names'] ?? '').split(', ').map((name) => [name, groups?.['standing']?.toLowerCase()] as const),
);

describe('docs/checks.md', () => {
  it('explains every check, and no other', () => {
    expect(EXPLAINED.map(([name]) => name).sort()).toEqual(Object.keys(CHECKS).sort());
  });

  it.each(EXPLAINED)('says of %s what the program says: %s', (name, standing) => {
    expect(new Map<string, string>(Object.entries(CHECKS)).get(name)).toBe(standing);
  });
});

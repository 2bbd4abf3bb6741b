// docs/checks.md explains every check, says of each what the program says, and in the same three parts.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CHECKS, type CheckName } from '../src/checks/catalogue.ts';
import { FOUND } from './checks/found.ts';

const PAGE = readFileSync(new URL('../docs/checks.md', import.meta.url), 'utf8');

interface Section {
  readonly names: readonly string[];
  /** `Promise, stops and warns`. */
  readonly standing: string;
  readonly text: string;
}

/** Each section that explains checks. */
const SECTIONS = [...PAGE.matchAll(/^### (?<names>[a-z, -]+)\n\n(?<text>(?:(?!#).*\n)*)/gm)].map(
  ({ groups }): Section => {
    const [standing = '', ...rest] = (groups?.['text'] ?? '').split('.\n\n');
    return { names: (groups?.['names'] ?? '').split(', '), standing, text: rest.join('.\n\n').trim() };
  },
);
const EXPLAINED = SECTIONS.flatMap(({ names, ...section }) => names.map((name) => ({ name, ...section })));

/** One bullet each; a part goes on in lines that are indented. */
const PARTS = ['Expects', 'Because', 'Do:'] as const;
/** Short enough for somebody who was woken up, long enough to say something: characters of a part. */
const LENGTH = { least: 15, most: 600 };

function partsOf(text: string): readonly (readonly [title: string, words: string])[] {
  return text.split(/^\* /m).flatMap((part) => {
    const [, title = '', words = ''] = /^\*\*([A-Z][a-z]+:?)\*\* ([\s\S]+)$/.exec(part.trim()) ?? [];
    return part.trim() === '' ? [] : [[title, words.replaceAll(/\s+/g, ' ')] as const];
  });
}

/** How its troubles weigh in the rows of its tests: what only can be unknown stops. */
function weightOf(check: CheckName): string {
  const levels = new Set(
    FOUND.flat()
      .filter((finding) => finding.check === check)
      .map(({ level }) => level),
  );
  const warns = levels.has('warning');
  const stops = levels.has('blocker') || (!warns && levels.has('unknown'));
  return [stops ? ['stops'] : [], warns ? ['warns'] : []].flat().join(' and ');
}

describe('docs/checks.md', () => {
  it('explains every check, and no other', () => {
    expect(EXPLAINED.map(({ name }) => name).sort()).toEqual(Object.keys(CHECKS).sort());
  });

  it.each(EXPLAINED)('says of $name what it is: $standing', ({ name, standing }) => {
    const check = Object.keys(CHECKS).find((one): one is CheckName => one === name);
    if (check === undefined) throw new Error(`there is no check ${name}`);
    expect(standing.toLowerCase()).toBe(`${CHECKS[check]}, ${weightOf(check)}`);
  });

  it.each(EXPLAINED)('says of $name what it expects, why, and what to do', ({ text }) => {
    const parts = partsOf(text);
    expect(parts.map(([title]) => title)).toEqual(PARTS);
    for (const [, words] of parts) {
      expect(words).toMatch(/^[A-Za-z`][\s\S]*[.)]$/);
      expect(words.length).toBeGreaterThanOrEqual(LENGTH.least);
      expect(words.length).toBeLessThanOrEqual(LENGTH.most);
    }
  });
});

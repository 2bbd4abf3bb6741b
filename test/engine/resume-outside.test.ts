// The same promise where others do something meanwhile; and that no scenario of the playground is without a story, or a reason.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Tally } from './enumeration.ts';
import { LATER_STORIES } from './later-stories.ts';
import { OUTSIDE_STORIES } from './outside-stories.ts';
import { STORIES } from './stories.ts';
import { STORY_OF, WITHOUT_STORY } from './story-of.ts';
import { TROUBLED_STORIES } from './troubled-stories.ts';

describe('a process killed at any moment', { timeout: 240_000 }, () => {
  const tally = new Tally(OUTSIDE_STORIES);

  it.each(OUTSIDE_STORIES)('goes on where it was: $name', async (story) => {
    const { points, failed, held, doubtful } = await tally.every(story);
    expect(failed.slice(0, 5)).toEqual([]);
    expect(points).toBeGreaterThan(0);
    // Held exactly where nobody can know, and nowhere else.
    expect(held).toEqual(doubtful);
  });

  it('was killed in all of them', () => {
    console.log(tally.sentence);
    expect(tally.untried).toEqual([]);
  });
});

describe('a scenario of the playground', () => {
  const readme = readFileSync(new URL('../../playground/README.md', import.meta.url), 'utf8');
  const [, section = ''] = readme.split(/^#+ Scenarios$/m);
  // Its first table, which test/docs.test.ts holds to the registry.
  const [table = ''] = /(?:^\|.*\n)+/m.exec(section) ?? [];
  const scenarios = [...table.matchAll(/^\| `([a-z0-9-]+)` \|/gm)].map(([, name = '']) => name);

  it('has a story whose every crash point is tried, or a reason why not', () => {
    expect(scenarios.length).toBeGreaterThan(40);
    expect([...Object.keys(STORY_OF), ...Object.keys(WITHOUT_STORY)].sort()).toEqual(scenarios.toSorted());
  });

  it('names stories that there are', () => {
    const stories = [...STORIES, ...TROUBLED_STORIES, ...LATER_STORIES, ...OUTSIDE_STORIES];
    const names = stories.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(Object.values(STORY_OF).filter((story) => !names.includes(story))).toEqual([]);
  });
});

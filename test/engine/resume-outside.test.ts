// The same promise where others do something meanwhile; and that no scenario of the playground is without a story, or a reason.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeKills } from './killed-everywhere.ts';
import { LATER_STORIES } from './later-stories.ts';
import { OUTSIDE_STORIES } from './outside-stories.ts';
import { STORIES } from './stories.ts';
import { STORY_OF, WITHOUT_STORY } from './story-of.ts';
import { TROUBLED_STORIES } from './troubled-stories.ts';

describeKills(OUTSIDE_STORIES);

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

// The same promise where people pause, abort, deny and skip, a drain is blocked, or the rollout has another shape.
import { describe, expect, it } from 'vitest';
import { Tally } from './enumeration.ts';
import { TROUBLED_STORIES } from './troubled-stories.ts';

describe('a process killed at any moment', { timeout: 240_000 }, () => {
  const tally = new Tally(TROUBLED_STORIES);

  it.each(TROUBLED_STORIES)('goes on where it was: $name', async (story) => {
    const { points, failed, held, doubtful } = await tally.every(story);
    expect(failed.slice(0, 5)).toEqual([]);
    expect(points).toBeGreaterThan(0);
    // Held in doubt only where nobody can know; who aborts or skips then need not wait for it.
    if (story.sideBySide !== true) expect(held.filter((point) => !doubtful.includes(point))).toEqual([]);
    expect(held.length).toBeGreaterThan(0);
  });

  it('was killed in all of them', () => {
    console.log(tally.sentence);
    expect(tally.untried).toEqual([]);
  });
});

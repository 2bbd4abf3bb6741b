// The same promise where a soak is waited for, a node comes back otherwise than it should, a pod returns, or an armed node is restarted.
import { describe, expect, it } from 'vitest';
import { LATER_STORIES } from './later-stories.ts';
import { everyPoint } from './story.ts';

describe('a process killed at any moment', { timeout: 240_000 }, () => {
  it.each(LATER_STORIES)('goes on where it was: $name', async (story) => {
    const { points, failed, held, doubtful } = await everyPoint(story);
    expect(failed.slice(0, 5)).toEqual([]);
    expect(points).toBeGreaterThan(0);
    // Held in doubt exactly where nobody can know.
    expect(held).toEqual(doubtful);
    expect(held.length).toBeGreaterThan(0);
  });
});

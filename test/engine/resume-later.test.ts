// The same promise where a soak is waited for, a node comes back otherwise than it should, a pod returns, or an armed node is restarted.
import { describe, expect, it } from 'vitest';
import { Tally } from './enumeration.ts';
import { LATER_STORIES } from './later-stories.ts';

describe('a process killed at any moment', { timeout: 240_000 }, () => {
  const tally = new Tally(LATER_STORIES);

  it.each(LATER_STORIES)('goes on where it was: $name', async (story) => {
    const { points, failed, held, doubtful } = await tally.every(story);
    expect(failed.slice(0, 5)).toEqual([]);
    expect(points).toBeGreaterThan(0);
    // Held in doubt exactly where nobody can know.
    expect(held).toEqual(doubtful);
    expect(held.length).toBeGreaterThan(0);
  });

  it('was killed in all of them', () => {
    console.log(tally.sentence);
    expect(tally.untried).toEqual([]);
  });
});

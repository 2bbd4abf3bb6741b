// What every file of stories promises: killed at every point each of them goes on, and somebody was killed in all of them.
import { describe, expect, it } from 'vitest';
import { type Enumerated, Tally } from './enumeration.ts';
import type { Story } from './story.ts';

type Judge = (found: Enumerated, story: Story) => void;

/** Held exactly where nobody can know, and nowhere else. */
const heldWhereDoubtful: Judge = ({ held, doubtful }) => expect(held).toEqual(doubtful);

/** To be called once by the file. `judge`: what must hold of where a story ends held. */
export function describeKills(stories: readonly Story[], judge: Judge = heldWhereDoubtful): void {
  describe('a process killed at any moment', { timeout: 240_000 }, () => {
    const tally = new Tally(stories);

    it.each(stories)('goes on where it was: $name', async (story) => {
      const found = await tally.every(story);
      expect(found.failed.slice(0, 5)).toEqual([]);
      expect(found.points).toBeGreaterThan(0);
      judge(found, story);
    });

    it('was killed in all of them', () => {
      console.log(tally.sentence);
      expect(tally.untried).toEqual([]);
    });
  });
}

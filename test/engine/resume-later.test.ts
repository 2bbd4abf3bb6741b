// The same promise where a soak is waited for, a node comes back otherwise than it should, a pod returns, or an armed node is restarted.
import { expect } from 'vitest';
import { describeKills } from './killed-everywhere.ts';
import { LATER_STORIES } from './later-stories.ts';

describeKills(LATER_STORIES, ({ held, doubtful }) => {
  // Held in doubt exactly where nobody can know.
  expect(held).toEqual(doubtful);
  expect(held.length).toBeGreaterThan(0);
});

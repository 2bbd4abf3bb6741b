// The same promise where people pause, abort, deny and skip, a drain is blocked, or the rollout has another shape.
import { expect } from 'vitest';
import { describeKills } from './killed-everywhere.ts';
import { TROUBLED_STORIES } from './troubled-stories.ts';

describeKills(TROUBLED_STORIES, ({ held, doubtful }, { sideBySide }) => {
  // Held in doubt only where nobody can know; who aborts or skips then need not wait for it.
  if (sideBySide !== true) expect(held.filter((point) => !doubtful.includes(point))).toEqual([]);
  expect(held.length).toBeGreaterThan(0);
});

// What a node would go back to, as several rollouts tell it: no API does (talos-api.md section 4).
import { describe, expect, it } from 'vitest';
import { previousVersion } from '../../src/engine/planning.ts';
import { aRollout, type RolloutStory } from '../builders/rollout.ts';

const upgraded = (): RolloutStory => aRollout().underWay().node('worker-1', 'done');
const ranBefore = (...newestFirst: readonly RolloutStory[]) =>
  previousVersion(
    newestFirst.map((story) => story.rollout),
    'worker-1',
  )?.version ?? null;

describe('what a node would go back to', () => {
  it('is what it ran before the last rollout that restarted it', () => {
    expect(ranBefore(upgraded())).toBe('v1.13.4');
    const untouched = aRollout({ id: 'r1111111111' }).underWay().aborted();
    expect(ranBefore(untouched, upgraded())).toBe('v1.13.4');
  });

  it('is not known any more after an installation that failed: it may have overwritten the other boot entry', () => {
    const failed = aRollout({ id: 'r1111111111' }).underWay().node('worker-1', 'install');
    expect(ranBefore(failed.failed('worker-1', 'install').aborted(), upgraded())).toBeNull();
  });
});

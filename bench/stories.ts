// Journals of large rollouts: an upgrade of many nodes as it stands halfway, and one that people paused and resumed for a long time.

import type { RolloutEvent } from '../src/rollout/event.ts';
import { fold } from '../src/rollout/evolve.ts';
import { lanesOf } from '../src/rollout/plan.ts';
import type { Rollout } from '../src/rollout/rollout.ts';
import { changesNode } from '../src/rollout/step.ts';
import { APPROVER } from '../test/builders/plan.ts';
import { aRollout, type RolloutStory } from '../test/builders/rollout.ts';

const CONTROL_PLANE = ['cp-1', 'cp-2', 'cp-3'];

/** An upgrade whose first half of the workers is done; the next one is being installed. */
export function halfway(nodes: number): RolloutStory {
  const workers = Array.from({ length: Math.max(2, nodes - CONTROL_PLANE.length) }, (_, at) => `w-${at + 1}`);
  const story = aRollout({ workers, controlPlane: CONTROL_PLANE }).underWay();
  const lanes = lanesOf(story.plan).filter((lane) => lane.role === 'worker' && lane.steps.some(changesNode));
  const half = Math.floor(lanes.length / 2);
  for (const lane of lanes.slice(0, half)) story.node(lane.node, 'done');
  return story.node(lanes[half]?.node ?? '', 'install');
}

/** So many facts of one rollout: an upgrade halfway, then one pause after the other. */
export function longHistory(nodes: number, entries: number): readonly RolloutEvent[] {
  const story = halfway(nodes);
  while (story.entries.length < entries) story.paused(APPROVER).resumed(APPROVER);
  return factsOf(story).slice(0, entries);
}

export function factsOf({ entries }: RolloutStory): readonly RolloutEvent[] {
  return entries.map(({ event }) => event);
}

export function folded({ entries }: Pick<RolloutStory, 'entries'>): Rollout {
  const rollout = fold(entries);
  if (rollout === null) throw new Error('a story begins with asked');
  return rollout;
}

// One story for every situation a rollout can be in, for tables that ask each of them the same thing.
import { aPlan, aPolicy } from '../builders/plan.ts';
import { aRollout, type RolloutStory } from '../builders/rollout.ts';

const TWO_AT_ONCE = aPolicy({ parallelWorkers: 2 });

export type Situation =
  | 'asked'
  | 'proposed'
  | 'running'
  | 'pausing'
  | 'failing'
  | 'ending'
  | 'at-gate'
  | 'proving'
  | 'paused'
  | 'held-failed'
  | 'held-doubted'
  | 'held-withheld'
  | 'held-ending'
  | 'tidying'
  | 'finished';

/** A fresh story in that situation, of a cluster with workers worker-1, worker-2 and control plane cp-1, cp-2, cp-3. */
export function storyIn(situation: Situation): RolloutStory {
  const story = aRollout({ workers: ['worker-1', 'worker-2'], policy: TWO_AT_ONCE });
  const workersDone = (): RolloutStory => story.underWay().node('worker-1', 'done').node('worker-2', 'done');
  switch (situation) {
    case 'asked':
      return story;
    case 'proposed':
      return story.planned();
    case 'running':
      return story.underWay().node('worker-1', 'drain');
    case 'pausing':
      return story.underWay().node('worker-1', 'drain').paused();
    case 'failing':
      return story.underWay().node('worker-1', 'drain').node('worker-2', 'pull').failed('worker-2', 'pull');
    case 'ending':
      return story.underWay().node('worker-1', 'drain').aborted();
    case 'at-gate':
      return workersDone().gate('cp-1');
    case 'proving':
      return workersDone().gate('cp-1').approved('cp-1');
    case 'paused':
      return story.underWay().paused();
    case 'held-failed':
      return story.underWay().node('worker-1', 'install').failed('worker-1', 'install');
    case 'held-doubted':
      return story.underWay().node('worker-1', 'reboot').doubted('worker-1', 'reboot');
    case 'held-withheld':
      return workersDone().withheld('cp-1');
    case 'held-ending':
      return endingWithDebt(story).begun(story.step('worker-1', 'uncordon')).failed('worker-1', 'uncordon');
    case 'tidying':
      return endingWithDebt(story);
    case 'finished':
      return story.upgraded();
  }
}

function endingWithDebt(story: RolloutStory): RolloutStory {
  return story.underWay().node('worker-1', 'install').aborted().ended(story.step('worker-1', 'install'));
}

export const SITUATIONS: readonly Situation[] = [
  'asked',
  'proposed',
  'running',
  'pausing',
  'failing',
  'ending',
  'at-gate',
  'proving',
  'paused',
  'held-failed',
  'held-doubted',
  'held-withheld',
  'held-ending',
  'tidying',
  'finished',
];

export const SMALL_PLAN = aPlan({ workers: ['worker-1', 'worker-2'], policy: TWO_AT_ONCE });

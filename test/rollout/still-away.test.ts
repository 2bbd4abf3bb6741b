// What people are told of nodes that this rollout made leave: nobody is called silent who was not asked.
import { describe, expect, it } from 'vitest';
import type { Snapshot } from '../../src/cluster/snapshot.ts';
import { crowdTrouble, workerTrouble } from '../../src/rollout/departure.ts';
import { type Lane, lanesOf } from '../../src/rollout/plan.ts';
import type { StepKind } from '../../src/rollout/step.ts';
import { stillAway } from '../../src/rollout/still-away.ts';
import { aPolicy } from '../builders/plan.ts';
import { aRollout, type RolloutStory } from '../builders/rollout.ts';
import { aCluster } from '../builders/snapshot.ts';

const until = (step: StepKind | 'done'): RolloutStory => aRollout().underWay().node('worker-1', step);

function laneOn({ plan }: RolloutStory, node: string): Lane {
  const lane = lanesOf(plan).find((one) => one.node === node && one.steps.length > 1);
  if (lane === undefined) throw new Error(`no lane changes ${node}`);
  return lane;
}

/** Its machine is not asked any more once it is back. */
const UNASKED = aCluster().silent('worker-1', 'it was not asked').notReady('worker-1').build();

describe('before the next node goes', () => {
  it.each<readonly [string, StepKind | 'done', Snapshot, readonly string[]]>([
    ['is back and well', 'done', aCluster().silent('worker-1', 'it was not asked').build(), []],
    ['was back and is not Ready', 'done', UNASKED, ['worker-1 is not Ready in Kubernetes']],
    ['is not back', 'return', UNASKED, ['worker-1 is still away from its own upgrade']],
  ])('of a worker that %s is told what is known', (_what, step, snapshot, told) => {
    const story = until(step);
    const { rollout, plan } = story;
    expect(stillAway(rollout, laneOn(story, 'cp-1'), snapshot)).toEqual(told);
    expect(workerTrouble(rollout, plan, laneOn(story, 'worker-2'), snapshot)).toEqual(told);
  });

  it('of a control-plane node that was back the machine is asked, and its silence is told', () => {
    const story = aRollout().underWay().node('cp-1', 'done');
    const snapshot = aCluster().silent('cp-1').build();
    expect(stillAway(story.rollout, laneOn(story, 'worker-1'), snapshot)).toEqual([
      'cp-1 does not answer its Talos API',
    ]);
  });
});

describe('a place beside others', () => {
  const beside = (parallelWorkers: number, snapshot: Snapshot): readonly string[] => {
    const story = aRollout({ policy: aPolicy({ parallelWorkers }) })
      .underWay()
      .node('worker-1', 'done');
    const { rollout, plan } = story;
    return crowdTrouble(rollout, laneOn(story, 'worker-3'), { plan, snapshot, company: ['worker-2'] });
  };

  it.each<readonly [string, number, Snapshot, readonly string[]]>([
    ['while all are well', 2, aCluster().build(), []],
    ['while there are more places than are taken', 3, UNASKED, []],
    [
      'but not when one that is not Ready has taken it',
      2,
      UNASKED,
      [
        'worker-3 does not go together with worker-2: worker-1 is not Ready in Kubernetes, and no more than 2 workers may be away at a time',
      ],
    ],
  ])('there is one %s', (_what, width, snapshot, whys) => {
    expect(beside(width, snapshot)).toEqual(whys);
  });
});

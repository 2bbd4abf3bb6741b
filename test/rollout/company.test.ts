// Who counts whom before a worker is touched, and again after people took their time: always one of two, never both.
import { describe, expect, it } from 'vitest';
import { companionsAway, companyOf } from '../../src/rollout/company.ts';
import { type Lane, lanesOf } from '../../src/rollout/plan.ts';
import type { Rollout } from '../../src/rollout/rollout.ts';
import { changesNode, type StepKind } from '../../src/rollout/step.ts';
import { aPolicy } from '../builders/plan.ts';
import { aRollout } from '../builders/rollout.ts';

/** How far a node of the batch is: the step that was begun last, or none. */
type Far = StepKind | null;

const FARS: readonly Far[] = [null, 'cordon', 'drain', 'reboot'];

function besides(first: Far, second: Far, parallelWorkers = 2): Rollout {
  const story = aRollout({ policy: aPolicy({ parallelWorkers }) }).underWay();
  if (first !== null) story.node('worker-1', first);
  if (second !== null) story.node('worker-2', second);
  return story.rollout;
}

function laneOn({ plan }: Rollout, node: string): Lane {
  const lanes = plan === null ? [] : lanesOf(plan);
  const lane = lanes.find((one) => one.node === node && one.steps.some(changesNode));
  if (lane === undefined) throw new Error(`no lane changes ${node}`);
  return lane;
}

/** Those that `node` counts, when the others that are touched ask as well, or not. */
const counted = (rollout: Rollout, node: string, asks = true): readonly string[] =>
  companyOf(rollout, laneOn(rollout, node), () => asks);

describe('of two workers that both ask', () => {
  it.each<readonly [Far, Far, string]>([
    [null, null, 'worker-2'],
    ['cordon', null, 'worker-2'],
    [null, 'cordon', 'worker-1'],
    ['cordon', 'cordon', 'worker-2'],
    ['drain', 'cordon', 'worker-2'],
    ['cordon', 'drain', 'worker-1'],
    ['drain', 'drain', 'worker-2'],
    ['drain', 'reboot', 'worker-1'],
    ['reboot', 'drain', 'worker-2'],
  ])('at %s and %s, only %s counts the other', (first, second, later) => {
    const rollout = besides(first, second);
    const other = later === 'worker-1' ? 'worker-2' : 'worker-1';
    expect(counted(rollout, later)).toEqual([other]);
    expect(counted(rollout, other)).toEqual([]);
  });
});

describe('a worker that goes on without being asked', () => {
  const pairs = FARS.filter((far) => far !== null).flatMap((first) =>
    FARS.filter((far) => far !== null).map((second) => [first, second] as const),
  );

  it.each(pairs)('is counted by whoever asks, at %s and %s', (first, second) => {
    const rollout = besides(first, second);
    expect(counted(rollout, 'worker-1', false)).toEqual(['worker-2']);
    expect(counted(rollout, 'worker-2', false)).toEqual(['worker-1']);
  });

  it('is none before it was touched: then it is asked', () => {
    expect(counted(besides('cordon', null), 'worker-1', false)).toEqual([]);
  });
});

describe('nobody is counted', () => {
  it('where one goes at a time', () => {
    expect(counted(besides('cordon', 'cordon', 1), 'worker-2')).toEqual([]);
  });

  it('who is through', () => {
    const story = aRollout({ policy: aPolicy({ parallelWorkers: 2 }) }).underWay();
    const { rollout } = story.node('worker-1', 'done').node('worker-2', 'cordon');
    expect(counted(rollout, 'worker-2')).toEqual([]);
  });
});

it('those on their way are the ones that left and are not back', () => {
  const away = (first: Far, second: Far): readonly string[] => {
    const rollout = besides(first, second);
    return companionsAway(rollout, laneOn(rollout, 'worker-2'));
  };
  expect([away('drain', 'drain'), away('reboot', 'drain'), away('uncordon', 'drain')]).toEqual([
    [],
    ['worker-1'],
    [],
  ]);
  expect(away('drain', 'reboot')).toEqual([]);
});

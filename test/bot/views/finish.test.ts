// What a finish found out: whether the node boots what was installed, also where only its extensions were to change.
import { describe, expect, it } from 'vitest';
import { unbootedOf } from '../../../src/bot/views/finish.ts';
import { laneOf } from '../../../src/rollout/plan/lanes.ts';
import type { Plan, PlannedNode } from '../../../src/rollout/plan.ts';
import type { StepFacts } from '../../../src/rollout/step.ts';
import { limits } from '../../builders/plan.ts';
import { aRollout, type RolloutStory } from '../../builders/rollout.ts';

interface Found {
  readonly to: string;
  /** What its return takes; null for whatever boots. */
  readonly takes: string | null;
  readonly result: StepFacts;
}

function finished({ to, takes, result }: Found): RolloutStory {
  const goal = { kind: 'finish-node', node: 'worker-1' } as const;
  const story = aRollout({ goal, workers: ['worker-1'], controlPlane: [] });
  const back = { kind: 'return', params: { version: takes, schematic: null, from: null } } as const;
  const lane = laneOf(1, { node: 'worker-1', role: 'worker', steps: [back] }, limits());
  const node: PlannedNode = {
    name: 'worker-1',
    address: '192.0.2.1',
    role: 'worker',
    from: 'v1.13.4',
    to,
    schematic: 'old',
    image: null,
    touched: true,
  };
  const stages = [{ id: 'restart', title: 'Restart worker-1', width: 1, lanes: [lane] }];
  const plan: Plan = { goal, success: 'upgraded', nodes: [node], etcdMembers: [], stages };
  story.append({ kind: 'planned', plan, findings: [], expiresAt: 1e13 }).started();
  const [step] = lane.steps;
  if (step === undefined) throw new Error('the lane has no step');
  story.begun(step).append({ kind: 'step-ended', step: step.id, result });
  return story.finished('upgraded');
}

describe('a finish', () => {
  it.each<readonly [string, Found, string | null]>([
    [
      'the old version',
      { to: 'v1.13.5', takes: null, result: { version: 'v1.13.4', schematic: 'old' } },
      'v1.13.4',
    ],
    [
      'the new version',
      { to: 'v1.13.5', takes: null, result: { version: 'v1.13.5', schematic: 'old' } },
      null,
    ],
    [
      'the same version with what it was made of',
      { to: 'v1.13.4', takes: null, result: { version: 'v1.13.4', schematic: 'old' } },
      'v1.13.4',
    ],
    [
      'the same version with other extensions',
      { to: 'v1.13.4', takes: null, result: { version: 'v1.13.4', schematic: 'new' } },
      null,
    ],
    [
      'what its return proved',
      { to: 'v1.13.4', takes: 'v1.13.4', result: { version: 'v1.13.4', schematic: 'old' } },
      null,
    ],
    ['nobody wrote down what', { to: 'v1.13.5', takes: null, result: {} }, null],
  ])('whose node boots %s', (_what, found, runs) => {
    expect(unbootedOf(finished(found).rollout)?.runs ?? null).toBe(runs);
  });
});

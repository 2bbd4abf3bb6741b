// Folding facts: phases, debts, who is away or armed, and the journals no program of ours could have written.
import { describe, expect, it } from 'vitest';
import { evolve, fold } from '../../src/rollout/evolve.ts';
import { laneOfStep, lanesOf } from '../../src/rollout/plan.ts';
import {
  debtsOf,
  gateState,
  nodesArmed,
  nodesAway,
  outcomeOf,
  type Rollout,
  restartsUnseen,
  stepState,
  stepsInHand,
} from '../../src/rollout/rollout.ts';
import { APPROVER, aPolicy } from '../builders/plan.ts';
import { aRollout, type RolloutStory } from '../builders/rollout.ts';
import { SITUATIONS, type Situation, storyIn } from './phases.ts';

const phaseOf = (story: RolloutStory): unknown => story.rollout.phase;

describe('a phase', () => {
  const expected: Readonly<Record<Situation, object>> = {
    asked: { phase: 'asked' },
    proposed: { phase: 'proposed' },
    running: { phase: 'running', halt: null },
    pausing: { phase: 'running', halt: { kind: 'pause', user: APPROVER } },
    failing: { phase: 'running', halt: { kind: 'failure', held: { node: 'worker-2' } } },
    ending: { phase: 'running', halt: { kind: 'ending', outcome: 'aborted' } },
    'at-gate': { phase: 'at-gate', gate: 'gate:cp-1' },
    proving: { phase: 'running', halt: null },
    paused: { phase: 'paused', user: APPROVER },
    'held-failed': { phase: 'held', held: { kind: 'failed', node: 'worker-1' }, ending: null },
    'held-doubted': { phase: 'held', held: { kind: 'doubted', node: 'worker-1' }, ending: null },
    'held-withheld': { phase: 'held', held: { kind: 'withheld', node: 'cp-1' }, ending: null },
    'held-ending': { phase: 'held', held: { kind: 'failed', node: 'worker-1' }, ending: 'aborted' },
    tidying: { phase: 'tidying', outcome: 'aborted' },
    finished: { phase: 'finished', outcome: 'upgraded', sentence: null },
  };
  it.each(SITUATIONS)('%s carries what exists then', (situation) => {
    expect(phaseOf(storyIn(situation))).toMatchObject(expected[situation]);
  });
});

describe('a halt', () => {
  it('waits for the act in hand, then changes the phase', () => {
    const story = storyIn('pausing');
    expect(stepsInHand(story.rollout).map((step) => step.kind)).toEqual(['drain']);
    story.ended(story.step('worker-1', 'drain'));
    expect(phaseOf(story)).toEqual({ phase: 'paused', user: APPROVER });
  });

  it.each([
    ['a failure outranks a pause', 'pausing', 'failed', 'held'],
    ['an abort outranks a pause', 'pausing', 'aborted', 'tidying'],
    ['an abort outranks a failure', 'failing', 'aborted', 'tidying'],
    ['a failure does not undo an abort', 'ending', 'failed', 'tidying'],
  ] as const)('%s', (_what, situation, then, phase) => {
    const story = storyIn(situation);
    if (then === 'aborted') story.aborted().ended(story.step('worker-1', 'drain'));
    else story.failed('worker-1', 'drain');
    expect(phaseOf(story)).toMatchObject({ phase });
  });

  it('of an abort while it was planned, proposed, paused or held goes straight to tidying', () => {
    for (const situation of ['asked', 'proposed', 'paused', 'held-failed', 'held-withheld'] as const) {
      expect(phaseOf(storyIn(situation).aborted()), situation).toEqual({
        phase: 'tidying',
        outcome: 'aborted',
      });
    }
  });

  it('at a gate takes the card away', () => {
    for (const halt of ['paused', 'aborted'] as const) {
      const story = storyIn('at-gate')[halt]();
      expect(gateState(story.rollout, 'gate:cp-1').state).toBe('closed');
    }
  });

  it('by a denial or an expiry ends the rollout with that outcome', () => {
    expect(phaseOf(storyIn('at-gate').denied('cp-1'))).toEqual({ phase: 'tidying', outcome: 'denied' });
    expect(phaseOf(storyIn('at-gate').expiredAt('cp-1'))).toEqual({ phase: 'tidying', outcome: 'expired' });
    expect(phaseOf(storyIn('proposed').append({ kind: 'expired' }))).toEqual({
      phase: 'tidying',
      outcome: 'expired',
    });
  });
});

/** Both workers failed side by side; worker-1 first. */
function twoFailures(): RolloutStory {
  return storyIn('failing').failed('worker-1', 'drain', 'a budget');
}

describe('several failures', () => {
  it('hold for the first, and then for the next: none is forgotten when one is retried', () => {
    const story = twoFailures();
    expect(phaseOf(story)).toMatchObject({ phase: 'held', held: { node: 'worker-2' } });
    story.retried(story.step('worker-2', 'pull').id);
    expect(phaseOf(story)).toMatchObject({ phase: 'held', held: { node: 'worker-1', why: 'a budget' } });
    story.retried(story.step('worker-1', 'drain').id);
    expect(phaseOf(story)).toEqual({ phase: 'running', halt: null });
  });

  it('are not asked about any more once their lane is skipped', () => {
    const story = twoFailures().skipped('worker-2').skipped('worker-1');
    expect(phaseOf(story)).toEqual({ phase: 'running', halt: null });
  });

  it('while tidying keep the outcome they were tidying for', () => {
    const story = aRollout({ workers: ['worker-1', 'worker-2'], policy: aPolicy({ parallelWorkers: 2 }) });
    story.underWay().node('worker-1', 'install').node('worker-2', 'install').aborted();
    for (const node of ['worker-1', 'worker-2']) story.ended(story.step(node, 'install'));
    for (const node of ['worker-1', 'worker-2']) story.begun(story.step(node, 'uncordon'));
    for (const node of ['worker-1', 'worker-2']) story.failed(node, 'uncordon');
    expect(phaseOf(story)).toMatchObject({ phase: 'held', held: { node: 'worker-1' }, ending: 'aborted' });
    story.retried(story.step('worker-1', 'uncordon').id);
    expect(phaseOf(story)).toMatchObject({ phase: 'held', held: { node: 'worker-2' }, ending: 'aborted' });
    story.append({
      kind: 'debt-taken',
      step: story.step('worker-2', 'uncordon').id,
      user: APPROVER,
      delivery: 'd',
    });
    expect(phaseOf(story)).toEqual({ phase: 'tidying', outcome: 'aborted' });
  });
});

describe('debts', () => {
  const debts = (story: RolloutStory): readonly string[] => debtsOf(story.rollout).map(({ pay }) => pay.id);

  it('are made by the beginning of a cordon and paid by the end of its uncordon', () => {
    const story = aRollout({ workers: ['worker-1'] }).underWay();
    const uncordon = story.step('worker-1', 'uncordon');
    expect(debts(story)).toEqual([]);
    story.begun(story.step('worker-1', 'pull')).ended(story.step('worker-1', 'pull'));
    expect(debts(story)).toEqual([]);
    story.begun(story.step('worker-1', 'cordon'));
    expect(debts(story)).toEqual([uncordon.id]);
    story.ended(story.step('worker-1', 'cordon')).begun(uncordon);
    expect(debts(story)).toEqual([uncordon.id]);
    story.ended(uncordon);
    expect(debts(story)).toEqual([]);
  });

  it('stay when the cordon itself failed: nobody knows how far it came', () => {
    const story = storyIn('asked').underWay().node('worker-1', 'cordon').failed('worker-1', 'cordon');
    expect(debts(story)).toHaveLength(1);
  });

  it('stay when the lane is skipped, and end when a person takes them over', () => {
    const story = storyIn('held-failed').skipped('worker-1');
    expect(debts(story)).toHaveLength(1);
    story.append({
      kind: 'debt-taken',
      step: story.step('worker-1', 'uncordon').id,
      user: APPROVER,
      delivery: 'd',
    });
    expect(debts(story)).toEqual([]);
  });

  it('whose payment had failed are tried once more when the rollout is aborted', () => {
    const story = storyIn('asked').underWay().node('worker-1', 'uncordon').failed('worker-1', 'uncordon');
    expect(phaseOf(story)).toMatchObject({ phase: 'held' });
    story.aborted();
    expect(stepState(story.rollout, story.step('worker-1', 'uncordon').id).state).toBe('open');
    expect(phaseOf(story)).toEqual({ phase: 'tidying', outcome: 'aborted' });
  });
});

describe('a node', () => {
  const away = (story: RolloutStory): readonly string[] => nodesAway(story.rollout);
  const armed = (story: RolloutStory): readonly string[] => nodesArmed(story.rollout);
  const at = (kind: 'install' | 'reboot' | 'return' | 'uncordon'): RolloutStory =>
    storyIn('asked').underWay().node('worker-1', kind);

  it.each([
    ['installing', at('install'), [], [], []],
    ['rebooting', at('reboot'), ['worker-1'], [], ['worker-1']],
    ['returning', at('return'), ['worker-1'], [], []],
    ['back', at('uncordon'), [], [], []],
    ['not seen to return', at('return').failed('worker-1', 'return'), ['worker-1'], [], []],
    ['in doubt about its reboot', at('reboot').doubted('worker-1', 'reboot'), ['worker-1'], [], ['worker-1']],
    ['refusing its reboot', at('reboot').failed('worker-1', 'reboot'), [], ['worker-1'], []],
    ['failing its installation', at('install').failed('worker-1', 'install'), [], [], []],
    ['in doubt about its installation', at('install').doubted('worker-1', 'install'), [], [], []],
  ] as const)('%s is away %j, armed %j, restarting unseen %j', (_what, story, ...expected) => {
    expect([away(story), armed(story), restartsUnseen(story.rollout)]).toEqual(expected);
  });

  it('is armed from its installation in one lane to its restart in another', () => {
    const story = aRollout({ staged: true, workers: ['worker-1'] }).underWay();
    expect(armed(story)).toEqual([]);
    story.installed();
    expect(armed(story)).toEqual(['worker-1', 'cp-1', 'cp-2', 'cp-3']);
    story.gate('worker-1').approved('worker-1').passed('worker-1').node('worker-1', 'reboot');
    expect([armed(story), away(story)]).toEqual([['cp-1', 'cp-2', 'cp-3'], ['worker-1']]);
  });

  it('in doubt stays away when a person said "again", until it is begun anew or seen to have gone', () => {
    const story = storyIn('held-doubted');
    const reboot = story.step('worker-1', 'reboot');
    story.retried(reboot.id);
    expect(away(story)).toEqual(['worker-1']);
    story.failed('worker-1', 'reboot', 'it does not answer');
    expect(away(story)).toEqual(['worker-1']);
    expect([armed(story), restartsUnseen(story.rollout)]).toEqual([[], ['worker-1']]);
    story.retried(reboot.id).did(reboot).did(story.step('worker-1', 'return'));
    expect(away(story)).toEqual([]);
    expect(story.rollout.doubts.size).toBe(0);
  });

  it('keeps the evidence of an act in doubt for whoever tries again', () => {
    const story = storyIn('held-doubted');
    const { id } = story.step('worker-1', 'reboot');
    story.retried(id);
    expect(story.rollout.doubts.get(id)).toEqual({ bootId: 'b1' });
  });
});

describe('the outcome of a walked plan', () => {
  const outcome = ({ rollout, plan }: RolloutStory): string => outcomeOf(rollout, plan);

  it('is what the plan promised, also when a worker was left behind', () => {
    expect(outcome(storyIn('running'))).toBe('upgraded');
    expect(outcome(storyIn('held-failed').skipped('worker-1'))).toBe('upgraded');
  });

  it('is aborted when every node that would have changed was skipped', () => {
    const story = aRollout({ goal: { kind: 'rollback-node', node: 'worker-1' }, controlPlane: [] });
    story.planned().started().node('worker-1', 'rollback').failed('worker-1', 'rollback').skipped('worker-1');
    expect(outcome(story)).toBe('aborted');
  });
});

describe('time', () => {
  it('counts for people while only they can move it', () => {
    const story = storyIn('at-gate');
    const before = story.rollout.peopleMs;
    story.append({ kind: 'gate-voided', gate: 'gate:cp-1', why: '' }, 5_000);
    expect(story.rollout.peopleMs - before).toBe(5_000);
    story.append({ kind: 'lane-deferred', lane: lanesOf(story.plan).at(-1)?.id ?? '', why: '' }, 7_000);
    expect(story.rollout.peopleMs - before).toBe(5_000);
  });
});

describe('replaying', () => {
  it.each(SITUATIONS)(
    'every beginning of a journal that is %s gives the state there was then',
    (situation) => {
      const { entries } = storyIn(situation);
      let walked: Rollout | null = null;
      for (const [index, entry] of entries.entries()) {
        walked = evolve(walked, entry);
        expect(fold(entries.slice(0, index + 1))).toEqual(walked);
      }
    },
  );

  it('of nothing is nothing', () => {
    expect(fold([])).toBeNull();
  });

  it('remembers each delivery once', () => {
    const { rollout } = storyIn('at-gate');
    expect(rollout.deliveries.has(`${rollout.id}-ask`)).toBe(true);
  });

  it.each([
    ['that does not begin with asked', (story: RolloutStory) => fold(story.entries.slice(1))],
    ['with a gap', (story: RolloutStory) => fold(story.entries.filter((entry) => entry.n !== 2))],
    [
      'asked twice',
      (story: RolloutStory) => fold([...story.entries.slice(0, 1), ...story.entries.slice(0, 1)]),
    ],
    [
      'in which a step begins twice',
      (story: RolloutStory) => story.begun(story.step('worker-1', 'drain')).rollout,
    ],
    [
      'in which a step never begun is doubted',
      (story: RolloutStory) => story.doubted('worker-2', 'reboot').rollout,
    ],
    ['in which a closed gate is approved', (story: RolloutStory) => story.approved('cp-1').rollout],
  ])('refuses a journal %s', (_what, replay) => {
    expect(() => replay(storyIn('running'))).toThrow();
  });
});

describe('a lane', () => {
  it('is found by any of its steps', () => {
    const { plan } = storyIn('asked');
    const step = storyIn('asked').step('cp-2', 'reboot');
    expect(laneOfStep(plan, step.id)?.node).toBe('cp-2');
  });
});

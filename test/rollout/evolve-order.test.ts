// Facts that are well-formed and cannot follow on what is known: nobody goes on from them.
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/rollout/decide.ts';
import type { RolloutEvent } from '../../src/rollout/event.ts';
import type { Intent } from '../../src/rollout/intent.ts';
import { APPROVER, aPolicy, aProof, SECOND_APPROVER } from '../builders/plan.ts';
import { aRollout, type RolloutStory } from '../builders/rollout.ts';
import { SITUATIONS, storyIn } from './phases.ts';

const said = { user: APPROVER, delivery: 'd' };
const proof = aProof();
const opened = { gate: 'gate:cp-1', fingerprint: 'f', proof, needs: 1, expiresAt: 1 };

describe('what is not in the plan', () => {
  const step = 'no-such-step';
  it.each<RolloutEvent>([
    { kind: 'step-begun', step, evidence: {}, by: 'w1' },
    { kind: 'step-ended', step, result: {} },
    { kind: 'step-failed', step, why: '' },
    { kind: 'step-withdrawn', step, why: '' },
    { kind: 'step-doubted', step, why: '' },
    { kind: 'step-outdated', step, why: '' },
    { kind: 'step-slow', step, afterMs: 1, evidence: [] },
    { kind: 'drain-blocked', step, blockers: [] },
    { kind: 'drain-cleared', step },
    { kind: 'drain-proposed', step, choice: 'leave', ...said },
    { kind: 'drain-decided', step, choice: 'wait', pods: [], askedBy: APPROVER, ...said },
    { kind: 'soak-shortened', step, ...said },
    { kind: 'debt-taken', step, ...said },
    { kind: 'retried', subject: step, notBefore: 0, ...said },
    { kind: 'lane-deferred', lane: step, why: '' },
    { kind: 'skipped', lane: step, ...said },
    { kind: 'gate-opened', ...opened, gate: step },
    { kind: 'approved', gate: step, fingerprint: 'f', ...said },
    { kind: 'denied', gate: step, reason: '', ...said },
    { kind: 'gate-passed', gate: step, proof },
    { kind: 'gate-voided', gate: step, why: '' },
    { kind: 'gate-expired', gate: step },
    { kind: 'gate-withheld', gate: step, why: '' },
  ])('has no fact of its own: $kind', (event) => {
    expect(() => storyIn('running').append(event).rollout).toThrow(/no-such-step is not in its plan/);
    expect(() => storyIn('asked').append(event).rollout).toThrow(/no-such-step is not in its plan/);
  });
});

describe('a gate', () => {
  const twice = (): RolloutStory => storyIn('asked').underWay().gate('cp-1', { needs: 2 });
  it.each<[string, () => RolloutStory, RegExp]>([
    ['passed by nobody', () => twice().passed('cp-1'), /passed with 0 of 2 approvals/],
    ['passed by one of two', () => twice().approved('cp-1').passed('cp-1'), /passed with 1 of 2 approvals/],
    ['passed unopened', () => storyIn('running').passed('cp-1'), /passed while closed/],
    ['passed after a pause', () => storyIn('proving').paused().passed('cp-1'), /passed while closed/],
    ['passed after a no', () => storyIn('proving').denied('cp-1').passed('cp-1'), /passed while denied/],
    ['approved twice by one', () => twice().approved('cp-1').approved('cp-1'), /twice by the same person/],
    [
      'approved as something else',
      () => twice().append({ kind: 'approved', gate: 'gate:cp-1', fingerprint: 'other', ...said }),
      /as something else than was shown/,
    ],
    ['opened twice', () => twice().gate('cp-1', { needs: 1 }), /opened while open/],
    ['opened after its passing', () => storyIn('proving').passed('cp-1').gate('cp-1'), /opened while passed/],
    ['retried while it is open', () => twice().retried('gate:cp-1'), /retried while open/],
  ])('%s was written by nobody', (_what, story, why) => {
    expect(() => story().rollout).toThrow(why);
  });

  it('that two people agreed to is passed', () => {
    const story = twice().approved('cp-1').approved('cp-1', SECOND_APPROVER).passed('cp-1');
    expect(story.rollout.gates.get('gate:cp-1')).toMatchObject({ state: 'passed' });
  });
});

describe('a step', () => {
  const begun = (): RolloutStory => storyIn('asked').underWay().node('worker-1', 'reboot');
  const reboot = (story: RolloutStory) => story.step('worker-1', 'reboot');
  it.each<[string, (story: RolloutStory) => RolloutStory, RegExp]>([
    ['begun twice', (story) => story.begun(reboot(story)), /begun while begun/],
    [
      'that has ended and is tried again',
      (story) => story.ended(reboot(story)).retried(reboot(story).id),
      /retried while ended/,
    ],
    ['that is tried again in hand', (story) => story.retried(reboot(story).id), /retried while begun/],
    ['that ends twice', (story) => story.ended(reboot(story)).ended(reboot(story)), /ended while ended/],
    [
      'that fails when it has ended',
      (story) => story.ended(reboot(story)).failed('worker-1', 'reboot'),
      /failed while ended/,
    ],
    [
      'that is withdrawn in doubt',
      (story) =>
        story
          .doubted('worker-1', 'reboot')
          .append({ kind: 'step-withdrawn', step: reboot(story).id, why: '' }),
      /withdrawn while doubted/,
    ],
  ])('%s is no story', (_what, goOn, why) => {
    expect(() => goOn(begun()).rollout).toThrow(why);
  });

  it('in doubt may still be seen to have ended, and one may end that never began', () => {
    const story = begun().doubted('worker-1', 'reboot');
    expect(() => story.ended(reboot(story)).rollout).not.toThrow();
    expect(() => story.ended(story.step('worker-1', 'return')).rollout).not.toThrow();
  });
});

describe('a rollout', () => {
  it.each<[string, () => RolloutStory, RegExp]>([
    ['planned twice', () => storyIn('proposed').planned(), /planned while proposed/],
    ['planned anew under way', () => storyIn('running').planned(), /planned while running/],
    ['declined under way', () => storyIn('running').declined('blocked', ''), /declined while running/],
    ['started without a plan', () => storyIn('asked').started(), /started while asked/],
    ['started twice', () => storyIn('running').started(), /started while running/],
    ['finished at a gate', () => storyIn('at-gate').finished('upgraded'), /finished while at-gate/],
    ['finished before its start', () => storyIn('proposed').finished('upgraded'), /finished while proposed/],
    [
      'finished as what it is not',
      () => storyIn('tidying').finished('upgraded'),
      /as upgraded while it ends as/,
    ],
    ['that goes on after its end', () => storyIn('finished').resumed(), /resumed after its end/],
  ])('%s is no story', (_what, story, why) => {
    expect(() => story().rollout).toThrow(why);
  });

  it('of several workers that fail side by side goes on', () => {
    const story = aRollout({ workers: ['worker-1', 'worker-2'], policy: aPolicy({ parallelWorkers: 2 }) });
    story.underWay().node('worker-1', 'drain').node('worker-2', 'drain');
    expect(
      () => story.failed('worker-1', 'drain').failed('worker-2', 'drain').aborted().rollout,
    ).not.toThrow();
  });
});

describe('what people may say', () => {
  const gate = 'gate:cp-1';
  const intents: readonly Intent[] = [
    { kind: 'start' },
    { kind: 'override', checks: ['flux'], reason: 'r' },
    { kind: 'approve', gate },
    { kind: 'deny', gate, reason: 'r' },
    { kind: 'pause' },
    { kind: 'resume' },
    { kind: 'continue' },
    { kind: 'retry' },
    { kind: 'skip' },
    { kind: 'hand-over', to: null },
    { kind: 'abort' },
  ];

  it.each(SITUATIONS)('of a rollout that is %s can follow, whatever it is', (situation) => {
    let written = 0;
    for (const intent of intents) {
      const story = storyIn(situation);
      const judged = decide(
        story.rollout,
        { intent, user: APPROVER, delivery: 'd' },
        { policy: aPolicy(), now: story.now },
      );
      if (judged.kind === 'refusal') continue;
      for (const event of judged.events) story.append(event);
      written += judged.events.length;
      expect(() => story.rollout).not.toThrow();
    }
    expect(written > 0).toBe(situation !== 'finished');
  });
});

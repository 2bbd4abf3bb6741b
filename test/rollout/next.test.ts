// What should be in hand: by phase, by stage and width, by gate, and after a person decided.
import { describe, expect, it } from 'vitest';
import { next } from '../../src/rollout/next.ts';
import { lanesOf } from '../../src/rollout/plan.ts';
import { aPolicy } from '../builders/plan.ts';
import { aRollout, type RolloutStory } from '../builders/rollout.ts';
import { SITUATIONS, type Situation, storyIn } from './phases.ts';

function ids(story: RolloutStory, now = story.now): readonly string[] {
  return next(story.rollout, now).tasks.map((task) => task.id.replace(/^step:\d+-/, ''));
}

describe('by phase', () => {
  const table: Readonly<Record<Situation, readonly string[]>> = {
    asked: ['plan'],
    proposed: [],
    running: ['worker-1-drain', 'worker-2-pull'],
    pausing: ['worker-1-drain'],
    failing: ['worker-1-drain'],
    ending: ['worker-1-drain'],
    'at-gate': [],
    proving: ['prove:gate:cp-1'],
    paused: [],
    'held-failed': [],
    'held-doubted': [],
    'held-withheld': [],
    'held-ending': [],
    tidying: ['worker-1-uncordon'],
    finished: [],
  };
  it.each(SITUATIONS)('%s', (situation) => {
    expect(ids(storyIn(situation))).toEqual(table[situation]);
  });

  it('says of a step whether it was begun', () => {
    const tasks = next(storyIn('running').rollout, 0).tasks;
    expect(tasks.map((task) => task.kind === 'step' && task.begun)).toEqual([true, false]);
  });
});

describe('waking', () => {
  it.each(['proposed', 'at-gate'] as const)(
    'a rollout that is %s sleeps until it expires, then expires',
    (situation) => {
      const { rollout } = storyIn(situation);
      const { wakeAt } = next(rollout, rollout.lastAt);
      expect(wakeAt).not.toBeNull();
      expect(next(rollout, (wakeAt ?? 0) - 1).tasks).toEqual([]);
      expect(next(rollout, wakeAt ?? 0).tasks.map((task) => task.kind)).toEqual(['expire']);
    },
  );

  it.each(['paused', 'held-failed', 'held-doubted', 'held-withheld', 'held-ending', 'finished'] as const)(
    'only an event wakes a rollout that is %s',
    (situation) => {
      expect(next(storyIn(situation).rollout, 0)).toEqual({ tasks: [], wakeAt: null });
    },
  );

  it('an act in doubt is begun again at its time and not before', () => {
    const story = aRollout({ workers: ['worker-1'] });
    story.underWay().node('worker-1', 'reboot').doubted('worker-1', 'reboot');
    const { id } = story.step('worker-1', 'reboot');
    const notBefore = story.now + 120_000;
    story.append({ kind: 'retried', subject: id, user: 'U1', notBefore, delivery: 'd' });
    expect(next(story.rollout, notBefore - 1)).toEqual({ tasks: [], wakeAt: notBefore });
    expect(next(story.rollout, notBefore).tasks).toMatchObject([{ kind: 'step', begun: false }]);
  });
});

describe('stages', () => {
  it('follow one another, and each has at most its width in hand', () => {
    const story = aRollout({ policy: aPolicy({ parallelWorkers: 2 }) })
      .planned()
      .started();
    expect(ids(story)).toEqual(['cp-1-pull', 'cp-2-pull', 'cp-3-pull', 'worker-1-pull', 'worker-2-pull']);
    story.pulled();
    expect(ids(story)).toEqual(['worker-1-pull', 'worker-2-pull']);
    story.node('worker-2', 'done');
    expect(ids(story)).toEqual(['worker-1-pull', 'worker-3-pull']);
    story.node('worker-1', 'done').node('worker-3', 'done');
    expect(ids(story)).toEqual(['open:gate:cp-1']);
  });

  it('finish a lane before they enter another', () => {
    const story = aRollout()
      .underWay()
      .node('worker-2', 'cordon')
      .ended(aRollout().step('worker-2', 'cordon'));
    expect(ids(story)).toEqual(['worker-2-drain']);
  });

  it('end in finish', () => {
    const story = aRollout({ controlPlane: [], workers: ['worker-1'] })
      .underWay()
      .node('worker-1', 'done');
    expect(ids(story)).toEqual(['finish']);
  });
});

describe('a gate', () => {
  it('is opened, waited for, proved once more, and only then passed by the steps', () => {
    const story = storyIn('held-withheld').retried('gate:cp-1');
    expect(ids(story)).toEqual(['open:gate:cp-1']);
    story.gate('cp-1', { needs: 2 });
    expect(ids(story)).toEqual([]);
    story.approved('cp-1');
    expect(ids(story)).toEqual([]);
    story.approved('cp-1', 'U0MEI00003');
    expect(ids(story)).toEqual(['prove:gate:cp-1']);
    story.passed('cp-1');
    expect(ids(story)).toEqual(['cp-1-pull']);
  });

  it('that was voided is opened again', () => {
    expect(ids(storyIn('proving').voided('cp-1'))).toEqual(['open:gate:cp-1']);
  });

  it('of a deferred lane comes after the others', () => {
    const story = storyIn('held-withheld').retried('gate:cp-1');
    const lane = lanesOf(story.plan).find((one) => one.gate?.id === 'gate:cp-1')?.id ?? '';
    story.append({ kind: 'lane-deferred', lane, why: 'cp-1 leads etcd' });
    expect(ids(story)).toEqual(['open:gate:cp-2']);
  });
});

describe('after a person decided', () => {
  it('a skipped node is put back before anything else is done', () => {
    const story = storyIn('held-failed').skipped('worker-1');
    expect(ids(story)).toEqual(['worker-1-uncordon']);
    story.did(story.step('worker-1', 'uncordon'));
    expect(ids(story)).toEqual(['worker-2-pull']);
  });

  it('skipping the first pull of a node does not undo what its own lane does later', () => {
    const story = aRollout({ workers: ['worker-1'], controlPlane: [] })
      .planned()
      .started();
    const pull = lanesOf(story.plan)[0]?.steps[0];
    const lane = lanesOf(story.plan)[0]?.id ?? '';
    if (pull === undefined) throw new Error('no pull');
    story.begun(pull).append({ kind: 'step-failed', step: pull.id, why: 'no such image' });
    story.append({ kind: 'skipped', lane, user: 'U1', delivery: 'd' });
    story.node('worker-1', 'cordon');
    expect(ids(story)).toEqual(['worker-1-cordon']);
    story.ended(story.step('worker-1', 'cordon'));
    expect(ids(story)).toEqual(['worker-1-drain']);
  });

  it('a withdrawn step begins again by itself', () => {
    const story = storyIn('running');
    story.append({ kind: 'step-withdrawn', step: story.step('worker-1', 'drain').id, why: 'lease' });
    expect(ids(story)).toContain('worker-1-drain');
  });

  it('tidying pays every debt and then finishes', () => {
    const story = storyIn('tidying');
    story.did(story.step('worker-1', 'uncordon'));
    expect(ids(story)).toEqual(['finish']);
  });

  it('tidying without debts finishes at once', () => {
    expect(ids(storyIn('proposed').aborted())).toEqual(['finish']);
  });
});

// What Retry and Skip mean, in the same words on the held card, in the dialog and in the answer to the command.
import { describe, expect, it, test } from 'vitest';
import { heldButtons } from '../../../src/bot/views/buttons.ts';
import { heldCard } from '../../../src/bot/views/held.ts';
import { steered } from '../../../src/bot/views/steered.ts';
import { decide } from '../../../src/rollout/decide.ts';
import type { RolloutEvent } from '../../../src/rollout/event.ts';
import { fold } from '../../../src/rollout/evolve.ts';
import { next } from '../../../src/rollout/next.ts';
import { afterwards } from '../../../src/rollout/pause.ts';
import { laneOf } from '../../../src/rollout/plan/lanes.ts';
import type { Plan } from '../../../src/rollout/plan.ts';
import type { Rollout } from '../../../src/rollout/rollout.ts';
import type { StepKind } from '../../../src/rollout/step.ts';
import { aPlan, aPolicy, limits, REQUESTER } from '../../builders/plan.ts';
import { aRollout, type RolloutStory, START_MS, type StoryOptions } from '../../builders/rollout.ts';

const NOW = START_MS + 3_600_000;
const PAIR: StoryOptions = { policy: aPolicy({ parallelWorkers: 2 }) };

function failedAt(kind: StepKind, options?: StoryOptions): RolloutStory {
  return aRollout(options).underWay().node('worker-1', kind).failed('worker-1', kind);
}

function withoutCopy(): RolloutStory {
  const story = aRollout({ workers: [], archived: true }).underWay();
  story.begun(story.copying);
  return story.append({ kind: 'step-failed', step: story.copying.id, why: 'the archive is full' });
}

/** What was put back while it was aborted could not be. */
function abortedAndStuck(): RolloutStory {
  const story = aRollout().underWay().node('worker-1', 'drain').aborted();
  story.ended(story.step('worker-1', 'drain')).begun(story.step('worker-1', 'uncordon'));
  return story.failed('worker-1', 'uncordon', 'Kubernetes refuses it');
}

function twoFailed(): RolloutStory {
  const story = aRollout(PAIR).underWay().node('worker-1', 'drain').node('worker-2', 'install');
  return story.failed('worker-1', 'drain').failed('worker-2', 'install');
}

/** Held at a step about no node, before the only worker. */
function heldBeside(kind: StepKind, node: string): Rollout {
  const plain = aPlan({ workers: ['worker-1'], controlPlane: [] });
  const lane = laneOf(90, { node, role: null, steps: [{ kind, params: { ms: 1 } }] }, limits());
  const stages = [{ id: 'beside', title: 'Beside', width: 1, lanes: [lane] }, ...plain.stages];
  const plan: Plan = { ...plain, stages };
  const [step] = lane.steps;
  if (step === undefined) throw new Error('the lane is empty');
  const { goal } = plan;
  const facts: readonly RolloutEvent[] = [
    { kind: 'asked', rollout: 'r1', cluster: 'prod', goal, user: REQUESTER, channel: 'C1', delivery: 'd0' },
    { kind: 'planned', plan, findings: [], expiresAt: NOW },
    { kind: 'started', user: REQUESTER, delivery: 'd1' },
    { kind: 'step-begun', step: step.id, evidence: {}, by: 'w1' },
    { kind: 'step-failed', step: step.id, why: 'it does not hold' },
  ];
  const told = fold(
    facts.map((event, at) => ({ n: at + 1, at: START_MS, by: { kind: 'driver', name: 'w1' }, v: 1, event })),
  );
  if (told === null) throw new Error('nothing was told');
  return told;
}

const heldRollout = (story: RolloutStory): Rollout => story.rollout;

function lineOf(rollout: Rollout, label: string): string | undefined {
  if (rollout.phase.phase !== 'held') throw new Error(`it is ${rollout.phase.phase}`);
  const shown = heldCard(rollout, { held: rollout.phase.held, at: NOW, choice: null }, aPolicy());
  const text = shown.blocks.flatMap((block) => (block.type === 'section' ? [block.text?.text ?? ''] : []));
  return text
    .join('\n')
    .split('\n')
    .find((line) => line.startsWith(`• *${label}*`));
}

function dialogOf(rollout: Rollout): readonly [string | undefined, string | undefined] {
  const skip = heldButtons(rollout, aPolicy()).find(({ action_id: id }) => id === 'rollout:skip');
  return [skip?.confirm?.title?.text, skip?.confirm?.text.text];
}

function changed(rollout: Rollout, kind: 'retry' | 'skip') {
  const asked = { intent: { kind }, user: REQUESTER, delivery: 'w' } as const;
  const decided = decide(rollout, asked, { policy: aPolicy(), now: NOW });
  if (decided.kind === 'refusal') throw new Error(decided.sentence);
  const { events } = decided;
  return { before: rollout, events, after: afterwards(rollout, events, NOW) };
}

const answerOf = (rollout: Rollout, kind: 'retry' | 'skip'): string =>
  steered(kind, changed(rollout, kind))
    .mrkdwn.replace(/^The upgrade of prod to Talos v1.13.5 /, '')
    .replace(/ See <#\w+>\.$/, '');

const plainly = (text: string): string => text.replaceAll('`', '');

describe('Skip', () => {
  test.each([
    {
      held: 'an installation',
      told: () => heldRollout(failedAt('install')),
      does: 'leaves `worker-1` behind',
      tail: ' and goes on with `worker-2`',
      title: 'Leave worker-1 behind?',
      follows: 'What was changed on `worker-1` is put back as far as possible. `worker-2` is next.',
    },
    {
      held: 'a restart of an armed node',
      told: () => heldRollout(failedAt('reboot')),
      does: 'leaves `worker-1` behind',
      tail: ' and goes on with `worker-2`',
      title: 'Leave worker-1 behind?',
      follows:
        '`worker-1` stays armed: any restart boots its new version. What was changed on `worker-1` is put back as far as possible. `worker-2` is next.',
    },
    {
      held: 'the last node',
      told: () => heldRollout(failedAt('install', { workers: ['worker-1'], controlPlane: [] })),
      does: 'leaves `worker-1` behind',
      tail: ', and ends',
      title: 'Leave worker-1 behind?',
      follows:
        'What was changed on `worker-1` is put back as far as possible. No other node is left, and the rollout ends.',
    },
    {
      held: 'a node to which nothing was done',
      told: () => heldRollout(aRollout({ workers: [] }).underWay().withheld('cp-1')),
      does: 'leaves `cp-1` behind',
      tail: ' and goes on with `cp-2`',
      title: 'Leave cp-1 behind?',
      follows: '`cp-1` stays as it is. `cp-2` is next.',
    },
    {
      held: 'one of two nodes',
      told: () => heldRollout(twoFailed()),
      does: 'leaves `worker-1` behind',
      tail: '',
      title: 'Leave worker-1 behind?',
      follows:
        'The rollout stays held until `worker-2` is decided as well. Then what was changed on `worker-1` is put back as far as possible.',
    },
    {
      held: 'a node, and paused before',
      told: () =>
        heldRollout(aRollout().underWay().node('worker-1', 'install').paused().failed('worker-1', 'install')),
      does: 'leaves `worker-1` behind',
      tail: '',
      title: 'Leave worker-1 behind?',
      follows:
        'The rollout stays paused until somebody resumes it. Then what was changed on `worker-1` is put back as far as possible.',
    },
    {
      held: 'the copy of etcd',
      told: () => heldRollout(withoutCopy()),
      does: 'does without a snapshot of etcd',
      tail: ' and goes on with `cp-1`',
      title: 'Go on without a snapshot?',
      follows: 'No copy of etcd is taken before the control plane. `cp-1` is next.',
    },
    {
      held: 'a backup',
      told: () => heldBeside('backup', 'Velero'),
      does: 'makes do with what there is of a backup',
      tail: ' and goes on with `worker-1`',
      title: 'Go on with what there is of a backup?',
      follows: 'No other backup is made. `worker-1` is next.',
    },
    {
      held: 'a neighbour that is not suspended',
      told: () => heldBeside('suspend', 'Kustomization flux-system/apps'),
      does: 'leaves `Kustomization flux-system/apps` at work',
      tail: ' and goes on with `worker-1`',
      title: 'Leave Kustomization flux-system/apps at work?',
      follows: 'It may act while nodes are away. `worker-1` is next.',
    },
    {
      held: 'a soak',
      told: () => heldBeside('soak', 'soak of worker-9'),
      does: 'ends the soak in spite of what was found',
      tail: ' and goes on with `worker-1`',
      title: 'Go on in spite of it?',
      follows: 'What was upgraded stays as it is. `worker-1` is next.',
    },
  ])('of $held says everywhere what it does', ({ told, does, tail, title, follows }) => {
    const rollout = told();
    expect(lineOf(rollout, 'Skip')).toBe(`• *Skip* ${does}${tail}`);
    expect(dialogOf(rollout)).toEqual([title, plainly(follows)]);
    expect(answerOf(rollout, 'skip')).toBe(`${does}. ${follows}`);
  });

  test.each([
    ['while it runs', () => failedAt('uncordon').rollout, '`worker-2` is next.'],
    ['while it ends', () => abortedAndStuck().rollout, 'The rollout ends as aborted.'],
  ])('of what could not be put back makes it theirs, %s', (_when, told, then) => {
    const rollout = told();
    const yours =
      'What was changed there (its cordon) is yours to put back by hand: nothing more is tried on `worker-1`.';
    expect(changed(rollout, 'skip').events.map(({ kind }) => kind)).toEqual(['debt-taken']);
    expect(lineOf(rollout, 'Take over')).toBe(
      '• *Take over* leaves `worker-1` as it is, for you to put back by hand',
    );
    expect(dialogOf(rollout)).toEqual(['Take over worker-1?', plainly(`${yours} ${then}`)]);
    expect(answerOf(rollout, 'skip')).toBe(`leaves \`worker-1\` as it is. ${yours} ${then}`);
  });

  it('names as next what is next', () => {
    const { after } = changed(withoutCopy().rollout, 'skip');
    expect(next(after, NOW).tasks).toMatchObject([{ kind: 'open-gate', lane: { node: 'cp-1' } }]);
  });
});

describe('Retry', () => {
  const again = 'does the *drain* of `worker-1` again.';

  test.each([
    ['a step', () => failedAt('drain').rollout, again],
    [
      'one of two',
      () => twoFailed().rollout,
      `${again} The rollout stays held until \`worker-2\` is decided as well.`,
    ],
    [
      'one of two, and paused before',
      () =>
        aRollout(PAIR)
          .underWay()
          .node('worker-1', 'drain')
          .node('worker-2', 'install')
          .paused()
          .failed('worker-1', 'drain')
          .failed('worker-2', 'install').rollout,
      `${again} The rollout stays held until \`worker-2\` is decided as well, and stays paused after that.`,
    ],
    [
      'a step, and paused before',
      () => aRollout().underWay().node('worker-1', 'drain').paused().failed('worker-1', 'drain').rollout,
      `${again} The rollout stays paused until somebody resumes it.`,
    ],
    [
      'what is put back at the end',
      () => abortedAndStuck().rollout,
      'does the *uncordon* of `worker-1` again. The rollout ends as aborted once what was changed is put back.',
    ],
    [
      'a call in doubt',
      () => aRollout().underWay().node('worker-1', 'reboot').doubted('worker-1', 'reboot').rollout,
      'sends the call to `worker-1` again, as soon as the first copy can no longer arrive.',
    ],
    [
      'a proof',
      () => aRollout({ workers: [] }).underWay().withheld('cp-1').rollout,
      'proves `cp-1` again and posts a new card.',
    ],
    [
      'a node that did not return',
      () => failedAt('return').rollout,
      'only looks again at `worker-1`, which may still become ready or be mended by you.',
    ],
    ['a backup', () => heldBeside('backup', 'Velero'), 'has another backup made.'],
  ])('of %s is answered with what it does', (_what, told, said) => {
    const rollout = told();
    expect(answerOf(rollout, 'retry')).toBe(said);
    const [does = ''] = said.split('.');
    expect(lineOf(rollout, 'Retry')).toContain(`• *Retry* ${does}`);
  });

  it('that is held again before it is answered says so', () => {
    const story = failedAt('drain');
    const { before, events } = changed(story.rollout, 'retry');
    story.retried(story.step('worker-1', 'drain').id);
    const { rollout } = story.begun(story.step('worker-1', 'drain')).failed('worker-1', 'drain');
    const said = steered('retry', { before, events, after: rollout }).mrkdwn;
    expect(said).toContain('The rollout is held at `worker-1` again.');
  });
});

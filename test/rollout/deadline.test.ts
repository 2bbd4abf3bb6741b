// Until when a step has time: anew for whoever takes it over, once for what is sent once, and never for ever.
import { describe, expect, it } from 'vitest';
import { deadlineOf } from '../../src/rollout/deadline.ts';
import type { Step } from '../../src/rollout/step.ts';
import { APPROVER } from '../builders/plan.ts';
import { aRollout } from '../builders/rollout.ts';

const MINUTE_MS = 60_000;

describe('the deadline of a step with a limit of 15 minutes', () => {
  type Row = readonly [what: string, repeat: Step['repeat'], takenAfter: number, endsAfter: number];
  const rows: readonly Row[] = [
    ['is its limit for whoever began it', 'freely', 0, 15],
    ['is its limit from then on for whoever takes it over', 'freely', 14, 29],
    ['is not its limit any more in the third one', 'freely', 32, 45],
    ['leaves a last minute to whoever takes it over at the end', 'freely', 44.5, 45.5],
    ['leaves a last minute to whoever comes hours later', 'freely', 180, 181],
    ['of what is sent once is the same for everybody', 'never', 14, 15],
    ['of what is sent once is over for whoever comes later', 'never', 180, 15],
  ];
  it.each(rows)('%s', (_what, repeat, takenAfter, endsAfter) => {
    const story = aRollout().underWay().node('worker-1', 'drain');
    const step = { ...story.step('worker-1', 'drain'), repeat, limitMs: 15 * MINUTE_MS };
    const deadline = deadlineOf(story.rollout, step, story.now + takenAfter * MINUTE_MS);
    expect((deadline - story.now) / MINUTE_MS).toBe(endsAfter);
  });

  it('takes nothing back of what a person granted', () => {
    const story = aRollout().underWay().node('worker-1', 'drain');
    const step = { ...story.step('worker-1', 'drain'), limitMs: 15 * MINUTE_MS };
    const wait = {
      kind: 'drain-decided',
      choice: 'wait',
      pods: [],
      askedBy: APPROVER,
      user: APPROVER,
    } as const;
    story.append({ ...wait, step: step.id, delivery: 'd1' }, 50 * MINUTE_MS);
    expect(deadlineOf(story.rollout, step, story.now + MINUTE_MS) - story.now).toBe(15 * MINUTE_MS);
  });

  it('leaves a third of a short limit, so that it ends before it would have been over anew', () => {
    const story = aRollout().underWay().node('worker-1', 'drain');
    const step = { ...story.step('worker-1', 'drain'), limitMs: 30_000 };
    const since = story.now + 10 * MINUTE_MS;
    expect(deadlineOf(story.rollout, step, since) - since).toBe(10_000);
  });
});

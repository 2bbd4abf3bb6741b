// Where the time of a node went, and how much the machines still need.
import { describe, expect, it } from 'vitest';
import { aheadOf, remainingMs } from '../../src/rollout/remaining.ts';
import { scoresOf } from '../../src/rollout/scorecard.ts';
import { APPROVER, aPolicy } from '../builders/plan.ts';
import { aRollout } from '../builders/rollout.ts';

const HOUR_MS = 3_600_000;

describe('the score of a node', () => {
  it('adds up to its lane: what is not the machine lies between its steps', () => {
    const story = aRollout().underWay();
    const [from] = [story.now];
    story.node('worker-1', 'done');
    const [score] = scoresOf(story.rollout);
    if (score === undefined) throw new Error('there is no score');
    const { drainMs, installMs, awayMs, betweenMs } = score;
    // Every fact of a story is a second after the one before.
    expect(score).toMatchObject({ node: 'worker-1', drainMs: 1_000, installMs: 2_000, awayMs: 2_000 });
    expect(drainMs + (installMs ?? 0) + awayMs + betweenMs).toBe(story.now - from - 1_000);
  });

  it('is not told of a node where people were asked again, nor of one that is not through', () => {
    const story = aRollout().underWay().node('worker-1', 'install');
    expect(scoresOf(story.rollout)).toEqual([]);
    const install = story.step('worker-1', 'install');
    story.failed('worker-1', 'install').retried(install.id).begun(install).ended(install);
    for (const kind of ['reboot', 'return', 'uncordon'] as const) story.did(story.step('worker-1', kind));
    expect(scoresOf(story.rollout)).toEqual([]);
  });

  it('leaves out a pause in the middle of its lane: those hours are people’s, and none between its steps', () => {
    const unpaused = aRollout().underWay().node('worker-1', 'done');
    const story = aRollout().underWay();
    for (const kind of ['pull', 'cordon', 'drain'] as const) story.did(story.step('worker-1', kind));
    story.paused().append({ kind: 'resumed', user: APPROVER, delivery: 'x1' }, 8 * HOUR_MS);
    for (const kind of ['install', 'reboot', 'return', 'uncordon'] as const)
      story.did(story.step('worker-1', kind));
    const [score] = scoresOf(story.rollout);
    const [usual] = scoresOf(unpaused.rollout);
    // The second between the last step and the pause lies between as well.
    expect(score?.betweenMs).toBe((usual?.betweenMs ?? Number.NaN) + 1_000);
  });

  it('leaves out what another node of its batch waited for people', () => {
    const story = aRollout({ policy: aPolicy({ parallelWorkers: 2 }) }).underWay();
    const both = ['worker-1', 'worker-2'];
    for (const kind of ['pull', 'cordon', 'drain'] as const)
      for (const node of both) story.did(story.step(node, kind));
    const subject = story.step('worker-1', 'install').id;
    story.begun(story.step('worker-1', 'install')).failed('worker-1', 'install');
    story.append({ kind: 'retried', subject, user: APPROVER, notBefore: 0, delivery: 'x2' }, 8 * HOUR_MS);
    for (const kind of ['install', 'reboot', 'return', 'uncordon'] as const)
      for (const node of both) story.did(story.step(node, kind));
    const scores = scoresOf(story.rollout);
    expect(scores.map(({ node }) => node)).toEqual(['worker-2']);
    expect(scores[0]?.betweenMs).toBeLessThan(HOUR_MS);
  });
});

describe('what is left', () => {
  const usual = { medianMs: 10_000, p95Ms: 20_000, seen: 5 };
  const kinds = ['pull', 'snapshot', 'drain', 'install', 'reboot', 'return'];
  const usuals = Object.fromEntries(
    kinds.flatMap((kind) => ['worker', 'control-plane'].map((role) => [`${kind} ${role}`, usual])),
  );

  it('is not known before anything was seen here', () => {
    expect(remainingMs(aRollout().underWay().rollout)).toBeNull();
  });

  it('shrinks as steps end, and by what the step in hand has taken', () => {
    const story = aRollout({ workers: ['worker-1'] }).underWay();
    const left = () => remainingMs({ ...story.rollout, usuals }) ?? -1;
    const before = left();
    const drain = story.node('worker-1', 'drain').step('worker-1', 'drain');
    const during = left();
    story.ended(drain);
    expect(during).toBeLessThan(before);
    expect(left()).toBeLessThan(during);
    expect(before - left()).toBe(20_000);
  });

  it('names a moment for as long as it can be kept, and what is left of the work for ever', () => {
    const story = aRollout({ workers: ['worker-1'] }).underWay();
    story.node('worker-1', 'drain').step('worker-1', 'drain');
    const rollout = { ...story.rollout, usuals };
    const leftMs = remainingMs(rollout) ?? Number.NaN;
    const doneAt = rollout.lastAt + leftMs;
    expect(aheadOf(rollout, rollout.lastAt)).toEqual({ leftMs, doneAt });
    expect(aheadOf(rollout, doneAt - 1)).toEqual({ leftMs, doneAt });
    // The drain alone keeps it waiting: all that comes after is still to come.
    const after = { leftMs: leftMs - usual.medianMs, doneAt: null };
    expect(aheadOf(rollout, doneAt)).toEqual(after);
    expect(aheadOf(rollout, doneAt + 3_600_000)).toEqual(after);
  });

  it('names no moment while something takes longer than ever', () => {
    const story = aRollout({ workers: ['worker-1'] }).underWay();
    const drain = story.node('worker-1', 'drain').step('worker-1', 'drain');
    const rollout = { ...story.rollout, usuals };
    const slow = { ...rollout, slow: new Map([[drain.id, rollout.lastAt]]) };
    expect(aheadOf(slow, rollout.lastAt)).toEqual({ leftMs: remainingMs(rollout), doneAt: null });
  });

  it('is nothing at the end', () => {
    expect(remainingMs({ ...aRollout().upgraded().rollout, usuals })).toBe(0);
  });
});

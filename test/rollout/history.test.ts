// How long things took here before, and what that says about the next plan.
import { describe, expect, it } from 'vitest';
import { estimateOf, historyOf, paceOf } from '../../src/rollout/history.ts';
import { laneOf } from '../../src/rollout/plan/lanes.ts';
import { soakDraft } from '../../src/rollout/plan/soak-stage.ts';
import { lanesOf, type Stage } from '../../src/rollout/plan.ts';
import type { Rollout } from '../../src/rollout/rollout.ts';
import type { StepKind } from '../../src/rollout/step.ts';
import { aPlan, aPolicy, limits, type PlanOptions } from '../builders/plan.ts';
import { aRollout } from '../builders/rollout.ts';

const MINUTE_MS = 60_000;
const SMALL: PlanOptions = { workers: ['w-1', 'w-2'], controlPlane: ['cp-1'] };

/** An upgrade in which steps of these kinds took so many minutes, and all others a second. */
function took(minutes: Partial<Record<StepKind, number>>, options: PlanOptions = SMALL): Rollout {
  const story = aRollout(options).planned().started();
  for (const lane of lanesOf(story.plan)) {
    if (lane.gate !== null) story.gate(lane.node).approved(lane.node).passed(lane.node);
    for (const step of lane.steps) {
      const tookMs = (minutes[step.kind] ?? 0) * MINUTE_MS || 1_000;
      story.begun(step).append({ kind: 'step-ended', step: step.id, result: {} }, tookMs);
    }
  }
  return story.finished('upgraded').rollout;
}

describe('the usual time of a step', () => {
  const rows: readonly (readonly [
    what: string,
    past: readonly Rollout[],
    median: number | null,
    p95: number | null,
  ])[] = [
    ['is unknown without an upgrade', [], null, null],
    ['is what it took', [took({ reboot: 4 })], 4, 4],
    ['is the middle of three', [took({ reboot: 9 }), took({ reboot: 3 }), took({ reboot: 4 })], 4, 9],
    ['lies between the middle two of an even number', [took({ reboot: 2 }), took({ reboot: 4 })], 3, 4],
    [
      'is not that of an upgrade that was given up',
      [aRollout(SMALL).underWay().aborted().finished('aborted').rollout],
      null,
      null,
    ],
    [
      'is not that of a rollback',
      [
        aRollout({ goal: { kind: 'rollback-node', node: 'cp-1' } })
          .underWay()
          .finished('rolled-back').rollout,
      ],
      null,
      null,
    ],
  ];
  it.each(rows)('%s', (_, past, median, p95) => {
    const usual = historyOf(past).usual('reboot', 'worker');
    expect(usual === null ? null : usual.medianMs / MINUTE_MS).toBe(median);
    expect(usual === null ? null : usual.p95Ms / MINUTE_MS).toBe(p95);
  });

  it('leaves out what people were asked about, as it is people that were waited for', () => {
    const story = aRollout(SMALL).underWay().node('w-1', 'install').failed('w-1', 'install');
    const install = story.step('w-1', 'install');
    story
      .retried(install.id)
      .begun(install)
      .append({ kind: 'step-ended', step: install.id, result: {} }, 3_600_000);
    expect(historyOf([story.finished('upgraded').rollout]).usual('install', 'worker')).toBeNull();
  });

  it('leaves out what was found already so', () => {
    const story = aRollout(SMALL).planned().started();
    const pull = story.plan.stages[0]?.lanes[0]?.steps[0];
    if (pull === undefined) throw new Error('images are pulled first');
    const { rollout } = story.ended(pull).finished('upgraded');
    expect(historyOf([rollout]).usual('pull', 'control-plane')).toBeNull();
  });

  /** An upgrade in which another process saw the end of the worker's return, so long after it was begun. */
  const takenOver = (minutes: number): Rollout => {
    const story = aRollout(SMALL).underWay();
    for (const kind of ['pull', 'cordon', 'drain', 'install', 'reboot'] as const)
      story.did(story.step('w-1', kind));
    const { id: step } = story.step('w-1', 'return');
    story.append({ kind: 'step-begun', step, evidence: {}, by: 'w0' });
    story.append({ kind: 'step-ended', step, result: {} }, minutes * MINUTE_MS);
    return story.did(story.step('w-1', 'uncordon')).finished('upgraded').rollout;
  };

  it.each<readonly [what: string, past: readonly Rollout[], kind: StepKind, usual: object]>([
    [
      'is not that of a step that was taken over: nobody may have looked for hours',
      [takenOver(180), took({ return: 2 })],
      'return',
      { p95Ms: 2 * MINUTE_MS, seen: 2 },
    ],
    [
      'is rather borrowed from the other role than that of a step that was taken over',
      [takenOver(180), took({ return: 2 }, { workers: [], controlPlane: ['cp-1'] })],
      'return',
      { p95Ms: 2 * MINUTE_MS, seen: 1 },
    ],
    [
      'is that of steps that were taken over where there are no others: their restart takes the bot along',
      [takenOver(4), takenOver(6)],
      'return',
      { medianMs: 5 * MINUTE_MS, seen: 2 },
    ],
    ['is that of the other steps beside one that was taken over', [takenOver(180)], 'drain', { seen: 1 }],
  ])('%s', (_what, past, kind, usual) => {
    expect(historyOf(past).usual(kind, 'worker')).toMatchObject(usual);
  });

  it('is told apart by role, and borrowed where a role was never upgraded', () => {
    const past = [took({ reboot: 4 }, { workers: [], controlPlane: ['cp-1'] })];
    expect(historyOf(past).usual('reboot', 'worker')?.medianMs).toBe(4 * MINUTE_MS);
    expect(historyOf(past).usual('rollback', 'worker')).toBeNull();
  });

  it('looks back at twenty upgrades', () => {
    const past = [...Array.from({ length: 20 }, () => took({ reboot: 2 })), took({ reboot: 50 })];
    expect(historyOf(past)).toMatchObject({ upgrades: 20 });
    expect(historyOf(past).usual('reboot', 'worker')?.p95Ms).toBe(2 * MINUTE_MS);
  });
});

describe('the estimate of a plan', () => {
  const minutes = (ms: number | undefined): number => Math.round((ms ?? Number.NaN) / MINUTE_MS);
  const past = [took({ pull: 1, install: 2, reboot: 3 })];

  it('is nothing without an upgrade, and where a long step was never seen', () => {
    expect(estimateOf(aPlan(SMALL), historyOf([]))).toBeNull();
    expect(estimateOf(aPlan({ ...SMALL, archived: true }), historyOf(past))).toBeNull();
  });

  const rows: readonly (readonly [what: string, plan: PlanOptions, total: number])[] = [
    // Pulls side by side, then 1 + 2 + 3 minutes a node: the lane's own pull counts, as it is walked.
    ['adds up the nodes, one at a time', SMALL, 1 + 3 * 6],
    ['counts parallel workers once', { ...SMALL, policy: aPolicy({ parallelWorkers: 2 }) }, 1 + 2 * 6],
    ['counts only what is planned', { workers: [], controlPlane: ['cp-1'] }, 1 + 6],
    [
      'pulls on five at a time',
      { workers: ['w-1', 'w-2', 'w-3', 'w-4', 'w-5'], controlPlane: ['cp-1'] },
      2 + 6 * 6,
    ],
  ];
  it.each(rows)('%s', (_, options, total) => {
    const estimate = estimateOf(aPlan(options), historyOf(past));
    expect(minutes(estimate?.typicalMs)).toBe(total);
    expect(estimate?.upgrades).toBe(1);
  });

  it('counts batches one after the other, and a soak for as long as it lasts', () => {
    const plan = aPlan({ ...SMALL, policy: aPolicy({ parallelWorkers: 2 }) });
    const soak = laneOf(99, soakDraft([], 4 * MINUTE_MS), limits());
    const stages = plan.stages.map((stage): Stage => {
      if (stage.id !== 'workers') return stage;
      const lanes = [...stage.lanes, soak];
      return { ...stage, lanes, batches: lanes.map(({ id }) => ({ lanes: [id], why: [] })) };
    });
    const estimate = estimateOf({ ...plan, stages }, historyOf(past));
    expect(minutes(estimate?.typicalMs)).toBe(1 + 3 * 6 + 4);
    expect(Object.keys(estimate?.nodes ?? {})).not.toContain(soak.node);
  });

  it('says how long each node takes, and how long it takes when all is slow', () => {
    const all = [took({ reboot: 3 }), took({ reboot: 3 }), took({ reboot: 9 })];
    const estimate = estimateOf(aPlan(SMALL), historyOf(all));
    expect(Object.entries(estimate?.nodes ?? {}).map(([name, ms]) => [name, minutes(ms)])).toEqual([
      ['w-1', 3],
      ['w-2', 3],
      ['cp-1', 3],
    ]);
    expect(minutes(estimate?.slowMs)).toBe(27);
  });
});

describe('the pace of whole upgrades', () => {
  it('is what machines needed for a node, without people', () => {
    expect(paceOf([])).toBeNull();
    const waited = took({ reboot: 4 });
    expect(paceOf([waited])).toMatchObject({ upgrades: 1 });
    const { nodeMs } = paceOf([
      { ...waited, askedAt: 0, lastAt: 70 * MINUTE_MS, peopleMs: 40 * MINUTE_MS },
    ]) ?? { nodeMs: 0 };
    expect(nodeMs).toBe(10 * MINUTE_MS);
  });
});

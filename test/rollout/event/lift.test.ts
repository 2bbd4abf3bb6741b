// Journals of every released version must be readable for ever, and those of the future must be refused.
import { describe, expect, it } from 'vitest';
import type { Level } from '../../../src/checks/finding.ts';
import {
  EVENT_VERSION,
  JournalMalformed,
  JournalNewer,
  lift,
  versionOf,
} from '../../../src/rollout/event/lift.ts';
import type { RolloutEvent } from '../../../src/rollout/event.ts';
import { standing } from '../../../src/rollout/override.ts';
import { backupDraft } from '../../../src/rollout/plan/backup-stage.ts';
import { laneOf } from '../../../src/rollout/plan/lanes.ts';
import { type Plan, stepsOf } from '../../../src/rollout/plan.ts';
import {
  debtsOf,
  nodesArmed,
  nodesAway,
  type Rollout,
  restartsUnseen,
  stepState,
} from '../../../src/rollout/rollout.ts';
import { rebootModeOf, type StepFacts } from '../../../src/rollout/step.ts';
import { aVeleroPolicy } from '../../builders/beside.ts';
import { aFinding, aPlan, limits } from '../../builders/plan.ts';
import { folded, golden, lifted, type Stored } from './golden.ts';

interface Golden {
  readonly journals: readonly { readonly name: string; readonly entries: readonly Stored[] }[];
}

/** A new version gets a golden journal of its own beside them. */
const GOLDEN = golden<Golden>('journal-v1');
const GOLDEN_2 = golden<Golden>('journal-v2');

function told(name: string, from = GOLDEN): Rollout {
  return folded(from.journals.find((one) => one.name === name)?.entries);
}

describe('the golden journals of version 1', () => {
  it('hold every kind of fact', () => {
    const kinds = new Set(GOLDEN.journals.flatMap(({ entries }) => entries.map((entry) => entry.kind)));
    expect([...kinds].sort()).toEqual([
      ...['aborted', 'approved', 'asked', 'debt-taken', 'declined', 'denied', 'expired', 'finished'],
      ...['gate-expired', 'gate-opened', 'gate-passed', 'gate-voided', 'gate-withheld', 'lane-deferred'],
      ...['paused', 'planned', 'resumed', 'retried', 'skipped', 'started', 'step-begun', 'step-doubted'],
      ...['step-ended', 'step-failed', 'step-withdrawn'],
    ]);
  });

  it.each([
    ['eventful', { phase: 'finished', outcome: 'upgraded', sentence: null }],
    ['left behind', { phase: 'finished', outcome: 'aborted', sentence: null }],
    ['declined', { phase: 'finished', outcome: 'blocked', sentence: '1 finding must be settled.' }],
    ['expired', { phase: 'finished', outcome: 'expired', sentence: null }],
    ['denied', { phase: 'finished', outcome: 'denied', sentence: null }],
    ['gate expired', { phase: 'tidying', outcome: 'expired' }],
    ['in doubt', { phase: 'held', held: { kind: 'doubted', node: 'worker-1' }, ending: null }],
  ])('still tell that %s', (name, phase) => {
    expect(told(name).phase).toMatchObject(phase);
  });

  it('still mean the same', () => {
    const eventful = told('eventful');
    expect(eventful.begins.get('03-worker-1-reboot')).toBe(2);
    expect(eventful.begins.get('03-worker-1-install')).toBe(2);
    expect(eventful.deferred).toEqual(['04-cp-1']);
    expect(debtsOf(eventful)).toEqual([]);
    const left = told('left behind');
    expect([...left.skipped]).toEqual([['03-worker-1', 'U0SAM00002']]);
    expect([...left.debtsTaken]).toEqual([['03-worker-1-uncordon', 'U0SAM00002']]);
    const doubt = told('in doubt');
    expect([nodesAway(doubt), nodesArmed(doubt)]).toEqual([['worker-1'], []]);
    expect(restartsUnseen(doubt)).toEqual(['worker-1']);
    expect(debtsOf(doubt).map(({ node }) => node)).toEqual(['worker-1']);
  });
});

describe('the golden journals of version 2', () => {
  it('have that version only where a program without overrides must not read on', () => {
    const versions = GOLDEN_2.journals.flatMap(({ entries }) => entries.map(({ v, kind }) => `${kind} ${v}`));
    expect(new Set(versions)).toEqual(
      new Set([
        ...[
          'asked 1',
          'planned 2',
          'overridden 2',
          'started 1',
          'gate-opened 1',
          'approved 1',
          'gate-passed 1',
        ],
        ...['step-begun 1', 'step-ended 1', 'step-outdated 2'],
      ]),
    );
  });

  it('are written with the same versions today', () => {
    const facts = [...GOLDEN.journals, ...GOLDEN_2.journals].flatMap(({ entries }) => entries);
    const changed = facts.filter((fact) => versionOf(lifted(fact).event) !== fact.v);
    expect(changed.map(({ kind, v }) => `${kind} ${v}`)).toEqual([]);
  });

  it('still tell how nodes restart, what stands beside them, and which copy grew old', () => {
    const { plan } = told('manner', GOLDEN_2);
    const manners = (plan === null ? [] : stepsOf(plan))
      .filter(({ kind }) => kind === 'upgrade-legacy')
      .map(({ params, ...step }) => [step.node, params['stage'], rebootModeOf({ ...step, params })]);
    expect(manners).toEqual([
      ['worker-1', true, 'powercycle'],
      ['cp-1', true, 'powercycle'],
    ]);
    const outdated = told('outdated', GOLDEN_2);
    const copying = (outdated.plan === null ? [] : stepsOf(outdated.plan)).find(
      ({ kind }) => kind === 'snapshot',
    );
    expect(stepState(outdated, copying?.id ?? '')).toEqual({ state: 'open', notBefore: 0 });
    expect(outdated.begins.get(copying?.id ?? '')).toBe(1);
    expect(outdated.gates.get('gate:cp-1')).toMatchObject({ state: 'passed', proof: { kind: 'outage' } });
    expect(told('beside', GOLDEN_2).plan?.stages[0]?.lanes[0]?.role).toBeNull();
  });

  it('still tell what stood, who took it on, and why', () => {
    const names = (name: string): readonly string[] =>
      standing(told(name, GOLDEN_2)).map(({ subject }) => subject);
    expect(names('stopped')).toEqual(['apps', 'infra', 'cluster']);
    expect(names('half overridden')).toEqual(['cluster']);
    const overridden = told('overridden', GOLDEN_2);
    expect(standing(overridden)).toEqual([]);
    expect(overridden.phase.phase).toBe('running');
    expect(overridden.overrides.map(({ check, user, reason }) => [check, user, reason])).toEqual([
      ['flux', 'U0SAM00002', 'That app is being replaced this week.'],
      ['velero', 'U0SAM00002', 'That app is being replaced this week.'],
    ]);
  });
});

/** A plan whose gates go by a proof that version 1 does not know. */
function outage(): Plan {
  const plan = aPlan();
  const stages = plan.stages.map((stage) => ({
    ...stage,
    lanes: stage.lanes.map((lane) => ({
      ...lane,
      gate: lane.gate === null ? null : { ...lane.gate, proof: 'outage' as const },
    })),
  }));
  return { ...plan, stages };
}

/** The same plan with restarts in a manner that version 1 would leave out of the call. */
function manner(params: StepFacts): Plan {
  const plan = aPlan();
  const stages = plan.stages.map((stage) => ({
    ...stage,
    lanes: stage.lanes.map((lane) => ({
      ...lane,
      steps: lane.steps.map((step) =>
        step.presence === 'departs' ? { ...step, params: { ...step.params, ...params } } : step,
      ),
    })),
  }));
  return { ...plan, stages };
}

/** The same plan with a backup before it, which is about no node. */
function beside(): Plan {
  const plan = aPlan();
  const lane = laneOf(99, backupDraft(aVeleroPolicy()), limits());
  return {
    ...plan,
    stages: [{ id: 'backup', title: 'Velero backup', width: 1, lanes: [lane] }, ...plan.stages],
  };
}

describe('the version a fact is written with', () => {
  const planned = (...levels: readonly Level[]): RolloutEvent => ({
    ...{ kind: 'planned', plan: aPlan(), expiresAt: 0 },
    findings: levels.map((level) => aFinding(level)),
  });
  it.each<[string, RolloutEvent, number]>([
    ['a plan that nothing stops', planned('ok', 'warning', 'skipped'), 1],
    ['a plan with a blocker', planned('ok', 'blocker'), 2],
    ['a plan with something unknown', planned('unknown'), 2],
    [
      'a plan that was declined',
      { kind: 'declined', outcome: 'blocked', sentence: '', findings: [aFinding('blocker')] },
      1,
    ],
    ['a start', { kind: 'started', user: null, delivery: null }, 1],
    [
      'an override',
      { kind: 'overridden', check: 'flux', subjects: [], user: 'U1', reason: '', delivery: 'd' },
      2,
    ],
    ['a plan with the usual gates', { ...planned(), plan: aPlan({ staged: true }) } as RolloutEvent, 1],
    [
      'a plan by another kind of restart',
      { ...planned(), plan: manner({ mode: 'powercycle' }) } as RolloutEvent,
      2,
    ],
    ["a plan with Talos's own staging", { ...planned(), plan: manner({ stage: true }) } as RolloutEvent, 2],
    ['a plan with an announced outage', { ...planned(), plan: outage() } as RolloutEvent, 2],
    ['a plan with steps about no node', { ...planned(), plan: beside() } as RolloutEvent, 2],
    [
      'a copy that is too old',
      { kind: 'step-outdated', step: '02-cp-1-snapshot', why: 'it is 61 min old' },
      2,
    ],
  ])('of %s is the oldest that understands it', (_what, event, version) => {
    expect(versionOf(event)).toBe(version);
  });
});

describe('lift', () => {
  it('returns a present fact as it is', () => {
    expect(lift({ v: 1, kind: 'finished', data: { outcome: 'upgraded' } })).toEqual({
      kind: 'finished',
      outcome: 'upgraded',
    });
  });

  it('keeps fields it does not know: a newer patch may have added them', () => {
    expect(lift({ v: 1, kind: 'expired', data: { extra: 1 } })).toEqual({ kind: 'expired', extra: 1 });
  });

  it.each([
    ['a newer version', { v: EVENT_VERSION + 1, kind: 'finished', data: { outcome: 'upgraded' } }],
    ['a kind it does not know', { v: 1, kind: 'silenced', data: {} }],
    ['a kind that is only on every object', { v: 1, kind: 'toString', data: {} }],
  ])('refuses %s as newer', (_what, stored) => {
    expect(() => lift(stored)).toThrow(JournalNewer);
  });

  it.each([
    ['no version', { v: undefined, kind: 'expired', data: {} }],
    ['version 0', { v: 0, kind: 'expired', data: {} }],
    ['half a version', { v: 0.5, kind: 'expired', data: {} }],
    ['no kind', { v: 1, kind: 7, data: {} }],
    ['no data', { v: 1, kind: 'expired', data: null }],
    ['a list of data', { v: 1, kind: 'expired', data: [] }],
    ['a kind inside its data', { v: 1, kind: 'expired', data: { kind: 'finished' } }],
    ['a field missing', { v: 1, kind: 'step-begun', data: { step: 'a', by: 'w1' } }],
  ])('refuses %s as malformed', (_what, stored) => {
    expect(() => lift(stored)).toThrow(JournalMalformed);
  });

  it('names what is missing', () => {
    expect(() => lift({ v: 1, kind: 'step-begun', data: { by: 'w1' } })).toThrow('lacks step, evidence');
  });
});

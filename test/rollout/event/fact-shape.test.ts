// Facts with the right fields and something else in them: each is refused where it is read, with its place and what was found there.
import { describe, expect, it } from 'vitest';
import { JournalMalformed, lift, versionOf } from '../../../src/rollout/event/lift.ts';
import type { EventKind, RolloutEvent } from '../../../src/rollout/event.ts';
import { aFinding, aPlan, aProof } from '../../builders/plan.ts';

const said = { user: 'U0SAM00002', delivery: 'd1' };
const proof = aProof();
const usual = { medianMs: 1, p95Ms: 2, seen: 3 };
const hopTime = { upgrades: 2, ms: 9 };

/** Each kind with every field it can have. */
const WHOLE: { readonly [K in EventKind]: Required<Omit<Extract<RolloutEvent, { kind: K }>, 'kind'>> } = {
  asked: {
    ...{ rollout: 'r1', cluster: 'prod', channel: 'C1', ...said },
    goal: { kind: 'upgrade-talos', version: 'v1.13.5', schematic: { kind: 'keep' }, rebootMode: 'force' },
    journey: {
      ...{ v: 1, to: { talos: 'v1.14.1', kubernetes: null }, hop: 1, of: 2 },
      ...{ ahead: [{ kind: 'talos', to: 'v1.14.1' }], hopTime },
    },
  },
  planned: {
    ...{ plan: aPlan({ workers: ['worker-1'] }), findings: [aFinding('ok')], expiresAt: 1 },
    estimate: { upgrades: 1, typicalMs: 2, slowMs: 3, nodes: { 'cp-1': 4 } },
    usuals: { 'reboot worker': usual },
    baseline: { v: 1, ill: { 'shop/ReplicaSet web': 2 }, beyond: 0, marks: { 1: 'abcdef' } },
  },
  declined: {
    ...{ outcome: 'blocked', sentence: 's', findings: [aFinding('blocker')] },
    way: { v: 1, hops: [{ kind: 'talos', from: 'v1', to: 'v2', notesUrl: 'u', why: 'w' }], hopTime },
  },
  overridden: { check: 'flux', subjects: ['apps'], reason: 'r', findings: [aFinding('unknown')], ...said },
  started: said,
  'gate-opened': { gate: 'gate:cp-1', fingerprint: 'f', proof, needs: 2, expiresAt: 1, remarks: ['r'] },
  approved: { gate: 'gate:cp-1', fingerprint: 'f', ...said },
  denied: { gate: 'gate:cp-1', reason: '', ...said },
  'gate-passed': { gate: 'gate:cp-1', proof },
  'gate-voided': { gate: 'gate:cp-1', why: 'w' },
  'gate-expired': { gate: 'gate:cp-1' },
  'gate-withheld': { gate: 'gate:cp-1', why: 'w' },
  'lane-deferred': { lane: '01-cp-1', why: 'w' },
  'step-begun': { step: 's', evidence: { bootId: 'b1', armed: true, at: 4, none: null }, by: 'w1' },
  'step-ended': { step: 's', result: { version: 'v1.13.5' } },
  'step-slow': { step: 's', afterMs: 5, evidence: ['e'], usual },
  'step-failed': { step: 's', why: 'w' },
  'step-withdrawn': { step: 's', why: 'w' },
  'step-doubted': { step: 's', why: 'w' },
  'step-outdated': { step: 's', why: 'w' },
  'drain-blocked': {
    step: 's',
    blockers: [
      {
        ...{ namespace: 'shop', name: 'web-1', uid: 'u1', workload: 'shop/ReplicaSet web', cause: 'budget' },
        ...{ why: 'w', loses: ['itself'] },
        budgets: [
          { name: 'web', disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 },
        ],
      },
    ],
  },
  'drain-cleared': { step: 's' },
  'drain-proposed': { step: 's', choice: 'force', ...said },
  'drain-decided': { step: 's', choice: 'leave', pods: ['u1'], workloads: ['w'], askedBy: 'U1', ...said },
  retried: { subject: 's', notBefore: 1, waitMs: 2, ...said },
  'soak-shortened': { step: 's', ...said },
  skipped: { lane: '01-cp-1', ...said },
  'debt-taken': { step: 's', ...said },
  'handed-over': { to: 'U0MEI00003', ...said },
  paused: { stays: true, ...said },
  resumed: said,
  aborted: said,
  expired: {},
  finished: { outcome: 'upgraded', findings: [aFinding('warning')] },
};

type Data = Readonly<Record<string, unknown>>;

/** Text for text is no other shape: only in a closed set it is. */
const STRANGE: readonly unknown[] = [null, 7.5, -1, 'nonsense', true, [], {}, ['x', 7], { x: [1] }];
/** Fields in which a fact may say that there is nothing, or where any word or number will do. */
const FITTING: readonly [RegExp, (value: unknown) => boolean][] = [
  [/^started\.(user|delivery)$/, (value) => value === null],
  [/\.(evidence|result)$/, (value) => JSON.stringify(value) === '{}'],
  [/^planned\.usuals$/, (value) => JSON.stringify(value) === '{}'],
  [/^step-slow\.afterMs$/, (value) => typeof value === 'number'],
  [/^paused\.stays$/, (value) => value === true],
];

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function fits(place: string, present: unknown, value: unknown): boolean {
  if (typeof value === 'string' && typeof present === 'string') return !/\.(outcome|choice)$/.test(place);
  if (Array.isArray(present) && isEmptyList(value)) return true;
  if (typeof present === 'number' && value === 7.5) return !/\.needs$/.test(place);
  return FITTING.some(([where, isFine]) => where.test(place) && isFine(value));
}

describe('a fact of each kind', () => {
  it.each(Object.entries(WHOLE))('%s is read as it was written', (kind, data) => {
    const event = lift({ v: 2, kind, data: JSON.parse(JSON.stringify(data)) });
    expect(event).toEqual({ kind, ...data });
    expect(versionOf(event)).toBeGreaterThan(0);
  });

  it('is refused with any of its fields of another shape', () => {
    const accepted: string[] = [];
    let tried = 0;
    for (const [kind, data] of Object.entries<Data>(WHOLE)) {
      for (const [field, present] of Object.entries(data)) {
        for (const value of STRANGE) {
          const place = `${kind}.${field}`;
          if (fits(place, present, value)) continue;
          tried += 1;
          if (!isRefused(kind, { ...data, [field]: value }))
            accepted.push(`${place} ${JSON.stringify(value)}`);
        }
      }
    }
    expect(accepted).toEqual([]);
    expect(tried).toBeGreaterThan(500);
  });
});

function isRefused(kind: string, data: Data): boolean {
  try {
    lift({ v: 2, kind, data });
    return false;
  } catch (error) {
    if (error instanceof JournalMalformed) return true;
    throw error;
  }
}

describe('what is only shown', () => {
  const asked = (journey: unknown): unknown =>
    lift({ v: 1, kind: 'asked', data: { ...WHOLE.asked, journey } });

  it('may be of a later version, whatever it holds', () => {
    expect(asked({ v: 2, whither: 'north' })).toMatchObject({ kind: 'asked' });
  });

  it.each([[{}], [{ v: 'x' }], [{ v: 1 }], [{ ...WHOLE.asked.journey, ahead: ['v1'] }]])(
    'of this version is what it must be, not %j',
    (journey) => {
      expect(() => asked(journey)).toThrow(JournalMalformed);
    },
  );
});

describe('a refusal', () => {
  it.each([
    [
      'retried',
      { ...WHOLE.retried, notBefore: 'soon' },
      'the notBefore of its retried is "soon" and not a number',
    ],
    ['retried', { ...WHOLE.retried, waitMs: null }, 'the waitMs of its retried is null and not a number'],
    [
      'gate-opened',
      { ...WHOLE['gate-opened'], needs: 0 },
      'the needs of its gate-opened is 0 and not a whole number',
    ],
    [
      'finished',
      { outcome: 'nonsense' },
      'the outcome of its finished is "nonsense" and not one of upgraded, ',
    ],
    [
      'step-ended',
      { step: 's', result: { at: [1] } },
      'the result.at of its step-ended is [1] and not a text,',
    ],
    [
      'asked',
      { ...WHOLE.asked, goal: { kind: 'dance' } },
      'the goal.kind of its asked is "dance" and not one of',
    ],
    ['planned', { ...WHOLE.planned, plan: null }, 'the plan of its planned is null and not an object'],
    ['gate-passed', { gate: 'g', proof: {} }, 'its gate-passed lacks proof.kind, sentence, voters'],
  ])('of %s says what was found where', (kind, data, why) => {
    expect(() => lift({ v: 2, kind, data })).toThrow(why);
  });
});

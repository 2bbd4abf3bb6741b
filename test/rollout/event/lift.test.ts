// Journals of every released version must be readable for ever, and those of the future must be refused.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EVENT_VERSION, JournalMalformed, JournalNewer, lift } from '../../../src/rollout/event/lift.ts';
import type { Actor, Entry } from '../../../src/rollout/event.ts';
import { fold } from '../../../src/rollout/evolve.ts';
import {
  debtsOf,
  nodesArmed,
  nodesAway,
  type Rollout,
  restartsUnseen,
} from '../../../src/rollout/rollout.ts';

interface StoredEntry {
  readonly n: number;
  readonly at: number;
  readonly by: Actor;
  readonly v: number;
  readonly kind: string;
  readonly data: object;
}

/** Never edit this file: it is what version 1 wrote. A new version gets a golden journal of its own beside it. */
const GOLDEN: {
  readonly journals: readonly { readonly name: string; readonly entries: readonly StoredEntry[] }[];
} = JSON.parse(readFileSync(new URL('../golden/journal-v1.json', import.meta.url), 'utf8'));

function lifted({ n, at, by, v, kind, data }: StoredEntry): Entry {
  return { n, at, by, v: EVENT_VERSION, event: lift({ v, kind, data }) };
}

function folded(name: string): Rollout {
  const journal = GOLDEN.journals.find((one) => one.name === name);
  const rollout = journal === undefined ? null : fold(journal.entries.map(lifted));
  if (rollout === null) throw new Error(`no golden journal ${name}`);
  return rollout;
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
    expect(folded(name).phase).toMatchObject(phase);
  });

  it('still mean the same', () => {
    const eventful = folded('eventful');
    expect(eventful.begins.get('03-worker-1-reboot')).toBe(2);
    expect(eventful.begins.get('03-worker-1-install')).toBe(2);
    expect(eventful.deferred).toEqual(['04-cp-1']);
    expect(debtsOf(eventful)).toEqual([]);
    const left = folded('left behind');
    expect([...left.skipped]).toEqual([['03-worker-1', 'U0SAM00002']]);
    expect([...left.debtsTaken]).toEqual([['03-worker-1-uncordon', 'U0SAM00002']]);
    const doubt = folded('in doubt');
    expect([nodesAway(doubt), nodesArmed(doubt)]).toEqual([['worker-1'], []]);
    expect(restartsUnseen(doubt)).toEqual(['worker-1']);
    expect(debtsOf(doubt).map(({ node }) => node)).toEqual(['worker-1']);
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
    ['a newer version', { v: 2, kind: 'finished', data: { outcome: 'upgraded' } }],
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

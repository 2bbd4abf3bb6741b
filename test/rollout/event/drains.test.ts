// A journal with questions about drains, as the first version that asks them wrote it: it must be readable for ever.
import { describe, expect, it } from 'vitest';
import { blockedDrains, drainOf, questionOf, questionSubject } from '../../../src/rollout/blockade.ts';
import { versionOf } from '../../../src/rollout/event/lift.ts';
import { occasionOf } from '../../../src/rollout/occasion.ts';
import { folded, golden, lifted, type Stored } from './golden.ts';

const { entries } = golden<{ readonly entries: readonly Stored[] }>('drains-v2');

/** What follows them, since pods that come back are asked about. */
const { entries: later } = golden<{ readonly entries: readonly Stored[] }>('comebacks-v2');

const STEP = '07-worker-1-drain';

describe('the golden journal of blocked drains', () => {
  it('holds every fact about them, none of which an older program may read past', () => {
    const facts = entries.filter(({ kind }) => kind.startsWith('drain-'));
    expect(new Set(facts.map(({ kind, v }) => `${kind} ${v}`))).toEqual(
      new Set(['drain-blocked 2', 'drain-cleared 2', 'drain-proposed 2', 'drain-decided 2']),
    );
    expect(facts.filter((fact) => versionOf(lifted(fact).event) !== fact.v)).toEqual([]);
  });

  it('still means the same', () => {
    const rollout = folded(entries);
    expect(blockedDrains(rollout)).toEqual([STEP]);
    expect(drainOf(rollout, STEP)).toMatchObject({ left: ['old-1'], forced: ['web-1'] });
    expect(drainOf(rollout, STEP).decisions).toEqual([
      { choice: 'force', pods: 1, askedBy: 'U0R1YA0001', user: 'U0SAM00002' },
      { choice: 'leave', pods: 1, askedBy: 'U0SAM00002', user: 'U0MEI00003' },
    ]);
    expect(questionOf(rollout, STEP)).toMatchObject({
      blockers: [{ uid: 'web-2', cause: 'budget', budgets: [{ name: 'web', disruptionsAllowed: 0 }] }],
      proposal: { choice: 'leave', user: 'U0SAM00002' },
    });
    expect(occasionOf(rollout, questionSubject(STEP))).toBe(entries.length);
  });

  it('goes on with pods that come back, which are left by their owner', () => {
    expect(later.filter((fact) => versionOf(lifted(fact).event) !== fact.v)).toEqual([]);
    const { left, leftWorkloads, decisions, question } = drainOf(folded([...entries, ...later]), STEP);
    expect({ left, leftWorkloads, question }).toEqual({
      ...{ left: ['old-1', 'osd-1'], leftWorkloads: ['storage/ReplicaSet osd'], question: null },
    });
    expect(decisions.at(-1)).toEqual({
      ...{ choice: 'leave', pods: 1, workloads: ['storage/ReplicaSet osd'] },
      ...{ askedBy: 'U0R1YA0001', user: 'U0SAM00002' },
    });
  });
});

// Journals with hand-overs, slow steps and waits of their own, as the first version that has them wrote them: readable for ever.
import { describe, expect, it } from 'vitest';
import { versionOf } from '../../../src/rollout/event/lift.ts';
import { stepState } from '../../../src/rollout/rollout.ts';
import { folded, golden, lifted, type Stored } from './golden.ts';

const GOLDEN = golden<Readonly<Record<'handed' | 'disarming', readonly Stored[]>>>('people-v2');

describe('the golden journals of people', () => {
  it.each(['handed', 'disarming'] as const)(
    'are written so that no older program reads past them: %s',
    (name) => {
      const wrong = GOLDEN[name].filter((fact) => versionOf(lifted(fact).event) !== fact.v);
      expect(wrong).toEqual([]);
      expect(GOLDEN[name].some(({ v }) => v === 2)).toBe(true);
    },
  );

  it('still mean the same', () => {
    const rollout = folded(GOLDEN.handed);
    expect([rollout.user, rollout.keeper]).toEqual(['U0R1YA0001', 'U0SAM00002']);
    const again = GOLDEN.handed.find(({ kind }) => kind === 'retried');
    const state = stepState(rollout, '07-worker-1-reboot');
    // Counted from its own moment, by the store's clock, whatever the one who wrote it believed.
    expect(state).toEqual({ state: 'open', notBefore: (again?.at ?? 0) + 120_000 });
    expect(rollout.slow.size).toBe(0);
    expect(folded(GOLDEN.disarming).goal).toEqual({ kind: 'disarm-node', node: 'cp-1' });
  });
});

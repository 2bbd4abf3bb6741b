// Journals with hand-overs, slow steps and waits of their own, as the first version that has them wrote them: readable for ever.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EVENT_VERSION, lift, versionOf } from '../../../src/rollout/event/lift.ts';
import type { Actor, Entry } from '../../../src/rollout/event.ts';
import { fold } from '../../../src/rollout/evolve.ts';
import { type Rollout, stepState } from '../../../src/rollout/rollout.ts';

interface Stored {
  readonly n: number;
  readonly at: number;
  readonly by: Actor;
  readonly v: number;
  readonly kind: string;
  readonly data: object;
}

/** Never edit this file: it is what that version wrote. */
const GOLDEN: Readonly<Record<'handed' | 'disarming', readonly Stored[]>> = JSON.parse(
  readFileSync(new URL('../golden/people-v2.json', import.meta.url), 'utf8'),
);

const lifted = ({ n, at, by, v, kind, data }: Stored): Entry => ({
  ...{ n, at, by, v: EVENT_VERSION },
  event: lift({ v, kind, data }),
});

function folded(name: keyof typeof GOLDEN): Rollout {
  const rollout = fold(GOLDEN[name].map(lifted));
  if (rollout === null) throw new Error(`the golden journal ${name} is empty`);
  return rollout;
}

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
    const rollout = folded('handed');
    expect([rollout.user, rollout.keeper]).toEqual(['U0R1YA0001', 'U0SAM00002']);
    const again = GOLDEN.handed.find(({ kind }) => kind === 'retried');
    const state = stepState(rollout, '07-worker-1-reboot');
    // Counted from its own moment, by the store's clock, whatever the one who wrote it believed.
    expect(state).toEqual({ state: 'open', notBefore: (again?.at ?? 0) + 120_000 });
    expect(rollout.slow.size).toBe(0);
    expect(folded('disarming').goal).toEqual({ kind: 'disarm-node', node: 'cp-1' });
  });
});

// A stored plan by which nothing may be decided: something in it is not what it must be, or its parts do not agree with each other.
import { describe, expect, it } from 'vitest';
import { JournalMalformed, lift } from '../../../src/rollout/event/lift.ts';
import { golden, type Stored } from './golden.ts';

/** The plan of a golden journal, with one thing in it changed. */
function planWith(change: (stages: Changeable) => void): object {
  const { entries } = golden<{ readonly entries: readonly Stored[] }>('drains-v2');
  const planned = entries.find(({ kind }) => kind === 'planned');
  const data = structuredClone(planned?.data ?? {}) as { plan: { stages: Changeable } };
  change(data.plan.stages);
  return data;
}

type Part = Record<string, unknown>;
type Changeable = {
  width: unknown;
  batches?: unknown;
  lanes: { id: unknown; role: unknown; gate: Part | null; steps: (Part & { params: Part })[] }[];
}[];

/** Of the last stage, the control plane's. */
function gated(stages: Changeable) {
  const stage = stages.at(-1);
  const [lane, other] = stage?.lanes ?? [];
  const [step, second] = lane?.steps ?? [];
  if (!(stage && lane?.gate && other?.gate && step && second))
    throw new Error('the plan has no control plane');
  return { stage, lane, gate: lane.gate, other, otherGate: other.gate, step, second };
}

describe('a plan', () => {
  it.each<[string, (stages: Changeable) => void, RegExp]>([
    [
      'a width of nothing',
      (all) => Object.assign(gated(all).stage, { width: 0 }),
      /width .* is 0 and not a whole/,
    ],
    [
      'two gates side by side',
      (all) => Object.assign(gated(all).stage, { width: 2 }),
      /is 2 and not 1, as a/,
    ],
    [
      'a batch that leaves a lane out',
      (all) => Object.assign(gated(all).stage, { batches: [] }),
      /each once/,
    ],
    [
      'a role nobody has',
      (all) => Object.assign(gated(all).lane, { role: 'master' }),
      /is "master" and not one/,
    ],
    [
      'a lane twice',
      (all) => Object.assign(gated(all).other, { id: gated(all).lane.id }),
      /an id of its own/,
    ],
    [
      'a gate twice',
      (all) => Object.assign(gated(all).otherGate, { id: gated(all).gate['id'] }),
      /an id of its/,
    ],
    [
      'a gate of another node',
      (all) => Object.assign(gated(all).gate, { node: 'cp-9' }),
      /the node of its lane/,
    ],
    ['a proof nobody knows', (all) => Object.assign(gated(all).gate, { proof: 'none' }), /proof .* "none"/],
    [
      'a step twice',
      (all) => Object.assign(gated(all).second, { id: gated(all).step['id'] }),
      /an id of its own/,
    ],
    [
      'a step of another node',
      (all) => Object.assign(gated(all).step, { node: 'cp-9' }),
      /the node of its lane/,
    ],
    [
      'a step nobody knows',
      (all) => Object.assign(gated(all).step, { kind: 'wipe' }),
      /is "wipe" and not one of/,
    ],
    [
      'a step often',
      (all) => Object.assign(gated(all).step, { repeat: 'often' }),
      /is "often" and not one of/,
    ],
    ['a step elsewhere', (all) => Object.assign(gated(all).step, { presence: 'goes' }), /is "goes" and not/],
    [
      'a limit below nothing',
      (all) => Object.assign(gated(all).step, { limitMs: -1 }),
      /is -1 and not a number/,
    ],
    [
      'a limit without an end',
      (all) => Object.assign(gated(all).step, { limitMs: null }),
      /limitMs .* is null/,
    ],
    ['a debt to nobody', (all) => Object.assign(gated(all).step, { owes: 'x' }), /is "x" and not a step of/],
    [
      'an object in a step',
      (all) => Object.assign(gated(all).step.params, { x: {} }),
      /params\.x .* is {} and/,
    ],
    [
      'a soak without an end',
      (all) => Object.assign(gated(all).step, { kind: 'soak' }),
      /lacks .*params\.ms/,
    ],
    [
      'a manner of restarting nobody knows',
      (all) => Object.assign(gated(all).step, { presence: 'departs', params: { mode: 'hard' } }),
      /is "hard" and not a reboot mode/,
    ],
  ])('with %s is refused', (_what, change, why) => {
    const stored = { v: 2, kind: 'planned', data: planWith(change) };
    expect(() => lift(stored)).toThrow(JournalMalformed);
    expect(() => lift(stored)).toThrow(why);
  });

  it('may have fields that this version does not know, at any depth', () => {
    const data = planWith((all) => Object.assign(gated(all).step, { since: 'a newer patch' }));
    expect(lift({ v: 2, kind: 'planned', data })).toMatchObject({ kind: 'planned' });
  });
});

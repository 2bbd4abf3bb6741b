// The fingerprint that binds an approval: what it depends on, what it does not, and that it never drifts by accident.
import { describe, expect, it } from 'vitest';
import type { Snapshot } from '../../src/cluster/snapshot.ts';
import { approvalFingerprint, canonicalText, fingerprintOf, type Gate } from '../../src/rollout/gate.ts';
import { planFor } from '../../src/rollout/plan/plan-for.ts';
import { lanesOf } from '../../src/rollout/plan.ts';
import type { Policy } from '../../src/rollout/policy.ts';
import { APPROVER, aPolicy, limits, SECOND_APPROVER } from '../builders/plan.ts';
import { aCluster } from '../builders/snapshot.ts';

describe('canonicalText', () => {
  it.each([
    [{ b: 1, a: 2 }, '{"a":2,"b":1}'],
    [{ a: { d: [3, { z: 1, y: 2 }], c: null } }, '{"a":{"c":null,"d":[3,{"y":2,"z":1}]}}'],
    [{ a: undefined, b: 1 }, '{"b":1}'],
    ['ü"', '"ü\\""'],
    [[], '[]'],
    [null, 'null'],
  ])('of %j is %s', (value, text) => {
    expect(canonicalText(value)).toBe(text);
  });

  it('keeps the order of lists, because the order of steps is part of what is approved', () => {
    expect(canonicalText([1, 2])).not.toBe(canonicalText([2, 1]));
  });
});

function gatesOf(
  snapshot: Snapshot,
  policy: Policy = aPolicy(),
  version = 'v1.13.5',
): ReadonlyMap<string, Gate> {
  const proposal = planFor(
    { kind: 'upgrade-talos', version },
    { snapshot, policy, factory: 'factory.example', previousOf: () => null },
  );
  if (proposal.kind !== 'planned') throw new Error(proposal.sentence);
  return new Map(
    lanesOf(proposal.plan).flatMap((lane) => (lane.gate === null ? [] : [[lane.node, lane.gate]])),
  );
}

function printOf(snapshot: Snapshot, policy?: Policy, version?: string): string {
  return gatesOf(snapshot, policy, version).get('cp-3')?.fingerprint ?? 'no gate';
}

describe('the fingerprint of a gate', () => {
  const base = printOf(aCluster().build());

  // Golden: if this fails, either what an approval binds was changed by accident, or it must be changed here on purpose.
  it('of a fixed plan is the same for ever', () => {
    expect(fingerprintOf({ steps: ['a'], node: { to: 'v1', from: 'v0' } })).toBe('5244e999eb28c12d');
    expect(base).toBe('eeab80357b647cf0');
  });

  it('differs from gate to gate', () => {
    const prints = [...gatesOf(aCluster().build()).values()].map((gate) => gate.fingerprint);
    expect(new Set(prints).size).toBe(3);
  });

  it.each([
    ['another version', printOf(aCluster().build(), aPolicy(), 'v1.13.6')],
    ['another version to come from', printOf(aCluster().version('cp-3', 'v1.13.3').build())],
    [
      'another schematic',
      printOf(
        aCluster()
          .machine('cp-3', { schematic: 'bb'.repeat(32) })
          .build(),
      ),
    ],
    ['one node more', printOf(aCluster({ workers: 3 }).build())],
    ['other members', printOf(aCluster({ controlPlane: 4 }).build())],
    ['other limits', printOf(aCluster().build(), aPolicy({ limits: limits({ rebootMs: 1 }) }))],
  ])('changes with %s', (_what, print) => {
    expect(print).not.toBe(base);
  });

  it.each([
    [
      'how far the log is',
      printOf(
        aCluster()
          .everywhere(() => ({ raftIndex: 5, raftAppliedIndex: 5 }))
          .build(),
      ),
    ],
    [
      'the election term',
      printOf(
        aCluster()
          .everywhere(() => ({ raftTerm: 9 }))
          .build(),
      ),
    ],
  ])('does not change with %s', (_what, print) => {
    expect(print).toBe(base);
  });

  it('of an approval changes with the rules for approving', () => {
    const gate = gatesOf(aCluster().build()).get('cp-3');
    if (gate === undefined) throw new Error('no gate');
    const prints = [
      aPolicy(),
      aPolicy({ approvals: 2 }),
      aPolicy({ approvers: [APPROVER] }),
      aPolicy({ approvers: [APPROVER, SECOND_APPROVER] }),
      aPolicy({ selfApproval: 'allowed' }),
    ].map((policy) => approvalFingerprint(gate, policy));
    expect(new Set(prints).size).toBe(5);
    expect(approvalFingerprint(gate, aPolicy({ parallelWorkers: 3, gateExpiryMs: 5 }))).toBe(prints[0]);
  });
});

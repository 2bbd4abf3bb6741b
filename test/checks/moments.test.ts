// The lists of checks by moment, and the checks that are asked between two nodes and at the end.
import { describe, expect, it } from 'vitest';
import { baselineOf } from '../../src/checks/baseline.ts';
import {
  AFTER_A_NODE,
  AT_THE_END,
  AT_THE_END_ASKS,
  BEFORE_A_NODE,
  BEFORE_A_NODE_ASKS,
  PRE_FLIGHT,
} from '../../src/checks/checklist.ts';
import { worstFirst } from '../../src/checks/finding.ts';
import { anEstate, aPod } from '../builders/estate.ts';
import { aCluster } from '../builders/snapshot.ts';
import { MOMENT_ROWS } from './moment-rows.ts';

const ROWS = MOMENT_ROWS.map((row) => ({ ...row, name: row.check.name }));

describe('a check between two nodes', () => {
  it.each(ROWS)('$name calls it $level when $what', ({ check, asked, level, says }) => {
    const [worst] = worstFirst(check({ ...aCluster().build(), ...asked }));
    expect(worst?.level).toBe(level);
    if (says !== undefined) expect(worst?.sentence).toContain(says);
  });

  it('is in the list of a moment, and has a row for what is well and one for what is not', () => {
    const moments = new Set([...BEFORE_A_NODE, ...AFTER_A_NODE, ...AT_THE_END]);
    for (const check of moments) {
      if (PRE_FLIGHT.some((other) => other === check)) continue;
      const levels = ROWS.filter((row) => row.check === check).map(({ level }) => level === 'ok');
      expect(new Set(levels), check.name).toEqual(new Set([true, false]));
    }
  });
});

describe('what is asked of Kubernetes at a moment', () => {
  it('is all that its checks judge, and no pod before a node', () => {
    const silent = anEstate({}, BEFORE_A_NODE_ASKS);
    const snapshot = aCluster().withEstate(silent).build();
    const findings = BEFORE_A_NODE.flatMap((check) => check(snapshot));
    const judged = findings.filter(({ check }) => check !== 'next-drain');
    expect(judged.map(({ level }) => level)).toEqual(BEFORE_A_NODE_ASKS.map(() => 'unknown'));
    expect(BEFORE_A_NODE_ASKS).not.toContain('pods');
    expect(AT_THE_END_ASKS).toEqual(['pods']);
  });
});

describe('the baseline of pods that did not run', () => {
  const crashing = (name: string, workload: string) =>
    aPod({ name, ready: false, waiting: 'CrashLoopBackOff', owner: { kind: 'ReplicaSet', name: workload } });

  it('counts them by workload', () => {
    const pods = [aPod(), crashing('a-1', 'a'), crashing('a-2', 'a'), crashing('b-1', 'b')];
    expect(baselineOf(aCluster().withEstate(anEstate({ pods })).build())).toEqual({
      v: 1,
      ill: { 'shop/ReplicaSet a': 2, 'shop/ReplicaSet b': 1 },
      beyond: 0,
    });
  });

  it('stays small when half a cluster is ill', () => {
    const pods = Array.from({ length: 1_000 }, (_, index) => crashing(`p-${index}`, `w-${index}`));
    const baseline = baselineOf(aCluster().withEstate(anEstate({ pods })).build());
    expect(baseline?.beyond).toBe(800);
    expect(JSON.stringify(baseline).length).toBeLessThan(16_000);
  });

  it('is none when nobody told about pods', () => {
    expect(baselineOf(aCluster().build())).toBeNull();
    expect(
      baselineOf(
        aCluster()
          .withEstate(anEstate({}, ['pods']))
          .build(),
      ),
    ).toBeNull();
  });
});

// The lists of checks by moment, and the checks that are asked between two nodes and at the end.
import { describe, expect, it } from 'vitest';
import { baselineOf, illAmong, podsRunAsBefore } from '../../src/checks/baseline.ts';
import {
  AFTER_A_NODE,
  AT_THE_END,
  AT_THE_END_ASKS,
  BEFORE_A_NODE,
  BEFORE_A_NODE_ASKS,
  PRE_FLIGHT,
} from '../../src/checks/checklist.ts';
import { worstFirst } from '../../src/checks/finding.ts';
import type { Baseline } from '../../src/cluster/baseline.ts';
import type { PodView } from '../../src/cluster/estate/pods.ts';
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

  const many = (count: number) =>
    Array.from({ length: count }, (_, index) => crashing(`p-${index}`, `w-${index}`));
  const remembered = (pods: readonly PodView[]) => {
    const baseline = baselineOf(aCluster().withEstate(anEstate({ pods })).build());
    if (baseline === null) throw new Error('nothing was remembered');
    // As the journal gives it back.
    return JSON.parse(JSON.stringify(baseline)) as Baseline;
  };
  const said = (baseline: Baseline, pods: readonly PodView[]) => {
    const ill = { kind: 'said', value: illAmong(pods, 0) } as const;
    const [finding] = podsRunAsBefore({ ...aCluster().build(), aftermath: { baseline, ill, node: null } });
    return finding?.sentence ?? '';
  };

  it('is compared also when thousands of workloads were ill, and stays small', () => {
    const pods = many(5_200);
    const baseline = remembered(pods);
    expect(baseline.beyond).toBe(5_000);
    expect(JSON.stringify(baseline).length).toBeLessThan(45_000);
    expect(said(baseline, pods)).toContain('Every pod that ran before');
    const later = [...pods, crashing('p-x', 'fresh'), crashing('p-0b', 'w-0'), crashing('p-4000b', 'w-4000')];
    expect(said(baseline, later)).toBe(
      'Not running, other than before the rollout: shop/ReplicaSet w-0 (CrashLoopBackOff), shop/ReplicaSet w-4000 (CrashLoopBackOff), shop/ReplicaSet fresh (CrashLoopBackOff).',
    );
  });

  it('knows how many pods of each were ill, of those without a name as well', () => {
    const pods = many(300).flatMap((pod, index) =>
      index % 2 === 0 ? [pod] : [pod, { ...pod, name: `${pod.name}-b` }],
    );
    const baseline = remembered(pods);
    expect(said(baseline, pods)).toContain('Every pod that ran before');
    expect(said(baseline, [...pods, crashing('p-251-c', 'w-251')])).toContain(
      'ReplicaSet w-251 (CrashLoopBackOff)',
    );
  });

  it('calls nothing new that nobody remembers, when more were ill than are kept', () => {
    const baseline = remembered(many(5_201));
    expect(baseline.beyond).toBe(5_001);
    expect(said(baseline, [crashing('p-x', 'fresh')])).toContain('Every pod that ran before');
    expect(said(baseline, [crashing('a', 'w-4000'), crashing('b', 'w-4000')])).toContain('w-4000');
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

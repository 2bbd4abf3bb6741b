// How a cluster is without a goal: every check is asked or named as not asked, and nothing is judged other than a plan judges it.
import { describe, expect, it } from 'vitest';
import { CHECKS } from '../../../src/checks/catalogue.ts';
import { NEEDS_A_VERSION, OF_A_VERSION, PRE_FLIGHT, runChecks } from '../../../src/checks/checklist.ts';
import type { EstateSubject } from '../../../src/cluster/estate/estate.ts';
import { type ConditionSources, conditionOf } from '../../../src/rollout/plan/condition.ts';
import { anEstate } from '../../builders/estate.ts';
import { aPolicy } from '../../builders/plan.ts';
import { aCluster } from '../../builders/snapshot.ts';

const ASKED = { target: 'v1.13.5', factory: 'factory.talos.dev' } as const;
const SUBJECTS = Object.keys(anEstate()) as EstateSubject[];

function found(changed: Partial<ConditionSources> = {}) {
  const snapshot = aCluster().withEstate(anEstate()).build();
  return conditionOf({ snapshot, policy: aPolicy(), archived: true, leftovers: [], ...changed });
}

const levelsOf = (findings: ReturnType<typeof found>, check: string) =>
  findings.filter((finding) => finding.check === check).map(({ level }) => level);

/** What a quiet cluster is silent about, and why. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'access-lasts': 'only where there is a certificate',
  'access-role': 'only where there is a certificate',
  'etcd-copy': 'only of a single member',
  'rollback-target': 'only of a rollback',
  'machine-armed': 'only what earlier rollouts left',
  'machine-in-doubt': 'only what earlier rollouts left',
  'node-away': 'only what earlier rollouts left',
  'new-troubles': 'only after something was done',
  backup: 'only where the policy wants one',
  neighbours: 'only where the policy chooses some',
};

describe('the condition of a cluster', () => {
  it('asks or names every check there is', () => {
    const names = new Set(found().map(({ check }) => check));
    const missing = Object.keys(CHECKS).filter((name) => !names.has(name) && ELSEWHERE[name] === undefined);
    expect(missing).toEqual([]);
  });

  it('names as not checked what the checks of a version find, with the reason', () => {
    const snapshot = aCluster().withEstate(anEstate()).build();
    const names = new Set(runChecks(OF_A_VERSION, snapshot, ASKED).map(({ check }) => check));
    expect([...names].sort()).toEqual([...NEEDS_A_VERSION].sort());
    for (const check of NEEDS_A_VERSION) {
      expect(levelsOf(found(), check), check).toEqual(['skipped']);
      expect(found().find((finding) => finding.check === check)?.sentence).toContain(
        'depends on the version',
      );
    }
  });

  it('judges as a plan judges', () => {
    const snapshot = aCluster()
      .withEstate(anEstate())
      .notReady('worker-1')
      .withAlarm('cp-2', 'nospace')
      .build();
    const planned = runChecks(PRE_FLIGHT, snapshot, ASKED).filter(
      ({ check }) => !NEEDS_A_VERSION.some((one) => one === check),
    );
    expect(found({ snapshot })).toEqual(expect.arrayContaining([...planned]));
    expect(levelsOf(found({ snapshot }), 'node-ready')).toEqual(['blocker']);
  });

  it('has the half of the machines while Kubernetes is silent, and everything else is unknown', () => {
    const snapshot = aCluster().withEstate(anEstate({}, SUBJECTS)).workloadSilent().build();
    const findings = found({ snapshot });
    expect(levelsOf(findings, 'machine-answers')).toEqual(['ok']);
    expect(levelsOf(findings, 'etcd-quorum')).toEqual(['ok']);
    for (const check of ['pods-running', 'disruption-budgets', 'flux', 'nodes-match'])
      expect(new Set(levelsOf(findings, check)), check).toEqual(new Set(['unknown']));
  });

  it('says what earlier rollouts left', () => {
    const left = {
      kind: 'armed',
      node: 'cp-2',
      version: 'v1.13.5',
      bootId: 'boot-cp-2',
      until: null,
    } as const;
    const snapshot = aCluster().machine('cp-2', { bootId: 'boot-cp-2' }).build();
    expect(levelsOf(found({ snapshot, leftovers: [left] }), 'machine-armed')).toEqual(['blocker']);
  });

  it.each([
    ['three control-plane nodes and no archive', 3, false, 'etcd-snapshot', 'warning'],
    ['three control-plane nodes and an archive', 3, true, 'etcd-snapshot', 'ok'],
    ['a single one and no archive', 1, false, 'etcd-copy', 'blocker'],
    ['a single one and an archive', 1, true, 'etcd-copy', 'ok'],
  ] as const)('of %s says whether etcd can be copied', (_, controlPlane, archived, check, level) => {
    const snapshot = aCluster({ controlPlane }).build();
    expect(levelsOf(found({ snapshot, archived }), check)).toEqual([level]);
  });

  it('is weighed by the policy', () => {
    const snapshot = aCluster().withEstate(anEstate()).notReady('worker-1').build();
    const policy = aPolicy({ checks: { 'node-ready': 'warn', flux: 'off' } });
    expect(levelsOf(found({ snapshot, policy }), 'node-ready')).toEqual(['warning']);
    expect(levelsOf(found({ snapshot, policy }), 'flux')).toEqual(['skipped']);
  });

  it('says that whom the policy would suspend is not known', () => {
    const policy = aPolicy({
      neighbours: { flux: [{ kind: null, namespace: null, name: null, labels: {} }], argo: [] },
    });
    const neighbours = { kind: 'silent', why: 'it did not answer.' } as const;
    expect(levelsOf(found({ policy, neighbours }), 'neighbours')).toEqual(['unknown']);
  });
});

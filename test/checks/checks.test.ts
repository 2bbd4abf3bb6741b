// Each check with what it calls good, bad and unknown; and the checklist, which shows all troubles at once.
import { describe, expect, it } from 'vitest';
import { PRE_FLIGHT, runChecks } from '../../src/checks/checklist.ts';
import { etcdIsHealthy } from '../../src/checks/etcd.ts';
import { blocks, type Finding, type Level, worstFirst } from '../../src/checks/finding.ts';
import { machinesAnswer, machinesAreReady, machinesHaveSettled } from '../../src/checks/machines.ts';
import { targetIsLegal } from '../../src/checks/versions.ts';
import {
  everyMachineIsANode,
  nodesAreReady,
  nodesAreSchedulable,
  staticPodsAreReady,
} from '../../src/checks/workloads.ts';
import { aFurnishedEstate, anEstate } from '../builders/estate.ts';
import { aCluster } from '../builders/snapshot.ts';
import { ACCESS_ROWS } from './access-rows.ts';
import { API_ROWS } from './api-rows.ts';
import { ASKED, IMAGE_ROWS, type Row } from './image-rows.ts';
import { INSPECTION_ROWS } from './inspection-rows.ts';
import { NEIGHBOUR_ROWS } from './neighbour-rows.ts';
import { POD_ROWS } from './pod-rows.ts';
import { UPKEEP_ROWS } from './upkeep-rows.ts';

const ROWS: readonly Row[] = [
  { check: machinesAnswer, what: 'all answer', cluster: aCluster(), level: 'ok', says: 'All 5 machines' },
  {
    check: machinesAnswer,
    what: 'one is silent',
    cluster: aCluster().silent('worker-2', 'no route'),
    level: 'unknown',
    subject: 'worker-2',
    says: 'no route',
  },
  {
    check: machinesAnswer,
    what: 'nothing was found',
    cluster: aCluster({ controlPlane: 0, workers: 0 }).incomplete('endpoint does not answer'),
    level: 'unknown',
    says: 'endpoint does not answer',
  },
  { check: everyMachineIsANode, what: 'the sets are equal', cluster: aCluster(), level: 'ok' },
  {
    check: everyMachineIsANode,
    what: 'a machine did not join',
    cluster: aCluster().notJoined('worker-1'),
    level: 'blocker',
    subject: 'worker-1',
  },
  {
    check: everyMachineIsANode,
    what: 'a node is no machine',
    cluster: aCluster().stranger('old-worker'),
    level: 'blocker',
    subject: 'old-worker',
  },
  {
    check: everyMachineIsANode,
    what: 'Kubernetes is silent',
    cluster: aCluster().workloadSilent(),
    level: 'unknown',
  },
  {
    check: everyMachineIsANode,
    what: 'discovery is silent, so the list may be short',
    cluster: aCluster().incomplete('discovery timed out'),
    level: 'unknown',
    says: 'discovery timed out',
  },
  { check: machinesAreReady, what: 'all run', cluster: aCluster(), level: 'ok' },
  {
    check: machinesAreReady,
    what: 'one boots',
    cluster: aCluster().machine('cp-2', { stage: 'booting', ready: false }),
    level: 'blocker',
    says: 'booting and not ready',
  },
  {
    check: machinesAreReady,
    what: 'one runs and is not ready',
    cluster: aCluster().machine('cp-2', {
      ready: false,
      unmet: [{ name: 'services', reason: 'etcd not healthy' }],
    }),
    level: 'blocker',
    says: 'etcd not healthy',
  },
  {
    check: machinesAreReady,
    what: 'one says ready in another stage',
    cluster: aCluster().machine('cp-2', { stage: 'upgrading', ready: true }),
    level: 'blocker',
    says: 'upgrading',
  },
  { check: machinesHaveSettled, what: 'none carries a fallback', cluster: aCluster(), level: 'ok' },
  {
    check: machinesHaveSettled,
    what: 'one carries a fallback',
    cluster: aCluster().inspected('cp-3', { fallback: { kind: 'said', value: 'Talos-v1.12.4.efi' } }),
    level: 'blocker',
    says: 'Talos-v1.12.4.efi',
  },
  { check: nodesAreReady, what: 'all are Ready', cluster: aCluster(), level: 'ok' },
  {
    check: nodesAreReady,
    what: 'one is not',
    cluster: aCluster().notReady('worker-1'),
    level: 'blocker',
    subject: 'worker-1',
  },
  { check: nodesAreSchedulable, what: 'none is cordoned', cluster: aCluster(), level: 'ok' },
  {
    check: nodesAreSchedulable,
    what: 'one is cordoned',
    cluster: aCluster().workload('worker-1', { unschedulable: true }),
    level: 'warning',
    says: 'left cordoned',
  },
  { check: staticPodsAreReady, what: 'all are ready', cluster: aCluster(), level: 'ok' },
  {
    check: staticPodsAreReady,
    what: 'one is not ready',
    cluster: aCluster().podNotReady('cp-1', 'kube-scheduler'),
    level: 'blocker',
    says: 'kube-scheduler',
  },
  {
    check: staticPodsAreReady,
    what: 'none are shown',
    cluster: aCluster().pods('cp-1', []),
    level: 'blocker',
  },
  {
    check: staticPodsAreReady,
    what: 'the API server is missing',
    cluster: aCluster().pods('cp-1', [{ component: 'kube-scheduler', ready: true }]),
    level: 'blocker',
    says: 'kube-apiserver',
  },
  {
    check: staticPodsAreReady,
    what: 'they are silent',
    cluster: aCluster().podsSilent('cp-1'),
    level: 'unknown',
  },
  { check: etcdIsHealthy, what: 'any one may go', cluster: aCluster(), level: 'ok', says: 'leader is cp-1' },
  { check: etcdIsHealthy, what: 'a learner', cluster: aCluster().withLearner('cp-3'), level: 'blocker' },
  {
    check: etcdIsHealthy,
    what: 'a silent member',
    cluster: aCluster().etcdSilent('cp-3'),
    level: 'blocker',
    says: 'Etcd on cp-3 does not answer',
  },
  {
    check: etcdIsHealthy,
    what: 'no control plane at all',
    cluster: aCluster({ controlPlane: 0 }),
    level: 'unknown',
  },
  { check: targetIsLegal, what: 'a patch', cluster: aCluster(), level: 'ok' },
  {
    check: targetIsLegal,
    what: 'a downgrade',
    cluster: aCluster().version('cp-1', 'v1.13.6'),
    level: 'warning',
    says: 'downgrade',
  },
  {
    check: targetIsLegal,
    what: 'a machine that is too old',
    cluster: aCluster().version('worker-1', 'v1.10.9'),
    level: 'blocker',
    subject: 'worker-1',
  },
  {
    check: targetIsLegal,
    what: 'a machine that says no version',
    cluster: aCluster().version('worker-1', 'dev-build'),
    level: 'unknown',
    says: 'dev-build',
  },
  ...ACCESS_ROWS,
  ...IMAGE_ROWS,
  ...INSPECTION_ROWS,
  ...UPKEEP_ROWS,
];

function worst(findings: readonly Finding[]): Finding | undefined {
  return worstFirst(findings)[0];
}

const ESTATE_ROWS = [...POD_ROWS, ...API_ROWS, ...NEIGHBOUR_ROWS];
const KURED = { kind: 'kured', name: 'kured', state: 'working', detail: 'it restarts w-1' } as const;

describe('the checks', () => {
  it.each(ROWS)('$check.name: $what → $level', ({ check, cluster, asked = ASKED, level, subject, says }) => {
    const finding = worst(check(cluster.build(), asked));
    expect(finding?.level).toBe(level);
    if (subject !== undefined) expect(finding?.subject).toBe(subject);
    if (says !== undefined) expect(finding?.sentence).toContain(says);
  });

  it('have an ok and a trouble row each, so that none can only agree', () => {
    for (const check of PRE_FLIGHT) {
      const levels = [...ROWS, ...ESTATE_ROWS]
        .filter((row) => row.check === check)
        .map((row) => row.level === 'ok');
      expect(levels, check.name).toContain(true);
      expect(levels, check.name).toContain(false);
    }
  });

  it('advise a person whenever they block', () => {
    for (const { check, cluster, asked = ASKED } of ROWS) {
      for (const finding of check(cluster.build(), asked).filter(blocks)) {
        expect(finding.advice, finding.sentence).not.toBeNull();
      }
    }
  });
});

describe('pre-flight', () => {
  it('is all ok on a healthy cluster', () => {
    expect(
      runChecks(PRE_FLIGHT, aCluster().withEstate(aFurnishedEstate()).build(), ASKED).filter(
        (finding) => finding.level !== 'ok',
      ),
    ).toEqual([]);
  });

  it('never stops at the first trouble', () => {
    const cluster = aCluster()
      .silent('worker-1')
      .notJoined('worker-2')
      .machine('cp-1', { ready: false })
      .inspected('cp-1', { fallback: { kind: 'said', value: 'A' } })
      .notReady('cp-2')
      .workload('cp-3', { unschedulable: true })
      .podNotReady('cp-1', 'kube-apiserver')
      .withLearner('cp-3')
      .version('cp-2', 'v1.10.0')
      .machine('cp-3', { schematic: null })
      .withEstate(anEstate({ otherUpgraders: [KURED] }, ['budgets']));
    const troubled = runChecks(PRE_FLIGHT, cluster.build(), ASKED).filter(
      ({ level }) => level !== 'ok' && level !== 'skipped',
    );
    expect(new Set(troubled.map((finding) => finding.check))).toEqual(
      new Set([
        'machine-answers',
        'nodes-match',
        'machine-ready',
        'machine-settled',
        'node-ready',
        'node-schedulable',
        'static-pods',
        'etcd-quorum',
        'legal-hop',
        'installer-image',
        'disruption-budgets',
        'double-budgets',
        'other-upgraders',
      ]),
    );
  });

  it('never calls silence fine: with nothing answering nothing is ok that could not be seen', () => {
    const cluster = aCluster().workloadSilent();
    for (const node of cluster.build().nodes) cluster.silent(node.name);
    const findings = runChecks(PRE_FLIGHT, cluster.build(), ASKED);
    expect(findings.some(blocks)).toBe(true);
  });
});

describe('findings', () => {
  const finding = (level: Level): Finding => ({
    check: level,
    level,
    subject: 'cluster',
    sentence: '',
    advice: null,
  });

  it.each([
    ['ok', false],
    ['warning', false],
    ['skipped', false],
    ['blocker', true],
    ['unknown', true],
  ] as const)('%s blocks: %s', (level, blocking) => {
    expect(blocks(finding(level))).toBe(blocking);
  });

  it('are sorted worst first, equal ones in their order', () => {
    const sorted = worstFirst((['ok', 'warning', 'unknown', 'skipped', 'blocker'] as const).map(finding));
    expect(sorted.map(({ level }) => level)).toEqual(['blocker', 'unknown', 'warning', 'ok', 'skipped']);
  });
});

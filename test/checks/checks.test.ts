// Each check with what it calls good, bad and unknown; and the checklist, which shows all troubles at once.
import { describe, expect, it } from 'vitest';
import { PRE_FLIGHT, runChecks } from '../../src/checks/checklist.ts';
import { blocks, type Finding, grouped, type Level, worstFirst } from '../../src/checks/finding.ts';
import type { AccessView } from '../../src/cluster/access.ts';
import type { EstateSubject } from '../../src/cluster/estate/estate.ts';
import { GOOD_ACCESS } from '../builders/access.ts';
import { aFurnishedEstate, anEstate } from '../builders/estate.ts';
import { aCluster } from '../builders/snapshot.ts';
import { ACCESS_ROWS } from './access-rows.ts';
import { API_ROWS } from './api-rows.ts';
import { CLUSTER_ROWS } from './cluster-rows.ts';
import { CONFIGURATION_ROWS } from './configuration-rows.ts';
import { ASKED, IMAGE_ROWS, type Row } from './image-rows.ts';
import { INSPECTION_ROWS } from './inspection-rows.ts';
import { MOMENT_ROWS } from './moment-rows.ts';
import { NEIGHBOUR_ROWS } from './neighbour-rows.ts';
import { PLANNED_ROWS } from './planned-rows.ts';
import { POD_ROWS } from './pod-rows.ts';
import { UPKEEP_ROWS } from './upkeep-rows.ts';

const ROWS: readonly Row[] = [
  ...CLUSTER_ROWS,
  ...ACCESS_ROWS,
  ...IMAGE_ROWS,
  ...INSPECTION_ROWS,
  ...UPKEEP_ROWS,
  ...CONFIGURATION_ROWS,
];

function worst(findings: readonly Finding[]): Finding | undefined {
  return worstFirst(findings)[0];
}

const ESTATE_ROWS = [...POD_ROWS, ...API_ROWS, ...NEIGHBOUR_ROWS];
/** Our certificate is our own; the images, and what becomes of extensions, are the registries' to say. */
const SEEN_WITHOUT = ['access-lasts', 'access-role'];
const KURED = { kind: 'kured', name: 'kured', state: 'working', detail: 'it restarts w-1' } as const;

describe('the checks', () => {
  it.each(ROWS)('$check.name: $what → $level', ({ check, cluster, asked = ASKED, level, subject, says }) => {
    const finding = worst(check(cluster.build(), asked));
    expect(finding?.level).toBe(level);
    if (subject !== undefined) expect(finding?.subject).toBe(subject);
    if (says !== undefined) expect(finding?.sentence).toContain(says);
  });

  it('leave it to access-role to stop what our role may not read', () => {
    const denied = { kind: 'denied', why: 'not authorized.' } as const;
    const reading = (access: Partial<AccessView>) =>
      aCluster()
        .inspected('worker-1', { config: denied, kubelet: denied })
        .access({ ...GOOD_ACCESS, ...access });
    const found = (access: Partial<AccessView>) =>
      runChecks(PRE_FLIGHT, reading(access).build(), ASKED).filter(blocks);
    expect(found({ roles: ['os:reader'], admin: 'denied' }).map(({ check }) => check)).toEqual([
      'access-role',
    ]);
    // Who may read everything and is refused something has met another trouble.
    expect(found({}).map(({ check }) => check)).toContain('kubernetes-images');
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
    const found = [
      ...ROWS.flatMap(({ check, cluster, asked = ASKED }) => check(cluster.build(), asked)),
      ...ESTATE_ROWS.flatMap(({ check, estate }) => check(aCluster().withEstate(anEstate(estate)).build())),
      ...MOMENT_ROWS.flatMap(({ check, asked }) => check({ ...aCluster().build(), ...asked })),
      ...PLANNED_ROWS.flatMap(({ findings }) => findings()),
    ].filter(blocks);
    expect(found.length).toBeGreaterThan(PRE_FLIGHT.length);
    for (const { advice, sentence } of found) expect(advice ?? '', sentence).toMatch(/\w+/);
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
    for (const { name, staticPods } of cluster.build().nodes) {
      cluster.silent(name);
      if (staticPods !== null) cluster.podsSilent(name);
    }
    const fine = runChecks(PRE_FLIGHT, cluster.build(), ASKED).filter(({ level }) => level === 'ok');
    expect(fine.map(({ check }) => check).filter((check) => !SEEN_WITHOUT.includes(check))).toEqual([]);
  });

  it('says once of all checks that ask Kubernetes that it does not answer', () => {
    const silent = anEstate({}, Object.keys(anEstate()) as EstateSubject[]);
    const cluster = aCluster().workloadSilent('the API server cannot be reached.').withEstate(silent);
    const groups = grouped(runChecks(PRE_FLIGHT, cluster.build(), ASKED));
    const silences = groups.filter((group) => group.kind === 'silence');
    expect(silences.map(({ hidden }) => hidden)).toEqual([
      expect.arrayContaining(['whether nodes are Ready', 'which nodes are cordoned', 'pods', 'Flux']),
    ]);
  });

  it('says once of all checks that ask machines that none answers', () => {
    const cluster = aCluster();
    for (const { name } of cluster.build().nodes) cluster.silent(name);
    const groups = grouped(runChecks(PRE_FLIGHT, cluster.build(), ASKED));
    const silences = groups.filter((group) => group.kind === 'silence');
    expect(silences.map(({ hidden }) => hidden.includes('whether its clock is right'))).toEqual([true]);
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

// Where backup and neighbours stand in an upgrade's plan, what they owe, and what is said of them before anybody agrees.
import { describe, expect, it } from 'vitest';
import type { Answer } from '../../../src/cluster/answer.ts';
import type { EstateViews } from '../../../src/cluster/estate/estate.ts';
import type { NeighbourSeen } from '../../../src/cluster/neighbour.ts';
import type { Goal } from '../../../src/rollout/goal.ts';
import { planFor } from '../../../src/rollout/plan/plan-for.ts';
import type { Proposal } from '../../../src/rollout/plan/proposal.ts';
import { lanesOf, stepsOf } from '../../../src/rollout/plan.ts';
import type { Policy } from '../../../src/rollout/policy.ts';
import { aNeighbour, aVeleroPolicy, EVERYBODY } from '../../builders/beside.ts';
import { anEstate } from '../../builders/estate.ts';
import { aPolicy, limits } from '../../builders/plan.ts';
import { aCluster } from '../../builders/snapshot.ts';

const UPGRADE: Goal = { kind: 'upgrade-talos', version: 'v1.13.5' };
const said = (...value: NeighbourSeen[]): Answer<readonly NeighbourSeen[]> => ({ kind: 'said', value });

interface Given {
  readonly policy?: Partial<Policy>;
  readonly neighbours?: Answer<readonly NeighbourSeen[]>;
  readonly goal?: Goal;
  readonly velero?: EstateViews['velero'] | 'silent';
}

function proposed({ policy = {}, neighbours, goal = UPGRADE, velero }: Given): Proposal {
  const cluster = aCluster();
  if (velero === 'silent') cluster.withEstate(anEstate({}, ['velero']));
  else if (velero !== undefined) cluster.withEstate(anEstate({ velero }));
  return planFor(goal, {
    snapshot: cluster.build(),
    policy: aPolicy({ limits: limits({ proveMs: 55_000 }), ...policy }),
    factory: 'factory.example',
    ...(neighbours === undefined ? {} : { neighbours }),
    previousOf: () => null,
  });
}

function planned(given: Given): Extract<Proposal, { kind: 'planned' }> {
  const proposal = proposed(given);
  if (proposal.kind !== 'planned') throw new Error(proposal.sentence);
  return proposal;
}

const findings = (proposal: Proposal, check: string) =>
  proposal.findings.filter((one) => one.check === check).map(({ level, sentence }) => [level, sentence]);

describe('the stages beside the nodes', () => {
  it('are not there when the policy says nothing', () => {
    const { plan } = planned({});
    expect(plan.stages.map(({ id }) => id)).toEqual(['images', 'workers', 'control-plane']);
  });

  it('are the backup, then the suspending, before a node; and the resuming after the last', () => {
    const { plan } = planned({
      policy: { velero: aVeleroPolicy(), neighbours: EVERYBODY },
      neighbours: said(aNeighbour('apps')),
    });
    expect(plan.stages.map(({ id }) => id)).toEqual([
      'images',
      'backup',
      'suspend',
      'workers',
      'control-plane',
      'resume',
    ]);
  });

  it('have the whole of the backup in the plan, with its own limit', () => {
    const velero = aVeleroPolicy({
      includedNamespaces: ['shop', 'blog'],
      excludedNamespaces: ['tmp'],
      defaultVolumesToFsBackup: true,
      ttlMs: 3_600_000,
      timeoutMs: 99_000,
    });
    const [step] = stepsOf(planned({ policy: { velero } }).plan).filter(({ kind }) => kind === 'backup');
    expect(step).toMatchObject({
      node: 'Velero',
      limitMs: 99_000,
      repeat: 'freely',
      presence: 'stays',
      owes: null,
      params: {
        namespace: 'velero',
        included: 'shop,blog',
        excluded: 'tmp',
        fsBackup: true,
        ttlMs: 3_600_000,
        location: null,
        freshMs: null,
      },
    });
  });

  it('have one lane for each neighbour, about no node, which owes its resuming; back in the opposite order', () => {
    const { plan } = planned({
      policy: { neighbours: EVERYBODY },
      neighbours: said(
        aNeighbour('root'),
        aNeighbour('apps', { appliedBy: { namespace: 'flux-system', name: 'root' } }),
        aNeighbour('Web Shop', { kind: 'Application', namespace: 'argocd' }),
      ),
    });
    const lanes = lanesOf(plan).filter(({ role }) => role === null);
    expect(lanes.map(({ node, gate }) => [node, gate])).toEqual([
      ['Application argocd/Web Shop', null],
      ['Kustomization flux-system/root', null],
      ['Kustomization flux-system/apps', null],
      ['Kustomization flux-system/apps', null],
      ['Kustomization flux-system/root', null],
      ['Application argocd/Web Shop', null],
    ]);
    const steps = stepsOf(plan);
    const suspending = steps.filter(({ kind }) => kind === 'suspend');
    expect(suspending.map(({ id, owes }) => [id, owes])).toEqual([
      ['06-application-argocd-web-shop-suspend', '16-application-argocd-web-shop-resume'],
      ['07-kustomization-flux-system-root-suspend', '15-kustomization-flux-system-root-resume'],
      ['08-kustomization-flux-system-apps-suspend', '14-kustomization-flux-system-apps-resume'],
    ]);
    expect(suspending[1]).toMatchObject({
      limitMs: 55_000,
      repeat: 'freely',
      params: { object: 'Kustomization', namespace: 'flux-system', name: 'root' },
    });
    expect(new Set(steps.map(({ id }) => id)).size).toBe(steps.length);
  });

  it('are no part of a rollback: a sick node does not wait for a backup', () => {
    const { plan } = planned({
      goal: { kind: 'rollback-node', node: 'cp-2' },
      policy: { velero: aVeleroPolicy(), neighbours: EVERYBODY },
      neighbours: said(aNeighbour('apps')),
    });
    expect(plan.stages.map(({ id }) => id)).toEqual(['rollback']);
  });
});

describe('what is said of the backup', () => {
  const policy = { velero: aVeleroPolicy({ excludedNamespaces: ['tmp'], freshEnoughMs: 7_200_000 }) };
  const installed = { namespace: 'velero', backups: [], locations: [] };

  it.each<[string, Given['velero'], unknown]>([
    [
      'Velero is there',
      installed,
      [
        [
          'ok',
          'Velero backs up all namespaces without tmp before anything is touched; one of the last 120 minutes will do.',
        ],
      ],
    ],
    ['Velero is not there', null, [['blocker', expect.stringContaining('Velero is not installed')]]],
    ['nobody can say', 'silent', [['unknown', expect.stringContaining('forbidden')]]],
  ])('when %s', (_when, velero, expected) => {
    expect(findings(proposed({ policy, ...(velero === undefined ? {} : { velero }) }), 'backup')).toEqual(
      expected,
    );
  });

  it('is nothing when the policy asks for none', () => {
    expect(findings(proposed({ velero: null }), 'backup')).toEqual([]);
  });
});

describe('what is said of the neighbours', () => {
  const policy = { neighbours: EVERYBODY };
  const applied = { appliedBy: { namespace: 'flux-system', name: 'root' } };
  const only = {
    neighbours: { flux: [{ kind: null, namespace: null, name: 'apps', labels: {} }], argo: [] },
  };

  it.each<[string, Given, readonly unknown[]]>([
    [
      'some are at work and one is suspended',
      { policy, neighbours: said(aNeighbour('a'), aNeighbour('b'), aNeighbour('c', { suspended: true })) },
      [
        [
          'ok',
          'Kustomization flux-system/a, Kustomization flux-system/b are suspended (1 suspended already is left so) and resumed as found at the end, after an abort too.',
        ],
      ],
    ],
    [
      'none is found',
      { policy, neighbours: said() },
      [['warning', expect.stringContaining('none was found')]],
    ],
    [
      'nobody can say',
      { policy, neighbours: { kind: 'silent', why: 'forbidden.' } },
      [['unknown', 'Whom to suspend is not known: forbidden.']],
    ],
    [
      'more are chosen than can be read',
      { policy, neighbours: said(...Array.from({ length: 101 }, (_, at) => aNeighbour(`n${at}`))) },
      [['blocker', expect.stringContaining('chooses 101 neighbours')]],
    ],
    [
      'one is applied by another that goes on',
      { policy: only, neighbours: said(aNeighbour('apps', applied), aNeighbour('root')) },
      [
        ['ok', expect.stringContaining('flux-system/apps is suspended')],
        ['warning', expect.stringContaining('flux-system/root, which is not suspended and may resume it')],
      ],
    ],
    [
      'one is applied by another that rests',
      {
        policy: only,
        neighbours: said(aNeighbour('apps', applied), aNeighbour('root', { suspended: true })),
      },
      [['ok', expect.stringContaining('flux-system/apps is suspended')]],
    ],
  ])('when %s', (_when, given, expected) => {
    expect(findings(proposed(given), 'neighbours')).toEqual(expected);
  });
});

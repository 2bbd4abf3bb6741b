// The rows about what a plan judges of what is asked for, of the policy, and of what earlier rollouts left.
import { mayJoin } from '../../src/checks/batches.ts';
import type { CheckName } from '../../src/checks/catalogue.ts';
import type { Finding, Level } from '../../src/checks/finding.ts';
import type { Answer } from '../../src/cluster/answer.ts';
import type { NeighbourSeen } from '../../src/cluster/neighbour.ts';
import type { Goal } from '../../src/rollout/goal.ts';
import { type Leftover, leftoverFindings } from '../../src/rollout/leftover.ts';
import { backupFindings } from '../../src/rollout/plan/backup-stage.ts';
import { neighbourFindings } from '../../src/rollout/plan/neighbour-stages.ts';
import { planFor, type Sources } from '../../src/rollout/plan/plan-for.ts';
import { copyOfTheOnly, snapshotFindings } from '../../src/rollout/plan/snapshot-stage.ts';
import type { Policy } from '../../src/rollout/policy.ts';
import { aNeighbour, aVeleroPolicy } from '../builders/beside.ts';
import { anEstate } from '../builders/estate.ts';
import { aPolicy } from '../builders/plan.ts';
import { aCluster, type ClusterSize } from '../builders/snapshot.ts';

export interface PlannedRow {
  readonly check: CheckName;
  readonly what: string;
  readonly findings: () => readonly Finding[];
  readonly level: Level;
}

const VELERO = { namespace: 'velero', backups: [], locations: [] };

function backup(estate: Parameters<typeof anEstate>): readonly Finding[] {
  return backupFindings(
    aVeleroPolicy(),
    aCluster()
      .withEstate(anEstate(...estate))
      .build(),
  );
}

function neighbours(answer: Answer<readonly NeighbourSeen[]>): readonly Finding[] {
  return neighbourFindings(answer.kind === 'said' ? answer.value : [], answer);
}

type Wish = Partial<Extract<Goal, { kind: 'upgrade-talos' }>>;

/** What a plan says of an upgrade, by one check. */
function planned(
  check: CheckName,
  {
    wish = {},
    policy = {},
    ...size
  }: ClusterSize & { readonly wish?: Wish; readonly policy?: Partial<Policy> },
): readonly Finding[] {
  const snapshot = aCluster(size).build();
  const goal = { kind: 'upgrade-talos', version: 'v1.13.5', ...wish } as const;
  return of(check, planFor(goal, sources({ snapshot, policy: aPolicy(policy) })).findings);
}

function sources(changed: Partial<Sources> = {}): Sources {
  const snapshot = aCluster().build();
  return { snapshot, policy: aPolicy(), factory: 'factory.example', previousOf: () => null, ...changed };
}

function of(check: CheckName, findings: readonly Finding[]): readonly Finding[] {
  return findings.filter((finding) => finding.check === check);
}

function rollback(left: string): readonly Finding[] {
  const previousOf = () => ({ version: 'v1.13.3', schematic: null, left });
  const proposal = planFor({ kind: 'rollback-node', node: 'worker-1' }, sources({ previousOf }));
  return of('rollback-target', proposal.findings);
}

function leftover(changed: Partial<Leftover>): readonly Finding[] {
  const left: Leftover = {
    ...{ kind: 'armed', node: 'worker-1', version: 'v1.13.5', bootId: 'boot-worker-1', until: null },
    ...changed,
  };
  return leftoverFindings(aCluster().notReady('worker-1').build(), [left], null);
}

const together = (silent: Parameters<typeof anEstate>[1]) =>
  mayJoin(aCluster().withEstate(anEstate({}, silent)).build(), 'worker-2', ['worker-1']);

export const PLANNED_ROWS: readonly PlannedRow[] = [
  {
    check: 'backup',
    what: 'Velero is there',
    findings: () => backup([{ velero: VELERO }]),
    level: 'ok',
  },
  { check: 'backup', what: 'it is not', findings: () => backup([{}]), level: 'blocker' },
  { check: 'backup', what: 'nobody tells', findings: () => backup([{}, ['velero']]), level: 'unknown' },
  {
    check: 'neighbours',
    what: 'one is chosen',
    findings: () => neighbours({ kind: 'said', value: [aNeighbour('apps')] }),
    level: 'ok',
  },
  {
    check: 'neighbours',
    what: 'none is there',
    findings: () => neighbours({ kind: 'said', value: [] }),
    level: 'warning',
  },
  {
    check: 'neighbours',
    what: 'the whole world is chosen',
    findings: () => {
      const value = Array.from({ length: 101 }, (_, at) => aNeighbour(`app-${at}`));
      return neighbours({ kind: 'said', value });
    },
    level: 'blocker',
  },
  {
    check: 'neighbours',
    what: 'nobody tells',
    findings: () => neighbours({ kind: 'silent', why: 'it hung up.' }),
    level: 'unknown',
  },
  {
    check: 'etcd-snapshot',
    what: 'there is an archive',
    findings: () => snapshotFindings({ name: 'cp-1' }, { archived: true, alone: false }),
    level: 'ok',
  },
  {
    check: 'etcd-snapshot',
    what: 'there is none',
    findings: () => snapshotFindings({ name: 'cp-1' }, { archived: false, alone: false }),
    level: 'warning',
  },
  {
    check: 'etcd-copy',
    what: 'there is an archive',
    findings: () => [copyOfTheOnly('cp-1', true)],
    level: 'ok',
  },
  {
    check: 'etcd-copy',
    what: 'there is none',
    findings: () => [copyOfTheOnly('cp-1', false)],
    level: 'blocker',
  },
  {
    check: 'reboot-mode',
    what: 'nodes go through their firmware',
    findings: () => planned('reboot-mode', { wish: { rebootMode: 'powercycle' } }),
    level: 'ok',
  },
  {
    check: 'reboot-mode',
    what: 'nothing is stopped first',
    findings: () => planned('reboot-mode', { wish: { rebootMode: 'force' } }),
    level: 'warning',
  },
  {
    check: 'reboot-mode',
    what: 'a version does not know it',
    findings: () => planned('reboot-mode', { wish: { rebootMode: 'force' }, version: 'v1.12.4' }),
    level: 'blocker',
  },
  {
    check: 'staged',
    what: 'nodes are armed for a while',
    findings: () => planned('staged', { wish: { staged: true } }),
    level: 'warning',
  },
  {
    check: 'canary',
    what: 'there is one',
    findings: () => planned('canary', { policy: { order: 'canary' } }),
    level: 'ok',
  },
  {
    check: 'canary',
    what: 'nobody is called so',
    findings: () => planned('canary', { policy: { order: 'canary', canary: { node: 'worker-9' } } }),
    level: 'blocker',
  },
  {
    check: 'canary',
    what: 'there is no worker to be it',
    findings: () => planned('canary', { policy: { order: 'canary' }, workers: 0 }),
    level: 'warning',
  },
  {
    check: 'batches',
    what: 'workers go together',
    findings: () => planned('batches', { policy: { parallelWorkers: 2 } }),
    level: 'ok',
  },
  { check: 'batches', what: 'a budget keeps two apart', findings: () => together([]), level: 'blocker' },
  { check: 'batches', what: 'nobody tells', findings: () => together(['nodes']), level: 'blocker' },
  { check: 'rollback-target', what: 'it is recorded', findings: () => rollback('v1.13.4'), level: 'ok' },
  {
    check: 'rollback-target',
    what: 'somebody else upgraded it since',
    findings: () => rollback('v1.13.2'),
    level: 'warning',
  },
  { check: 'machine-armed', what: 'one is', findings: () => leftover({}), level: 'blocker' },
  {
    check: 'machine-in-doubt',
    what: 'nobody saw the end of an installation',
    findings: () => leftover({ kind: 'in-doubt' }),
    level: 'blocker',
  },
  {
    check: 'node-away',
    what: 'one never came back',
    findings: () => leftover({ kind: 'away' }),
    level: 'blocker',
  },
];

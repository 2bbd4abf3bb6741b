// Plans an upgrade of every machine: what is found, who goes together and who first, and from that the stages (upgrade-stages.ts).
import { weighed } from '../../checks/catalogue.ts';
import { PRE_FLIGHT, runChecks } from '../../checks/checklist.ts';
import { nodesWithoutElsewhere } from '../../checks/elsewhere.ts';
import { witnessesOf } from '../../checks/etcd.ts';
import { blocks, type Finding } from '../../checks/finding.ts';
import type { Answer } from '../../cluster/answer.ts';
import type { CompatibilityTable } from '../../cluster/compatibility.ts';
import { leaderOf } from '../../cluster/etcd.ts';
import { type ImageAsked, imageNeedsOf } from '../../cluster/image.ts';
import type { NeighbourSeen } from '../../cluster/neighbour.ts';
import { describeWish } from '../../cluster/schematic.ts';
import type { Snapshot } from '../../cluster/snapshot.ts';
import type { HopRules, Minors } from '../../cluster/version.ts';
import type { Goal } from '../goal.ts';
import { type Leftover, leftoverFindings } from '../leftover.ts';
import type { PlannedNode } from '../plan.ts';
import type { Policy } from '../policy.ts';
import { backupFindings } from './backup-stage.ts';
import { batchFindings, type Group, grouped } from './batches.ts';
import { type Canary, canaryManner, canaryOf } from './canary.ts';
import { gated, memberIdsOf } from './lanes.ts';
import { type Manner, mannerFindings, mannerOf } from './manner.ts';
import { neighbourFindings, neighboursChosen } from './neighbour-stages.ts';
import { isHopeless, type Proposal } from './proposal.ts';
import { isAlone, snapshotFindings, snapshotNode } from './snapshot-stage.ts';
import { stagesOf } from './upgrade-stages.ts';
import { upgradedNode } from './upgraded-node.ts';

export interface UpgradeSources {
  readonly snapshot: Snapshot;
  readonly policy: Policy;
  /** The Image Factory's registry host. */
  readonly factory: string;
  /** What factories and registries answered; absent when nobody was asked. */
  readonly images?: Pick<ImageAsked, 'becomings' | 'images'>;
  /** Which Talos takes which; absent: the table the bot was made with. */
  readonly compatibility?: CompatibilityTable;
  /** Whether minors of Talos may be skipped; absent: one by one. */
  readonly minors?: Minors;
  /** Whether an archive is configured for copies of etcd. */
  readonly archived?: boolean;
  /** Whom the policy may choose to suspend; absent when it chooses nobody. */
  readonly neighbours?: Answer<readonly NeighbourSeen[]>;
  /** What earlier rollouts left installed and never booted. */
  readonly leftovers?: readonly Leftover[];
}

type UpgradeGoal = Extract<Goal, { kind: 'upgrade-talos' }>;

export function planUpgrade(goal: UpgradeGoal, sources: UpgradeSources): Proposal {
  const { snapshot, policy, factory, images = {}, archived = false, leftovers = [] } = sources;
  const wish = goal.schematic === undefined ? {} : { wish: goal.schematic };
  const asked: ImageAsked = { target: goal.version, factory, ...wish, ...images, ...rulesOf(sources) };
  const nodes = snapshot.nodes.flatMap((node): PlannedNode[] => {
    const machine = imageNeedsOf(node);
    return machine === null ? [] : [upgradedNode(node, machine, asked)];
  });
  if (nodes.length > 0 && nodes.length === snapshot.nodes.length && nodes.every((node) => !node.touched)) {
    const sentence = `All ${nodes.length} nodes of ${snapshot.cluster} already run Talos ${goal.version}${describeWish(goal.schematic)}; there is nothing to do.`;
    return { kind: 'declined', outcome: 'unchanged', sentence, findings: [] };
  }
  const manner = mannerOf(goal, policy);
  const ordered = inOrder(nodes, leaderOf(witnessesOf(snapshot)));
  const copied = snapshotNode(ordered);
  const alone = copied !== null && isAlone(copied, nodes);
  const company = companyOf(ordered, manner, { policy, snapshot });
  const ofCanary = canaryManner(manner, policy, goal.rebootMode);
  const neighbours = neighboursChosen(policy.neighbours, sources.neighbours);
  const seen = [
    ...runChecks(PRE_FLIGHT, snapshot, asked),
    ...leftoverFindings(snapshot, leftovers, null),
    ...mannerFindings(nodes, (node) => (node === company.canary.node ? ofCanary : manner)),
    ...snapshotFindings(copied, { archived, alone }),
    ...backupFindings(policy.velero, snapshot),
    ...neighbourFindings(neighbours, sources.neighbours),
    ...company.findings,
  ];
  const findings = weighed(seen, policy.checks);
  if (isHopeless(findings)) {
    const blockers = findings.filter(blocks);
    const sentence = `${blockers.length} finding${blockers.length === 1 ? '' : 's'} must be settled before ${snapshot.cluster} can be upgraded; nothing was touched.`;
    return { kind: 'declined', outcome: 'blocked', sentence, findings };
  }
  const etcdMembers = memberIdsOf(
    witnessesOf(snapshot).flatMap((witness) => (witness.view === null ? [] : [witness.view])),
  );
  const assumed = { goal, nodes, etcdMembers };
  const staying = nodesWithoutElsewhere(snapshot);
  const stages = stagesOf(ordered, policy, {
    manner,
    canaryManner: ofCanary,
    canary: company.canary,
    groups: company.groups,
    copied: archived && !alone ? copied : null,
    neighbours,
    around: (node) => ({
      etcd: isAlone(node, nodes) ? 'goes' : 'stays',
      pods: staying.has(node.name) ? 'stay' : 'move',
    }),
    gate: (lane) => gated(lane, alone && lane.role === 'control-plane' ? 'outage' : 'healthy', assumed),
  });
  return {
    kind: 'planned',
    plan: { goal, success: 'upgraded', nodes, etcdMembers, stages },
    findings,
  };
}

/** Which worker goes first, and which of the others go together. */
function companyOf(
  ordered: readonly PlannedNode[],
  { staged }: Manner,
  { policy, snapshot }: Pick<UpgradeSources, 'policy' | 'snapshot'>,
): {
  readonly canary: Canary;
  readonly groups: readonly Group[];
  readonly findings: readonly Finding[];
} {
  const workers = ordered.filter(({ role, touched }) => role === 'worker' && touched);
  const canary = canaryOf(workers, ordered, { policy, snapshot });
  // Staged, each goes after an approval of its own.
  const wide = staged ? { ...policy, parallelWorkers: 1 } : policy;
  const others = workers.filter((node) => node !== canary.node);
  const groups = grouped(others, wide, snapshot);
  return { canary, groups, findings: [...canary.findings, ...batchFindings(groups, wide)] };
}

function rulesOf({ compatibility, minors }: UpgradeSources): HopRules {
  return {
    ...(compatibility === undefined ? {} : { compatibility }),
    ...(minors === undefined ? {} : { minors }),
  };
}

/** By name, numbers in names counted as numbers, and the etcd leader after all others. */
function inOrder(nodes: readonly PlannedNode[], leader: string | null): readonly PlannedNode[] {
  const byName = [...nodes].sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
  return [...byName.filter((node) => node.name !== leader), ...byName.filter((node) => node.name === leader)];
}

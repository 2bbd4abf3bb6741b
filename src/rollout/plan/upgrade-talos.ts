// Plans an upgrade of every machine: images first, workers, then the control plane with a gate each, the etcd leader last.
import { weighed } from '../../checks/catalogue.ts';
import { PRE_FLIGHT, runChecks } from '../../checks/checklist.ts';
import { nodesWithoutElsewhere } from '../../checks/elsewhere.ts';
import { witnessesOf } from '../../checks/etcd.ts';
import { blocks } from '../../checks/finding.ts';
import type { Answer } from '../../cluster/answer.ts';
import type { CompatibilityTable } from '../../cluster/compatibility.ts';
import { leaderOf } from '../../cluster/etcd.ts';
import { type ImageAsked, imageNeedsOf } from '../../cluster/image.ts';
import type { NeighbourSeen } from '../../cluster/neighbour.ts';
import { describeWish } from '../../cluster/schematic.ts';
import type { Snapshot } from '../../cluster/snapshot.ts';
import { type HopRules, type Minors, methodFor } from '../../cluster/version.ts';
import type { Goal } from '../goal.ts';
import { type Leftover, leftoverFindings } from '../leftover.ts';
import type { Lane, PlannedNode, Stage } from '../plan.ts';
import type { Policy } from '../policy.ts';
import { backupDraft, backupFindings } from './backup-stage.ts';
import { gated, type LaneDraft, laneOf, memberIdsOf } from './lanes.ts';
import { type Manner, mannerFindings, mannerOf } from './manner.ts';
import {
  neighbourFindings,
  neighboursChosen,
  owing,
  resumeDraft,
  resumeStage,
  suspendDraft,
  suspendStage,
} from './neighbour-stages.ts';
import { installDraft, nodeDraft, pullDraft, type Surroundings } from './node-draft.ts';
import { isHopeless, type Proposal } from './proposal.ts';
import { isAlone, snapshotDraft, snapshotFindings, snapshotNode } from './snapshot-stage.ts';
import { upgradedNode } from './upgraded-node.ts';

export interface UpgradeSources {
  readonly snapshot: Snapshot;
  readonly policy: Policy;
  /** The Image Factory's registry host. */
  readonly factory: string;
  /** What factories and registries answered; absent when nobody was asked. */
  readonly images?: Pick<ImageAsked, 'becomings' | 'images'>;
  /** Absent: the table the bot was made with. */
  readonly compatibility?: CompatibilityTable;
  /** Whether minors of Talos may be skipped; absent: one by one. */
  readonly minors?: Minors;
  /** Whether an archive is configured, so that etcd is copied before the control plane is touched. */
  readonly archived?: boolean;
  /** Whom the policy may choose to suspend; absent when it chooses nobody. */
  readonly neighbours?: Answer<readonly NeighbourSeen[]>;
  /** What earlier rollouts left installed and never booted. */
  readonly leftovers?: readonly Leftover[];
}

/** Images are pulled on this many machines at a time: enough to be quick, few enough for a registry or a thin uplink. */
const PULL_WIDTH = 5;

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
  const neighbours = neighboursChosen(policy.neighbours, sources.neighbours);
  const seen = [
    ...runChecks(PRE_FLIGHT, snapshot, asked),
    ...leftoverFindings(snapshot, leftovers, null),
    ...mannerFindings(nodes, manner),
    ...snapshotFindings(copied, { archived, alone }),
    ...backupFindings(policy.velero, snapshot),
    ...neighbourFindings(neighbours, sources.neighbours),
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

interface StageParts {
  readonly manner: Manner;
  /** Suspended before the first node is touched, and resumed after the last. */
  readonly neighbours: readonly NeighbourSeen[];
  /** The node whose etcd is copied in a stage of its own, or null. */
  readonly copied: PlannedNode | null;
  readonly around: (node: PlannedNode) => Surroundings;
  readonly gate: (lane: Lane) => Lane;
}

function stagesOf(
  nodes: readonly PlannedNode[],
  policy: Policy,
  { manner, copied, neighbours, around, gate }: StageParts,
): readonly Stage[] {
  const touched = nodes.filter((node) => node.touched);
  const workers = touched.filter((node) => node.role === 'worker');
  const controlPlane = touched.filter((node) => node.role === 'control-plane');
  const pulling = touched.filter((node) => methodFor(node.from) === 'lifecycle');
  const installing = manner.staged
    ? [...workers, ...controlPlane].filter((node) => pulling.includes(node))
    : [];
  let number = 0;
  const draftOf = (node: PlannedNode): LaneDraft => nodeDraft(node, manner, around(node));
  const lane = (draft: LaneDraft): Lane => {
    number += 1;
    return laneOf(number, draft, policy.limits);
  };
  // Before the control plane is touched: an installed node boots the new version at any restart, a crash too.
  const installsFirst = installing.some(({ role }) => role === 'control-plane');
  const snapshot = (): Stage => ({
    id: 'snapshot',
    title: 'etcd snapshot',
    width: 1,
    lanes: copied === null ? [] : [lane(snapshotDraft(copied))],
  });
  const stages: readonly Stage[] = [
    {
      id: 'images',
      title: 'Pull installer images',
      width: PULL_WIDTH,
      lanes: pulling.map((node) => lane(pullDraft(node))),
    },
    // Before anybody is suspended: what it holds is the cluster as it was found.
    {
      id: 'backup',
      title: 'Velero backup',
      width: 1,
      lanes: policy.velero === undefined ? [] : [lane(backupDraft(policy.velero))],
    },
    suspendStage(neighbours.map((neighbour) => lane(suspendDraft(neighbour)))),
    ...(installsFirst ? [snapshot()] : []),
    {
      id: 'install',
      title: 'Install, without a restart',
      width: 1,
      lanes: installing.map((node) => lane(installDraft(node))),
    },
    // Installed now, restarted later: then people say when each node goes, so a worker has a gate as well.
    {
      id: 'workers',
      title: 'Workers',
      width: manner.staged ? 1 : policy.parallelWorkers,
      lanes: workers.map((node) => (manner.staged ? gate(lane(draftOf(node))) : lane(draftOf(node)))),
    },
    ...(installsFirst ? [] : [snapshot()]),
    {
      id: 'control-plane',
      title: 'Control plane',
      width: 1,
      lanes: controlPlane.map((node) => gate(lane(draftOf(node)))),
    },
    resumeStage(neighbours.toReversed().map((neighbour) => lane(resumeDraft(neighbour)))),
  ];
  return owing(stages.filter((stage) => stage.lanes.length > 0));
}

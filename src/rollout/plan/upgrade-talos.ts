// Plans an upgrade of every machine: images first, workers, then the control plane with a gate each, the etcd leader last.
import { PRE_FLIGHT, runChecks } from '../../checks/checklist.ts';
import { witnessesOf } from '../../checks/etcd.ts';
import { blocks } from '../../checks/finding.ts';
import { leaderOf } from '../../cluster/etcd.ts';
import type { ImageAsked } from '../../cluster/image.ts';
import { describeWish } from '../../cluster/schematic.ts';
import { type Snapshot, said } from '../../cluster/snapshot.ts';
import { methodFor, preserveFor } from '../../cluster/version.ts';
import type { Goal } from '../goal.ts';
import { type Leftover, leftoverFindings } from '../leftover.ts';
import type { Lane, PlannedNode, Stage } from '../plan.ts';
import type { Policy } from '../policy.ts';
import { gated, type LaneDraft, laneOf, memberIdsOf, type StepDraft } from './lanes.ts';
import type { Proposal } from './proposal.ts';
import { snapshotDraft, snapshotFindings, snapshotNode } from './snapshot-stage.ts';
import { arrivalParams, returnParams, upgradedNode } from './upgraded-node.ts';

export interface UpgradeSources {
  readonly snapshot: Snapshot;
  readonly policy: Policy;
  /** The Image Factory's registry host. */
  readonly factory: string;
  /** What factories and registries answered; absent when nobody was asked. */
  readonly images?: Pick<ImageAsked, 'becomings' | 'images'>;
  /** Whether an archive is configured, so that etcd is copied before the control plane is touched. */
  readonly archived?: boolean;
  /** What earlier rollouts left installed and never booted. */
  readonly leftovers?: readonly Leftover[];
}

/** Images are pulled on this many machines at a time: enough to be quick, few enough for a registry or a thin uplink. */
const PULL_WIDTH = 5;

type UpgradeGoal = Extract<Goal, { kind: 'upgrade-talos' }>;

export function planUpgrade(goal: UpgradeGoal, sources: UpgradeSources): Proposal {
  const { snapshot, policy, factory, images = {}, archived = false, leftovers = [] } = sources;
  const wish = goal.schematic === undefined ? {} : { wish: goal.schematic };
  const asked: ImageAsked = { target: goal.version, factory, ...wish, ...images };
  const nodes = snapshot.nodes.flatMap((node): PlannedNode[] => {
    const machine = said(node.machine);
    return machine === null ? [] : [upgradedNode(node, machine, asked)];
  });
  if (nodes.length > 0 && nodes.length === snapshot.nodes.length && nodes.every((node) => !node.touched)) {
    const sentence = `All ${nodes.length} nodes of ${snapshot.cluster} already run Talos ${goal.version}${describeWish(goal.schematic)}; there is nothing to do.`;
    return { kind: 'declined', outcome: 'unchanged', sentence, findings: [] };
  }
  const findings = [
    ...runChecks(PRE_FLIGHT, snapshot, asked),
    ...leftoverFindings(snapshot, leftovers, null),
  ];
  const blockers = findings.filter(blocks);
  if (blockers.length > 0) {
    const sentence = `${blockers.length} finding${blockers.length === 1 ? '' : 's'} must be settled before ${snapshot.cluster} can be upgraded; nothing was touched.`;
    return { kind: 'declined', outcome: 'blocked', sentence, findings };
  }
  const etcdMembers = memberIdsOf(
    witnessesOf(snapshot).flatMap((witness) => (witness.view === null ? [] : [witness.view])),
  );
  const assumed = { goal, nodes, etcdMembers };
  const ordered = inOrder(nodes, leaderOf(witnessesOf(snapshot)));
  const copied = snapshotNode(ordered);
  const stages = stagesOf(ordered, policy, {
    copied: archived ? copied : null,
    gate: (lane) => gated(lane, 'healthy', assumed),
  });
  return {
    kind: 'planned',
    plan: { goal, success: 'upgraded', nodes, etcdMembers, stages },
    findings: [...findings, ...snapshotFindings(copied, archived)],
  };
}

/** By name, numbers in names counted as numbers, and the etcd leader after all others. */
function inOrder(nodes: readonly PlannedNode[], leader: string | null): readonly PlannedNode[] {
  const byName = [...nodes].sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
  return [...byName.filter((node) => node.name !== leader), ...byName.filter((node) => node.name === leader)];
}

function stagesOf(
  nodes: readonly PlannedNode[],
  policy: Policy,
  { copied, gate }: { readonly copied: PlannedNode | null; readonly gate: (lane: Lane) => Lane },
): readonly Stage[] {
  const touched = nodes.filter((node) => node.touched);
  const workers = touched.filter((node) => node.role === 'worker');
  const controlPlane = touched.filter((node) => node.role === 'control-plane');
  const pulling = touched.filter((node) => methodFor(node.from) === 'lifecycle');
  let number = 0;
  const lane = (draft: LaneDraft): Lane => {
    number += 1;
    return laneOf(number, draft, policy.limits);
  };
  const stages: readonly Stage[] = [
    {
      id: 'images',
      title: 'Pull installer images',
      width: PULL_WIDTH,
      lanes: pulling.map((node) => lane(pullDraft(node))),
    },
    {
      id: 'workers',
      title: 'Workers',
      width: policy.parallelWorkers,
      lanes: workers.map((node) => lane(nodeDraft(node))),
    },
    {
      id: 'snapshot',
      title: 'etcd snapshot',
      width: 1,
      lanes: copied === null ? [] : [lane(snapshotDraft(copied))],
    },
    {
      id: 'control-plane',
      title: 'Control plane',
      width: 1,
      lanes: controlPlane.map((node) => gate(lane(nodeDraft(node)))),
    },
  ];
  return stages.filter((stage) => stage.lanes.length > 0);
}

function pullDraft(node: PlannedNode): LaneDraft {
  return { node: node.name, role: node.role, steps: [{ kind: 'pull', params: { image: node.image } }] };
}

/** The order of one node (design.md section 6). */
function nodeDraft(node: PlannedNode): LaneDraft {
  const arrival = arrivalParams(node);
  const forfeit: readonly StepDraft[] =
    node.role === 'control-plane' ? [{ kind: 'forfeit', params: {} }] : [];
  const acts: readonly StepDraft[] =
    methodFor(node.from) === 'lifecycle'
      ? [
          { kind: 'install', params: { image: node.image, ...arrival } },
          ...forfeit,
          { kind: 'reboot', params: arrival },
        ]
      : [
          ...forfeit,
          {
            kind: 'upgrade-legacy',
            params: { image: node.image, preserve: preserveFor(node.from), ...arrival },
          },
        ];
  // Pulled again right before use: unreferenced images are collected after an hour (design.md section 6).
  const pull: readonly StepDraft[] =
    methodFor(node.from) === 'lifecycle' ? [{ kind: 'pull', params: { image: node.image } }] : [];
  const steps: readonly StepDraft[] = [
    ...pull,
    { kind: 'cordon', params: {} },
    { kind: 'drain', params: {} },
    ...acts,
    { kind: 'return', params: returnParams(node) },
    { kind: 'uncordon', params: {} },
  ];
  return { node: node.name, role: node.role, steps };
}

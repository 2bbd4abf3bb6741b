// The order of an upgrade: what is done before anything is touched, then the machines as the policy orders them, and what is put back.
import type { NeighbourSeen } from '../../cluster/neighbour.ts';
import { methodFor } from '../../cluster/version.ts';
import type { Lane, PlannedNode, Stage } from '../plan.ts';
import type { Policy } from '../policy.ts';
import { backupDraft } from './backup-stage.ts';
import type { Group } from './batches.ts';
import { type LaneDraft, laneOf } from './lanes.ts';
import type { Manner } from './manner.ts';
import { owing, resumeDraft, resumeStage, suspendDraft, suspendStage } from './neighbour-stages.ts';
import { installDraft, nodeDraft, pullDraft, type Surroundings } from './node-draft.ts';
import { snapshotDraft } from './snapshot-stage.ts';
import { soakDraft, soakStage } from './soak-stage.ts';

/** Images are pulled on this many machines at a time: enough to be quick, few enough for a registry or a thin uplink. */
const PULL_WIDTH = 5;

export interface StageParts {
  readonly manner: Manner;
  /** How the canary goes about it. */
  readonly canaryManner: Manner;
  /** The worker that goes before all others, or null, and why it is that one. */
  readonly canary: { readonly node: PlannedNode | null; readonly why: string };
  /** The other workers, by those that go together. */
  readonly groups: readonly Group[];
  /** Suspended before the first node is touched, and resumed after the last. */
  readonly neighbours: readonly NeighbourSeen[];
  /** The node whose etcd is copied in a stage of its own, or null. */
  readonly copied: PlannedNode | null;
  readonly around: (node: PlannedNode) => Surroundings;
  readonly gate: (lane: Lane) => Lane;
}

/** One part of the machines, and how long it is watched before the next part is touched. */
interface Part {
  readonly kind: 'canary' | 'workers' | 'control-plane';
  readonly nodes: readonly PlannedNode[];
  readonly stages: () => readonly Stage[];
}

export function stagesOf(nodes: readonly PlannedNode[], policy: Policy, parts: StageParts): readonly Stage[] {
  const { manner, copied, neighbours } = parts;
  const touched = nodes.filter((node) => node.touched);
  const workers = touched.filter((node) => node.role === 'worker');
  const controlPlane = touched.filter((node) => node.role === 'control-plane');
  const pulling = touched.filter((node) => methodFor(node.from) === 'lifecycle');
  const installing = manner.staged
    ? [...workers, ...controlPlane].filter((node) => pulling.includes(node))
    : [];
  const first = installing.filter((node) => node === parts.canary.node);
  const others = installing.filter((node) => node !== parts.canary.node);
  const lane = numbering(policy);
  // Before the control plane is touched: an installed node boots the new version at any restart, a crash too.
  const installsFirst = others.some(({ role }) => role === 'control-plane');
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
    ...machineStages({
      policy,
      parts,
      lane,
      controlPlane,
      arming: () => [
        ...(installsFirst ? [snapshot()] : []),
        installStage(
          'install',
          others.map((node) => lane(installDraft(node))),
        ),
      ],
      armingCanary: () =>
        installStage(
          'install-canary',
          first.map((node) => lane(installDraft(node))),
        ),
      before: installsFirst ? () => [] : () => [snapshot()],
    }),
    resumeStage(neighbours.toReversed().map((neighbour) => lane(resumeDraft(neighbour)))),
  ];
  return owing(stages.filter((stage) => stage.lanes.length > 0));
}

function installStage(id: string, lanes: readonly Lane[]): Stage {
  return { id, title: 'Install, without a restart', width: 1, lanes };
}

/** Numbers lanes in the order in which they are asked for. */
function numbering({ limits }: Policy): (draft: LaneDraft) => Lane {
  let number = 0;
  return (draft) => {
    number += 1;
    return laneOf(number, draft, limits);
  };
}

interface Machines {
  readonly policy: Policy;
  readonly parts: StageParts;
  readonly lane: (draft: LaneDraft) => Lane;
  readonly controlPlane: readonly PlannedNode[];
  /** Of a staged upgrade: what is installed before the first restart, the canary's aside. */
  readonly arming: () => readonly Stage[];
  readonly armingCanary: () => Stage;
  /** What is done right before the control plane. */
  readonly before: () => readonly Stage[];
}

function machineStages(machines: Machines): readonly Stage[] {
  const { policy, lane } = machines;
  const ordered = inOrder(machines).filter(({ nodes }) => nodes.length > 0);
  // The canary is watched before anybody else is armed: an installed node boots the new version at any restart.
  const armedAt = ordered.findIndex(({ kind }) => kind !== 'canary');
  return ordered.flatMap((part, at) => {
    const stages = [...(at === armedAt ? machines.arming() : []), ...part.stages()];
    const next = ordered[at + 1];
    const ms = next === undefined ? 0 : soakBetween(part, next, policy);
    return ms === 0 ? stages : [...stages, soakStage(part.kind, lane(soakDraft(part.nodes, ms)))];
  });
}

function inOrder(machines: Machines): readonly Part[] {
  const { policy, parts, controlPlane } = machines;
  const { canary, groups } = parts;
  const first: Part = {
    kind: 'canary',
    nodes: canary.node === null ? [] : [canary.node],
    stages: () => [machines.armingCanary(), canaryStage(machines)],
  };
  const workers: Part = {
    kind: 'workers',
    // All of them: those of earlier batches may have got ill since, and without a soak between batches nobody watched them.
    nodes: groups.flatMap(({ nodes }) => nodes),
    stages: () => [workerStage(machines)],
  };
  const control: Part = {
    kind: 'control-plane',
    nodes: controlPlane,
    stages: () => [...machines.before(), controlPlaneStage(machines)],
  };
  switch (policy.order ?? 'workers-first') {
    case 'workers-first':
      return [workers, control];
    case 'canary':
      return [first, workers, control];
    case 'canary-then-control-plane':
      return [first, control, workers];
    case 'control-plane-first':
      return [control, workers];
  }
}

/** The longest of those that hold between these two. */
function soakBetween(part: Part, next: Part, { soak }: Policy): number {
  if (soak === undefined) return 0;
  const own = { canary: soak.canaryMs, workers: soak.workersMs, 'control-plane': 0 }[part.kind];
  const turn = part.kind === 'control-plane' || next.kind === 'control-plane';
  return Math.max(own, turn ? soak.stagesMs : 0);
}

/** Installed now, restarted later: then people say when each node goes, so a worker has a gate as well. */
function workerLane({ parts, lane }: Machines, node: PlannedNode, manner: Manner): Lane {
  const plain = lane(nodeDraft(node, manner, parts.around(node)));
  return manner.staged ? parts.gate(plain) : plain;
}

function canaryStage(machines: Machines): Stage {
  const { canary, canaryManner } = machines.parts;
  const lanes = canary.node === null ? [] : [workerLane(machines, canary.node, canaryManner)];
  return { id: 'canary', title: 'Canary', width: 1, lanes, why: canary.why };
}

function workerStage(machines: Machines): Stage {
  const { policy, parts, lane } = machines;
  const { groups, manner } = parts;
  const width = manner.staged ? 1 : policy.parallelWorkers;
  const soakMs = policy.soak?.workersMs ?? 0;
  const inTurn = groups.flatMap((group, at) => {
    const lanes = group.nodes.map((node) => workerLane(machines, node, manner));
    const own = { lanes, why: group.why };
    // Nobody goes after the last batch of this stage: what comes then has a soak of its own.
    if (soakMs === 0 || at === groups.length - 1) return [own];
    return [own, { lanes: [lane(soakDraft(group.nodes, soakMs))], why: [] }];
  });
  const lanes = inTurn.flatMap((batch) => batch.lanes);
  const plain: Stage = { id: 'workers', title: 'Workers', width, lanes };
  if (width === 1) return plain;
  return {
    ...plain,
    batches: inTurn.map((batch) => ({ lanes: batch.lanes.map(({ id }) => id), why: batch.why })),
  };
}

function controlPlaneStage({ parts, lane, controlPlane }: Machines): Stage {
  return {
    id: 'control-plane',
    title: 'Control plane',
    width: 1,
    lanes: controlPlane.map((node) => parts.gate(lane(nodeDraft(node, parts.manner, parts.around(node))))),
  };
}

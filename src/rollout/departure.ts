// May this control-plane node go now? Asked when the card is posted, after the click, and right before the act.
import { witnessesOf } from '../checks/etcd.ts';
import { said } from '../cluster/answer.ts';
import {
  leaderOf,
  proveDead,
  proveHealthy,
  proveOutage,
  proveRepair,
  type QuorumProof,
  type Witness,
} from '../cluster/etcd.ts';
import { shortId } from '../cluster/schematic.ts';
import { type NodeSnapshot, nodeOf, type Snapshot } from '../cluster/snapshot.ts';
import { ailmentsOf } from './ailments.ts';
import { COPY_AGE_MS, type Copy, copyOf } from './copy.ts';
import type { Proof, ProofKind } from './gate.ts';
import { memberIdsOf } from './plan/lanes.ts';
import { type Lane, lanesOf, type Plan } from './plan.ts';
import { gateState, orderedLanes, type Rollout } from './rollout.ts';
import { changesNode } from './step.ts';
import { awayClauses, awayNow, stillAway } from './still-away.ts';

export type Departure =
  | { readonly kind: 'proved'; readonly proof: Proof }
  /** It may pass by itself: wait and look again. */
  | { readonly kind: 'unproved'; readonly whys: readonly string[] }
  /** All holds but the age of the copy of etcd that this step took: it takes another one, and then it is asked again. */
  | { readonly kind: 'outdated'; readonly step: string; readonly whys: readonly string[] }
  /** The cluster is not what people agreed to: only a new plan helps. */
  | { readonly kind: 'drifted'; readonly whys: readonly string[] };

/**
 * Is the machine at the planned address still the node the plan means? Asked before everything that changes a machine: an address
 * may have moved to another one since (talos-api.md 9.1). Empty when it is.
 */
export function identityTrouble(plan: Plan, lane: Lane, snapshot: Snapshot): readonly string[] {
  const planned = plan.nodes.find((node) => node.name === lane.node);
  const seen = nodeOf(snapshot, lane.node);
  if (planned === undefined || seen === null) return [`${lane.node} is not seen at the moment`];
  if (seen.address !== planned.address || seen.role !== planned.role)
    return [
      `${lane.node} is a ${seen.role} at ${seen.address} now, but the plan was made for a ${planned.role} at ${planned.address}`,
    ];
  // A node that is to be repaired may not have told Kubernetes about its last boot.
  if (repairs(lane)) return [];
  const machine = said(seen.machine);
  const workload = said(seen.workload);
  const others = runsAnother(plan, lane, snapshot);
  if (others.length > 0) return others;
  // A boot that our role may not know is no other one: the act itself refuses to be sent without it.
  const known = machine !== null && machine.bootId !== '' && workload !== null && workload.bootId !== '';
  const differs = known && workload.bootId !== machine.bootId;
  return differs
    ? [`the machine at ${planned.address} is in another boot than Kubernetes knows of ${lane.node}`]
    : [];
}

/** A worker may go when no control-plane node is away by our hand, and not more workers than the stage is wide. */
export function workerTrouble(
  rollout: Rollout,
  plan: Plan,
  lane: Lane,
  snapshot: Snapshot,
): readonly string[] {
  const width = widthOf(plan, lane);
  const away = awayNow(rollout, lane, snapshot);
  const controlPlane = away.filter(
    (name) => plan.nodes.find((node) => node.name === name)?.role === 'control-plane',
  );
  if (controlPlane.length === 0 && away.length < width) return [];
  return away.flatMap((name) => awayClauses(rollout, name, snapshot));
}

/**
 * Asked before a worker is touched that goes beside others: those, and workers that were made to leave and are not back or not whole, may
 * use all the places there are. Empty when there is one left for it.
 */
export function crowdTrouble(
  rollout: Rollout,
  lane: Lane,
  {
    plan,
    snapshot,
    company,
  }: { readonly plan: Plan; readonly snapshot: Snapshot; readonly company: readonly string[] },
): readonly string[] {
  const width = widthOf(plan, lane);
  const away = awayNow(rollout, lane, snapshot).filter(
    (name) =>
      !company.includes(name) && plan.nodes.some((node) => node.name === name && node.role === 'worker'),
  );
  const taken = company.length + away.length;
  if (away.length === 0 || taken < width) return [];
  const whys = away.flatMap((name) => awayClauses(rollout, name, snapshot)).join('; ');
  return [
    `${lane.node} does not go together with ${company.join(', ')}: ${whys}, and no more than ${width} workers may be away at a time`,
  ];
}

function widthOf(plan: Plan, lane: Lane): number {
  return plan.stages.find((stage) => stage.lanes.some((other) => other.id === lane.id))?.width ?? 1;
}

export function proveDeparture(rollout: Rollout, plan: Plan, lane: Lane, snapshot: Snapshot): Departure {
  const kind = lane.gate?.proof ?? 'healthy';
  const asked = kind === 'healthy' || kind === 'outage' ? snapshot : withoutEtcdOf(lane.node, snapshot);
  const drifts = [...driftsOf(plan, lane, asked), ...movedNodes(plan, snapshot)];
  if (drifts.length > 0) return { kind: 'drifted', whys: drifts };
  const quorum = QUORUM_PROOFS[kind](witnessesOf(snapshot), lane.node);
  const whys = [
    ...(quorum.kind === 'fails' ? quorum.whys : []),
    ...stillAway(rollout, lane, snapshot),
    ...(kind === 'healthy' ? unwellPeers(lane, snapshot) : []),
    ...(kind === 'healthy' || (kind === 'outage' && !repairs(lane))
      ? missingNodes(rollout, plan, snapshot)
      : []),
    ...(kind === 'dead' ? signsOfLife(lane, snapshot) : []),
  ];
  if (whys.length > 0) return { kind: 'unproved', whys: [...new Set(whys)] };
  const copy = kind === 'outage' ? copyOf(rollout, lane, snapshot.at) : null;
  const missing = copy === null ? null : copyTrouble(rollout, lane, copy);
  if (missing !== null) return missing;
  const sentence = sentenceOf(kind, { lane, quorum, copy });
  return { kind: 'proved', proof: { kind, sentence, ...quorum.arithmetic } };
}

const QUORUM_PROOFS: Readonly<
  Record<ProofKind, (witnesses: readonly Witness[], leaving: string) => QuorumProof>
> = { healthy: proveHealthy, repair: proveRepair, outage: proveOutage, dead: proveDead };

/** A node that is rolled back is sick, and may not have told Kubernetes about its last boot; one that is disarmed is well. */
export function repairs(lane: Lane): boolean {
  return lane.steps.some(({ kind, params }) => kind === 'rollback' && params['disarms'] !== true);
}

/** Silence alone does not make etcd dead: while Kubernetes answers, its only etcd serves. */
function signsOfLife(lane: Lane, snapshot: Snapshot): readonly string[] {
  const node = nodeOf(snapshot, lane.node);
  if (node?.workload.kind === 'silent' && node.workload.refused === true)
    return [`the Kubernetes API does not let us ask (${node.workload.why}), which is no silence`];
  return node?.workload.kind === 'said'
    ? [
        `the Kubernetes API answers, so etcd on ${lane.node} serves: it must be copied before ${lane.node} goes`,
      ]
    : [];
}

/** Null when it may go as far as the copy is concerned. People are asked before it is taken; once they agreed, it must be there. */
function copyTrouble(rollout: Rollout, lane: Lane, copy: Copy): Departure | null {
  const agreed = lane.gate !== null && gateState(rollout, lane.gate.id).state === 'passed';
  if (!agreed || copy.kind === 'fresh') return null;
  if (copy.kind === 'none')
    return { kind: 'unproved', whys: [`etcd on ${lane.node} was not copied in this rollout`] };
  if (copy.kind === 'undated') {
    const why = `the clock of the worker is ${seconds(copy.behindMs)} s behind the journal's, so nobody can say how old the copy of etcd is: set it right`;
    return { kind: 'unproved', whys: [why] };
  }
  const why = `the copy of etcd is ${minutes(copy.ageMs)} min old, and at most ${minutes(COPY_AGE_MS)} are allowed`;
  if (copy.again) return { kind: 'outdated', step: copy.step, whys: [why] };
  return { kind: 'unproved', whys: [`${why}; new copies were so as well: compare the machines' clocks`] };
}

function sentenceOf(
  kind: ProofKind,
  {
    lane: { node },
    quorum,
    copy,
  }: { readonly lane: Lane; readonly quorum: QuorumProof; readonly copy: Copy | null },
): string {
  if (kind === 'dead')
    return `Nothing proves that it helps. etcd on ${node}, its only member, serves nothing, and the Kubernetes API does not answer: there is no quorum to lose, and no copy of etcd can be taken before.`;
  if (kind === 'outage')
    return `Nothing proves it: etcd has one member, on ${node}. While ${node} restarts, etcd and the Kubernetes API are away, which is expected. ${copySentence(copy)}`;
  const { voters, votersLeft, quorum: needed } = quorum.arithmetic;
  return `etcd has ${voters} voting members; without ${node}, ${votersLeft} remain, and quorum is ${needed}.`;
}

function copySentence(copy: Copy | null): string {
  return copy?.kind === 'fresh'
    ? `A verified copy of etcd is ${minutes(copy.ageMs)} min old; it is taken again before the restart when it is older than ${minutes(COPY_AGE_MS)} min.`
    : `After the approval etcd is copied and verified before anything is changed; without a copy of the last ${minutes(COPY_AGE_MS)} min it does not restart.`;
}

function seconds(ms: number): number {
  return Math.floor(ms / 1_000);
}

function minutes(ms: number): number {
  return Math.max(0, Math.floor(ms / 60_000));
}

/** True when this lane's node leads etcd and other lanes of its stage could go before it. */
export function shouldGoLater(rollout: Rollout, plan: Plan, lane: Lane, snapshot: Snapshot): boolean {
  const stage = plan.stages.find((candidate) => candidate.lanes.some((other) => other.id === lane.id));
  if (stage === undefined || leaderOf(witnessesOf(snapshot)) !== lane.node) return false;
  const lanes = orderedLanes(rollout, stage);
  const later = lanes.slice(lanes.findIndex((other) => other.id === lane.id) + 1);
  // Each lane is sent back at most once: a leadership that follows us around must not keep us walking in circles.
  return later.length > 0 && !rollout.deferred.includes(lane.id);
}

function driftsOf(plan: Plan, lane: Lane, snapshot: Snapshot): readonly string[] {
  const planned = plan.nodes.map((node) => node.name).sort();
  const seen = snapshot.nodes.map((node) => node.name).sort();
  const whys: string[] = [];
  const added = seen.filter((name) => !planned.includes(name));
  if (added.length > 0) whys.push(`${added.join(', ')} joined the cluster since the plan was made`);
  const views = witnessesOf(snapshot).flatMap((witness) => (witness.view === null ? [] : [witness.view]));
  const members = memberIdsOf(views);
  if (views.length > 0 && members.join() !== plan.etcdMembers.join()) {
    whys.push('the etcd members are not the ones the plan was made for');
  }
  return [...whys, ...runsAnother(plan, lane, snapshot)];
}

/** Somebody else changed it since: what was agreed to is not what would happen. */
function runsAnother(plan: Plan, lane: Lane, snapshot: Snapshot): readonly string[] {
  const whys: string[] = [];
  const node = plan.nodes.find((candidate) => candidate.name === lane.node);
  const version = said(nodeOf(snapshot, lane.node)?.machine ?? null)?.version;
  if (node !== undefined && version !== undefined && version !== node.from && version !== node.to) {
    whys.push(`${lane.node} runs ${version}, but the plan was made for ${node.from}`);
  }
  const schematic = said(nodeOf(snapshot, lane.node)?.machine ?? null)?.schematic;
  // A list of extensions that is not loaded yet looks like none: only another schematic is a drift.
  if (node?.becomes !== undefined && typeof schematic === 'string') {
    const agreed = [node.schematic, node.becomes.schematic];
    if (!agreed.includes(schematic))
      whys.push(
        `${lane.node} runs schematic ${shortId(schematic)}, which is not the one the plan was made for`,
      );
  }
  return whys;
}

/** An approval is for machines at addresses: one that moved is another machine until it is planned again. */
function movedNodes(plan: Plan, snapshot: Snapshot): readonly string[] {
  return plan.nodes.flatMap((planned) => {
    const seen = nodeOf(snapshot, planned.name);
    if (seen === null || seen.address === planned.address) return [];
    return [`${planned.name} moved from ${planned.address} to ${seen.address} since the plan was made`];
  });
}

/** A sick node's own word about etcd counts for nothing when it is to be repaired: only the survivors are asked. */
export function withoutEtcdOf(sick: string, snapshot: Snapshot): Snapshot {
  const why = 'it is the node to be repaired';
  const nodes = snapshot.nodes.map(
    (node): NodeSnapshot =>
      node.name === sick && node.etcd !== null ? { ...node, etcd: { kind: 'silent', why } } : node,
  );
  return { ...snapshot, nodes };
}

/** The set of nodes is part of what was approved; one that a person left behind may be gone for good. */
function missingNodes(rollout: Rollout, plan: Plan, snapshot: Snapshot): readonly string[] {
  const left = lanesOf(plan).filter((lane) => rollout.skipped.has(lane.id) && lane.steps.some(changesNode));
  return plan.nodes
    .filter(({ name }) => nodeOf(snapshot, name) === null && !left.some((lane) => lane.node === name))
    .map(({ name }) => `${name} is not seen any more`);
}

/** Every other control-plane node must be whole, static pods included (design.md invariant 2). */
function unwellPeers(lane: Lane, snapshot: Snapshot): readonly string[] {
  return snapshot.nodes
    .filter((node) => node.role === 'control-plane' && node.name !== lane.node)
    .flatMap((node) => ailmentsOf(node).map((ailment) => `${node.name} ${ailment}`));
}

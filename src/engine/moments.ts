// What is asked of Kubernetes between two nodes and at the end: before the next one is changed, after one is back, when all is done.
import { illAmong } from '../checks/baseline.ts';
import { mayJoin } from '../checks/batches.ts';
import { weighed } from '../checks/catalogue.ts';
import {
  AFTER_A_NODE,
  AT_THE_END,
  AT_THE_END_ASKS,
  BEFORE_A_NODE,
  BEFORE_A_NODE_AGAIN,
  BEFORE_A_NODE_ASKS,
  BEFORE_A_RESTART_AGAIN,
  type SnapshotCheck,
} from '../checks/checklist.ts';
import { blocks, type Finding } from '../checks/finding.ts';
import { nextDrainPasses } from '../checks/rehearsal.ts';
import { TOGETHER_ASKS } from '../checks/together.ts';
import type { Answer } from '../cluster/answer.ts';
import type { Aftermath, Ill } from '../cluster/baseline.ts';
import type { Estate, EstateSubject } from '../cluster/estate/estate.ts';
import { drainVerdict } from '../cluster/pod.ts';
import type { Rehearsal, Snapshot } from '../cluster/snapshot.ts';
import { companyOf, drainBegun } from '../rollout/company.ts';
import { repairs } from '../rollout/departure.ts';
import { isRepair } from '../rollout/gate.ts';
import { overrideOf } from '../rollout/override.ts';
import { type Lane, laneOfStep } from '../rollout/plan.ts';
import { nodesAway, type Rollout } from '../rollout/rollout.ts';
import { changesNode, type Step, type StepFacts } from '../rollout/step.ts';
import { eachOf } from './bounded.ts';
import { takeEstate } from './estate.ts';
import { isInterrupted, isTurn } from './interrupted.ts';
import { patiently } from './patience.ts';
import { Fault } from './ports/fault.ts';
import type { PodSeen } from './ports/workloads.ts';
import { crowding } from './prove.ts';
import type { TaskContext } from './work.ts';

/** What keeps the next node from being changed now. */
export interface Waiting {
  readonly kind: 'waiting';
  readonly why: string;
  /** Milliseconds for which it may wait before a person is asked. */
  readonly patienceMs: number;
  /** Since when: while others of its batch are on their way the time has not begun, because it may be them that it waits for. */
  readonly since: 'first-asked' | 'now';
  /** Milliseconds until it is worth asking again: these are several lists, and what they wait for takes minutes. */
  readonly againMs: number;
}

/** Half of what tuppr takes (kubernetes.md 3.7): a person who looks on should see it go on. */
const AGAIN_MS = 5_000;
/** So many looks go by meanwhile where quicker ones are configured. */
const AGAIN_LOOKS = 10;

export type Context = Pick<TaskContext, 'session' | 'work' | 'parts' | 'loops'>;

/** Milliseconds until what keeps a node waiting is asked about again. */
export function againMs({ pollMs }: Context['parts']): number {
  return Math.min(AGAIN_MS, AGAIN_LOOKS * pollMs);
}

/**
 * Asked once per node and look, before the first step that changes it, and again before its drain or its departure when people took
 * their time since: a pause of hours, a hold, a drain that was blocked. A node that is repaired is not kept waiting: what is not whole
 * may be so because of it. What only warns, and what people have overridden for this rollout, keeps nobody waiting either. Throws
 * Fault `refused` for what will not pass by itself.
 */
export async function beforeNode(context: Context, step: Step): Promise<Waiting | null> {
  const { work, parts, session } = context;
  const { plan } = session.rollout;
  const lane = laneOfStep(plan, step.id);
  if (lane === null || lane.role === null || isRepaired(lane)) return null;
  if (!isFirstChange(lane, step) || drainBegun(session.rollout, lane))
    return isTurn(lane, step) && isInterrupted(session.entries, lane) ? await onceMore(context, lane) : null;
  const others = companionsOf(context, lane);
  const [estate, rehearsal, crowd] = await Promise.all([
    work.estate === undefined ? null : takeEstate(work.estate, parts.clock, asksWith(others)),
    rehearsalOf(context, lane),
    crowding(context, lane, others),
  ]);
  const snapshot: Snapshot = {
    ...bare(context, estate),
    ...(rehearsal === null ? {} : { rehearsal }),
  };
  const findings = [...run(BEFORE_A_NODE, snapshot), ...mayJoin(snapshot, lane.node, others)];
  const stopping = standing(context, findings);
  // Nobody but a person changes that, and nothing was touched yet: it is said at once.
  if (rehearsal !== null && isForGood(rehearsal) && stopping.some(({ check }) => check === 'next-drain'))
    throw new Fault('refused', sentencesOf(stopping));
  return waitingFor(context, { stopping, estate, crowd, others });
}

/**
 * What was asked before the first change, of a node that has not left: one that may be away is not kept from coming back. Its company is
 * counted once more as well: budgets and copies of data may have moved.
 */
async function onceMore(context: Context, lane: Lane): Promise<Waiting | null> {
  const { work, parts, session } = context;
  if (nodesAway(session.rollout).includes(lane.node)) return null;
  const others = companionsOf(context, lane);
  const [estate, crowd] = await Promise.all([
    work.estate === undefined ? null : takeEstate(work.estate, parts.clock, asksWith(others)),
    crowding(context, lane, others),
  ]);
  const drained = drainBegun(session.rollout, lane);
  const checks = drained ? BEFORE_A_RESTART_AGAIN : BEFORE_A_NODE_AGAIN;
  const seen = drained && estate !== null ? withoutCopiesOn(lane.node, estate) : estate;
  const findings = [
    ...run(checks, bare(context, seen)),
    ...mayJoin(bare(context, estate), lane.node, others),
  ];
  return waitingFor(context, { stopping: standing(context, findings), estate, crowd, others });
}

/** A lane is asked again only when people took their time: one that is not goes on, and is counted by whoever is. */
function companionsOf({ session: { rollout, entries } }: Context, lane: Lane): readonly string[] {
  return lane.role === 'worker' ? companyOf(rollout, lane, (other) => isInterrupted(entries, other)) : [];
}

function asksWith(others: readonly string[]): readonly EstateSubject[] {
  return others.length === 0 ? BEFORE_A_NODE_ASKS : [...BEFORE_A_NODE_ASKS, ...TOGETHER_ASKS];
}

interface Stopping {
  readonly stopping: readonly Finding[];
  readonly estate: Estate | null;
  /** Why there is no place for it beside the others. */
  readonly crowd: readonly string[];
  readonly others: readonly string[];
}

function waitingFor(context: Context, { stopping, estate, crowd, others }: Stopping): Waiting | null {
  if (stopping.length === 0 && crowd.length === 0) return null;
  const { proveMs } = context.work.policy.limits;
  return {
    kind: 'waiting',
    why: [...crowd, ...(stopping.length === 0 ? [] : [sentencesOf(stopping)])].join('; '),
    patienceMs: Math.max(crowd.length === 0 ? 0 : proveMs, patienceOf(stopping, estate, proveMs)),
    since: others.length === 0 ? 'first-asked' : 'now',
    againMs: againMs(context.parts),
  };
}

/**
 * Volumes of which a copy lies on this node, or may: the copy went with the node's pods, so they lack it until the node is back, and its
 * restart takes nothing more from them. To wait for them would be to wait for the node itself.
 */
function withoutCopiesOn(node: string, estate: Estate): Estate {
  const { longhorn } = estate;
  if (longhorn.kind === 'silent' || longhorn.value === null) return estate;
  const volumes = longhorn.value.volumes.filter(
    ({ copies }) => copies !== undefined && !copies.includes(node),
  );
  return { ...estate, longhorn: { ...longhorn, value: { ...longhorn.value, volumes } } };
}

/** What a drain of the lane's node would meet now, for the card on which people agree to it. Never rejects. */
export async function beforeGate(context: Context, lane: Lane): Promise<readonly string[]> {
  const rehearsal = isRepaired(lane) ? null : await rehearsalOf(context, lane);
  if (rehearsal === null) return [];
  const findings = nextDrainPasses({ ...bare(context, null), rehearsal });
  return findings.filter(({ level }) => level !== 'ok').map(({ sentence }) => sentence);
}

/** Null where nothing is drained, or the policy does not ask for it. */
async function rehearsalOf(context: Context, lane: Lane): Promise<Answer<Rehearsal> | null> {
  const { work, parts, loops } = context;
  const drains = lane.steps.some(({ kind }) => kind === 'drain');
  if (!drains || work.policy.checks['next-drain'] === 'off') return null;
  return await patiently(parts.clock, (over) => rehearse(context, lane.node, over), loops);
}

function isFirstChange({ steps }: Lane, step: Step): boolean {
  return steps.find(changesNode)?.id === step.id;
}

/** A worker has no gate that says so. */
function isRepaired(lane: Lane): boolean {
  return isRepair(lane.gate) || repairs(lane);
}

/** Those that stop: as the policy weighs them, and nobody took them on. */
export function standing({ work, session }: Context, findings: readonly Finding[]): readonly Finding[] {
  return weighed(findings, work.policy.checks).filter((finding) => stands(session.rollout, finding));
}

export function sentencesOf(findings: readonly Finding[]): string {
  return findings.map(({ sentence }) => sentence.replace(/\.$/, '')).join('; ');
}

function stands(rollout: Rollout, finding: Finding): boolean {
  return blocks(finding) && overrideOf(rollout, finding) === null;
}

function isForGood(rehearsal: Answer<Rehearsal>): boolean {
  return rehearsal.kind === 'said' && rehearsal.value.stuck.some(({ verdict }) => verdict === 'refused');
}

/** In milliseconds. A health check says itself how long it may take; of several the longest counts, as in tuppr (kubernetes.md 3.7). */
export function patienceOf(stopping: readonly Finding[], estate: Estate | null, usualMs: number): number {
  const health = estate?.health.kind === 'said' ? estate.health.value : [];
  const own = stopping.flatMap(({ check, subject }) =>
    check === 'health-checks'
      ? health.filter(({ name }) => name === subject).map(({ timeoutMs }) => timeoutMs)
      : [usualMs],
  );
  return Math.max(0, ...own);
}

/** Evictions asked about at a time, and at most: of a node with more pods the first ones are an example. */
const REHEARSE_WIDTH = 10;
const MOST_REHEARSED = 120;

/** Asks no more when nobody waits for it any longer. Throws Fault when the pods cannot be listed or nobody answers. */
async function rehearse({ work }: Context, node: string, over: AbortSignal): Promise<Rehearsal> {
  const pods = (await work.workloads.podsOn(node)).filter(
    (pod) => drainVerdict(pod) === 'evict' && pod.deletingAt === null,
  );
  const asked = pods.slice(0, MOST_REHEARSED);
  const answers = await eachOf(asked, REHEARSE_WIDTH, async (pod) => ({
    pod: `${pod.namespace}/${pod.name}`,
    reply: over.aborted ? null : await work.workloads.rehearse(pod),
  }));
  const stuck = answers.flatMap(({ pod, reply }) =>
    reply?.kind === 'blocked' || reply?.kind === 'refused'
      ? [{ pod, verdict: reply.kind, why: reply.why } as const]
      : [],
  );
  return { node, asked: asked.length, stuck };
}

/** What stopped running on a node since the plan was made, when this was its last step; nothing when nobody can say. Never rejects. */
export async function afterStep(context: Context, step: Step): Promise<StepFacts> {
  const { baseline, plan } = context.session.rollout;
  const lane = laneOfStep(plan, step.id);
  if (baseline === null || lane === null || lane.steps.at(-1)?.id !== step.id || !departs(lane)) return {};
  const { node } = lane;
  const ill = await illOn(context, node);
  // Silence right after a restart is no news: the end asks about all pods once more.
  if (ill.kind === 'silent') return {};
  const [worst] = troubles(AFTER_A_NODE, context, { baseline, ill, node });
  return worst === undefined ? {} : { newTroubles: worst.sentence };
}

/** What does not run on a node and says why. Never rejects. */
export async function illOn({ work, parts, loops }: Context, node: string): Promise<Answer<readonly Ill[]>> {
  const pods = await patiently(parts.clock, () => work.workloads.podsOn(node), loops);
  return pods.kind === 'silent' ? pods : { kind: 'said', value: pods.value.flatMap(illOf) };
}

function departs({ steps }: Lane): boolean {
  return steps.some(({ presence }) => presence === 'departs');
}

/** Pods that have only just started are not ready yet: only one that says what is wrong counts. */
function illOf({ phase, ready, mirror, deletingAt, waiting, workload }: PodSeen): readonly Ill[] {
  const finished = phase === 'Succeeded' || phase === 'Failed';
  const fine = finished || ready || mirror || deletingAt !== null || waiting === null;
  return fine ? [] : [{ workload, why: waiting }];
}

/** What does not run at the end and did before; empty when all does, or when there is nothing to compare with. Never rejects. */
export async function atTheEnd(context: Context): Promise<readonly Finding[]> {
  const { work, parts, session } = context;
  const { baseline } = session.rollout;
  if (baseline === null || work.estate === undefined) return [];
  const { pods } = await takeEstate(work.estate, parts.clock, AT_THE_END_ASKS);
  const ill: Answer<readonly Ill[]> =
    pods.kind === 'silent' ? pods : { kind: 'said', value: illAmong(pods.value, parts.clock.now()) };
  return troubles(AT_THE_END, context, { baseline, ill, node: null });
}

function troubles(
  checks: readonly SnapshotCheck[],
  context: Context,
  aftermath: Aftermath,
): readonly Finding[] {
  const findings = run(checks, { ...bare(context, null), aftermath });
  return weighed(findings, context.work.policy.checks).filter(
    ({ level }) => level !== 'ok' && level !== 'skipped',
  );
}

export function run(checks: readonly SnapshotCheck[], snapshot: Snapshot): readonly Finding[] {
  return checks.flatMap((check) => check(snapshot));
}

/** A snapshot of what is asked at this moment: no machine is. */
export function bare({ work, parts }: Context, estate: Estate | null): Snapshot {
  return { cluster: work.name, at: parts.clock.now(), nodes: [], silences: [], strangers: [], estate };
}

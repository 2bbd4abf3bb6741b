// Plans for a goal from what the cluster says now and what the journals remember; touches nothing.
import { baselineOf } from '../checks/baseline.ts';
import type { Baseline } from '../cluster/baseline.ts';
import type { ImageAsked } from '../cluster/image.ts';
import type { Snapshot } from '../cluster/snapshot.ts';
import type { RolloutEvent } from '../rollout/event.ts';
import type { Goal } from '../rollout/goal.ts';
import { type Estimate, estimateOf, historyOf } from '../rollout/history.ts';
import { leftoversOf } from '../rollout/leftover.ts';
import { planFor } from '../rollout/plan/plan-for.ts';
import { type Proposal, startsAtOnce } from '../rollout/plan/proposal.ts';
import type { Previous } from '../rollout/plan/rollback-node.ts';
import { lanesOf, plannedNode } from '../rollout/plan.ts';
import { type Rollout, stepState } from '../rollout/rollout.ts';
import { type Usuals, usualsOf } from '../rollout/slowness.ts';
import { askImages } from './images.ts';
import { neighboursSeen } from './neighbours.ts';
import { pastRollouts } from './past.ts';
import { hopTime, pathFor } from './paths.ts';
import type { Clock } from './ports/clock.ts';
import type { Journal } from './ports/journal.ts';
import { UnreadableEntry } from './ports/journal.ts';
import { survey } from './survey.ts';
import { unreadableSentence } from './unreadable.ts';
import type { ClusterWork } from './work.ts';

export interface PlanningParts {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly work: ClusterWork;
  /** Milliseconds a registry may take to build an image that nobody asked for before; by default as long as it takes. */
  readonly buildMs?: number;
  readonly signal?: AbortSignal;
}

export type Planned =
  | (Extract<Proposal, { kind: 'planned' }> & {
      readonly starts: 'asked' | 'at-once';
      /** Null where no upgrade ended well before. */
      readonly estimate: Estimate | null;
      /** How long each kind of its steps took here before. */
      readonly usuals: Usuals;
      /** Null when nobody told about pods. */
      readonly baseline: Baseline | null;
    })
  | Extract<Proposal, { kind: 'declined' }>;

/**
 * Rejects with Fault `unreachable` when the journals cannot be read; a silent cluster is a declined plan, and so is a past of which an
 * entry makes no sense: what was begun there, and perhaps not ended, must not be guessed.
 */
export async function planned(cluster: string, goal: Goal, parts: PlanningParts): Promise<Planned> {
  try {
    return await plannedFrom(cluster, goal, parts);
  } catch (error) {
    if (!(error instanceof UnreadableEntry)) throw error;
    const sentence = `What was done on ${cluster} before is not known. ${unreadableSentence(error)}`;
    return { kind: 'declined', outcome: 'blocked', sentence, findings: [] };
  }
}

async function plannedFrom(cluster: string, goal: Goal, parts: PlanningParts): Promise<Planned> {
  const { work } = parts;
  const [seen, past] = await Promise.all([
    survey(work, parts.clock, { depth: 'full' }),
    pastRollouts(parts.journal, cluster),
  ]);
  const snapshot: Snapshot = { ...seen, ownRollouts: past.map(({ id }) => id) };
  const leftovers = leftoversOf(past, work.policy.limits.flightMs).values();
  const images = goal.kind === 'upgrade-talos' ? await imagesFor(goal, snapshot, parts) : null;
  const neighbours = goal.kind === 'upgrade-talos' ? await neighboursSeen(work) : null;
  const proposal = planFor(goal, {
    snapshot,
    ...(images === null ? {} : { images }),
    policy: work.policy,
    factory: work.factory,
    ...(work.releases === undefined
      ? {}
      : { compatibility: work.releases.table, minors: work.releases.rules.minors }),
    archived: work.archiving !== undefined,
    ...(neighbours === null ? {} : { neighbours }),
    leftovers: [...leftovers].filter((left) => left !== null),
    previousOf: (node) => previousVersion(past, node),
  });
  if (proposal.kind === 'declined') return withWay(proposal, goal, { ...parts, snapshot, past });
  const { plan, findings } = proposal;
  const history = historyOf(past);
  const starts = startsAtOnce(plan, findings, work.policy) ? 'at-once' : 'asked';
  return {
    ...proposal,
    starts,
    estimate: estimateOf(plan, history),
    usuals: usualsOf(plan, history),
    baseline: baselineOf(snapshot),
  };
}

/** Checks that say that a version is too far for one hop. */
const TOO_FAR = ['legal-hop', 'kubernetes-images'];

interface Known {
  readonly snapshot: Snapshot;
  readonly past: readonly Rollout[];
}

/** "No" alone helps nobody: with it comes how one gets there, when that is known. */
async function withWay(
  declined: Extract<Proposal, { kind: 'declined' }>,
  goal: Goal,
  { snapshot, past, work, clock }: PlanningParts & Known,
): Promise<Planned> {
  const far = declined.findings.some(({ check, level }) => level === 'blocker' && TOO_FAR.includes(check));
  if (!far || goal.kind !== 'upgrade-talos') return declined;
  const report = await pathFor({ talos: goal.version, kubernetes: null }, { work, clock }, snapshot);
  if (report.kind !== 'path' || report.found.kind !== 'found') return declined;
  const { path } = report.found;
  const took = hopTime(past, snapshot);
  const way = took === null ? path : { ...path, hopTime: took };
  return path.hops.length === 0 ? declined : { ...declined, way };
}

function imagesFor(
  goal: Extract<Goal, { kind: 'upgrade-talos' }>,
  snapshot: Snapshot,
  { work, buildMs, signal }: PlanningParts,
): Promise<ImageAsked> {
  const wish = goal.schematic === undefined ? {} : { wish: goal.schematic };
  const question = { snapshot, target: goal.version, factory: work.factory, ...wish };
  return askImages(work.images, question, {
    ...(buildMs === undefined ? {} : { limitMs: buildMs }),
    ...(signal === undefined ? {} : { signal }),
  });
}

export function decline(proposal: Extract<Proposal, { kind: 'declined' }>): RolloutEvent {
  const { outcome, sentence, findings, way } = proposal;
  return { kind: 'declined', outcome, sentence, findings, ...(way === undefined ? {} : { way }) };
}

/** What the node ran before the last rollout that restarted it; null without a record (talos-api.md section 4: no API tells). */
export function previousVersion(past: readonly Rollout[], node: string): Previous | null {
  for (const rollout of past) {
    if (rollout.plan === null) continue;
    const steps = lanesOf(rollout.plan)
      .filter((lane) => lane.node === node)
      .flatMap((lane) => lane.steps);
    const departed = steps.some(
      (step) => step.presence === 'departs' && stepState(rollout, step.id).state === 'ended',
    );
    if (departed) {
      const before = plannedNode(rollout.plan, node);
      return before === null ? null : { version: before.from, schematic: before.schematic, left: before.to };
    }
    // Begun and not seen through: the other boot entry may have been overwritten, so no older record counts (talos-api.md 9.28).
    if (steps.some((step) => step.repeat === 'never' && (rollout.begins.get(step.id) ?? 0) > 0)) return null;
  }
  return null;
}

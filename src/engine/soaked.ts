// What is asked at the end of a soak: that what was upgraded is still whole, and that nothing fell ill meanwhile.
import { AFTER_A_NODE, AFTER_A_SOAK, AFTER_A_SOAK_ASKS } from '../checks/checklist.ts';
import type { Finding } from '../checks/finding.ts';
import { said } from '../cluster/answer.ts';
import { nodeOf, type Snapshot } from '../cluster/snapshot.ts';
import { ailmentsOf } from '../rollout/ailments.ts';
import type { Entry } from '../rollout/event.ts';
import { lanesOf, stepsOn } from '../rollout/plan.ts';
import { type Rollout, stepState } from '../rollout/rollout.ts';
import { nodesSoaked } from '../rollout/soak.ts';
import { changesNode, type Step } from '../rollout/step.ts';
import { takeEstate } from './estate.ts';
import {
  againMs,
  bare,
  type Context,
  illOn,
  patienceOf,
  run,
  sentencesOf,
  standing,
  type Waiting,
} from './moments.ts';
import { Fault } from './ports/fault.ts';
import { survey } from './survey.ts';

const UNWATCHED =
  'everything that was to be watched was left behind, so nothing shows how it fares with what comes next';

/**
 * Null when the next may go. Each node is whole and in the boot it came back with, the cluster's own checks hold, and nothing fell
 * ill on it: of a canary that is what it went first for, so here pods that stopped running keep the others waiting, unless the policy
 * says of `new-troubles` that it only warns. Nodes that a person left behind are that person's; when that is all of them nothing was
 * watched, which holds the rollout. That, and a restart in between, no look can mend: once a person was told, their Retry goes on. Throws
 * Fault `refused` for what was not watched.
 */
export async function afterSoak(context: Context, step: Step): Promise<Waiting | null> {
  const { work, parts, session, loops } = context;
  const { rollout } = session;
  const nodes = nodesSoaked(step).filter((node) => !isLeftBehind(rollout, node));
  const isKnown = toldOf(session.entries, step);
  if (nodes.length === 0 && !isKnown(UNWATCHED)) throw new Fault('refused', UNWATCHED);
  const [estate, snapshot, ill] = await Promise.all([
    work.estate === undefined ? null : takeEstate(work.estate, parts.clock, AFTER_A_SOAK_ASKS),
    survey(work, parts.clock, { only: nodes, signal: loops }),
    newlyIll(context, nodes),
  ]);
  const ailing = nodes.flatMap((node) => [
    ...troublesOf(node, snapshot),
    ...restartsOf(rollout, node, snapshot).filter((sentence) => !isKnown(sentence)),
  ]);
  const stopping = standing(context, [...run(AFTER_A_SOAK, bare(context, estate)), ...ill]);
  if (ailing.length + stopping.length === 0) return null;
  const why = [...ailing, ...(stopping.length === 0 ? [] : [sentencesOf(stopping)])].join('; ');
  const usualMs = work.policy.limits.proveMs;
  const patienceMs = Math.max(ailing.length === 0 ? 0 : usualMs, patienceOf(stopping, estate, usualMs));
  return { kind: 'waiting', why, patienceMs, since: 'first-asked', againMs: againMs(parts) };
}

function isLeftBehind(rollout: Rollout, node: string): boolean {
  const lanes = rollout.plan === null ? [] : lanesOf(rollout.plan);
  return lanes.some(
    (lane) => lane.node === node && rollout.skipped.has(lane.id) && lane.steps.some(changesNode),
  );
}

async function newlyIll(context: Context, nodes: readonly string[]): Promise<readonly Finding[]> {
  const { work, session } = context;
  const { baseline } = session.rollout;
  const weight = work.policy.checks['new-troubles'];
  if (baseline === null || weight === 'off' || weight === 'warn') return [];
  const each = await Promise.all(
    nodes.map(async (node) => {
      const ill = await illOn(context, node);
      return run(AFTER_A_NODE, { ...bare(context, null), aftermath: { baseline, ill, node } });
    }),
  );
  return each
    .flat()
    .map((finding) => (finding.level === 'warning' ? { ...finding, level: 'blocker' as const } : finding));
}

function troublesOf(node: string, snapshot: Snapshot): readonly string[] {
  const seen = nodeOf(snapshot, node);
  if (seen === null) return [`${node} is not seen at the moment`];
  return ailmentsOf(seen).map((ailment) => `${node} ${ailment}`);
}

function restartsOf(rollout: Rollout, node: string, snapshot: Snapshot): readonly string[] {
  const boot = said(nodeOf(snapshot, node)?.machine ?? null)?.bootId ?? '';
  const before = bootOf(rollout, node);
  const again = boot !== '' && before !== null && boot !== before;
  return again ? [`${node} restarted once more since it came back`] : [];
}

/** Whether a person was told this sentence when this soak was held, and said "again". */
function toldOf(entries: readonly Entry[], { id }: Step): (sentence: string) => boolean {
  const whys = entries.flatMap(({ event }) =>
    event.kind === 'step-failed' && event.step === id ? [event.why] : [],
  );
  return (sentence) => whys.some((why) => why.includes(sentence));
}

/** The boot it came back with; null where that was not written down. */
function bootOf(rollout: Rollout, node: string): string | null {
  const back = rollout.plan === null ? undefined : stepsOn(rollout.plan, node).find(isReturn);
  const state = back === undefined ? null : stepState(rollout, back.id);
  const boot = state?.state === 'ended' ? state.result['bootId'] : null;
  return typeof boot === 'string' && boot !== '' ? boot : null;
}

function isReturn({ kind }: Step): boolean {
  return kind === 'return';
}

// What the summary says of drains: what people did about pods that stayed, and how nodes were left that somebody had cordoned.
import type { Decision } from '../../rollout/blockade.ts';
import { stepById, stepsOf } from '../../rollout/plan.ts';
import { type Rollout, stepState } from '../../rollout/rollout.ts';
import type { StepFacts, StepKind } from '../../rollout/step.ts';
import { code, joined, type Mrkdwn, mrkdwn, person, plural } from './text.ts';

export function drainedLines(rollout: Rollout): readonly Mrkdwn[] {
  const { plan } = rollout;
  if (plan === null) return [];
  const decided = [...rollout.drains].flatMap(([step, { decisions }]) => {
    const node = stepById(plan, step)?.node ?? step;
    return decisions.map((decision) => decisionLine(node, decision));
  });
  const ended = (kind: StepKind): readonly (readonly [node: string, result: StepFacts])[] =>
    stepsOf(plan).flatMap((step) => {
      const state = stepState(rollout, step.id);
      return step.kind === kind && state.state === 'ended' ? [[step.node, state.result] as const] : [];
    });
  const foundAs = new Map(ended('cordon').map(([node, { found }]) => [node, found]));
  const cordoned = ended('uncordon').flatMap(([node, { restored }]) => {
    if (restored === 'cordoned') return [mrkdwn`${code(node)} stays cordoned, as it was found`];
    if (restored !== 'not-ours') return [];
    switch (foundAs.get(node)) {
      case 'schedulable':
        return [
          mrkdwn`:warning: ${code(node)} was cordoned by this rollout and does not carry its mark any more: it was left as it is`,
        ];
      case 'cordoned':
        // Another rollout's cordon is not taken over, or somebody took our mark away: either way nobody here undoes it.
        return [mrkdwn`${code(node)} was found cordoned, and is left to whoever did that`];
      default:
        return [];
    }
  });
  return [...decided, ...cordoned];
}

/** Owners named in one line. */
const MOST_NAMED = 3;

function comingClause(workloads: readonly string[]): Mrkdwn {
  if (workloads.length === 0) return mrkdwn``;
  const hidden = workloads.length - MOST_NAMED;
  const names = joined(workloads.slice(0, MOST_NAMED).map(code), ', ');
  return mrkdwn` with whatever comes back of ${names}${hidden > 0 ? ` and ${hidden} more` : ''}`;
}

function decisionLine(node: string, { choice, pods, workloads = [], askedBy, user }: Decision): Mrkdwn {
  const left = mrkdwn`left to its restart${comingClause(workloads)}`;
  const what = choice === 'leave' ? left : mrkdwn`deleted past their budget`;
  const who =
    askedBy === user
      ? mrkdwn`by ${person(user)} alone`
      : mrkdwn`asked by ${person(askedBy)}, confirmed by ${person(user)}`;
  return mrkdwn`:warning: ${code(node)}: ${plural(pods, 'pod')} ${what}, ${who}`;
}

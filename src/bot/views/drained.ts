// What the summary says of drains: what people did about pods that stayed, and how nodes were left that somebody had cordoned.
import type { Decision } from '../../rollout/blockade.ts';
import { stepById, stepsOf } from '../../rollout/plan.ts';
import { type Rollout, stepState } from '../../rollout/rollout.ts';
import type { StepFacts, StepKind } from '../../rollout/step.ts';
import { code, type Mrkdwn, mrkdwn, person, plural } from './text.ts';

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
  // Found cordoned by somebody else's hand it never carried our mark.
  const ours = ended('cordon').flatMap(([node, { found }]) => (found === 'schedulable' ? [node] : []));
  const cordoned = ended('uncordon').flatMap(([node, { restored }]) => {
    if (restored === 'cordoned') return [mrkdwn`${code(node)} stays cordoned, as it was found`];
    return restored === 'not-ours' && ours.includes(node)
      ? [
          mrkdwn`:warning: ${code(node)} was cordoned by this rollout and does not carry its mark any more: it was left as it is`,
        ]
      : [];
  });
  return [...decided, ...cordoned];
}

function decisionLine(node: string, { choice, pods, askedBy, user }: Decision): Mrkdwn {
  const what = choice === 'leave' ? 'left to its restart' : 'deleted past their budget';
  const who =
    askedBy === user
      ? mrkdwn`by ${person(user)} alone`
      : mrkdwn`asked by ${person(askedBy)}, confirmed by ${person(user)}`;
  return mrkdwn`:warning: ${code(node)}: ${plural(pods, 'pod')} ${what}, ${who}`;
}

// What the summary says of drains: what people did about pods that stayed, and how nodes were left that somebody had cordoned.
import type { Decision } from '../../rollout/blockade.ts';
import { stepById, stepsOf } from '../../rollout/plan.ts';
import { type Rollout, stepState } from '../../rollout/rollout.ts';
import { code, type Mrkdwn, mrkdwn, person, plural } from './text.ts';

export function drainedLines(rollout: Rollout): readonly Mrkdwn[] {
  const { plan } = rollout;
  if (plan === null) return [];
  const decided = [...rollout.drains].flatMap(([step, { decisions }]) => {
    const node = stepById(plan, step)?.node ?? step;
    return decisions.map((decision) => decisionLine(node, decision));
  });
  const cordoned = stepsOf(plan).flatMap((step) => {
    const state = stepState(rollout, step.id);
    const stays =
      step.kind === 'uncordon' && state.state === 'ended' && state.result['restored'] === 'cordoned';
    return stays ? [mrkdwn`${code(step.node)} stays cordoned, as it was found`] : [];
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

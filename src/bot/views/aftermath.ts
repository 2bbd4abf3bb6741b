// What is not as it was before a rollout: pods that stopped running, as seen after each node and at the end.
import { stepsOf } from '../../rollout/plan.ts';
import { type Rollout, stepState } from '../../rollout/rollout.ts';
import { type Mrkdwn, mrkdwn, plainWords, plural, unended } from './text.ts';

/** Nodes with a line of their own; the end counts for all of them anyway. */
const MAX_NODES = 5;
/** Characters of one line: five workloads and their reasons. */
const MAX_LINE = 600;

/** Worst news last asked comes first; empty when everything runs as before, or nobody could compare. */
export function aftermathLines(rollout: Rollout): readonly Mrkdwn[] {
  const end = rollout.aftermath.map(
    ({ sentence }) => mrkdwn`:warning: ${unended(plainWords(sentence, MAX_LINE))}`,
  );
  const told = (rollout.plan === null ? [] : stepsOf(rollout.plan)).flatMap((step) => {
    const state = stepState(rollout, step.id);
    const sentence = state.state === 'ended' ? state.result['newTroubles'] : null;
    return typeof sentence === 'string' ? [{ node: step.node, sentence }] : [];
  });
  const shown = told
    .slice(0, MAX_NODES)
    .map(({ sentence }) => mrkdwn`· when it was back: ${unended(plainWords(sentence, MAX_LINE))}`);
  const hidden = told.length - shown.length;
  return [...end, ...shown, ...(hidden > 0 ? [mrkdwn`… and of ${plural(hidden, 'more node')}`] : [])];
}

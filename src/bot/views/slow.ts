// What people read, unasked, when a step takes longer than it usually does: what it waits for, with what was seen.
import type { Button } from '@slack/types';
import type { RolloutEvent } from '../../rollout/event.ts';
import type { Usual } from '../../rollout/history.ts';
import { plannedNode, stepById } from '../../rollout/plan.ts';
import type { Rollout } from '../../rollout/rollout.ts';
import { encodeLog } from '../button-value.ts';
import { actions, button, context, type Message, message, section } from './blocks.ts';
import { withoutCopies } from './log-lines.ts';
import { bold, code, duration, lines, mrkdwn, plural, spoken, time, verbatim } from './text.ts';
import { capital, stepWords } from './words.ts';

export interface SlowCard {
  readonly event: Extract<RolloutEvent, { kind: 'step-slow' }>;
  readonly at: number;
  /** When it was over and how, or null. */
  readonly over: { readonly at: number; readonly how: SlowEnd } | null;
}

/** Withdrawn: it was stopped before anything was sent. */
export type SlowEnd = 'ended' | 'failed' | 'doubted' | 'withdrawn';

/** Lines shown; the button has more. */
const MOST_LINES = 12;

export function slowMessage(rollout: Rollout, { event, at, over }: SlowCard): Message {
  const step = rollout.plan === null ? null : stepById(rollout.plan, event.step);
  const node = step?.node ?? '';
  const what = step === null ? event.step : stepWords(step);
  const since = at - event.afterMs;
  if (over !== null) {
    const text = mrkdwn`${bold(capital(what))} of ${code(node)} ${overWords(over.how, duration(over.at - since), isLonger(event))}`;
    return message(mrkdwn`${spoken(text)}.`, [section(text)]);
  }
  const title = mrkdwn`:hourglass_flowing_sand: *${isLonger(event) ? 'Longer than usual' : 'Half of its time is over'}*: ${code(node)}, ${bold(what)}, for ${duration(event.afterMs)}`;
  const limit =
    step === null
      ? null
      : mrkdwn`Held for a person to decide ${time(since + step.limitMs)} at the earliest, unless it is through before`;
  return message(mrkdwn`${spoken(title)}. ${usualWords(event.usual ?? null)}.`, [
    section(
      lines(title, mrkdwn`${usualWords(event.usual ?? null)}. It goes on: nobody has to do anything yet.`),
    ),
    ...(event.evidence.length === 0
      ? []
      : [section(verbatim(withoutCopies(event.evidence).slice(0, MOST_LINES)))]),
    ...(limit === null ? [] : [context(limit)]),
    actions('slow', isMachine(rollout, node) ? [logButton(rollout, node)] : []),
  ]);
}

/** Only what was seen to end took its time: what failed or is in doubt is asked about on a card of its own. */
function overWords(how: SlowEnd, took: string, longer: boolean): string {
  switch (how) {
    case 'ended':
      return `is over: it took ${took}${longer ? ', longer than usual' : ''}`;
    case 'failed':
      return `failed after ${took}`;
    case 'doubted':
      return `was not seen to end in ${took}: nobody could say whether it happened`;
    case 'withdrawn':
      return `was taken back after ${took}: nothing had been sent`;
  }
}

/** It is said at half of its limit as well, which tells nothing of what is usual. */
function isLonger({ usual, afterMs }: SlowCard['event']): boolean {
  return usual !== undefined && afterMs > usual.p95Ms;
}

export function usualWords(usual: Usual | null): string {
  return usual === null
    ? 'How long it usually takes here is not known yet'
    : `Here it usually takes ${duration(usual.medianMs)}, and seldom more than ${duration(usual.p95Ms)} (seen ${plural(usual.seen, 'time')})`;
}

/** What is about no machine, a backup for one, has no log of one. */
export function isMachine({ plan }: Rollout, node: string): boolean {
  return plan !== null && plannedNode(plan, node) !== null;
}

export function logButton({ cluster, id }: Pick<Rollout, 'cluster' | 'id'>, node: string): Button {
  return button({
    label: 'Show log',
    spoken: `Show the end of the logs of ${node}`,
    action: 'log:show',
    value: encodeLog({ cluster, rollout: id, node }),
  });
}

/** For a view that has several nodes: which is which must be seen. */
export function logButtonFor(rollout: Pick<Rollout, 'cluster' | 'id'>, node: string): Button {
  const plain = logButton(rollout, node);
  return { ...plain, text: { ...plain.text, text: `Show log: ${node}` }, action_id: `log:show:${node}` };
}

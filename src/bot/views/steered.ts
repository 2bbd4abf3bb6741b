// What a person reads who said a word to a rollout by a command: told from what was written down, and from how the rollout stands after it.
import { blockedDrains } from '../../rollout/blockade.ts';
import { stepById } from '../../rollout/plan.ts';
import { debtsOf, type Rollout, stepsInHand } from '../../rollout/rollout.ts';
import type { Steering } from '../command-table.ts';
import { channelLink, code, type Mrkdwn, mrkdwn } from './text.ts';
import {
  type Change,
  ending,
  onward,
  retryTold,
  sentences,
  skipTold,
  standsStill,
  type Told,
} from './ways.ts';
import { capital, nounOf } from './words.ts';

/** The whole answer. */
export function steered(steering: Steering, change: Change): Mrkdwn {
  const { cluster, goal, channel } = change.after;
  const { does, follows } = toldOf(steering, change);
  return sentences([
    mrkdwn`${capital(nounOf(cluster, goal))} ${does}`,
    ...follows,
    mrkdwn`See ${channelLink(channel)}`,
  ]);
}

function toldOf(steering: Steering, change: Change): Told {
  const { before, events, after } = change;
  const held = before.phase.phase === 'held' ? before.phase.held : null;
  const stands = standsStill(change);
  switch (steering) {
    case 'pause':
      return { does: pausing(after), follows: [] };
    case 'resume':
      return stands === null
        ? { does: mrkdwn`goes on`, follows: [] }
        : { does: mrkdwn`is not paused any more`, follows: [stands] };
    case 'continue':
      return { does: mrkdwn`does not wait for the rest of the soak`, follows: [] };
    case 'retry': {
      if (held === null || events.length === 0) return known(change);
      const rest = stands ?? ending(after);
      return { does: retryTold(before, held).does, follows: rest === null ? [] : [rest] };
    }
    case 'skip':
      return held === null || events.length === 0 ? known(change) : skipTold(change);
    case 'abort':
      return { does: aborting(after), follows: [] };
  }
}

/** Nothing was written down. */
function known(change: Change): Told {
  return { does: mrkdwn`was told so before`, follows: onward(change) };
}

function pausing(after: Rollout): Mrkdwn {
  if (stepsInHand(after).length === 0) return mrkdwn`is paused`;
  const [drain] = blockedDrains(after);
  const node = drain === undefined || after.plan === null ? undefined : stepById(after.plan, drain)?.node;
  return node === undefined
    ? mrkdwn`will pause once the step in hand is finished`
    : mrkdwn`will pause once the drain of ${code(node)} is over: it waits for pods that stay, and a person may decide about them`;
}

function aborting(after: Rollout): Mrkdwn {
  if (after.startedAt === null) return mrkdwn`is cancelled: nothing had been started`;
  const first = [
    ...(stepsInHand(after).length === 0 ? [] : ['the step in hand is finished']),
    ...(debtsOf(after).length === 0 ? [] : ['what was changed is put back']),
  ];
  return first.length === 0 ? mrkdwn`ends as aborted` : mrkdwn`will end once ${first.join(' and ')}`;
}

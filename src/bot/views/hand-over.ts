// What the next person on call reads when a rollout is handed over, and the modal in which they are named.
import type { ModalView } from '@slack/types';
import { endingOf } from '../../rollout/phase.ts';
import { lanesOf } from '../../rollout/plan.ts';
import { debtsOf, laneDone, nodesAway, type Rollout, restartsUnseen } from '../../rollout/rollout.ts';
import { changesNode } from '../../rollout/step.ts';
import { unsettledOf } from '../../rollout/unsettled.ts';
import { doubtLines } from './armed.ts';
import { context, type Message, message, packed, plain, section } from './blocks.ts';
import type { DenyContext } from './deny.ts';
import { progressOf, stageRows } from './nodes.ts';
import { code, joined, type Mrkdwn, mrkdwn, person, plainWords, plural, spoken } from './text.ts';
import { capital, nounOf, phaseLine, stepWords } from './words.ts';

export const HAND_OVER = { callback: 'rollout:handover', block: 'person', action: 'user' } as const;

/** Where a private answer to the submission goes, as for a denial. */
export type HandOverContext = DenyContext;

/** `rollout` is null when it could not be read in time; `user` opened it, and takes it over unless they choose somebody else or have it. */
export function handOverModal(context: HandOverContext, rollout: Rollout | null, user: string): ModalView {
  const { cluster } = context.button;
  const what =
    rollout === null ? mrkdwn`the rollout of *${cluster}*` : mrkdwn`${nounOf(cluster, rollout.goal)}`;
  const now = rollout === null ? mrkdwn`` : mrkdwn` It is in the hands of ${person(rollout.keeper)} now.`;
  return {
    type: 'modal',
    callback_id: HAND_OVER.callback,
    private_metadata: JSON.stringify(context),
    title: plain('Hand over', 24),
    submit: plain('Hand over', 24),
    close: plain('Not now', 24),
    blocks: [
      section(
        mrkdwn`Whoever you choose is called from then on when a person has to decide about ${what}.${now} A summary is written into the thread.`,
      ),
      {
        type: 'input',
        block_id: HAND_OVER.block,
        label: plain('Who takes it?', 100),
        hint: plain('Only an operator of the cluster can take it.', 150),
        element: {
          type: 'users_select',
          action_id: HAND_OVER.action,
          ...(rollout?.keeper === user ? {} : { initial_user: user }),
        },
      },
    ],
  };
}

export interface HandOver {
  readonly from: string;
  readonly to: string;
}

/** Names in one line. */
const MAX_NAMED = 10;
/** What a cause may take of it. */
const MAX_WHY = 600;

/** `rollout`: as it stood at that moment, which was its last fact; the message is not edited afterwards, the card is. */
export function handOverMessage(rollout: Rollout, { from, to }: HandOver): Message {
  const noun = nounOf(rollout.cluster, rollout.goal);
  const how =
    from === to
      ? mrkdwn`${person(to)} takes over ${noun}`
      : mrkdwn`${person(from)} hands ${noun} over to ${person(to)}`;
  return message(mrkdwn`${spoken(how)}. ${spoken(phaseLine(rollout, rollout.lastAt))}.`, [
    section(
      mrkdwn`*Handed over*: ${how}${from === to ? ', and' : ', who'} is called from now on when a person has to decide.`,
    ),
    ...packed([standing(rollout), ...openPoints(rollout), ...comingUp(rollout)]),
    context(mrkdwn`As it stood then; the card above is always up to date`),
  ]);
}

function standing(rollout: Rollout): Mrkdwn {
  if (rollout.plan === null) return phaseLine(rollout, rollout.lastAt);
  const { done, all } = progressOf(rollout);
  return mrkdwn`${phaseLine(rollout, rollout.lastAt)} · ${done} of ${plural(all, 'node')} done`;
}

function openPoints(rollout: Rollout): readonly Mrkdwn[] {
  const { phase } = rollout;
  const why = phase.phase === 'held' ? [mrkdwn`>${plainWords(phase.held.why, MAX_WHY)}`] : [];
  const left = unsettledOf(rollout);
  const doubtful = left.filter(({ kind }) => kind === 'restart-in-doubt').map(({ node }) => node);
  const unseen = restartsUnseen(rollout);
  const away = nodesAway(rollout).filter((node) => !unseen.includes(node));
  const owed = debtsOf(rollout).map(({ pay }) => `${pay.node}: ${stepWords(pay)}`);
  return [
    ...why,
    ...named('In hand', busy(rollout)),
    ...named('Away by our hand', away),
    ...named(
      'Restart sent, and not seen to end',
      unseen.filter((node) => !doubtful.includes(node)),
    ),
    ...doubtLines(rollout),
    ...named(
      'Armed (any restart boots the new version)',
      left.filter(({ kind }) => kind === 'armed').map(({ node }) => node),
    ),
    ...named('Still to be put back', owed),
    ...named('Left behind', skipped(rollout)),
  ];
}

function busy(rollout: Rollout): readonly string[] {
  const rows = stageRows(rollout, rollout.lastAt).flatMap((stage) => stage.rows);
  return rows
    .filter((row) => row.busy)
    .map((row) => (row.state === 'soaking' ? row.name : `${row.name}: ${row.state}`));
}

function skipped(rollout: Rollout): readonly string[] {
  const lanes = rollout.plan === null ? [] : lanesOf(rollout.plan);
  return [...new Set(lanes.filter(({ id }) => rollout.skipped.has(id)).map(({ node }) => node))];
}

/** The order may still change: the etcd leader goes last, whoever that is then. Of one that ends nothing more is to come. */
function comingUp(rollout: Rollout): readonly Mrkdwn[] {
  if (endingOf(rollout.phase) !== null) return [];
  const lanes = rollout.plan === null ? [] : lanesOf(rollout.plan);
  const open = lanes.filter((lane) => !laneDone(rollout, lane) && lane.steps.some(changesNode));
  return named('To come', [...new Set(open.map(({ node }) => node))]);
}

function named(title: string, names: readonly string[]): readonly Mrkdwn[] {
  if (names.length === 0) return [];
  const shown = joined(
    names.slice(0, MAX_NAMED).map((name) => code(name)),
    ' ',
  );
  const hidden = names.length - MAX_NAMED;
  return [mrkdwn`${capital(title)}: ${shown}${hidden > 0 ? ` and ${hidden} more` : ''}`];
}

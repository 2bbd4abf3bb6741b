// Findings that stop a plan and people who take them on: who may, the button, the modal that asks why, and what was said.
import type { Button, KnownBlock, ModalView } from '@slack/types';
import type { Finding } from '../../checks/finding.ts';
import { mayApprove } from '../../rollout/approval.ts';
import { checksOf, MAX_REASON, MIN_REASON, standing } from '../../rollout/override.ts';
import type { Policy } from '../../rollout/policy.ts';
import type { Override, Rollout } from '../../rollout/rollout.ts';
import { type ButtonValue, encodeButton } from '../button-value.ts';
import { button, packed, plain, section } from './blocks.ts';
import { loudLines } from './findings.ts';
import { code, joined, lines, type Mrkdwn, mrkdwn, people, person, plural, quote } from './text.ts';
import { nounOf, whoMay } from './words.ts';

export const OVERRIDE = {
  callback: 'rollout:override',
  reason: 'reason',
  checks: 'checks',
  action: 'value',
} as const;

/** More checks than this share one button, and are chosen in its modal. */
const MAX_BUTTONS = 3;
/** Slack offers a hundred choices; there are fewer checks. */
const MAX_CHOICES = 100;
/** Names of subjects within a line, and lines of overrides on one message. */
const MAX_SUBJECTS = 5;
const MAX_LINES = 5;
/** What a list shows of a reason; the thread has all of it in a line of its own. */
const MAX_LISTED_REASON = 160;

/** Where a private answer to the submission goes. Read by the app only; carries no authority. */
export interface OverrideContext {
  readonly button: ButtonValue;
  readonly channel: string | null;
  readonly thread: string | null;
}

/** What the plan waits for; null when nothing stops it, or nobody can start it any more. */
export function standingLine(rollout: Rollout, policy: Policy): Mrkdwn | null {
  const stand = standing(rollout);
  if (rollout.phase.phase !== 'proposed' || stand.length === 0) return null;
  return lines(
    mrkdwn`:raised_hand: *It cannot be started yet*: ${namesOf(stand)} ${checksOf(stand).length === 1 ? 'stops' : 'stop'} it`,
    mrkdwn`Settle what was found and ask again, or let an approver override it with a reason${policy.selfApproval === 'allowed' ? '' : ', not the requester'}: ${whoMay(mayApprove(policy, rollout.user))}`,
  );
}

/** `flux` (2), `velero`. */
function namesOf(stand: readonly Finding[]): Mrkdwn {
  const named = checksOf(stand).map((check) => {
    const count = stand.filter((finding) => finding.check === check).length;
    return mrkdwn`${code(check)}${count === 1 ? '' : ` (${count})`}`;
  });
  return joined(named, ', ');
}

/** One for each check while they are few, else one for all of them. Empty when nothing can be overridden now. */
export function overrideButtons(rollout: Rollout): readonly Button[] {
  if (rollout.phase.phase !== 'proposed') return [];
  const names = checksOf(standing(rollout));
  const sets = names.length > MAX_BUTTONS ? [names] : names.map((check) => [check]);
  return sets.map((checks) => {
    const [only = ''] = checks;
    const single = checks.length === 1;
    return button({
      label: single ? `Override ${only}…` : 'Override…',
      spoken: `Override ${single ? only : 'findings'} in ${rollout.cluster}`,
      action: `rollout:override:${single ? only : 'several'}`,
      value: encodeButton({
        cluster: rollout.cluster,
        rollout: rollout.id,
        gate: null,
        occasion: null,
        checks,
      }),
      style: 'danger',
    });
  });
}

/** Who took what on, and why; empty when nobody did. */
export function overriddenLines({ overrides }: Rollout): readonly Mrkdwn[] {
  if (overrides.length === 0) return [];
  const hidden = overrides.length - MAX_LINES;
  return [
    mrkdwn`*Overridden*`,
    ...overrides.slice(0, MAX_LINES).map((one) => mrkdwn`• ${overrideClause(one, MAX_LISTED_REASON)}`),
    ...(hidden > 0 ? [mrkdwn`… and ${hidden} more, in the thread`] : []),
  ];
}

/** "`flux` (apps, infra) by @Sam: “…”". */
export function overrideClause(one: Omit<Override, 'at'>, maxReason = MAX_REASON): Mrkdwn {
  // What a check finds of the whole cluster needs no subject.
  const named = one.subjects.filter((subject) => subject !== 'cluster');
  const hidden = named.length - MAX_SUBJECTS;
  const shown = `${named.slice(0, MAX_SUBJECTS).join(', ')}${hidden > 0 ? ` and ${hidden} more` : ''}`;
  return mrkdwn`${code(one.check)}${named.length === 0 ? '' : ` (${shown})`} by ${person(one.user)}: ${quote(one.reason, maxReason)}`;
}

/** "Overridden: `flux`, `velero` by @Sam"; null when nobody did. */
export function overriddenSummary({ overrides }: Rollout): Mrkdwn | null {
  if (overrides.length === 0) return null;
  const names = overrides.slice(0, MAX_LINES).map(({ check }) => code(check));
  const who = people([...new Set(overrides.map(({ user }) => user))]);
  return mrkdwn`Overridden: ${joined(names, ', ')} by ${who}`;
}

/** `rollout` is null when it could not be read in time: then only the names of the checks are known. */
export function overrideModal(context: OverrideContext, rollout: Rollout | null): ModalView {
  const { cluster, checks = [] } = context.button;
  return {
    type: 'modal',
    callback_id: OVERRIDE.callback,
    private_metadata: JSON.stringify(context),
    title: plain('Override findings', 24),
    submit: plain('Override', 24),
    close: plain('Not now', 24),
    blocks: [
      ...aboutBlocks(checks, cluster, rollout),
      section(
        mrkdwn`Overriding mends nothing: it lets the rollout be started in spite of this, under your name. Quorum is proved before every departure as ever.`,
      ),
      ...(checks.length > 1 ? [choice(checks)] : []),
      {
        type: 'input',
        block_id: OVERRIDE.reason,
        label: plain('Why is it right to go on?', 100),
        hint: plain('Everybody in the channel can read it, and it stays in the journal.', 150),
        element: {
          type: 'plain_text_input',
          action_id: OVERRIDE.action,
          multiline: true,
          min_length: MIN_REASON,
          max_length: MAX_REASON,
        },
      },
    ],
  };
}

function aboutBlocks(
  checks: readonly string[],
  cluster: string,
  rollout: Rollout | null,
): readonly KnownBlock[] {
  const what =
    rollout === null ? mrkdwn`the plan for *${cluster}*` : mrkdwn`${nounOf(cluster, rollout.goal)}`;
  const named = checks.length === 1 ? code(checks[0] ?? '') : plural(checks.length, 'check');
  const found = rollout === null ? [] : standing(rollout).filter(({ check }) => checks.includes(check));
  return [
    section(mrkdwn`${named} ${checks.length === 1 ? 'stops' : 'stop'} ${what}.`),
    // Of several checks the plan above has it all; here it would only push the question out of sight.
    ...(checks.length === 1 ? packed(loudLines(found)) : []),
  ];
}

function choice(checks: readonly string[]): KnownBlock {
  return {
    type: 'input',
    block_id: OVERRIDE.checks,
    label: plain('Which of them?', 100),
    hint: plain('One reason for all that you choose.', 150),
    element: {
      type: 'multi_static_select',
      action_id: OVERRIDE.action,
      placeholder: plain('Choose checks', 150),
      options: checks.slice(0, MAX_CHOICES).map((check) => ({ text: plain(check, 75), value: check })),
    },
  };
}

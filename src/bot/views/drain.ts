// The card of a drain that is blocked: each pod with what keeps it, what each way on would do to it, and who has to agree.
import {
  type Blocker,
  comingBack,
  type DrainChoice,
  drainOf,
  grantedUntil,
  questionOf,
  questionSubject,
} from '../../rollout/blockade.ts';
import { confirmersOf, isHeldUp, isOverFor, podsFor } from '../../rollout/drain.ts';
import type { RolloutEvent } from '../../rollout/event.ts';
import { occasionOf } from '../../rollout/occasion.ts';
import { stepById } from '../../rollout/plan.ts';
import type { Policy } from '../../rollout/policy.ts';
import { type Rollout, stepState } from '../../rollout/rollout.ts';
import { actions, context, type Message, message, packed, section } from './blocks.ts';
import { aloneIn, DRAIN_CHOICE_NAMES, drainButtons } from './drain-buttons.ts';
import {
  code,
  type Mrkdwn,
  mrkdwn,
  people,
  person,
  plainWords,
  plural,
  spoken,
  time,
  unended,
} from './text.ts';
import { capital, nounOf } from './words.ts';

/** One question as the journal tells it; pods that were not shown get a card of their own. */
export interface DrainCard {
  readonly step: string;
  readonly node: string;
  readonly blockers: readonly Blocker[];
  readonly at: number;
  /** Who gave it more time last. */
  readonly waited: { readonly user: string; readonly at: number } | null;
  readonly ending: DrainEnding | null;
}

export type DrainEnding =
  | {
      readonly kind: 'decided';
      readonly choice: Exclude<DrainChoice, 'wait'>;
      readonly askedBy: string;
      readonly user: string;
      readonly at: number;
    }
  /** They went, or nothing stands in their way any more. */
  | { readonly kind: 'cleared'; readonly at: number }
  /** Other pods stay as well, or for another reason: a newer card asks. */
  | { readonly kind: 'replaced'; readonly at: number }
  /** The rollout ends, so nothing more is evicted. */
  | { readonly kind: 'stopped'; readonly at: number }
  /** Its time was over: the rollout is held. */
  | { readonly kind: 'over'; readonly at: number };

export function drainCard(rollout: Rollout, card: DrainCard, policy: Policy): Message {
  const open = card.ending === null && !isOverFor(rollout) && questionOf(rollout, card.step) !== null;
  return message(sentenceOf(rollout, card, open), [
    section(titleLine(rollout, card, open)),
    ...packed(card.blockers.map(blockerLine)),
    ...(open ? packed(ways(rollout, card, policy)) : [section(endingLine(card))]),
    context(mrkdwn`Step ${code(card.step)}, since ${time(card.at)}${waitedClause(card)}`),
    actions('drain', open ? drainButtons(rollout, card, policy) : []),
  ]);
}

function titleLine({ cluster }: Rollout, { node }: DrainCard, open: boolean): Mrkdwn {
  const where = mrkdwn`${code(node)} in *${cluster}*`;
  return open
    ? mrkdwn`:warning: *The drain is blocked*: ${where}`
    : mrkdwn`*The drain was blocked*: ${where}`;
}

/** Pods named in the sentence for notifications; the card names all of them. */
const MOST_SPOKEN = 3;

function sentenceOf(rollout: Rollout, card: DrainCard, open: boolean): Mrkdwn {
  const { blockers, node } = card;
  const noun = nounOf(rollout.cluster, rollout.goal);
  const hidden = blockers.length - MOST_SPOKEN;
  const names = blockers.slice(0, MOST_SPOKEN).map(({ namespace, name }) => `${namespace}/${name}`);
  const pods = `${names.join(', ')}${hidden > 0 ? ` and ${hidden} more` : ''}`;
  if (!open) return mrkdwn`${capital(noun)}: the drain of ${node} was blocked by ${pods}.`;
  return mrkdwn`${capital(noun)}: the drain of ${node} is blocked by ${pods}. ${person(rollout.keeper)}, somebody may decide; it keeps trying meanwhile.`;
}

function blockerLine(blocker: Blocker): Mrkdwn {
  const { namespace, name, workload, loses } = blocker;
  const alone = loses.includes('itself');
  const owner = alone ? mrkdwn`which nobody would create again` : mrkdwn`of ${code(workload)}`;
  const data = loses.includes('empty-dir') ? '. It keeps data in an emptyDir, which goes with it' : '';
  return mrkdwn`• ${code(`${namespace}/${name}`)} ${owner}: ${causeClause(blocker)}${data}`;
}

/** What a server or a webhook says may be long. */
const MAX_WHY = 200;

function causeClause({ cause, why, budgets }: Blocker): Mrkdwn {
  const said = unended(plainWords(why, MAX_WHY));
  const [budget] = budgets;
  switch (cause) {
    case 'budget': {
      if (budget === undefined) return mrkdwn`${said}`;
      const { name, disruptionsAllowed, currentHealthy, desiredHealthy, expectedPods } = budget;
      return mrkdwn`budget ${code(name)} allows ${plural(disruptionsAllowed, 'disruption')} (${currentHealthy} healthy of ${expectedPods} expected, ${desiredHealthy} wanted)`;
    }
    case 'budgets':
      return budgets.length === 0
        ? mrkdwn`${said}`
        : mrkdwn`it is under ${budgets.length} budgets (${budgets.map(({ name }) => name).join(', ')}), and Kubernetes evicts no such pod`;
    case 'namespace':
      return mrkdwn`its namespace is being deleted and admits no eviction: ${said}`;
    case 'refused':
      return mrkdwn`Kubernetes refuses it: ${said}`;
    case 'stuck':
      return mrkdwn`it is being deleted, and its time is over: ${said}`;
    case 'comes-back':
      return mrkdwn`it goes and comes back: ${said}`;
  }
}

function ways(rollout: Rollout, card: DrainCard, policy: Policy): readonly Mrkdwn[] {
  const question = questionOf(rollout, card.step);
  const step = rollout.plan === null ? null : stepById(rollout.plan, card.step);
  if (question === null || step === null) return [];
  const state = stepState(rollout, card.step);
  const begunAt = state.state === 'begun' ? state.at : card.at;
  const until = Math.max(begunAt + step.limitMs, grantedUntil(rollout, step));
  const { proposal } = question;
  const forcible = podsFor(rollout, card.step, { choice: 'force', question }).length;
  const alone = aloneIn(policy);
  const takes =
    alone === null ? mrkdwn`Two people have to agree` : mrkdwn`It takes a second click, by ${person(alone)}`;
  const rows = [
    proposal === null ? null : proposedLine(policy, proposal),
    mrkdwn`It keeps trying at least until ${time(until)}, and this question goes away when the pods do. Before that an operator or approver may decide:`,
    isHeldUp(rollout) ? null : mrkdwn`• *Wait* gives it the whole time again, from now`,
    mrkdwn`• *Reboot without these* ignores their budgets: they run on until the shutdown of ${code(card.node)} stops them${comingClause(question.blockers)}. ${takes}`,
    forcible === 0
      ? null
      : mrkdwn`• *Force* deletes ${forcible === question.blockers.length ? 'them' : `${forcible} of them`} past their budgets, each with its own grace. ${takes}`,
    mrkdwn`• *Abort* puts back what was changed and ends`,
  ];
  return rows.filter((row) => row !== null);
}

function comingClause(blockers: readonly Blocker[]): string {
  return comingBack(blockers).length === 0 ? '' : ', and so does whatever comes back in their place';
}

function proposedLine(policy: Policy, { choice, user }: { choice: DrainChoice; user: string }): Mrkdwn {
  const who = confirmersOf(policy, user);
  const asked = mrkdwn`:raised_hand: ${person(user)} asked for *${DRAIN_CHOICE_NAMES[choice]}*`;
  if (who.includes(user))
    return mrkdwn`${asked}. No other approver is configured, so ${people(who, 'or')} may confirm it with a second click`;
  const whom = who.length === 0 ? mrkdwn`nobody is configured who may` : people(who, 'or');
  return mrkdwn`${asked}. It needs the word of another approver: ${whom}`;
}

type Proposed = Extract<RolloutEvent, { kind: 'drain-proposed' }>;

/** In a message of its own, because an edit of the card calls nobody; who is called is named only while it waits for them. */
export function proposalLine(rollout: Rollout, { step, choice, user }: Proposed, policy: Policy): Message {
  const node = (rollout.plan === null ? null : stepById(rollout.plan, step))?.node ?? step;
  const asked = mrkdwn`${person(user)} asked for *${DRAIN_CHOICE_NAMES[choice]}* at the drain of ${code(node)} in *${rollout.cluster}*`;
  const { proposal = null } = questionOf(rollout, step) ?? {};
  const waits = proposal?.choice === choice && proposal.user === user && !isOverFor(rollout);
  const who = waits ? confirmersOf(policy, user) : [];
  const line =
    who.length === 0
      ? mrkdwn`:raised_hand: ${asked}`
      : who.includes(user)
        ? mrkdwn`:raised_hand: ${asked}: no other approver is configured, so a second click on its card confirms it`
        : mrkdwn`:raised_hand: ${asked}: another approver has to confirm it on its card, ${people(who, 'or')}`;
  return message(mrkdwn`${spoken(line)}.`, [section(line)]);
}

function waitedClause({ waited }: DrainCard): Mrkdwn {
  return waited === null ? mrkdwn`` : mrkdwn`. More time by ${person(waited.user)} ${time(waited.at)}`;
}

function endingLine({ ending, blockers }: DrainCard): Mrkdwn {
  switch (ending?.kind) {
    case undefined:
      return mrkdwn`Nothing is asked about it any more`;
    case 'decided': {
      const { choice, askedBy, user, at } = ending;
      const who =
        askedBy === user
          ? mrkdwn`by ${person(user)}, twice`
          : mrkdwn`asked by ${person(askedBy)}, confirmed by ${person(user)}`;
      return mrkdwn`*${DRAIN_CHOICE_NAMES[choice]}* (${plural(blockers.length, 'pod')}): ${who} ${time(at)}`;
    }
    case 'cleared':
      return mrkdwn`:white_check_mark: *Resolved* ${time(ending.at)}: nothing of this is in the way any more`;
    case 'replaced':
      return mrkdwn`*Out of date* ${time(ending.at)}: what stays has changed, a newer card asks about it`;
    case 'stopped':
      return mrkdwn`*Stopped* ${time(ending.at)}: the rollout ends, and nothing more is evicted`;
    case 'over':
      return mrkdwn`*Its time was over* ${time(ending.at)}: the rollout is held, see its card`;
  }
}

/** What makes a person look again at the thread's card: which questions stand, as text to compare. */
export function questionsKey(rollout: Rollout): string {
  return [...rollout.drains.keys()]
    .filter((step) => questionOf(rollout, step) !== null)
    .map(
      (step) => `${step} ${occasionOf(rollout, questionSubject(step))} ${drainOf(rollout, step).decidedAt}`,
    )
    .join(' ');
}

// The buttons below a blocked drain: what one person may say, and what takes two.
import type { Button } from '@slack/types';
import { type Blocker, type DrainChoice, questionOf, questionSubject } from '../../rollout/blockade.ts';
import { confirmersOf, isHeldUp, podsFor } from '../../rollout/drain.ts';
import { occasionOf } from '../../rollout/occasion.ts';
import type { Policy } from '../../rollout/policy.ts';
import type { Rollout } from '../../rollout/rollout.ts';
import { encodeButton } from '../button-value.ts';
import { button } from './blocks.ts';
import { abortButton } from './buttons.ts';
import { plural } from './text.ts';

export const DRAIN_CHOICE_NAMES: Readonly<Record<DrainChoice, string>> = {
  wait: 'Wait',
  leave: 'Reboot without these',
  force: 'Force',
};

interface Blocked {
  readonly step: string;
  readonly node: string;
  readonly blockers: readonly Blocker[];
}

/** The approver whose second click confirms what they asked for; null where two people have to agree. */
export function aloneIn(policy: Policy): string | null {
  return policy.approvers.find((user) => confirmersOf(policy, user).includes(user)) ?? null;
}

/** Each bound to the question as it is shown, and to its step; empty when nobody is asked. */
export function drainButtons(rollout: Rollout, card: Blocked, policy: Policy): readonly Button[] {
  const { step, node } = card;
  const question = questionOf(rollout, step);
  if (question === null) return [];
  const { cluster, id } = rollout;
  const occasion = occasionOf(rollout, questionSubject(step));
  const value = encodeButton({ cluster, rollout: id, gate: null, occasion, step });
  const proposed = question.proposal?.choice ?? null;
  const choices: readonly DrainChoice[] = isHeldUp(rollout) ? ['leave', 'force'] : ['wait', 'leave', 'force'];
  return [
    ...choices
      .filter((choice) => podsFor(rollout, step, { choice, question }).length > 0)
      .map((choice) =>
        button({
          label:
            proposed === choice
              ? `Confirm: ${DRAIN_CHOICE_NAMES[choice].toLowerCase()}`
              : DRAIN_CHOICE_NAMES[choice],
          spoken: `${DRAIN_CHOICE_NAMES[choice]}: the drain of ${node} in ${cluster}`,
          action: `drain:${choice}`,
          value,
          ...(choice === 'wait' ? {} : confirmation(card, choice, thenOf(policy, proposed === choice))),
        }),
      ),
    abortButton(rollout),
  ];
}

function stillRun(count: number): string {
  return `${plural(count, 'pod')} still ${count === 1 ? 'runs' : 'run'}`;
}

interface Then {
  readonly yes: string;
  readonly sentence: string;
}

function thenOf(policy: Policy, confirms: boolean): Then {
  if (confirms) return { yes: 'Confirm', sentence: 'It is done at once.' };
  const whose =
    aloneIn(policy) === null ? 'another approver confirms it' : 'it is confirmed with a second click';
  return { yes: 'Ask for it', sentence: `Nothing is done before ${whose}.` };
}

function confirmation({ node, blockers }: Blocked, choice: Exclude<DrainChoice, 'wait'>, then: Then) {
  const what =
    choice === 'leave'
      ? `${node} restarts although ${stillRun(blockers.length)} there: no budget counts, and the shutdown stops what is left.`
      : `What the card names is deleted past its budget, with its own grace: the service behind it may be down until it runs elsewhere.`;
  return {
    style: 'danger',
    confirm: {
      title: `${DRAIN_CHOICE_NAMES[choice]}?`,
      text: `${what} ${then.sentence}`,
      yes: then.yes,
      style: 'danger',
    },
  } as const;
}

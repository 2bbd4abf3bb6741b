// The buttons below a blocked drain: what one person may say, and what takes two.
import type { Button } from '@slack/types';
import { type Blocker, type DrainChoice, questionOf, questionSubject } from '../../rollout/blockade.ts';
import { isHeldUp, podsFor } from '../../rollout/drain.ts';
import { occasionOf } from '../../rollout/occasion.ts';
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

/** Each bound to the question as it is shown, and to its step; empty when nobody is asked. */
export function drainButtons(rollout: Rollout, card: Blocked): readonly Button[] {
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
          ...(choice === 'wait' ? {} : confirmation(card, choice, proposed === choice)),
        }),
      ),
    abortButton(rollout),
  ];
}

function stillRun(count: number): string {
  return `${plural(count, 'pod')} still ${count === 1 ? 'runs' : 'run'}`;
}

function confirmation({ node, blockers }: Blocked, choice: Exclude<DrainChoice, 'wait'>, confirms: boolean) {
  const what =
    choice === 'leave'
      ? `${node} restarts although ${stillRun(blockers.length)} there: no budget counts, and the shutdown stops what is left.`
      : `What the card names is deleted past its budget, with its own grace: the service behind it may be down until it runs elsewhere.`;
  const then = confirms ? 'It is done at once.' : 'Nothing is done before another approver confirms it.';
  return {
    style: 'danger',
    confirm: {
      title: `${DRAIN_CHOICE_NAMES[choice]}?`,
      text: `${what} ${then}`,
      yes: confirms ? 'Confirm' : 'Ask for it',
      style: 'danger',
    },
  } as const;
}

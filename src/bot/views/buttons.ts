// Which buttons a rollout offers: exactly those intents that deciding would take from an operator now.
import type { Button } from '@slack/types';
import { decide } from '../../rollout/decide.ts';
import type { Circumstances } from '../../rollout/decided.ts';
import type { Intent } from '../../rollout/intent.ts';
import { occasionOf } from '../../rollout/occasion.ts';
import { stepById } from '../../rollout/plan.ts';
import type { Policy } from '../../rollout/policy.ts';
import { isOwed, type Rollout } from '../../rollout/rollout.ts';
import { soakingOf } from '../../rollout/soak.ts';
import { encodeButton } from '../button-value.ts';
import type { Steering } from '../command-table.ts';
import { type ButtonSpec, button } from './blocks.ts';
import { nounOf } from './words.ts';

type Pressed = Steering | 'start' | 'handover';

/** Somebody who may do everything: whether a person may press a button is asked when it is pressed. */
const ANYBODY = 'U0';

/** What a held rollout may be asked for: the time plays no part in whether it is taken. */
type Choice = 'retry' | 'skip' | 'abort';

/** True when the choice would change something if an operator asked for it. */
export function offers(rollout: Rollout, kind: Choice, policy: Policy): boolean {
  return offersAt(rollout, kind, { policy, now: rollout.lastAt });
}

/** True when the intent would change something if an operator asked for it now. */
function offersAt(rollout: Rollout, kind: Pressed, { policy, now }: Circumstances): boolean {
  const allowing: Policy = { ...policy, operators: [ANYBODY] };
  const intent: Intent = kind === 'handover' ? { kind: 'hand-over', to: null } : { kind };
  const asked = { intent, user: ANYBODY, delivery: '' };
  const decided = decide(rollout, asked, { policy: allowing, now });
  return decided.kind === 'decided' && decided.events.length > 0;
}

/** Below the card. A held rollout is decided on its own card in the thread; it may be aborted from both. Handed over, where somebody else could take it. */
export function cardButtons(rollout: Rollout, around: Circumstances): readonly Button[] {
  const { phase } = rollout;
  const order: readonly Pressed[] =
    phase.phase === 'held' ? ['retry', 'skip', 'abort'] : ['start', 'resume', 'continue', 'pause', 'abort'];
  const taker = around.policy.operators.some((user) => user !== rollout.keeper);
  return [...order, ...(taker ? (['handover'] as const) : [])]
    .filter((kind) => offersAt(rollout, kind, around))
    .map((kind) => pressable(rollout, kind));
}

export function heldButtons(rollout: Rollout, policy: Policy): readonly Button[] {
  const order: readonly Choice[] = ['retry', 'skip', 'abort'];
  return order.filter((kind) => offers(rollout, kind, policy)).map((kind) => pressable(rollout, kind));
}

/** For cards that ask something else as well. */
export function abortButton(rollout: Rollout): Button {
  return pressable(rollout, 'abort');
}

function pressable(rollout: Rollout, kind: Pressed): Button {
  const { phase, cluster, id } = rollout;
  const asks = phase.phase === 'held' && (kind === 'retry' || kind === 'skip');
  const soak = kind === 'continue' ? (soakingOf(rollout)?.step.id ?? null) : null;
  const subject = asks ? phase.held.subject : soak;
  const occasion = subject === null ? null : occasionOf(rollout, subject);
  const value = encodeButton({ cluster, rollout: id, gate: null, occasion });
  const noun = nounOf(rollout.cluster, rollout.goal);
  return button({ value, ...spec(rollout, kind, noun) });
}

type Dressed = Omit<ButtonSpec, 'value'>;

function spec(rollout: Rollout, kind: Pressed, noun: string): Dressed {
  const { phase } = rollout;
  switch (kind) {
    case 'start':
      return { label: 'Start', spoken: `Start ${noun}`, action: 'rollout:start', style: 'primary' };
    case 'pause':
      return { label: 'Pause', spoken: `Pause ${noun}`, action: 'rollout:pause' };
    case 'resume':
      return { label: 'Resume', spoken: `Resume ${noun}`, action: 'rollout:resume', style: 'primary' };
    case 'continue':
      return { label: 'Continue now', spoken: `End the soak of ${noun} now`, action: 'rollout:continue' };
    case 'retry':
      return { label: 'Retry', spoken: `Retry ${noun}`, action: 'rollout:retry', style: 'primary' };
    case 'skip':
      return { ...skipSpec(rollout, noun), action: 'rollout:skip' };
    case 'handover':
      return { label: 'Hand over…', spoken: `Hand ${noun} over`, action: 'rollout:handover' };
    case 'abort':
      return phase.phase === 'proposed'
        ? { label: 'Cancel', spoken: `Cancel ${noun}`, action: 'rollout:cancel' }
        : abortSpec(noun);
  }
}

function skipSpec(rollout: Rollout, noun: string): Omit<Dressed, 'action'> {
  const { phase } = rollout;
  const node = phase.phase === 'held' ? phase.held.node : 'this node';
  if (phase.phase === 'held' && isOwed(rollout, phase.held.subject)) {
    return {
      label: 'Take over',
      spoken: `Take over what is left to put back on ${node}`,
      confirm: {
        title: `Take over ${node}?`,
        text: `Nothing more is tried on ${node}. What was changed there (its cordon) is yours to put back.`,
        yes: 'Take it over',
        style: 'danger',
      },
    };
  }
  if (phase.phase === 'held' && isSoak(rollout, phase.held.subject)) {
    return {
      label: 'Skip',
      spoken: `Go on with ${noun} in spite of what was found`,
      confirm: {
        title: 'Go on in spite of it?',
        text: 'What was upgraded stays as it is, and the next nodes follow.',
        yes: 'Go on',
        style: 'danger',
      },
    };
  }
  return {
    label: 'Skip',
    spoken: `Skip ${node} in ${noun}`,
    confirm: {
      title: `Leave ${node} behind?`,
      text: `What was changed on ${node} is put back as far as possible, and the rollout goes on without it.`,
      yes: 'Skip it',
      style: 'danger',
    },
  };
}

function isSoak({ plan }: Rollout, subject: string): boolean {
  return plan !== null && stepById(plan, subject)?.kind === 'soak';
}

function abortSpec(noun: string): Dressed {
  return {
    label: 'Abort',
    spoken: `Abort ${noun}`,
    action: 'rollout:abort',
    style: 'danger',
    confirm: {
      title: 'Abort this rollout?',
      text: 'The step in hand is finished, what was changed is put back, and nothing new starts. Nodes that are done stay on their new version.',
      yes: 'Abort',
      style: 'danger',
    },
  };
}

// Which buttons a rollout offers: exactly those intents that deciding would take from an operator now.
import type { Button } from '@slack/types';
import { decide } from '../../rollout/decide.ts';
import type { Circumstances } from '../../rollout/decided.ts';
import type { RolloutEvent } from '../../rollout/event.ts';
import { boundTo, occasionOf } from '../../rollout/occasion.ts';
import { afterwards } from '../../rollout/pause.ts';
import type { Policy } from '../../rollout/policy.ts';
import type { Rollout } from '../../rollout/rollout.ts';
import { soakingOf } from '../../rollout/soak.ts';
import { encodeButton } from '../button-value.ts';
import type { Steering } from '../command-table.ts';
import { type ButtonSpec, button } from './blocks.ts';
import { spoken } from './text.ts';
import { type Change, sentences, skipTold } from './ways.ts';
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

/** What the choice would come to if an operator made it; null when it is not offered. */
export function comesTo(rollout: Rollout, kind: Choice, policy: Policy): Change | null {
  return wouldBe(rollout, kind, { policy, now: rollout.lastAt });
}

/** True when the intent would change something if an operator asked for it now. */
function offersAt(rollout: Rollout, kind: Pressed, around: Circumstances): boolean {
  return factsOf(rollout, kind, around).length > 0;
}

function wouldBe(rollout: Rollout, kind: Pressed, around: Circumstances): Change | null {
  const events = factsOf(rollout, kind, around);
  if (events.length === 0) return null;
  return { before: rollout, events, after: afterwards(rollout, events, around.now) };
}

/** What would be written down if an operator asked for it now; nothing when it is refused. */
function factsOf(rollout: Rollout, kind: Pressed, { policy, now }: Circumstances): readonly RolloutEvent[] {
  const allowing: Policy = { ...policy, operators: [ANYBODY] };
  // A button is about the present question, whoever made it arise.
  const intent = boundTo(rollout, kind === 'handover' ? { kind: 'hand-over', to: null } : { kind });
  const asked = { intent, user: ANYBODY, delivery: '' };
  const decided = decide(rollout, asked, { policy: allowing, now });
  return decided.kind === 'decided' ? decided.events : [];
}

/** Below the card. A held rollout is decided on its own card in the thread; it may be aborted from both. Handed over, where somebody else could take it. */
export function cardButtons(rollout: Rollout, around: Circumstances): readonly Button[] {
  const { phase } = rollout;
  const order: readonly Pressed[] =
    phase.phase === 'held' ? ['retry', 'skip', 'abort'] : ['start', 'resume', 'continue', 'pause', 'abort'];
  const taker = around.policy.operators.some((user) => user !== rollout.keeper);
  return [...order, ...(taker ? (['handover'] as const) : [])]
    .filter((kind) => offersAt(rollout, kind, around))
    .map((kind) => pressable(rollout, kind, around));
}

export function heldButtons(rollout: Rollout, policy: Policy): readonly Button[] {
  const order: readonly Choice[] = ['retry', 'skip', 'abort'];
  const around = { policy, now: rollout.lastAt };
  return order
    .filter((kind) => offersAt(rollout, kind, around))
    .map((kind) => pressable(rollout, kind, around));
}

/** For cards that ask something else as well. */
export function abortButton(rollout: Rollout): Button {
  return dressed(rollout, 'abort', abortSpec(nounOf(rollout.cluster, rollout.goal)));
}

function pressable(rollout: Rollout, kind: Pressed, around: Circumstances): Button {
  return dressed(rollout, kind, spec(rollout, kind, around));
}

function dressed(rollout: Rollout, kind: Pressed, dress: Dressed): Button {
  const { phase, cluster, id } = rollout;
  const asks = phase.phase === 'held' && (kind === 'retry' || kind === 'skip');
  const soak = kind === 'continue' ? (soakingOf(rollout)?.step.id ?? null) : null;
  const subject = asks ? phase.held.subject : soak;
  const occasion = subject === null ? null : occasionOf(rollout, subject);
  const value = encodeButton({ cluster, rollout: id, gate: null, occasion });
  return button({ value, ...dress });
}

type Dressed = Omit<ButtonSpec, 'value'>;

function spec(rollout: Rollout, kind: Pressed, around: Circumstances): Dressed {
  const { phase } = rollout;
  const noun = nounOf(rollout.cluster, rollout.goal);
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
      return { ...skipSpec(rollout, noun, around), action: 'rollout:skip' };
    case 'handover':
      return { label: 'Hand over…', spoken: `Hand ${noun} over`, action: 'rollout:handover' };
    case 'abort':
      return phase.phase === 'proposed'
        ? { label: 'Cancel', spoken: `Cancel ${noun}`, action: 'rollout:cancel' }
        : abortSpec(noun);
  }
}

/** Asks with the words that answer it when it is done. */
function skipSpec(rollout: Rollout, noun: string, around: Circumstances): Omit<Dressed, 'action'> {
  const change = wouldBe(rollout, 'skip', around);
  if (change === null) throw new Error('a button is offered only for what would change something');
  const { label, title, yes, does, follows } = skipTold(change);
  return {
    label,
    spoken: `${label}, which ${spoken(does).mrkdwn}: ${noun}`,
    confirm: { title, text: spoken(sentences(follows)).mrkdwn, yes, style: 'danger' },
  };
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

// What a press of a button means: the same intents as typed commands, through the same door.
import type { ModalView } from '@slack/types';
import type { Clock } from '../engine/ports/clock.ts';
import type { Journal } from '../engine/ports/journal.ts';
import type { Submit } from '../engine/submit.ts';
import type { DrainChoice } from '../rollout/blockade.ts';
import { decide } from '../rollout/decide.ts';
import { type Intent, type Refusal, refuse } from '../rollout/intent.ts';
import { MIN_REASON } from '../rollout/override.ts';
import type { Policy } from '../rollout/policy.ts';
import type { Rollout } from '../rollout/rollout.ts';
import { type ButtonValue, decodeButton } from './button-value.ts';
import { steeringOf } from './command-table.ts';
import { readOrNot } from './history.ts';
import { promptly } from './promptly.ts';
import { denyModal } from './views/deny.ts';
import { handOverModal } from './views/hand-over.ts';
import { overrideModal } from './views/override.ts';

export interface Press {
  readonly user: string;
  readonly delivery: string;
  readonly action: string;
  readonly value: string | undefined;
  readonly channel: string | null;
  readonly thread: string | null;
}

export interface ButtonParts {
  readonly submit: Submit;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly policyOf: (cluster: string) => Policy | null;
  readonly nudge: (cluster: string, rollout: string) => void;
}

/** done: taken in, or already so: the messages show it. modal: to be opened before the trigger is too old. */
export type Pressed =
  | { readonly kind: 'done' }
  | { readonly kind: 'modal'; readonly view: ModalView }
  | Refusal;

/** A trigger opens a modal for 3 s (facts/slack.md 3.2): looking first may take this much of it. */
const LOOK_MS = 1_000;

/** Rejects with the store's Fault. */
export async function press(parts: ButtonParts, pressed: Press): Promise<Pressed> {
  const value = decodeButton(pressed.value);
  // The App Home puts the cluster behind the action, so that every button of the view has its own.
  const action = pressed.action.split(':').slice(0, 2).join(':');
  if (value === null) return stale();
  if (action === 'gate:deny') {
    const denial = denialOf(value, '');
    return denial === null ? stale() : askWhy(parts, pressed, { value, intent: denial }, denyModal);
  }
  if (action === 'rollout:override') {
    const wished = overridingOf(value, value.checks ?? [], ANY_REASON);
    return wished === null ? stale() : askWhy(parts, pressed, { value, intent: wished }, overrideModal);
  }
  if (action === 'rollout:handover') {
    const wish: Wish = { value, intent: { kind: 'hand-over', to: null } };
    return askWhy(parts, pressed, wish, (context, rollout) => handOverModal(context, rollout, pressed.user));
  }
  const intent = intentOf(action, value);
  if (intent === null) return stale();
  return hand(parts, pressed, { value, intent });
}

/** The modal came back. */
export async function deny(
  parts: ButtonParts,
  who: { user: string; delivery: string },
  denied: { value: ButtonValue; reason: string },
): Promise<Pressed> {
  const { value, reason } = denied;
  const intent = denialOf(value, reason);
  return intent === null ? stale() : hand(parts, who, { value, intent });
}

/** The modal came back, with the checks that were chosen in it when the button was about several. */
export async function override(
  parts: ButtonParts,
  who: { user: string; delivery: string },
  wished: { value: ButtonValue; chosen: readonly string[]; reason: string },
): Promise<Pressed> {
  const { value, chosen, reason } = wished;
  const intent = overridingOf(value, chosen, reason);
  return intent === null ? stale() : hand(parts, who, { value, intent });
}

/** Stands in for the one nobody wrote yet, when it is asked whether a person may override at all. */
const ANY_REASON = '?'.repeat(MIN_REASON);

/** Only what the button was about can be chosen. */
function overridingOf(
  { checks = [] }: ButtonValue,
  chosen: readonly string[],
  reason: string,
): Intent | null {
  const meant = checks.length === 1 ? checks : checks.filter((check) => chosen.includes(check));
  return meant.length === 0 ? null : { kind: 'override', checks: meant, reason };
}

type Denial = Extract<Intent, { kind: 'deny' }>;

function denialOf({ gate, occasion }: ButtonValue, reason: string): Denial | null {
  // A modal that was opened by an earlier version of ours has no occasion at all.
  return gate === null || typeof occasion !== 'number' ? null : { kind: 'deny', gate, reason, occasion };
}

function stale(): Refusal {
  return refuse(
    'bad-input',
    'This button is from another version of me. Use `/talos status` to find the present one.',
  );
}

async function hand(
  parts: ButtonParts,
  who: { readonly user: string; readonly delivery: string },
  wish: Wish,
): Promise<Pressed> {
  const { cluster, rollout } = wish.value;
  const submitted = await parts.submit(
    { cluster, rollout },
    { intent: wish.intent, user: who.user, delivery: who.delivery },
  );
  if (submitted.kind === 'refusal') return submitted;
  parts.nudge(cluster, rollout);
  return { kind: 'done' };
}

const DRAIN_CHOICES: readonly DrainChoice[] = ['wait', 'leave', 'force'];

/** Null for what we did not make, also for a button that should say which question it answers and does not. */
export function intentOf(action: string, { gate, occasion, step }: ButtonValue): Intent | null {
  if (action === 'gate:approve')
    return gate === null || occasion === null ? null : { kind: 'approve', gate, occasion };
  const choice = DRAIN_CHOICES.find((one) => action === `drain:${one}`);
  if (choice !== undefined)
    return step === undefined || occasion === null ? null : { kind: 'drain', step, choice, occasion };
  if (action === 'rollout:start') return { kind: 'start' };
  if (action === 'rollout:cancel') return { kind: 'abort' };
  const steering = action.startsWith('rollout:') ? steeringOf(action.slice('rollout:'.length)) : null;
  if (steering === 'retry' || steering === 'skip' || steering === 'continue')
    return occasion === null ? null : { kind: steering, occasion };
  return steering === null ? null : { kind: steering };
}

interface ModalContext {
  readonly button: ButtonValue;
  readonly channel: string | null;
  readonly thread: string | null;
}

interface Wish {
  readonly value: ButtonValue;
  readonly intent: Intent;
}

/** Who may not do it is told so at once; when the journal is slow the modal opens anyway and its submission is judged. */
async function askWhy(
  parts: ButtonParts,
  pressed: Press,
  wish: Wish,
  modal: (context: ModalContext, rollout: Rollout | null) => ModalView,
): Promise<Pressed> {
  const looked = await promptly(parts.clock, judged(parts, pressed, wish), LOOK_MS);
  const rollout = looked.kind === 'in-time' ? looked.value : null;
  if (rollout !== null && 'kind' in rollout) return rollout;
  const context: ModalContext = { button: wish.value, channel: pressed.channel, thread: pressed.thread };
  return { kind: 'modal', view: modal(context, rollout) };
}

/** The rollout as it stands, or why this person may not do that to it. */
async function judged(
  parts: ButtonParts,
  pressed: Press,
  { value, intent }: Wish,
): Promise<Rollout | Refusal | null> {
  const policy = parts.policyOf(value.cluster);
  if (policy === null) return refuse('unknown-cluster', `No cluster is called ${value.cluster} any more.`);
  const reading = await readOrNot(parts.journal, value.cluster, value.rollout);
  if (reading.kind === 'unreadable') return refuse('journal-unreadable', reading.sentence);
  const { rollout } = reading;
  const asked = { intent, user: pressed.user, delivery: pressed.delivery };
  const decided = decide(rollout, asked, { policy, now: parts.clock.now() });
  return decided.kind === 'refusal' ? decided : rollout;
}

// Carries out a parsed command and says what to answer, privately.

import { createHash } from 'node:crypto';
import type { Addressee } from '../engine/submit.ts';
import { decide } from '../rollout/decide.ts';
import type { Goal } from '../rollout/goal.ts';
import type { Asked, Intent, Refusal } from '../rollout/intent.ts';
import { checksOf, standing } from '../rollout/override.ts';
import { isOperator } from '../rollout/policy.ts';
import type { Command, Target } from './command.ts';
import type { BotCluster, Caller, CommandParts } from './command-parts.ts';
import type { Steering } from './command-table.ts';
import { doctor } from './doctor.ts';
import { statusOrAway } from './history.ts';
import { askCondition, askPath, askPlan, askWhy } from './questions.ts';
import type { Message } from './views/blocks.ts';
import { helpMessage } from './views/help.ts';
import { privateMessage, refusalMessage } from './views/refusal.ts';
import { statusMessage } from './views/status.ts';
import { steered } from './views/steered.ts';
import { channelLink, type Mrkdwn, mrkdwn, person } from './views/text.ts';
import type { Change } from './views/ways.ts';
import { capital, nounOf } from './views/words.ts';

/** What can be said without asking anybody: it goes into the acknowledgement. `whole`: there is nothing more to do. */
export interface FirstWord {
  readonly message: Message | null;
  readonly whole: boolean;
}

/** Pure, so that Slack's acknowledgement waits for nothing. */
export function firstWord(parts: CommandParts, read: Command | Refusal, caller: Caller): FirstWord {
  switch (read.kind) {
    case 'refusal':
      return { message: refusalMessage(read), whole: true };
    case 'help':
      return { message: helpMessage(read.topic, caller.around), whole: true };
    case 'plan':
      return {
        message: privateMessage(mrkdwn`Looking at *${read.cluster}*: the plan follows in a moment.`),
        whole: false,
      };
    case 'why':
      return {
        message: privateMessage(
          mrkdwn`Looking into what *${read.cluster}* waits for: the answer follows in a moment.`,
        ),
        whole: false,
      };
    case 'check':
      return {
        message: privateMessage(mrkdwn`Looking at how *${read.cluster}* is: the answer follows in a moment.`),
        whole: false,
      };
    case 'path':
      return {
        message: privateMessage(mrkdwn`Looking at *${read.cluster}*: its path follows in a moment.`),
        whole: false,
      };
    case 'doctor':
      return {
        message: privateMessage(mrkdwn`Looking at how everything is set up: the answer follows in a moment.`),
        whole: false,
      };
    case 'upgrade':
    case 'rollback':
    case 'finish':
    case 'disarm':
      return looking(parts, wishOf(read), caller);
    default:
      return { message: null, whole: false };
  }
}

/** What is left to say once the work is done; null when the thread says it. Rejects with the store's Fault; every "no" is a message. */
export async function carryOut(
  parts: CommandParts,
  read: Command | Refusal,
  caller: Caller,
): Promise<Message | null> {
  switch (read.kind) {
    case 'refusal':
    case 'help':
      return null;
    case 'status':
      return status(parts, read.cluster);
    case 'why':
      return askWhy(parts, configured(parts, read.cluster), caller.ear.user);
    case 'check':
      return askCondition(parts, configured(parts, read.cluster));
    case 'plan':
      return askPlan(parts, read.cluster, upgradeOf(read));
    case 'path':
      return askPath(parts, read, answerFor(parts, read.cluster, caller));
    case 'doctor':
      return doctor(parts, read.cluster, caller.ear);
    case 'upgrade':
    case 'rollback':
    case 'finish':
    case 'disarm':
      return ask(parts, caller, wishOf(read));
    case 'steer':
      return say(parts, caller, {
        cluster: read.cluster,
        intent: { kind: read.steering },
        answer: (change) => steered(read.steering, change),
      });
    case 'hand-over': {
      const { kind, cluster, to } = read;
      return say(parts, caller, { cluster, intent: { kind, to }, answer: handed });
    }
    case 'override': {
      const { kind, cluster, checks, reason } = read;
      return say(parts, caller, { cluster, intent: { kind, checks, reason }, answer: overridden });
    }
  }
}

/** The same delivery is the same rollout, however often Slack brings it. */
export function rolloutIdOf(delivery: string): string {
  return `r${createHash('sha256').update(delivery).digest('hex').slice(0, 10)}`;
}

async function status(parts: CommandParts, cluster: string | null): Promise<Message> {
  const asked = parts.clusters.filter(({ name }) => cluster === null || name === cluster);
  const statuses = await Promise.all(asked.map((one) => statusOrAway(parts.history, one)));
  return statusMessage(statuses, parts.setup.clock.now());
}

/** The button below a path is for those who may press it; whether they may is asked again when they do. */
function answerFor(parts: CommandParts, cluster: string, { ear, delivery }: Caller): string | null {
  return isOperator(configured(parts, cluster).policy, ear.user) ? rolloutIdOf(delivery) : null;
}

interface Wish {
  readonly cluster: string;
  readonly goal: Goal;
}

/** What a command that asks for a rollout asks for. */
export function wishOf(read: Extract<Command, { kind: 'upgrade' | 'rollback' | 'finish' | 'disarm' }>): Wish {
  const { cluster } = read;
  return read.kind === 'upgrade'
    ? { cluster, goal: upgradeOf(read) }
    : { cluster, goal: { kind: GOALS[read.kind], node: read.node } };
}

const GOALS = { rollback: 'rollback-node', finish: 'finish-node', disarm: 'disarm-node' } as const;

function upgradeOf({ version, schematic, staged, rebootMode }: Target): Goal {
  return {
    ...{ kind: 'upgrade-talos', version },
    ...(schematic === undefined ? {} : { schematic }),
    ...(staged === undefined ? {} : { staged }),
    ...(rebootMode === undefined ? {} : { rebootMode }),
  };
}

function configured(parts: CommandParts, cluster: string): BotCluster {
  const found = parts.clusters.find(({ name }) => name === cluster);
  if (found === undefined) throw new Error(`${cluster} was parsed and is not configured`);
  return found;
}

function askedOf({ channel }: BotCluster, { cluster, goal }: Wish, caller: Caller): Asked {
  const { delivery, ear } = caller;
  const rollout = rolloutIdOf(delivery);
  return { intent: { kind: 'ask', rollout, cluster, goal, channel }, user: ear.user, delivery };
}

/** Who may not ask hears so at once; whether the cluster is free is known only to the journal. */
function looking(parts: CommandParts, wish: Wish, caller: Caller): FirstWord {
  const cluster = configured(parts, wish.cluster);
  const decided = decide(null, askedOf(cluster, wish, caller), { policy: cluster.policy, now: 0 });
  if (decided.kind === 'refusal') return { message: refusalMessage(decided), whole: true };
  const text = mrkdwn`Looking at *${wish.cluster}* for ${nounOf(wish.cluster, wish.goal)}. The plan will be in ${channelLink(cluster.channel)}; nothing starts before people agree.`;
  return { message: privateMessage(text), whole: false };
}

/** A wish that did not come from a typed line: the first word, and what is left to say. Both as for a command. */
export function askedFor(
  parts: CommandParts,
  wish: Wish,
  caller: Caller,
): Message | { readonly first: Message; readonly last: Promise<Message | null> } {
  const { message, whole } = looking(parts, wish, caller);
  if (message === null) throw new Error('a wish is always answered at once');
  return whole ? message : { first: message, last: ask(parts, caller, wish) };
}

async function ask(parts: CommandParts, caller: Caller, wish: Wish): Promise<Message | null> {
  const asked = askedOf(configured(parts, wish.cluster), wish, caller);
  const at = { cluster: wish.cluster, rollout: rolloutIdOf(caller.delivery) };
  parts.asks.remember(at.rollout, caller.ear);
  const submitted = await parts.submit(at, asked);
  if (submitted.kind === 'refusal') return refusalMessage(submitted);
  parts.nudge(at.cluster, at.rollout);
  return null;
}

type Said = Extract<Intent, { kind: Steering | 'override' | 'hand-over' }>;

/** Says it to the rollout that has the cluster; `answer` is what the person reads when it was taken in. */
function say(
  parts: CommandParts,
  caller: Caller,
  { cluster, intent, answer }: { cluster: string; intent: Said; answer: (change: Change) => Mrkdwn },
): Promise<Message> {
  const asked: Asked = { intent, user: caller.ear.user, delivery: caller.delivery };
  return sayTo(parts, { cluster, rollout: null }, { asked, answer });
}

async function sayTo(
  parts: Saying,
  to: Addressee,
  { asked, answer }: { readonly asked: Asked; readonly answer: (change: Change) => Mrkdwn },
): Promise<Message> {
  const submitted = await parts.submit(to, asked);
  if (submitted.kind === 'refusal') return refusalMessage(submitted);
  const { rollout, written } = submitted;
  parts.nudge(rollout.cluster, rollout.id);
  return privateMessage(
    answer({ before: written.before ?? rollout, events: written.events, after: rollout }),
  );
}

type Saying = Pick<CommandParts, 'submit' | 'nudge'>;

/** To the rollout that a card was about; what is answered is what the command answers. Rejects with the store's Fault. */
export function handOverTo(
  parts: Saying,
  at: { readonly cluster: string; readonly rollout: string },
  { user, delivery, to }: { readonly user: string; readonly delivery: string; readonly to: string },
): Promise<Message> {
  const asked: Asked = { intent: { kind: 'hand-over', to }, user, delivery };
  return sayTo(parts, at, { asked, answer: handed });
}

function handed({ after: rollout }: Change): Mrkdwn {
  return mrkdwn`${capital(nounOf(rollout.cluster, rollout.goal))} is in the hands of ${person(rollout.keeper)} now. The summary is in the thread, see ${channelLink(rollout.channel)}.`;
}

function overridden({ after: rollout }: Change): Mrkdwn {
  const left = checksOf(standing(rollout)).join(', ');
  const then = left === '' ? 'An operator may start it now' : `It still waits for ${left}`;
  return mrkdwn`That is written down, with your name. ${then}. See ${channelLink(rollout.channel)}.`;
}

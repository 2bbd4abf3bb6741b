// Carries out a parsed command and says what to answer, privately.
import { createHash } from 'node:crypto';
import type { Errands } from '../engine/ports/errands.ts';
import type { Submit } from '../engine/submit.ts';
import type { Goal } from '../rollout/goal.ts';
import type { Asked, Refusal } from '../rollout/intent.ts';
import { refuse } from '../rollout/intent.ts';
import type { Policy } from '../rollout/policy.ts';
import type { Rollout } from '../rollout/rollout.ts';
import type { Asks } from './asks.ts';
import type { Steering } from './command-table.ts';
import { type HistoryParts, statusOf } from './history.ts';
import type { Around, Command } from './parse.ts';
import type { Ear } from './private.ts';
import type { Message } from './views/blocks.ts';
import { helpMessage } from './views/help.ts';
import { declinedMessage, planMessage } from './views/plan.ts';
import { privateMessage, refusalMessage } from './views/refusal.ts';
import { statusMessage } from './views/status.ts';
import { channelLink, type Mrkdwn, mrkdwn } from './views/text.ts';
import { nounOf } from './views/words.ts';

export interface BotCluster {
  readonly name: string;
  /** Slack channel id of its threads. */
  readonly channel: string;
  readonly policy: Policy;
}

export interface CommandParts {
  readonly clusters: readonly BotCluster[];
  readonly submit: Submit;
  readonly errands: Errands;
  readonly history: HistoryParts;
  readonly asks: Asks;
  readonly nudge: (cluster: string, rollout: string) => void;
}

export interface Caller {
  readonly ear: Ear;
  readonly around: Around;
  readonly delivery: string;
}

/** A cluster that does not answer makes the checks wait for their own limits; after this the person hears that nobody answered. */
const PLAN_MS = 60_000;

/** Rejects with the store's Fault; every "no" is a message. */
export async function carryOut(
  parts: CommandParts,
  read: Command | Refusal,
  caller: Caller,
): Promise<Message> {
  switch (read.kind) {
    case 'refusal':
      return refusalMessage(read);
    case 'help':
      return helpMessage(read.topic, caller.around);
    case 'status':
      return status(parts, read.cluster);
    case 'plan':
      return plan(parts, read.cluster, { kind: 'upgrade-talos', version: read.version });
    case 'upgrade':
      return ask(parts, caller, {
        cluster: read.cluster,
        goal: { kind: 'upgrade-talos', version: read.version },
      });
    case 'rollback':
      return ask(parts, caller, { cluster: read.cluster, goal: { kind: 'rollback-node', node: read.node } });
    case 'steer':
      return steer(parts, caller, { cluster: read.cluster, steering: read.steering });
  }
}

/** What is shown when the answer takes longer than an acknowledgement may. */
export function patience(read: Command | Refusal): Message {
  const what =
    read.kind === 'plan'
      ? mrkdwn`Looking at *${read.cluster}*: the plan follows in a moment.`
      : mrkdwn`One moment, please.`;
  return privateMessage(what);
}

/** The same delivery is the same rollout, however often Slack brings it. */
export function rolloutIdOf(delivery: string): string {
  return `r${createHash('sha256').update(delivery).digest('hex').slice(0, 10)}`;
}

async function status(parts: CommandParts, cluster: string | null): Promise<Message> {
  const asked = parts.clusters.filter(({ name }) => cluster === null || name === cluster);
  return statusMessage(await Promise.all(asked.map((one) => statusOf(parts.history, one))));
}

async function plan(parts: CommandParts, cluster: string, goal: Goal): Promise<Message> {
  const report = await parts.errands.run({ kind: 'plan', cluster, goal }, PLAN_MS);
  switch (report.kind) {
    case 'planned':
      return planMessage({ cluster, plan: report.plan, findings: report.findings, use: 'errand' });
    case 'declined':
      return declinedMessage(cluster, goal, report);
    case 'failed':
      return privateMessage(mrkdwn`There is no plan for ${nounOf(cluster, goal)}: ${report.sentence}`);
  }
}

interface Wish {
  readonly cluster: string;
  readonly goal: Goal;
}

async function ask(parts: CommandParts, caller: Caller, { cluster, goal }: Wish): Promise<Message> {
  const channel = parts.clusters.find(({ name }) => name === cluster)?.channel;
  if (channel === undefined) throw new Error(`${cluster} was parsed and is not configured`);
  const rollout = rolloutIdOf(caller.delivery);
  const asked: Asked = {
    intent: { kind: 'ask', rollout, cluster, goal, channel },
    user: caller.ear.user,
    delivery: caller.delivery,
  };
  parts.asks.remember(rollout, caller.ear);
  const submitted = await parts.submit({ cluster, rollout }, asked);
  if (submitted.kind === 'refusal') return refusalMessage(submitted);
  parts.nudge(cluster, rollout);
  return privateMessage(
    mrkdwn`Looking at *${cluster}* for ${nounOf(cluster, goal)}. The plan will be in ${channelLink(channel)}; nothing starts before people agree.`,
  );
}

async function steer(
  parts: CommandParts,
  caller: Caller,
  at: { cluster: string; steering: Steering },
): Promise<Message> {
  const { cluster, steering } = at;
  const rollout = await parts.history.journal.claimOf(cluster);
  if (rollout === null) {
    return refusalMessage(
      refuse(
        'unknown-rollout',
        `Nothing is running on ${cluster}, so there is nothing to ${steering}. See \`/talos status ${cluster}\`.`,
      ),
    );
  }
  const asked: Asked = { intent: { kind: steering }, user: caller.ear.user, delivery: caller.delivery };
  const submitted = await parts.submit({ cluster, rollout }, asked);
  if (submitted.kind === 'refusal') return refusalMessage(submitted);
  parts.nudge(cluster, rollout);
  return privateMessage(steered(steering, submitted.rollout));
}

const DONE: Readonly<Record<Steering, string>> = {
  pause: 'will pause once the step in hand is finished',
  resume: 'goes on',
  retry: 'tries again',
  skip: 'leaves that node behind and goes on',
  abort: 'will end once the step in hand is finished and what was changed is put back',
};

function steered(steering: Steering, rollout: Rollout): Mrkdwn {
  return mrkdwn`${nounOf(rollout.cluster, rollout.goal)} ${DONE[steering]}. See ${channelLink(rollout.channel)}.`;
}

// Questions that a worker answers for one person, privately: how a cluster is, what a goal would do, and the way over several versions.
import type { PathTarget } from '../cluster/path.ts';
import type { ErrandReport, WhyReport } from '../engine/ports/errands.ts';
import type { Goal } from '../rollout/goal.ts';
import { isOperator, type Policy } from '../rollout/policy.ts';
import type { BotCluster, CommandParts } from './command-parts.ts';
import { readOrNot, statusOf } from './history.ts';
import { mayReadLogs } from './log.ts';
import type { Message } from './views/blocks.ts';
import { conditionMessage } from './views/condition.ts';
import { pathMessage } from './views/path.ts';
import { declinedMessage, planMessage } from './views/plan.ts';
import { privateMessage } from './views/refusal.ts';
import { mrkdwn } from './views/text.ts';
import { unreadableAnswer } from './views/unreadable.ts';
import { idleMessage, isUpToWorkers, whyMessage } from './views/why.ts';
import { nounOf } from './views/words.ts';

/** A cluster that does not answer makes the checks wait for their own limits; after this the person hears that nobody answered. */
const ANSWER_MS = 60_000;
/** Of the machines in hand one that says nothing takes ten seconds (talos/log-tail.ts); whoever asks why should soon hear that no worker lives. */
const WHY_MS = 20_000;

/** Rejects with the store's Fault. */
export async function askCondition(parts: CommandParts, cluster: BotCluster): Promise<Message> {
  const { name } = cluster;
  const [report, { running }] = await Promise.all([
    parts.errands.run({ kind: 'check', cluster: name }, ANSWER_MS),
    statusOf(parts.history, cluster),
  ]);
  if (report.kind === 'checked') {
    const now = parts.setup.clock.now();
    return conditionMessage(name, report, running === null ? null : { rollout: running.rollout, now });
  }
  return privateMessage(mrkdwn`How ${name} is, is not known: ${whyNot(report)}`);
}

export async function askPlan(parts: CommandParts, cluster: string, goal: Goal): Promise<Message> {
  const report = await parts.errands.run({ kind: 'plan', cluster, goal }, ANSWER_MS);
  if (report.kind === 'planned') return planMessage({ cluster, ...report, use: 'errand' });
  if (report.kind === 'declined') return declinedMessage(cluster, goal, report);
  return privateMessage(mrkdwn`There is no plan for ${nounOf(cluster, goal)}: ${whyNot(report)}`);
}

/** `answer`: the id of the answer, for the button of those who may begin the way; null for the others. */
export async function askPath(
  parts: CommandParts,
  { cluster, target }: { readonly cluster: string; readonly target: PathTarget },
  answer: string | null,
): Promise<Message> {
  const report = await parts.errands.run({ kind: 'path', cluster, target }, ANSWER_MS);
  if (report.kind === 'path') return pathMessage(cluster, report, answer);
  return privateMessage(mrkdwn`There is no path for ${cluster}: ${whyNot(report)}`);
}

function whyNot(report: ErrandReport): string {
  return report.kind === 'failed' ? report.sentence : 'the worker answered something else.';
}

/**
 * What the rollout that has the cluster waits for: people by the journal, machines by a worker, and whether any worker is there to go on.
 * Lines of logs are for those for whom the button is. Rejects with the store's Fault.
 */
export async function askWhy(
  parts: CommandParts,
  { name, channel, policy }: BotCluster,
  user: string,
): Promise<Message> {
  const { journal } = parts.history;
  const id = await journal.claimOf(name);
  const reading = id === null ? null : await readOrNot(journal, name, id);
  if (reading?.kind === 'unreadable') return unreadableAnswer(name, reading.sentence);
  const rollout = reading?.rollout ?? null;
  if (rollout === null) {
    const { last } = await statusOf(parts.history, { name, channel });
    return idleMessage(name, last?.rollout ?? null, isOperator(policy, user));
  }
  const [report, notes] = await Promise.all([
    isUpToWorkers(rollout) ? parts.errands.run({ kind: 'why', cluster: name }, WHY_MS) : null,
    journal.notes(name, rollout.id).catch(() => ({})),
  ]);
  const told = report?.kind === 'why' ? shownTo(user, policy, report) : null;
  const trouble = report === null || told !== null ? null : whyNot(report);
  const now = parts.setup.clock.now();
  return whyMessage({ rollout, policy, notes, now, report: told, trouble });
}

function shownTo(user: string, policy: Policy, report: WhyReport): WhyReport {
  if (mayReadLogs(policy, user)) return report;
  return { ...report, steps: report.steps.map((step) => ({ ...step, log: [] })) };
}

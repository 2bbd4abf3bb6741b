// "Show log": the end of a node's logs as a file in the thread, asked of a worker when somebody presses.

import { refuse } from '../rollout/intent.ts';
import { isApprover, isOperator, type Policy } from '../rollout/policy.ts';
import { decodeLog } from './button-value.ts';
import type { Press } from './buttons.ts';
import type { CommandParts } from './command-parts.ts';
import { upload } from './slack-calls.ts';
import type { Message } from './views/blocks.ts';
import { privateMessage, refusalMessage } from './views/refusal.ts';
import { code, mrkdwn, person, verbatim } from './views/text.ts';

/** Two logs of one machine that may not answer. */
const ANSWER_MS = 30_000;
/** Lines told privately where no file can be posted. */
const MOST_LINES = 20;

/** They say more of a machine than everybody in the channel has to know. */
export function mayReadLogs(policy: Policy, user: string): boolean {
  return isOperator(policy, user) || isApprover(policy, user);
}

/** Null when the file is in the thread; else what the person who pressed is told. Never rejects. */
export async function showLog(parts: CommandParts, pressed: Press): Promise<Message | null> {
  const value = decodeLog(pressed.value);
  if (value === null)
    return refusalMessage(
      refuse('bad-input', 'This button is from another version of me. Ask with `/talos why`.'),
    );
  const { cluster, node } = value;
  const policy = parts.clusters.find(({ name }) => name === cluster)?.policy;
  if (policy === undefined)
    return refusalMessage(refuse('unknown-cluster', `No cluster is called ${cluster} any more.`));
  if (!mayReadLogs(policy, pressed.user)) {
    const sentence = `Logs of ${cluster} are shown to its operators and approvers only.`;
    return refusalMessage(refuse('not-operator', sentence));
  }
  const report = await parts.errands.run({ kind: 'log', ...value }, ANSWER_MS);
  if (report.kind !== 'log') {
    const why = report.kind === 'failed' ? report.sentence : 'the worker answered something else.';
    return privateMessage(mrkdwn`The logs of ${code(node)} are not to be had: ${why}`);
  }
  const { channel, thread } = pressed;
  const file = {
    name: `${cluster}-${node}.log`,
    text: report.text,
    word: mrkdwn`Logs of ${code(node)}, asked for by ${person(pressed.user)}. What looks like a secret is hidden.`
      .mrkdwn,
  };
  const sent =
    channel === null || thread === null ? null : await upload(parts.files, { channel, thread }, file);
  if (sent?.kind === 'sent') return null;
  return privateMessage(
    mrkdwn`The end of the logs of ${code(node)}:\n${verbatim(report.text.trimEnd().split('\n').slice(-MOST_LINES))}`,
  );
}

// Answers for one person: what the steps in hand wait for, as the machines tell it now; and the end of one machine's logs.
import { plannedNode } from '../rollout/plan.ts';
import { stepState, stepsInHand } from '../rollout/rollout.ts';
import { usualFor } from '../rollout/slowness.ts';
import { eachOf } from './bounded.ts';
import { folded } from './folding.ts';
import type { Clock } from './ports/clock.ts';
import type { LogErrand, LogReport, WhyReport } from './ports/errands.ts';
import type { Journal } from './ports/journal.ts';
import { evidenceOf } from './slow.ts';
import type { ClusterWork } from './work.ts';

/** Nodes looked into: more than any policy lets go at a time within one answer. */
const MOST = 5;
/** Lines of each log behind the button. */
const LOG_LINES = 200;

export interface WhyParts {
  readonly work: ClusterWork;
  readonly journal: Journal;
  readonly clock: Clock;
}

/** Rejects with Fault `unreachable` when the journal cannot be read. */
export async function whyOf(cluster: string, parts: WhyParts): Promise<WhyReport> {
  const { journal, work, clock } = parts;
  const id = await journal.claimOf(cluster);
  const rollout = id === null ? null : folded(id, await journal.read(cluster, id));
  const steps = rollout === null ? [] : stepsInHand(rollout).slice(0, MOST);
  const found: WhyReport['steps'][number][] = [];
  await eachOf(steps, MOST, async (step) => {
    if (rollout === null) return;
    const state = stepState(rollout, step.id);
    const node = rollout.plan === null ? null : plannedNode(rollout.plan, step.node);
    const seen = node === null ? null : await evidenceOf({ machines: work.machines, journal, rollout, node });
    found.push({
      step: step.id,
      node: step.node,
      forMs: state.state === 'begun' ? Math.max(0, clock.now() - state.at) : 0,
      usual: usualFor(rollout, step),
      evidence: seen?.sentences ?? [],
      log: seen?.log ?? [],
    });
  });
  return { kind: 'why', steps: found.toSorted((a, b) => (a.step < b.step ? -1 : 1)) };
}

/** Both logs of one machine of a rollout's plan, as text. Rejects with Fault `unreachable` when the journal cannot be read. */
export async function logOf(
  { cluster, rollout: id, node }: LogErrand,
  { work, journal }: Pick<WhyParts, 'work' | 'journal'>,
): Promise<LogReport> {
  const rollout = folded(id, await journal.read(cluster, id));
  const planned = rollout === null || rollout.plan === null ? null : plannedNode(rollout.plan, node);
  if (planned === null) return { kind: 'failed', sentence: `${node} is no node of that rollout.` };
  const { machined, kernel } = await work.machines.tail(planned.address, { lines: LOG_LINES });
  const part = (title: string, log: typeof machined): string =>
    [`== ${title} ==`, ...(log.kind === 'said' ? log.value : [`not to be had: ${log.why}`])].join('\n');
  const text = `${part(`machined on ${node}`, machined)}\n\n${part(`kernel of ${node}`, kernel)}\n`;
  return { kind: 'log', node, text };
}

// A step that takes longer than usual: looked into once, and told unasked. Nothing is decided by it.
import { said } from '../cluster/answer.ts';
import { isSinceItsFacts } from '../rollout/note.ts';
import type { PlannedNode } from '../rollout/plan.ts';
import { type Rollout, stepState } from '../rollout/rollout.ts';
import { slowAfterMs, slownessOf } from '../rollout/slowness.ts';
import type { Step } from '../rollout/step.ts';
import { answer } from './patience.ts';
import { faultOf } from './ports/fault.ts';
import type { Journal } from './ports/journal.ts';
import type { Machines } from './ports/machines.ts';
import type { Hands } from './step-hands.ts';
import type { TaskContext } from './work.ts';

/** Lines of each log in a message: enough to see what it hangs on; the whole tail is behind a button. */
const LINES = 4;

interface InHand extends TaskContext, Hands {
  readonly step: Step;
}

/** Does the work, and meanwhile tells people when it takes longer than it usually does. */
export async function timed(inHand: InHand, work: () => Promise<void>): Promise<void> {
  const over = new AbortController();
  const telling = tell(inHand, over.signal).catch((error: unknown) => {
    inHand.parts.log.warn('it could not be told what a slow step waits for', {
      rollout: inHand.session.rollout.id,
      step: inHand.step.id,
      error: faultOf(error).message,
    });
  });
  try {
    await work();
  } finally {
    over.abort();
    await telling;
  }
}

async function tell(inHand: InHand, over: AbortSignal): Promise<void> {
  const { session, parts, work, onNode, loops, step } = inHand;
  const signal = AbortSignal.any([over, loops]);
  const state = stepState(session.rollout, step.id);
  const afterMs = slowAfterMs(session.rollout, step);
  if (state.state !== 'begun' || afterMs === null || session.rollout.slow.has(step.id)) return;
  await parts.clock.sleep(Math.max(0, state.at + afterMs - session.now()), signal);
  if (signal.aborted) return;
  const about = { machines: work.machines, journal: parts.journal, rollout: session.rollout };
  const seen = onNode === null ? null : await evidenceOf({ ...about, node: onNode.node }, signal);
  if (signal.aborted) return;
  const evidence = seen === null ? [] : [...seen.sentences, ...seen.log];
  await session.commit((rollout) => {
    const told = slownessOf(rollout, step, { evidence, afterMs: session.now() - state.at });
    return told === null || signal.aborted ? null : [told];
  });
}

interface Asked {
  readonly machines: Machines;
  readonly journal: Pick<Journal, 'notes'>;
  readonly rollout: Rollout;
  readonly node: Pick<PlannedNode, 'name' | 'address'>;
}

export interface Evidence {
  readonly sentences: readonly string[];
  /** Lines without secrets, for those who may see logs. */
  readonly log: readonly string[];
}

/** What is known of a node now: its last word in the thread, what the machine says of itself, and the end of its logs. Never rejects. */
export async function evidenceOf(
  { machines, journal, rollout, node }: Asked,
  signal?: AbortSignal,
): Promise<Evidence> {
  const reading = { route: 'direct', ...(signal === undefined ? {} : { signal }) } as const;
  const [notes, view, tail] = await Promise.all([
    answer(journal.notes(rollout.cluster, rollout.id)),
    answer(machines.look(node.address, reading)),
    machines.tail(node.address, { ...reading, lines: LINES, withoutCalls: true }),
  ]);
  const note = said(notes)?.[node.name];
  // What it waited for before the step in hand is not what that one waits for.
  const word = note !== undefined && isSinceItsFacts(rollout, node.name, note) ? note.sentence : undefined;
  const machine =
    view.kind === 'silent'
      ? `${node.name} does not answer: ${view.why}`
      : `${node.name} says it is ${view.value.stage}${view.value.ready ? '' : ', not ready'}${unmetOf(view.value.unmet)}.`;
  return {
    sentences: [...(word === undefined ? [] : [`Its last word: ${word}.`]), machine],
    log: [...(said(tail.machined) ?? []), ...(said(tail.kernel) ?? [])],
  };
}

function unmetOf(unmet: readonly { readonly name: string; readonly reason: string }[]): string {
  return unmet.length === 0 ? '' : ` (${unmet.map(({ name, reason }) => `${name}: ${reason}`).join('; ')})`;
}

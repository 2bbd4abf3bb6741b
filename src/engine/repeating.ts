// An act that may be repeated: tried until it is done, its step has no time left, or nobody wants it any more.
import { deadlineOf } from '../rollout/deadline.ts';
import { isEnding } from '../rollout/phase.ts';
import { isOwed, type Rollout } from '../rollout/rollout.ts';
import type { Step } from '../rollout/step.ts';
import type { Begun } from './begun.ts';
import { faultOf } from './ports/fault.ts';
import { LeaseLost } from './session.ts';
import type { Acted } from './steps/doer.ts';
import { within } from './within.ts';

/** Rejects with LeaseLost when others may be driving. What takes long, such as a pull, is broken off when the step's time is over. */
export function repeated({ session, parts, loops, step, doer, evidence }: Begun): Promise<Acted> {
  const since = session.now();
  return within(parts.clock, deadlineOf(session.rollout, step, since) - since, async (over) => {
    for (;;) {
      try {
        return await doer.act(evidence, over);
      } catch (error) {
        const { kind, message } = faultOf(error);
        if (loops.aborted) throw new LeaseLost(message);
        if (kind === 'refused' || kind === 'missing') return { kind: 'failed', why: message };
        if (isDropped(session.rollout, step)) return { kind: 'failed', why: droppedSentence(step, message) };
        await parts.clock.sleep(parts.pollMs, AbortSignal.any([loops, over]));
        if (loops.aborted) throw new LeaseLost(message);
        if (over.aborted) return { kind: 'failed', why: `${limitSentence(step)}: ${message}` };
      }
    }
  });
}

/** Ending interrupts no act, and begins none but those that put back what was changed. */
function isDropped(rollout: Rollout, step: Step): boolean {
  return isEnding(rollout.phase) && !isOwed(rollout, step.id);
}

function droppedSentence({ node, kind }: Step, why: string): string {
  return `${node}: ${kind} is not tried again, because the rollout ends: ${why}`;
}

export function limitSentence({ node, kind, limitMs }: Step): string {
  return `${node}: ${kind} did not finish within ${Math.round(limitMs / 1000)} s`;
}

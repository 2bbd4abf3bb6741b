// Keeps a node cordoned while it is drained: what leaves one that somebody uncordoned is put there again, for ever.
import { laneOfStep } from '../../rollout/plan.ts';
import type { StepContext } from './doer.ts';
import { cordonOptions } from './node-steps.ts';

/** As often as the last look clears a node that somebody uncordons (emptied.ts): whoever does it again means it, and people are asked. */
const MOST_TIMES = 3;
/** Milliseconds: what is known of the node is up to two seconds old, and must be newer than our own patch. */
const AGAIN_AFTER_MS = 5_000;

export interface CordonKept {
  /** Cordons it again when it was seen without. `cordoned`: null when nobody looked. Throws Fault. */
  look(cordoned: boolean | null): Promise<void>;
  /** How often that was done. */
  readonly times: number;
}

export function keepingCordoned({ rollout, step, node, ...context }: StepContext): CordonKept {
  const { workloads, clock, may, note } = context;
  const lane = laneOfStep(rollout.plan, step.id);
  const cordon = lane?.steps.find(({ kind }) => kind === 'cordon');
  let times = 0;
  let lastAt = Number.NEGATIVE_INFINITY;
  return {
    get times() {
      return times;
    },
    look: async (cordoned) => {
      const now = clock.monotonic();
      // A node that this rollout did not cordon is no business of its drain.
      if (cordoned !== false || cordon === undefined || times >= MOST_TIMES) return;
      if (now - lastAt < AGAIN_AFTER_MS) return;
      times += 1;
      lastAt = now;
      note('cordoning it again: somebody uncordoned it');
      await workloads.cordon(node.name, rollout.id, cordonOptions({ rollout, step: cordon, may }));
    },
  };
}

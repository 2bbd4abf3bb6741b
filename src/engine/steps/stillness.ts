// How long a drain takes nothing for an answer: when it stands still, and when a pod is stuck and not slow.
import type { StepContext } from './doer.ts';

/** A pod that starts elsewhere, and a budget that counts it, take seconds to a minute (kubernetes.md 2.4). */
const USUAL_MS = 60_000;
/** Where a drain has little time, people must be asked while there is some left. */
const SHARE = 1 / 10;

export interface Stillness {
  /** Milliseconds after the end of its grace in which a pod may still go. */
  readonly marginMs: number;
  /** True once nothing of what this key tells has changed for long enough. */
  since(key: string): boolean;
}

export function stillness({ clock, step }: StepContext): Stillness {
  const marginMs = Math.min(USUAL_MS, step.limitMs * SHARE);
  let last: { readonly key: string; readonly at: number } | null = null;
  return {
    marginMs,
    since: (key) => {
      if (last?.key !== key) last = { key, at: clock.monotonic() };
      return clock.monotonic() - last.at >= marginMs;
    },
  };
}

// How long a drain takes nothing for an answer: when it stands still, and when a pod is stuck and not slow.
import type { StepContext } from './doer.ts';

/** A pod that starts elsewhere, and a budget that counts it, take seconds to a minute (kubernetes.md 2.4). */
const USUAL_MS = 60_000;
/** Where a drain has little time, people must be asked while there is some left. */
const SHARE = 1 / 10;
/** A virtual machine that moves to another node is not seen to, and takes minutes for each gigabyte at worst. */
const LONG_MS = 300_000;
const LONG_SHARE = 1 / 2;

export interface Stillness {
  /** Milliseconds after the end of its grace in which a pod may still go. */
  readonly marginMs: number;
  /** Whether nothing of what this key tells has changed for long enough, and whether for so long that even what is slow would show. */
  since(key: string): { readonly quiet: boolean; readonly long: boolean };
}

export function stillness({ clock, step }: StepContext): Stillness {
  const marginMs = Math.min(USUAL_MS, step.limitMs * SHARE);
  const longMs = Math.min(LONG_MS, step.limitMs * LONG_SHARE);
  let last: { readonly key: string; readonly at: number } | null = null;
  return {
    marginMs,
    since: (key) => {
      if (last?.key !== key) last = { key, at: clock.monotonic() };
      const ms = clock.monotonic() - last.at;
      return { quiet: ms >= marginMs, long: ms >= longMs };
    },
  };
}

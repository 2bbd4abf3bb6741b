// Edits of one thread's messages that were not answered: Slack may make one late, over what the message shows by then.
import type { Posted } from './shown.ts';
import type { Sent } from './slack-calls.ts';
import { isPassing } from './slack-code.ts';

/**
 * How long an edit that nobody waits for any more may still be made. We hang up after 10 s, which takes nothing back: what Slack holds
 * it may carry out, and what is in our socket the kernel goes on sending. A call of a killed process was seen to arrive 54 s later.
 */
const LATE_MS = 60_000;

/** Whether an edit was lost: none; one that may still be made; one that has been made by now, or never will. */
export type Lost = 'none' | 'open' | 'past';

/** All times are milliseconds of a clock that only grows: whoever lost the edit may have had another time of day. */
export class LostEdits {
  /** Per slot: when the last one was lost, as far as this process can say. */
  readonly #at = new Map<string, number>();

  /** What is remembered of a slot, as it is found; one whose edit another process lost counts from when it is seen first. */
  see(slot: string, state: Posted, now: number): Lost {
    if (state.again !== true && state.hash !== '') {
      this.#at.delete(slot);
      return 'none';
    }
    const at = this.#at.get(slot) ?? now;
    this.#at.set(slot, at);
    return now - at < LATE_MS ? 'open' : 'past';
  }

  lost(slot: string, now: number): void {
    this.#at.set(slot, now);
  }

  /** Another process may have spoken meanwhile, and lost one of its own. */
  forget(): void {
    this.#at.clear();
  }
}

/** Slack refused it, so that the message shows what it showed before; of its own troubles nobody can say that. */
export function isRefused(sent: Sent): boolean {
  if (sent.kind === 'busy') return sent.afterMs > 0 || !isPassing(sent.code);
  return sent.kind === 'no-door' || sent.kind === 'unfit' || sent.kind === 'frozen';
}

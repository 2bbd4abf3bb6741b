// Looks after messages whose contents do not change: only an edit says that one was deleted, so it is made with the same contents.
import { createHash } from 'node:crypto';
import type { Clock } from '../engine/ports/clock.ts';
import { Pace } from './pace.ts';
import { editSlot, NOT_SHOWN, type SlotCalls } from './slot-calls.ts';
import type { Speaker } from './speaker.ts';
import type { Slot } from './thread.ts';

export interface StillThereParts extends SlotCalls {
  readonly clock: Clock;
  readonly pace: Pace;
  readonly speaker: Speaker;
  readonly liveCards: () => number;
}

/** Where a slot's message is. */
export interface Shown {
  readonly slot: Slot;
  /** Slack channel id. */
  readonly channel: string;
  readonly ts: string;
}

interface Seen {
  readonly ts: string;
  /** By a clock that only grows; `never`: it is not asked about. */
  readonly at: number | 'never';
}

/** Has something to press: without it a person cannot answer. */
export function asks({ message }: Slot): boolean {
  return message.blocks.some(({ type }) => type === 'actions');
}

/** Comes back when somebody deletes it, though nothing about it changes. */
export function isLookedAfter(slot: Slot): boolean {
  return slot.where === 'card' || asks(slot);
}

/** Of one thread. */
export class StillThere {
  readonly #parts: StillThereParts;
  readonly #rollout: string;
  /** Per slot: when its message was last known to be there. */
  readonly #seen = new Map<string, Seen>();

  constructor(parts: StillThereParts, rollout: string) {
    this.#parts = parts;
    this.#rollout = rollout;
  }

  /** It was posted or edited just now. */
  saw(slot: Slot, ts: string): void {
    this.#seen.set(slot.name, { ts, at: this.#parts.clock.monotonic() });
  }

  /** Not asked about before it says something else: with these contents Slack would refuse the edit. */
  leave(slot: Slot, ts: string): void {
    this.#seen.set(slot.name, { ts, at: 'never' });
  }

  /** Another process may have spoken meanwhile. */
  forget(): void {
    this.#seen.clear();
  }

  /** Takes the right to ask Slack, when it is time and nothing more urgent needs the room. */
  mayAsk({ slot, ts }: Shown): boolean {
    const { clock, pace, speaker } = this.#parts;
    if (ts === NOT_SHOWN || !isLookedAfter(slot)) return false;
    const now = clock.monotonic();
    if (!this.#isDue(slot, ts, now) || !speaker.speaking()) return false;
    if (!pace.mayEdit(`${this.#rollout}/${ts}`, 'unchanged', now)) return false;
    this.saw(slot, ts);
    return true;
  }

  /** What Slack refuses or does not answer says nothing about whether it is there. Never rejects. */
  async ask({ slot, channel, ts }: Shown): Promise<'there' | 'gone' | 'lost'> {
    const { clock, pace } = this.#parts;
    const sent = await editSlot(this.#parts, slot, { channel, ts, plain: false });
    // It is there, and shows its sentence alone or may not be edited: what becomes of it is decided when it has to change.
    if (sent.kind === 'unfit' || sent.kind === 'frozen') this.leave(slot, ts);
    if (sent.kind === 'busy' && sent.afterMs > 0) pace.quiet(clock.monotonic() + sent.afterMs);
    return sent.kind === 'gone' || sent.kind === 'lost' ? sent.kind : 'there';
  }

  #isDue({ name }: Slot, ts: string, now: number): boolean {
    const everyMs = Pace.unchangedMs(this.#parts.liveCards());
    const known = this.#seen.get(name);
    // Who takes over does not know when they were seen, and does not ask about all at once: each has its own place in the interval.
    const seen = known?.ts === ts ? known : { ts, at: now - everyMs * placeOf(`${this.#rollout}/${name}`) };
    this.#seen.set(name, seen);
    return seen.at !== 'never' && now - seen.at >= everyMs;
  }
}

/** From 0 to 1, the same for the same name, and evenly spread. */
function placeOf(name: string): number {
  return createHash('sha256').update(name).digest().readUInt32BE() / 2 ** 32;
}

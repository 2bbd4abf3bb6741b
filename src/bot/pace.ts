// How much may be said: Slack's limits on posts and edits (facts/slack.md 3.4), kept in one place per workspace.
import type { Spent } from '../engine/ports/threads.ts';

/** Slack allows about one post per second and channel, with short bursts. */
const POST_EVERY_MS = 1_000;
const POST_BURST = 4;
/** Slack's tier 3 is 50 edits a minute and workspace; the rest is a margin for two clocks that disagree. */
const EDITS_PER_MINUTE = 40;
/** Progress leaves this many of them to changes of state, which must never wait for it. */
const KEPT_FOR_STATE = 16;
/**
 * Edits that change nothing and only ask whether a message is still there, a minute: the card and the question of 20 threads every
 * five minutes (20 × 2 / 5), or of 100 every 25 (100 × 2 / 25). The other 32 stay for what changes.
 */
const UNCHANGED_PER_MINUTE = 8;
/** They end where 12 are left, of what is kept for changes of state too: else progress alone could keep them away for ever. */
const KEPT_FROM_UNCHANGED = 12;
/** Long enough to cost little, short enough for people who wait for a question that somebody deleted. */
const UNCHANGED_EVERY_MS = 300_000;
/** The card, and what is asked below it. */
const MESSAGES_PER_CARD = 2;
const MINUTE_MS = 60_000;
/** Slack recommends at most one edit per message in 3 s; what changes meanwhile is in the next one. */
const EDIT_EVERY_MS = 3_000;

/** state: a person looks again; progress: may wait for others; unchanged: says nothing new. */
export type Urgency = 'state' | 'progress' | 'unchanged';

const MOST_EDITS: Readonly<Record<Urgency, number>> = {
  state: EDITS_PER_MINUTE,
  progress: EDITS_PER_MINUTE - KEPT_FOR_STATE,
  unchanged: EDITS_PER_MINUTE - KEPT_FROM_UNCHANGED,
};

/** All times are milliseconds of a clock that only grows. */
export class Pace {
  /** Per channel: when its bucket of posts is full again. */
  readonly #posts = new Map<string, number>();
  /** The edits of the last minute, oldest first. */
  #edits: { readonly at: number; readonly message: string; readonly urgency: Urgency }[] = [];
  #quietUntil = 0;
  #changes = 0;

  /** Slack said 429: nothing is sent until then. */
  quiet(until: number): void {
    this.#quietUntil = Math.max(this.#quietUntil, until);
    this.#changes += 1;
  }

  /** Grows with everything that the next speaker should know of. */
  get changes(): number {
    return this.#changes;
  }

  /** What was used lately, for whoever speaks next. */
  spent(now: number): Spent {
    const lately = this.#edits.map(({ at }) => now - at).filter((agoMs) => agoMs < MINUTE_MS);
    return { editsAgoMs: lately, quietMs: Math.max(0, this.#quietUntil - now) };
  }

  /** Goes on from what the one before used: since it wrote that down time went by, so that it is rather too careful. */
  inherit({ editsAgoMs, quietMs }: Spent, now: number): void {
    this.#edits = editsAgoMs.map((agoMs) => ({ at: now - agoMs, message: '', urgency: 'state' }));
    this.quiet(now + quietMs);
  }

  /** Takes the right to post in this channel; false = later. */
  mayPost(channel: string, now: number): boolean {
    if (now < this.#quietUntil) return false;
    const full = Math.max(now, this.#posts.get(channel) ?? now);
    if (full - now > (POST_BURST - 1) * POST_EVERY_MS) return false;
    this.#posts.set(channel, full + POST_EVERY_MS);
    return true;
  }

  /** Takes the right to edit this message, named by whoever asks; false = later. */
  mayEdit(message: string, urgency: Urgency, now: number): boolean {
    if (now < this.#quietUntil) return false;
    this.#edits = this.#edits.filter(({ at }) => now - at < MINUTE_MS);
    if (this.#edits.length >= MOST_EDITS[urgency]) return false;
    if (urgency === 'unchanged' && this.#unchanged() >= UNCHANGED_PER_MINUTE) return false;
    if (this.#edits.some((edit) => edit.message === message && now - edit.at < EDIT_EVERY_MS)) return false;
    this.#edits.push({ at: now, message, urgency });
    this.#changes += 1;
    return true;
  }

  #unchanged(): number {
    return this.#edits.filter(({ urgency }) => urgency === 'unchanged').length;
  }

  /** How far apart a message's progress edits are: the more live cards share the budget, the further. */
  static progressMs(liveCards: number): number {
    return Math.max(EDIT_EVERY_MS, (liveCards * MINUTE_MS) / (EDITS_PER_MINUTE - KEPT_FOR_STATE));
  }
  /** How far apart one message is edited that does not change: the more live cards, the further. */
  static unchangedMs(liveCards: number): number {
    const messages = liveCards * MESSAGES_PER_CARD;
    return Math.max(UNCHANGED_EVERY_MS, (messages * MINUTE_MS) / UNCHANGED_PER_MINUTE);
  }
}

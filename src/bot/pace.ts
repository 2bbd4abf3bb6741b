// How much may be said: Slack's limits on posts and edits as budgets that refill (facts/slack.md 3.4).

/** Slack allows about one post per second and channel, with short bursts. */
const POSTS_PER_SECOND = 1;
const POST_BURST = 3;
/** Slack's tier 3 is 50 a minute and workspace; the rest is left for answers to people. */
const EDITS_PER_MINUTE = 40;
const EDIT_BURST = 20;
/** Below this, only changes of state are shown: they must never wait for progress. */
const EDITS_KEPT_FOR_STATE = 10;
/** Slack recommends at most one progress edit per message in 3 s. */
const PROGRESS_MS = 3_000;

interface Bucket {
  tokens: number;
  at: number;
}

/** One per workspace. All times are milliseconds of a clock that only grows. */
export class Pace {
  readonly #posts = new Map<string, Bucket>();
  readonly #edits: Bucket;
  #quietUntil = 0;

  constructor(now: number) {
    this.#edits = { tokens: EDIT_BURST, at: now };
  }

  /** Slack said 429: nothing is sent until then. */
  quiet(until: number): void {
    this.#quietUntil = Math.max(this.#quietUntil, until);
  }

  /** Takes the right to post in this channel; false = later. */
  mayPost(channel: string, now: number): boolean {
    if (now < this.#quietUntil) return false;
    const bucket = this.#posts.get(channel) ?? { tokens: POST_BURST, at: now };
    this.#posts.set(channel, bucket);
    return take(bucket, now, { perMs: POSTS_PER_SECOND / 1_000, burst: POST_BURST, keep: 0 });
  }

  /** Takes the right to edit one message; false = later. Progress leaves a reserve for changes of state. */
  mayEdit(urgency: 'state' | 'progress', now: number): boolean {
    if (now < this.#quietUntil) return false;
    const keep = urgency === 'state' ? 0 : EDITS_KEPT_FOR_STATE;
    return take(this.#edits, now, { perMs: EDITS_PER_MINUTE / 60_000, burst: EDIT_BURST, keep });
  }

  /** How long a message's progress edits are apart: the more live cards share the budget, the longer. */
  static progressMs(liveCards: number): number {
    return Math.max(PROGRESS_MS, (liveCards * 60_000) / EDITS_PER_MINUTE);
  }
}

function take(bucket: Bucket, now: number, rule: { perMs: number; burst: number; keep: number }): boolean {
  bucket.tokens = Math.min(rule.burst, bucket.tokens + Math.max(0, now - bucket.at) * rule.perMs);
  bucket.at = now;
  if (bucket.tokens < rule.keep + 1) return false;
  bucket.tokens -= 1;
  return true;
}

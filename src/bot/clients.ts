// The clients that call Slack, one for each kind of haste: one that is told to wait keeps back everything that goes through it.
import { WebClient, type WebClientOptions } from '@slack/web-api';

export interface Clients {
  /** Answers to people and what is shown to one person: told to wait, a call fails at once, and its caller knows another way or a later time. */
  readonly answers: WebClient;
  /** What waits as long as Slack says, because nothing else would do and nobody's dialog hangs on it. */
  readonly patient: WebClient;
  /** Opens dialogs, and nothing else. */
  readonly dialogs: WebClient;
  /** The announcer's: its memory of what is missing is its own. */
  readonly speaking: WebClient;
}

export const CALL_MS = 10_000;
/** Answers to people: tried again a little, then the next way is tried. */
export const ANSWER_RETRIES = { retries: 2, minTimeout: 300, maxTimeout: 2_000 };
/** The announcer has its own memory of what is missing: retrying below it would post twice (facts/slack.md 3.4). */
const NO_RETRIES = { retries: 0 };
/** A trigger lives 3 s from the press (facts/slack.md 3.2), some of which are over by then: later it opens nothing. */
const DIALOG_MS = 2_500;

export function clientsOf(token: string, common: WebClientOptions): Clients {
  const made = (more: WebClientOptions): WebClient => new WebClient(token, { ...common, ...more });
  return {
    answers: made({ retryConfig: { ...ANSWER_RETRIES }, rejectRateLimitedCalls: true }),
    patient: made({ retryConfig: { ...ANSWER_RETRIES } }),
    dialogs: made({ retryConfig: { ...NO_RETRIES }, rejectRateLimitedCalls: true, timeout: DIALOG_MS }),
    speaking: made({ retryConfig: { ...NO_RETRIES }, rejectRateLimitedCalls: true }),
  };
}

// What every part of the local Slack works with.
import type { Faulty } from './faults.ts';
import type { Journal } from './journal.ts';
import type { Manifest } from './manifest.ts';
import type { ResponseUrls } from './response-url.ts';
import type { SocketHub } from './socket.ts';
import type { Store } from './store.ts';
import type { Triggers } from './triggers.ts';

export type LocalSlack = {
  readonly manifest: Manifest;
  readonly store: Store;
  readonly journal: Journal;
  readonly triggers: Triggers;
  readonly responseUrls: ResponseUrls;
  readonly faults: Faulty;
  readonly hub: SocketHub;
  readonly tokens: { readonly bot: string; readonly app: string };
  /** `http://127.0.0.1:PORT`, known once the server listens. */
  readonly origin: () => string;
  readonly settings: Settings;
};

export type Settings = {
  /** How long the app may take to acknowledge. */
  readonly ackLimitMs: number;
  /** Waits before the retries of an event that was not acknowledged. */
  readonly eventRetryMs: readonly number[];
};

/** Slack's own figures (facts/slack.md 3.2, 3.3). */
export const SLACK_SETTINGS: Settings = { ackLimitMs: 3000, eventRetryMs: [0, 60_000, 300_000] };

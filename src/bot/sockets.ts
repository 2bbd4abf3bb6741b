// Two Socket Mode connections in one process: while Slack renews one, the other hears everything (facts/slack.md 1.5).
import { type App, LogLevel, type Receiver, SocketModeReceiver } from '@slack/bolt';
import type { WebClientOptions } from '@slack/web-api';
import type { BoltLogger } from './bolt-logger.ts';

export const CONNECTIONS = 2;
/** Also drives how soon a lost connection is made again (facts/slack.md 3.7). */
const CLIENT_PING_MS = 3_000;
/** While Slack cannot be reached the sockets keep asking, at most this far apart. */
const RETRY = { retries: 1_000, factor: 1.3, maxTimeout: 10_000 };
const CALL_MS = 10_000;

export interface SocketsOptions {
  readonly appToken: string;
  readonly apiUrl: string;
  readonly logger: BoltLogger;
}

export class Sockets implements Receiver {
  readonly #receivers: readonly SocketModeReceiver[];

  constructor({ appToken, apiUrl, logger }: SocketsOptions) {
    this.#receivers = Array.from({ length: CONNECTIONS }, () => {
      // An object of its own: the socket client keeps and changes what it is given.
      const clientOptions: WebClientOptions = {
        slackApiUrl: apiUrl,
        retryConfig: { ...RETRY },
        timeout: CALL_MS,
      };
      return new SocketModeReceiver({
        appToken,
        clientPingTimeout: CLIENT_PING_MS,
        logger,
        logLevel: LogLevel.WARN,
        installerOptions: { clientOptions },
      });
    });
  }

  init(app: App): void {
    for (const receiver of this.#receivers) receiver.init(app);
  }

  /** Resolves once every socket said hello. Rejects when Slack refuses the app token. */
  async start(): Promise<void> {
    await Promise.all(this.#receivers.map((receiver) => receiver.start()));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#receivers.map((receiver) => receiver.stop()));
  }

  /** How many sockets are open now. */
  open(): number {
    return this.#receivers.filter((receiver) => receiver.client.websocket?.isActive() === true).length;
  }
}

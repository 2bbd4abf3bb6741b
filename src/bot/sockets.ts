// Two Socket Mode connections in one process: while Slack renews one, the other hears everything (facts/slack.md 1.5).
import { type App, LogLevel, type Receiver, SocketModeReceiver } from '@slack/bolt';
import type { WebClientOptions } from '@slack/web-api';
import type { Clock } from '../engine/ports/clock.ts';
import { Fault, faultOf } from '../engine/ports/fault.ts';
import type { Log } from '../engine/ports/log.ts';
import type { BoltLogger } from './bolt-logger.ts';
import { slackFault } from './slack-fault.ts';

export const CONNECTIONS = 2;
/** How soon a connection that is half open is noticed (facts/slack.md 3.7). */
const CLIENT_PING_MS = 3_000;
/** Before a lost connection is made again; the other one hears meanwhile, and what Slack ends at once is not opened in a tight loop. */
const LOST_PAUSE_MS = 3_000;
/** A connection that cannot be made is tried again as long as the process lives, the pauses growing from the first to the longest. */
const FIRST_PAUSE_MS = 1_000;
const PAUSE_GROWTH = 1.3;
const LONGEST_PAUSE_MS = 10_000;
/** A refusal lasts until somebody does something: it is said at once, and then so often. */
const COMPLAIN_EVERY_MS = 60_000;
const CALL_MS = 10_000;
/**
 * From the dial to Slack's hello, which comes within a second or two. More than the 10 s after which the library gives up TCP and TLS by
 * itself, so that nothing is half dialled when this ends; an upgrade without an answer it gives up after 300 s, a missing hello never.
 */
export const HELLO_MS = 15_000;
/** Our code of a fault: it was dialled, and no hello came. */
const NO_HELLO = 'NO_HELLO';

export interface SocketsOptions {
  readonly appToken: string;
  readonly apiUrl: string;
  readonly logger: BoltLogger;
  readonly clock: Clock;
  readonly log: Log;
}

type SocketModeClient = SocketModeReceiver['client'];
type Connection = NonNullable<SocketModeClient['websocket']>;

/**
 * Connections are made again here and not by the library: in 3.1.0 its own loop leaves a refusal as a rejection that nobody handles,
 * which would end the process in the middle of an act (read in SocketModeClient.js, delayReconnectAttempt).
 */
export class Sockets implements Receiver {
  readonly #receivers: readonly SocketModeReceiver[];
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #stopped = new AbortController();
  readonly #reopening = new Set<SocketModeReceiver>();
  /** Connections on which the hello was heard: one that is open without it hears nothing, and may never do. */
  readonly #greeted = new WeakSet<Connection>();
  /** Those whose last dial ended without a hello. */
  readonly #unanswered = new Set<SocketModeReceiver>();
  #refusal: string | null = null;
  #quietUntil = 0;

  constructor({ appToken, apiUrl, logger, clock, log }: SocketsOptions) {
    this.#clock = clock;
    this.#log = log;
    this.#receivers = Array.from({ length: CONNECTIONS }, () => {
      // An object of its own: the socket client keeps and changes what it is given.
      const clientOptions: WebClientOptions = {
        slackApiUrl: apiUrl,
        retryConfig: { retries: 0 },
        timeout: CALL_MS,
      };
      return new SocketModeReceiver({
        appToken,
        clientPingTimeout: CLIENT_PING_MS,
        autoReconnectEnabled: false,
        logger,
        logLevel: LogLevel.WARN,
        installerOptions: { clientOptions },
      });
    });
  }

  init(app: App): void {
    for (const receiver of this.#receivers) receiver.init(app);
  }

  /**
   * Resolves once every socket said hello; from then on they are kept open. Rejects with Fault `refused` when Slack does not take the
   * app token, `unreachable` when it does not answer.
   */
  async start(): Promise<void> {
    await Promise.all(
      this.#receivers.map(async (receiver) => {
        await this.#open(receiver);
        receiver.client.on('disconnected', () => void this.#openAgain(receiver));
      }),
    );
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await Promise.all(this.#receivers.map((receiver) => receiver.stop()));
  }

  /** How many sockets hear now: Slack said hello on them, and they are open since. */
  open(): number {
    return this.#receivers.filter((receiver) => this.#isOpen(receiver)).length;
  }

  /** Slack's code when it did not take the app token the last time it was asked; null when it did, or did not say. */
  refusal(): string | null {
    return this.#refusal;
  }

  #isOpen({ client: { websocket } }: SocketModeReceiver): boolean {
    return websocket?.isActive() === true && this.#greeted.has(websocket);
  }

  async #open(receiver: SocketModeReceiver): Promise<void> {
    const { client } = receiver;
    await this.#hello(client);
    if (client.websocket !== undefined) this.#greeted.add(client.websocket);
    this.#refusal = null;
    this.#unanswered.delete(receiver);
    // Stopped while Slack was asked: nobody else would close it.
    if (this.#stopped.signal.aborted) void client.disconnect();
  }

  /**
   * Asks for an address, dials it, and waits for the hello. Only the dial is bounded here: the question has a limit of its own, and takes
   * longer where Slack asks for patience (Retry-After).
   */
  async #hello(client: SocketModeClient): Promise<void> {
    const over = new AbortController();
    let late = false;
    const dialled = (): void =>
      void this.#clock.sleep(HELLO_MS, over.signal).then(() => {
        if (over.signal.aborted) return;
        late = true;
        hangUp(client);
      });
    client.once('connecting', dialled);
    try {
      await client.start();
    } catch (error) {
      if (late)
        throw new Fault('unreachable', `Slack said no hello within ${HELLO_MS / 1_000} s.`, {
          code: NO_HELLO,
        });
      throw slackFault(error, 'app token (SLACK_APP_TOKEN)');
    } finally {
      over.abort();
      client.off('connecting', dialled);
    }
  }

  /** Ends with an open socket, or with the stop. Never rejects; one at a time for each socket. */
  async #openAgain(receiver: SocketModeReceiver): Promise<void> {
    if (this.#reopening.has(receiver)) return;
    this.#reopening.add(receiver);
    const { signal } = this.#stopped;
    await this.#clock.sleep(LOST_PAUSE_MS, signal);
    for (let pauseMs = FIRST_PAUSE_MS; !signal.aborted; pauseMs = longer(pauseMs)) {
      try {
        await this.#open(receiver);
        if (this.#isOpen(receiver)) break;
      } catch (error) {
        this.#failed(receiver, faultOf(error));
      }
      await this.#clock.sleep(pauseMs, signal);
    }
    this.#reopening.delete(receiver);
  }

  /** A Slack that does not answer is in the log already, because its library says so; but one that only keeps silent is not. */
  #failed(receiver: SocketModeReceiver, fault: Fault): void {
    if (this.#stopped.signal.aborted) return;
    if (fault.kind === 'refused') this.#refused(fault);
    if (fault.code === NO_HELLO) this.#silent(receiver, fault);
  }

  /** Said once, and again only when it had said hello to all of them meanwhile. */
  #silent(receiver: SocketModeReceiver, { message }: Fault): void {
    const isNews = this.#unanswered.size === 0;
    this.#unanswered.add(receiver);
    if (!isNews) return;
    const about = { error: message, open: this.open() };
    this.#log.warn('Slack takes a connection and says no hello; it is dialled again until it does', about);
  }

  #refused({ code, message }: Fault): void {
    const now = this.#clock.monotonic();
    if (this.#refusal === code && now < this.#quietUntil) return;
    this.#refusal = code;
    this.#quietUntil = now + COMPLAIN_EVERY_MS;
    this.#log.error('Slack does not take a token; a connection to it stays shut until it does', {
      error: message,
      open: this.open(),
    });
  }
}

const longer = (pauseMs: number): number => Math.min(PAUSE_GROWTH * pauseMs, LONGEST_PAUSE_MS);

/**
 * Ends a connection at once; a start that waits for its hello rejects. Twice: the first call closes, the second destroys what the peer
 * leaves open, and clears the timer of the first, which 30 s later would fail the connection made next (read in SlackWebSocket.js 3.1.0).
 */
function hangUp({ websocket }: SocketModeClient): void {
  websocket?.disconnect();
  websocket?.disconnect();
}

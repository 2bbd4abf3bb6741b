// The bot of one workspace: hears commands and clicks on two sockets, and keeps the threads in line with the journals.
import type { WebClient, WebClientOptions } from '@slack/web-api';
import type { Clock } from '../engine/ports/clock.ts';
import type { Errands } from '../engine/ports/errands.ts';
import type { Journal } from '../engine/ports/journal.ts';
import type { Log } from '../engine/ports/log.ts';
import type { StoreDoctor } from '../engine/ports/store-health.ts';
import type { Threads } from '../engine/ports/threads.ts';
import type { Submit } from '../engine/submit.ts';
import { Announcer } from './announce.ts';
import { type AppParts, buildApp } from './app.ts';
import { Asks } from './asks.ts';
import { boltLogger } from './bolt-logger.ts';
import { ANSWER_RETRIES, CALL_MS, clientsOf } from './clients.ts';
import type { BotCluster } from './command-parts.ts';
import { HISTORY } from './doctor.ts';
import { publishHome } from './home.ts';
import { Pace } from './pace.ts';
import { teller } from './private.ts';
import { promptly } from './promptly.ts';
import { slackFault } from './slack-fault.ts';
import { Sockets } from './sockets.ts';
import { Speaker } from './speaker.ts';

export interface BotOptions {
  readonly slack: {
    readonly botToken: string;
    readonly appToken: string;
    /** Where the tokens go: checked by whoever reads the settings. */
    readonly apiUrl: string;
  };
  readonly clusters: readonly BotCluster[];
  readonly journal: Journal;
  readonly threads: Threads;
  readonly errands: Errands;
  /** How the store is set up; absent: nothing is said about it. */
  readonly store?: StoreDoctor;
  readonly submit: Submit;
  readonly clock: Clock;
  readonly log: Log;
  /** This process's own name, different in every process. */
  readonly owner: string;
}

export interface Bot {
  /** Finishes what is in hand, closes the sockets and gives the right to speak back. */
  stop(): Promise<void>;
  /** The journal of this rollout moved: its thread is looked at at once. Without it, within 300 ms. */
  nudge(cluster: string, rollout: string): void;
  /** False while no socket is open: nobody is heard. */
  healthy(): boolean;
}

/** What is in hand at a stop may take this long to be finished. */
const DRAIN_MS = 4_000;
/** One click, written down; with a worker in the same process all of it stays below the 30 s that Kubernetes gives. */
const LAST_WORDS_MS = 1_000;

/** Resolves once the sockets are open. Rejects with Fault `refused` when Slack does not take a token, `unreachable` when it does not answer. */
export async function startBot(options: BotOptions): Promise<Bot> {
  const { clock, log } = options;
  const { appToken, botToken } = options.slack;
  const apiUrl = withSlash(options.slack.apiUrl);
  const logger = boltLogger(log);
  const clientOptions: WebClientOptions = { slackApiUrl: apiUrl, timeout: CALL_MS, logger };
  const clients = clientsOf(botToken, clientOptions);
  const client = clients.answers;
  const me = await whoAmI(clients.patient);
  const asks = new Asks(clock);
  const tell = teller({ client, clock, log });
  const announcer = announcerOf(options, {
    client: clients.speaking,
    tell,
    asks,
    workspace: me.team,
    reads: me.reads,
  });
  const nudge = (): void => announcer.nudge();
  const history = { journal: options.journal, threads: options.threads, client };
  const hands = new Hands();
  const sockets = new Sockets({ appToken, apiUrl, logger, clock, log });
  const parts: AppParts = {
    sockets,
    clientOptions: { ...clientOptions, retryConfig: { ...ANSWER_RETRIES } },
    botToken,
    ...me,
    logger,
    log,
    clock,
    dialogs: clients.dialogs,
    commands: {
      clusters: options.clusters,
      submit: options.submit,
      errands: options.errands,
      history,
      files: clients.patient,
      asks,
      nudge,
      setup: {
        client: clients.patient,
        clock,
        sockets: () => sockets.open(),
        refusal: () => sockets.refusal(),
        ...(options.store === undefined ? {} : { store: options.store }),
      },
    },
    buttons: { submit: options.submit, journal: options.journal, clock, policyOf: policyOf(options), nudge },
    tell,
    publishHome: (user) => publishHome({ client, clusters: options.clusters, history, clock, log }, user),
    track: (work) => hands.track(work),
  };
  const app = buildApp(parts);
  await app.start().catch(async (error: unknown) => {
    await promptly(
      clock,
      app.stop().catch(() => undefined),
      DRAIN_MS,
    );
    throw error;
  });
  announcer.start();
  return {
    stop: async () => {
      await promptly(clock, hands.empty(), DRAIN_MS);
      await app.stop();
      // What came in while the sockets closed was acknowledged: it is carried out.
      await promptly(clock, hands.empty(), LAST_WORDS_MS);
      await promptly(clock, announcer.stop(), DRAIN_MS);
    },
    nudge,
    healthy: () => sockets.open() > 0,
  };
}

function policyOf({ clusters }: BotOptions): AppParts['buttons']['policyOf'] {
  return (cluster) => clusters.find(({ name }) => name === cluster)?.policy ?? null;
}

interface AnnouncerNeeds {
  readonly client: WebClient;
  readonly tell: AppParts['tell'];
  readonly asks: Asks;
  readonly workspace: string;
  readonly reads: boolean;
}

function announcerOf(options: BotOptions, needs: AnnouncerNeeds): Announcer {
  const { journal, threads, clock, log, owner } = options;
  const { client, workspace, asks, tell } = needs;
  return new Announcer({
    client,
    journal,
    threads,
    clock,
    log,
    clusters: options.clusters.map(({ name }) => name),
    pace: new Pace(),
    reads: needs.reads,
    speaker: new Speaker(threads, clock, { workspace, owner }),
    policyOf: policyOf(options),
    channelOf: (cluster) => options.clusters.find(({ name }) => name === cluster)?.channel ?? null,
    tell: async ({ id, user, channel }, message) => {
      const ear = asks.earOf(id) ?? (user === null ? null : { user, channel, respond: null });
      return ear !== null && (await tell(ear, message));
    },
  });
}

function withSlash(url: string): string {
  return url.endsWith('/') ? url : `${url}/`;
}

interface Me {
  readonly botUser: string;
  readonly botId: string;
  readonly team: string;
  /** Whether we were granted to read messages, which is optional. */
  readonly reads: boolean;
}

async function whoAmI(client: WebClient): Promise<Me> {
  try {
    const answer = await client.auth.test();
    const reads = answer.response_metadata?.scopes?.some((scope) => HISTORY.includes(scope)) ?? false;
    return { botUser: answer.user_id ?? '', botId: answer.bot_id ?? '', team: answer.team_id ?? '', reads };
  } catch (error) {
    throw slackFault(error, 'bot token (SLACK_BOT_TOKEN)');
  }
}

/** Work that was acknowledged and is not done yet. */
class Hands {
  readonly #inHand = new Set<Promise<void>>();

  async track(work: Promise<void>): Promise<void> {
    this.#inHand.add(work);
    try {
      await work;
    } finally {
      this.#inHand.delete(work);
    }
  }

  async empty(): Promise<void> {
    await Promise.allSettled(this.#inHand);
  }
}

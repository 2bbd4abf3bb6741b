// A bot on a local Slack, over the store's in-memory doubles, with a hand that writes the journal like a worker would.
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { MemoryDeliveries } from '../../playground/doubles/deliveries.ts';
import { MemoryJournal, MemoryThreads } from '../../playground/doubles/store.ts';
import { type RunningSlack, startSlack } from '../../playground/slack/slack.ts';
import { type Bot, startBot } from '../../src/bot/bot.ts';
import { systemClock } from '../../src/clock.ts';
import type { ErrandReport, Errands } from '../../src/engine/ports/errands.ts';
import type { Log } from '../../src/engine/ports/log.ts';
import type { StoreDoctor } from '../../src/engine/ports/store-health.ts';
import type { Threads } from '../../src/engine/ports/threads.ts';
import { submitter } from '../../src/engine/submit.ts';
import type { Actor, RolloutEvent } from '../../src/rollout/event.ts';
import { fold } from '../../src/rollout/evolve.ts';
import type { Policy } from '../../src/rollout/policy.ts';
import type { Rollout } from '../../src/rollout/rollout.ts';
import { aPolicy } from '../builders/plan.ts';
import type { RolloutStory } from '../builders/rollout.ts';

export const MANIFEST = fileURLToPath(new URL('../../manifest.yml', import.meta.url));

/** Patience of a test for something that happens within a second on an idle machine. */
export const SOON_MS = 10_000;

export interface LogLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
}

export interface RigOptions {
  readonly policy?: Partial<Policy>;
  readonly clusters?: readonly string[];
  /** What a worker answers; a function is asked each time. */
  readonly report?: ErrandReport | (() => ErrandReport | Promise<ErrandReport>);
  readonly store?: StoreDoctor;
  /** Path of the app's manifest; by default ours. */
  readonly manifest?: string;
  /** How long an acknowledgement may take; by default as long as for the real Slack, 3 s. */
  readonly ackMs?: number;
  /** Wraps the thread records, to break them. */
  readonly threads?: (threads: Threads) => Threads;
}

const DRIVER: Actor = { kind: 'driver', name: 'w1' };

/** Everything a bot needs, and no bot yet: some tests start two, or none. */
export class Rig {
  readonly slack: RunningSlack;
  readonly journal = new MemoryJournal(systemClock);
  readonly deliveries = new MemoryDeliveries(systemClock, this.journal);
  readonly threads: Threads;
  readonly log: LogLine[] = [];
  readonly policy: Policy;
  readonly #clusters: readonly string[];
  readonly #report: () => ErrandReport | Promise<ErrandReport>;
  readonly #store: StoreDoctor | undefined;
  readonly #bots: Bot[] = [];

  constructor(slack: RunningSlack, options: RigOptions) {
    this.slack = slack;
    const threads = new MemoryThreads(systemClock, this.journal);
    this.threads = options.threads?.(threads) ?? threads;
    this.policy = aPolicy(options.policy);
    this.#store = options.store;
    this.#clusters = options.clusters ?? ['prod'];
    const { report = { kind: 'failed', sentence: 'No worker answered.' } } = options;
    this.#report = typeof report === 'function' ? report : () => report;
  }

  async bot(owner = 'bot-1'): Promise<Bot> {
    const { journal } = this;
    const errands: Errands = { run: async () => this.#report() };
    const line =
      (level: LogLine['level']): Log['info'] =>
      (message) =>
        void this.log.push({ level, message });
    const bot = await startBot({
      slack: this.slack,
      clusters: this.#clusters.map((name) => ({
        name,
        channel: this.slack.channels.platform,
        policy: this.policy,
      })),
      journal,
      threads: this.threads,
      errands,
      ...(this.#store === undefined ? {} : { store: this.#store }),
      submit: submitter({
        journal,
        deliveries: this.deliveries,
        bells: { ring: async () => undefined },
        clock: systemClock,
        policyOf: () => this.policy,
      }),
      clock: systemClock,
      log: { info: line('info'), warn: line('warn'), error: line('error') },
      owner,
    });
    this.#bots.push(bot);
    return bot;
  }

  /** Writes what a worker would: appended to whatever the journal holds now. */
  async append(rollout: string, ...events: readonly RolloutEvent[]): Promise<void> {
    const expect = (await this.journal.read('prod', rollout)).length;
    const last = events.at(-1);
    const claim = last?.kind === 'finished' || last?.kind === 'declined' ? ({ claim: 'give' } as const) : {};
    const reply = await this.journal.append({
      cluster: 'prod',
      rollout,
      expect,
      events,
      by: DRIVER,
      ...claim,
    });
    if (reply.kind !== 'appended') throw new Error(`the journal answered ${reply.kind}`);
  }

  /** Puts a told story into the journal, from where it stopped the last time. */
  async tell(story: RolloutStory): Promise<void> {
    const known = (await this.journal.read(story.cluster, story.id)).length;
    const events = story.entries.slice(known).map((entry) => entry.event);
    for (const event of events) {
      const expect = (await this.journal.read(story.cluster, story.id)).length;
      const claim = event.kind === 'asked' ? ({ claim: 'take' } as const) : {};
      await this.journal.append({
        cluster: story.cluster,
        rollout: story.id,
        expect,
        events: [event],
        by: DRIVER,
        ...claim,
      });
    }
  }

  async newest(): Promise<Rollout | null> {
    const [id] = await this.journal.recent('prod', 1);
    return id === undefined ? null : fold(await this.journal.read('prod', id));
  }

  /** The cards: parents of threads in the cluster's channel. */
  cards() {
    return this.slack
      .messages(this.slack.channels.platform)
      .filter((message) => message.fromBot && !message.ephemeral && message.broadcast !== true);
  }

  replies() {
    const { platform } = this.slack.channels;
    return this.cards().flatMap((card) =>
      this.slack
        .messages(platform, { thread: card.ts, user: '*' })
        .filter((message) => message.ts !== card.ts),
    );
  }

  /** What only this person sees, in the channel or in a thread. */
  private(user: string, channel = this.slack.channels.platform) {
    const inThreads = this.cards().flatMap((card) => this.slack.messages(channel, { thread: card.ts, user }));
    return [...this.slack.messages(channel, { user }), ...inThreads].filter((message) => message.ephemeral);
  }

  until<T>(what: string, look: () => T | undefined | false): Promise<T> {
    return this.slack.until(what, () => look() || undefined, SOON_MS);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#bots.map((bot) => bot.stop()));
    await this.slack.stop();
  }
}

/** For the test that runs, at whose end it is stopped. */
export async function raise(options: RigOptions = {}): Promise<Rig> {
  const { manifest = MANIFEST, ackMs } = options;
  const settings = ackMs === undefined ? {} : { ackLimitMs: ackMs };
  const rig = new Rig(await startSlack({ manifestPath: manifest, settings }), options);
  onTestFinished(() => rig.stop());
  return rig;
}

/** The same with a bot that is up. */
export async function withBot(options: RigOptions = {}): Promise<Rig> {
  const rig = await raise(options);
  await rig.bot();
  return rig;
}

// A window on journals under a clock that only moves when told: announcers over the store's doubles, and a Slack in small that can be told what to answer.
import {
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
  type WebClient,
} from '@slack/web-api';
import { onTestFinished } from 'vitest';
import { SimulatedTime } from '../../playground/doubles/clock.ts';
import { MemoryJournal, MemoryThreads } from '../../playground/doubles/store.ts';
import { Announcer } from '../../src/bot/announce.ts';
import { Pace } from '../../src/bot/pace.ts';
import { Speaker } from '../../src/bot/speaker.ts';
import { threadOf } from '../../src/bot/thread.ts';
import type { Log } from '../../src/engine/ports/log.ts';
import type { Threads } from '../../src/engine/ports/threads.ts';
import { aPolicy } from '../builders/plan.ts';
import type { RolloutStory } from '../builders/rollout.ts';

/** The channel of every cluster, as it is configured. */
export const CHANNEL = 'C-platform';
/** What is in hand when an announcer is told to stop ends within this. */
const STOP_MS = 10_000;

/** An answer of Slack's that is an error. */
export function refusal(code: string): WebAPIPlatformError {
  return new WebAPIPlatformError({ ok: false, error: code });
}

interface Contents {
  readonly text: string;
  readonly blocks?: readonly unknown[];
}

interface Posting extends Contents {
  readonly channel: string;
  readonly thread_ts?: string;
  readonly metadata?: unknown;
}

interface Posted {
  text: string;
  readonly channel: string;
  readonly thread: string | null;
  readonly metadata: unknown;
  /** Milliseconds since 1970. */
  readonly at: number;
}

interface Search {
  /** Seconds since 1970. */
  readonly oldest: string;
}

/** Messages in channels, and whether anybody answers. What is called before something is done may throw instead. */
export class SmallSlack {
  readonly #time: SimulatedTime;
  readonly posted = new Map<string, Posted>();
  /** When it was asked to edit, whatever it answered, in milliseconds since 1970. */
  readonly edits: number[] = [];
  readonly posts: number[] = [];
  mood: 'well' | 'silent' | 'busy' = 'well';
  beforePost: (posting: Posting) => void = () => undefined;
  /** The message is there. */
  afterPost: () => void = () => undefined;
  beforeEdit: (edit: Contents & { readonly ts: string }) => void = () => undefined;
  /** How long an edit is on its way before it is made. */
  editTakes: (ts: string) => Promise<void> = async () => undefined;
  beforeSearch: () => void = () => undefined;
  beforeFile: () => void = () => undefined;
  #count = 0;

  constructor(time: SimulatedTime) {
    this.#time = time;
  }

  #answers(): void {
    if (this.mood === 'silent') throw new WebAPIRequestError(new Error('ECONNREFUSED'));
    if (this.mood === 'busy') throw new WebAPIRateLimitedError(30);
  }

  /** The messages that are no replies. */
  get cards(): readonly Posted[] {
    return [...this.posted.values()].filter(({ thread }) => thread === null);
  }

  get client(): WebClient {
    const chat = {
      postMessage: async (posting: Posting) => {
        this.#answers();
        this.beforePost(posting);
        this.#count += 1;
        const ts = `${this.#count}.000000`;
        const { text, channel, thread_ts: thread = null, metadata } = posting;
        const at = this.#time.now();
        this.posts.push(at);
        this.posted.set(ts, { text, channel, thread, metadata, at });
        this.afterPost();
        return { ok: true, ts };
      },
      update: async (edit: Contents & { readonly ts: string }) => {
        this.#answers();
        this.edits.push(this.#time.now());
        await this.editTakes(edit.ts);
        this.beforeEdit(edit);
        const message = this.posted.get(edit.ts);
        if (message === undefined) throw refusal('message_not_found');
        message.text = edit.text;
        return { ok: true, ts: edit.ts };
      },
    };
    const conversations = {
      history: async (search: Search) => this.#search(null, search),
      replies: async (search: Search & { readonly ts: string }) => this.#search(search.ts, search),
    };
    const filesUploadV2 = async () => {
      this.#answers();
      this.beforeFile();
      return { ok: true };
    };
    // Everything of the client that the announcer calls.
    return { chat, conversations, filesUploadV2 } as unknown as WebClient;
  }

  #search(thread: string | null, { oldest }: Search): { readonly messages: readonly unknown[] } {
    this.#answers();
    this.beforeSearch();
    const there = [...this.posted].filter(
      ([, message]) => message.thread === thread && message.at >= Number(oldest) * 1_000,
    );
    return { messages: there.map(([ts, { metadata }]) => ({ ts, metadata })) };
  }
}

export interface AnnouncerOptions {
  readonly clusters?: readonly string[];
  /** Whether the app was granted to read messages. */
  readonly reads?: boolean;
  readonly threads?: Threads;
}

export class Stage {
  readonly time = new SimulatedTime();
  readonly clock = this.time.engineClock();
  readonly journal = new MemoryJournal(this.clock);
  readonly threads = new MemoryThreads(this.clock, this.journal);
  readonly slack = new SmallSlack(this.time);
  /** What was logged, sentence by sentence. */
  readonly logged: string[] = [];
  /** The announcers that are up. */
  readonly up = new Set<Announcer>();

  /** One that is up, until it is stopped or the test ends. */
  announcer(owner = 'bot-1', options: AnnouncerOptions = {}): Announcer {
    const { clock, journal } = this;
    const { clusters = ['prod'], reads = false, threads = this.threads } = options;
    const announcer = new Announcer({
      client: this.slack.client,
      journal,
      threads,
      clock,
      log: this.#log(),
      reads,
      clusters,
      pace: new Pace(),
      speaker: new Speaker(threads, clock, { workspace: 'T1', owner }),
      policyOf: () => aPolicy(),
      channelOf: () => CHANNEL,
      tell: async () => true,
    });
    announcer.start();
    this.up.add(announcer);
    onTestFinished(() => this.stop(announcer));
    return announcer;
  }

  #log(): Log {
    const line = (message: string) => void this.logged.push(message);
    return { info: line, warn: line, error: line };
  }

  async stop(announcer: Announcer): Promise<void> {
    if (!this.up.delete(announcer)) return;
    const stopping = announcer.stop();
    await this.time.advance(STOP_MS);
    await stopping;
  }

  /** The facts of a story from where it stopped the last time. */
  async tell(story: RolloutStory): Promise<void> {
    const known = (await this.journal.read(story.cluster, story.id)).length;
    for (const { event } of story.entries.slice(known)) {
      const expect = (await this.journal.read(story.cluster, story.id)).length;
      const claim = event.kind === 'asked' ? ({ claim: 'take' } as const) : {};
      const by = { kind: 'driver', name: 'w1' } as const;
      const at = { cluster: story.cluster, rollout: story.id };
      await this.journal.append({ ...at, expect, events: [event], by, ...claim });
    }
  }

  /** What the thread of this journal should say now, slot by slot. */
  async due(story: RolloutStory): Promise<readonly string[]> {
    const entries = await this.journal.read(story.cluster, story.id);
    const thread = threadOf({ entries, policy: aPolicy(), notes: {}, now: this.time.now() });
    return (thread?.slots ?? []).map(({ message }) => message.text);
  }

  get shown(): readonly string[] {
    return [...this.slack.posted.values()].map(({ text }) => text);
  }
}

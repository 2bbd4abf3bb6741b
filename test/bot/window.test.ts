// Slack as an unreliable window, under a clock that only moves when told: what it misses is shown later, once, and within its limits.
import { WebAPIRateLimitedError, WebAPIRequestError, type WebClient } from '@slack/web-api';
import { describe, expect, it } from 'vitest';
import { SimulatedTime } from '../../playground/doubles/clock.ts';
import { MemoryJournal, MemoryThreads } from '../../playground/doubles/store.ts';
import { Announcer } from '../../src/bot/announce.ts';
import { Pace } from '../../src/bot/pace.ts';
import { Speaker } from '../../src/bot/speaker.ts';
import { threadOf } from '../../src/bot/thread.ts';
import type { Log } from '../../src/engine/ports/log.ts';
import { aPolicy } from '../builders/plan.ts';
import { aRollout, type RolloutStory } from '../builders/rollout.ts';

const TEN_MINUTES_MS = 600_000;
const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Messages in channels, and whether anybody answers. */
class SmallSlack {
  readonly #time: SimulatedTime;
  readonly posted = new Map<string, { text: string; readonly thread: string | null }>();
  readonly edits: number[] = [];
  readonly posts: number[] = [];
  mood: 'well' | 'silent' | 'busy' = 'well';
  #count = 0;

  constructor(time: SimulatedTime) {
    this.#time = time;
  }

  #answers(): void {
    if (this.mood === 'silent') throw new WebAPIRequestError(new Error('ECONNREFUSED'));
    if (this.mood === 'busy') throw new WebAPIRateLimitedError(30);
  }

  get client(): WebClient {
    const chat = {
      postMessage: async ({
        text,
        thread_ts: thread = null,
      }: {
        text: string;
        thread_ts?: string | null;
      }) => {
        this.#answers();
        this.#count += 1;
        const ts = `${this.#count}.000000`;
        this.posts.push(this.#time.now());
        this.posted.set(ts, { text, thread });
        return { ok: true, ts };
      },
      update: async ({ ts, text }: { ts: string; text: string }) => {
        this.#answers();
        this.edits.push(this.#time.now());
        const message = this.posted.get(ts);
        if (message !== undefined) message.text = text;
        return { ok: true, ts };
      },
    };
    const conversations = {
      history: async () => ({ messages: [] }),
      replies: async () => ({ messages: [] }),
    };
    // Everything of the client that the announcer calls.
    return { chat, conversations, filesUploadV2: async () => ({ ok: true }) } as unknown as WebClient;
  }
}

class Stage {
  readonly time = new SimulatedTime();
  readonly clock = this.time.engineClock();
  readonly journal = new MemoryJournal(this.clock);
  readonly threads = new MemoryThreads(this.clock, this.journal);
  readonly slack = new SmallSlack(this.time);

  announcer(owner: string, clusters: readonly string[] = ['prod']): Announcer {
    const { clock, journal, threads } = this;
    return new Announcer({
      client: this.slack.client,
      journal,
      threads,
      clock,
      log: silent,
      reads: false,
      clusters,
      pace: new Pace(),
      speaker: new Speaker(threads, clock, { workspace: 'T1', owner }),
      policyOf: () => aPolicy(),
      tell: async () => true,
    });
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

/** The most of these that fell into any minute. */
function mostInAMinute(moments: readonly number[]): number {
  return Math.max(
    0,
    ...moments.map((from) => moments.filter((at) => at >= from && at < from + 60_000).length),
  );
}

describe('a Slack that is away', () => {
  it.each(['silent', 'busy'] as const)(
    'for ten minutes (%s) loses nothing and doubles nothing',
    async (mood) => {
      const stage = new Stage();
      const story = aRollout().underWay();
      await stage.tell(story);
      const announcer = stage.announcer('bot-1');
      announcer.start();
      await stage.time.advance(20_000);
      stage.slack.mood = mood;
      story.node('worker-1', 'install').failed('worker-1', 'install');
      await stage.tell(story);
      await stage.time.advance(TEN_MINUTES_MS / 2);
      story.aborted();
      story.did(story.step('worker-1', 'uncordon')).finished('aborted');
      await stage.tell(story);
      await stage.time.advance(TEN_MINUTES_MS / 2);
      const before = stage.shown;
      stage.slack.mood = 'well';
      await stage.time.advance(120_000);
      expect(before.length).toBeLessThan(stage.shown.length);
      expect(stage.shown.toSorted()).toEqual((await stage.due(story)).toSorted());
      const stopping = announcer.stop();
      await stage.time.advance(10_000);
      await stopping;
    },
  );

  it('while the bot is restarted is caught up with by the next one', async () => {
    const stage = new Stage();
    const story = aRollout().underWay();
    await stage.tell(story);
    const first = stage.announcer('bot-1');
    first.start();
    await stage.time.advance(20_000);
    stage.slack.mood = 'silent';
    story.node('worker-1', 'done');
    await stage.tell(story);
    await stage.time.advance(60_000);
    const stopping = first.stop();
    await stage.time.advance(10_000);
    await stopping;
    story.paused();
    await stage.tell(story);
    stage.slack.mood = 'well';
    const second = stage.announcer('bot-2');
    second.start();
    await stage.time.advance(60_000);
    expect(stage.shown.toSorted()).toEqual((await stage.due(story)).toSorted());
    const ending = second.stop();
    await stage.time.advance(10_000);
    await ending;
  });
});

describe('many threads at once', () => {
  const CLUSTERS = Array.from({ length: 45 }, (_, n) => `c${n}`);

  it('share one budget: at most 40 edits a minute over all cards, and each card gets its turn', async () => {
    const stage = new Stage();
    const stories = CLUSTERS.map((cluster) =>
      aRollout({ cluster, id: `r-${cluster}`, channel: `C${cluster}` }).underWay(),
    );
    for (const story of stories) await stage.tell(story);
    const announcer = stage.announcer('bot-1', CLUSTERS);
    announcer.start();
    await stage.time.advance(60_000);
    stage.slack.edits.length = 0;
    for (let minute = 0; minute < 3; minute += 1) {
      for (const story of stories) {
        if (minute === 0) story.node('worker-1', 'done');
        if (minute === 2) story.node('worker-2', 'done');
        await stage.tell(story);
      }
      await stage.time.advance(60_000);
    }
    expect(mostInAMinute(stage.slack.edits)).toBeLessThanOrEqual(40);
    await stage.time.advance(120_000);
    for (const story of stories)
      for (const text of await stage.due(story)) expect(stage.shown).toContain(text);
    const stopping = announcer.stop();
    await stage.time.advance(10_000);
    await stopping;
  });
});

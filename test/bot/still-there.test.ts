// A message that somebody deleted while people are waited for: it comes back though nothing about it changed, and nothing else does.
import { WebAPIRequestError } from '@slack/web-api';
import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/engine/ports/fault.ts';
import type { Threads } from '../../src/engine/ports/threads.ts';
import { withThreads } from '../builders/changed-threads.ts';
import { APPROVER } from '../builders/plan.ts';
import { aRollout, type RolloutStory } from '../builders/rollout.ts';
import { blocked } from '../rollout/blocked-drain.ts';
import { refusal, Stage } from './window-stage.ts';

const MINUTE_MS = 60_000;
/** From the first messages on. */
const SETTLED_MS = 30_000;
/** One interval, the pass after it, and the post. */
const NOTICED_MS = 6 * MINUTE_MS;

const atGate = (more: { readonly cluster?: string; readonly id?: string } = {}): RolloutStory =>
  aRollout({ workers: [], ...more })
    .underWay()
    .gate('cp-1');

const isGate = (text: string): boolean => text.includes('waits for');
const isDrain = (text: string): boolean => text.includes('is blocked by');

async function shows(story: RolloutStory, options: Parameters<Stage['announcer']>[1] = {}): Promise<Stage> {
  const stage = new Stage();
  await stage.tell(story);
  stage.announcer('bot-1', options);
  await stage.time.advance(SETTLED_MS);
  return stage;
}

/** The ts of the newest message that is so. */
function newest(stage: Stage, is: (text: string, thread: string | null) => boolean): string {
  const found = [...stage.slack.posted].findLast(([, { text, thread }]) => is(text, thread));
  return found?.[0] ?? expect.unreachable();
}

const isCard = (_text: string, thread: string | null): boolean => thread === null;
const isAnswerable = (text: string, thread: string | null): boolean =>
  thread !== null && (isGate(text) || isDrain(text));

describe('a message that is deleted while people are waited for', () => {
  it.each([
    ['the card of a gate', atGate, isAnswerable],
    ['the question of a blocked drain', blocked, isAnswerable],
    ['the card over a gate', atGate, isCard],
    ['the card of a plan', () => aRollout().planned(), isCard],
    ['the card of a pause', () => aRollout().underWay().paused(), isCard],
  ])('%s is posted again, once', async (_what, told, is) => {
    const stage = await shows(told());
    const deleted = newest(stage, is);
    stage.slack.posted.delete(deleted);
    const before = stage.slack.posts.length;
    await stage.time.advance(NOTICED_MS);
    const again = newest(stage, is);
    expect(again).not.toBe(deleted);
    const posts = stage.slack.posts.length;
    expect(posts - before).toBeLessThanOrEqual(2);
    await stage.time.advance(60 * MINUTE_MS);
    expect(stage.slack.posts).toHaveLength(posts);
  });

  it('is not posted twice when the bot that asked hears so after another one has posted it', async () => {
    const stage = new Stage();
    await stage.tell(atGate());
    let cutOff = false;
    const threads = withThreads(stage.threads, {
      speak: async (...at) => {
        if (cutOff) throw new Fault('unreachable', 'the store is away');
        return stage.threads.speak(...at);
      },
    });
    stage.announcer('bot-1', { threads });
    await stage.time.advance(SETTLED_MS);
    const deleted = newest(stage, isAnswerable);
    stage.slack.posted.delete(deleted);
    const posts = stage.slack.posts.length;
    stage.slack.editTakes = async (ts) => {
      if (ts !== deleted || cutOff) return;
      cutOff = true;
      await stage.clock.sleep(3 * NOTICED_MS);
    };
    await stage.time.advance(NOTICED_MS);
    expect(cutOff).toBe(true);
    stage.announcer('bot-2');
    await stage.time.advance(2 * NOTICED_MS);
    expect(stage.slack.posts.length - posts).toBe(1);
    await stage.time.advance(2 * NOTICED_MS);
    expect(stage.slack.posts.length - posts).toBe(1);
  });

  it('is not posted twice when the post of the new one is not answered and we may look', async () => {
    const stage = await shows(atGate(), { reads: true });
    stage.slack.posted.delete(newest(stage, isAnswerable));
    stage.slack.afterPost = () => {
      stage.slack.afterPost = () => undefined;
      throw new WebAPIRequestError(new Error('ECONNRESET'));
    };
    await stage.time.advance(2 * NOTICED_MS);
    expect(stage.logged).toContain('a message was found again');
    expect(
      [...stage.slack.posted.values()].filter(({ text, thread }) => isAnswerable(text, thread)),
    ).toHaveLength(1);
  });
});

describe('a card that is deleted', () => {
  /** Where the questions are that can be answered, by the ts of their parents. */
  const parents = (stage: Stage): readonly (string | null)[] =>
    [...stage.slack.posted.values()].filter(({ text }) => isDrain(text)).map(({ thread }) => thread);

  it('takes the open question with it, which loses its buttons in the former thread', async () => {
    const story = blocked();
    const stage = await shows(story);
    const [old, question] = [newest(stage, isCard), newest(stage, isAnswerable)];
    const posts = stage.slack.posts.length;
    stage.slack.posted.delete(old);
    let left: readonly unknown[] | undefined;
    stage.slack.beforeEdit = ({ ts, blocks }) => {
      if (ts === question) left = blocks;
    };
    await stage.tell(story.append({ kind: 'handed-over', to: APPROVER, user: APPROVER, delivery: 'h' }));
    await stage.time.advance(2 * MINUTE_MS);
    const fresh = newest(stage, isCard);
    expect(stage.slack.posted.get(fresh)?.text).toContain('see the thread');
    expect(parents(stage)).toEqual([fresh]);
    expect(left).toEqual([]);
    expect(stage.slack.posted.get(question)?.text).toContain('Asked again');
    // The card, its question, and the word of the hand-over: what else was said is in the former thread.
    expect(stage.slack.posts.length - posts).toBe(3);
  });

  it('does so too where it may only not be edited any more, because its successor says "see the thread"', async () => {
    const story = blocked();
    const stage = await shows(story);
    const old = newest(stage, isCard);
    const posts = stage.slack.posts.length;
    stage.slack.beforeEdit = ({ ts }) => {
      if (ts === old) throw refusal('edit_window_closed');
    };
    await stage.tell(story.paused());
    await stage.time.advance(NOTICED_MS);
    const fresh = newest(stage, isCard);
    expect(fresh).not.toBe(old);
    expect(parents(stage)).toEqual([fresh]);
    // The card, its question, and the word of the pause.
    expect(stage.slack.posts.length - posts).toBe(3);
  });

  it.each(['cant_update_message', 'edit_window_closed', 'internal_error', 'message_not_found'])(
    'is followed by its question though the former one cannot be changed (%s)',
    async (code) => {
      const stage = await shows(blocked());
      const question = newest(stage, isAnswerable);
      stage.slack.posted.delete(newest(stage, isCard));
      stage.slack.beforeEdit = ({ ts }) => {
        if (ts === question) throw refusal(code);
      };
      await stage.time.advance(2 * NOTICED_MS);
      expect(parents(stage)).toContain(newest(stage, isCard));
      expect(parents(stage).filter((thread) => thread === newest(stage, isCard))).toHaveLength(1);
    },
  );

  it.each(Array.from({ length: 8 }, (_, at) => at + 1))(
    'costs one message twice at most when the bot dies at its write %i',
    async (dies) => {
      const story = blocked();
      const stage = await shows(story);
      stage.slack.posted.delete(newest(stage, isCard));
      const posts = stage.slack.posts.length;
      await stage.stop([...stage.up][0] ?? expect.unreachable());
      let writes = 0;
      const failing: Threads = withThreads(stage.threads, {
        setSlot: async (...at) => {
          writes += 1;
          if (writes >= dies) throw new Fault('unreachable', 'the store is away');
          await stage.threads.setSlot(...at);
        },
      });
      const second = stage.announcer('bot-2', { threads: failing });
      await stage.tell(story.append({ kind: 'handed-over', to: APPROVER, user: APPROVER, delivery: 'h' }));
      // Until it fails: what it has in hand then is what a crash would leave.
      for (let at = 0; at < 100 && writes < dies; at += 1) await stage.time.advance(300);
      await stage.stop(second);
      stage.announcer('bot-3');
      await stage.time.advance(2 * NOTICED_MS);
      const fresh = newest(stage, isCard);
      expect(parents(stage).filter((thread) => thread === fresh)).not.toEqual([]);
      expect(stage.slack.posts.length - posts).toBeLessThanOrEqual(3 + 1);
    },
  );
});

describe('messages that nobody deleted', () => {
  it('are not posted again, and are asked about every five minutes at most', async () => {
    const stage = await shows(blocked());
    const posts = stage.slack.posts.length;
    const asked = new Map<string, number[]>();
    stage.slack.beforeEdit = ({ ts }) => {
      if (ts !== newest(stage, isCard)) asked.set(ts, [...(asked.get(ts) ?? []), stage.time.now()]);
    };
    await stage.time.advance(61 * MINUTE_MS);
    expect(stage.slack.posts).toHaveLength(posts);
    const [times = [], ...others] = asked.values();
    expect(others).toEqual([]);
    expect(times.length).toBeGreaterThan(9);
    for (const [at, time] of times.slice(1).entries())
      expect(time - (times[at] ?? 0)).toBeGreaterThanOrEqual(5 * MINUTE_MS);
  });

  it.each(['edit_window_closed', 'cant_update_message', 'invalid_blocks', 'msg_too_long'])(
    'are left as they are when Slack refuses to be asked (%s)',
    async (code) => {
      const stage = await shows(blocked());
      const [posts, question] = [stage.slack.posts.length, newest(stage, isAnswerable)];
      let asked = 0;
      stage.slack.beforeEdit = ({ ts }) => {
        if (ts !== question) return;
        asked += 1;
        throw refusal(code);
      };
      await stage.time.advance(60 * MINUTE_MS);
      expect(asked).toBe(1);
      expect(stage.slack.posts).toHaveLength(posts);
      expect(stage.logged.filter((line) => line.includes('refused'))).toEqual([]);
    },
  );

  it('keep their sentence where Slack refused their blocks', async () => {
    const stage = new Stage();
    await stage.tell(atGate());
    stage.slack.beforePost = ({ text, blocks = [] }) => {
      if (isGate(text) && blocks.length > 0) throw refusal('invalid_blocks');
    };
    stage.announcer();
    await stage.time.advance(SETTLED_MS);
    const plain = newest(stage, isAnswerable);
    const edited: string[] = [];
    stage.slack.beforeEdit = ({ ts }) => void edited.push(ts);
    await stage.time.advance(30 * MINUTE_MS);
    expect(edited).not.toContain(plain);
  });

  it('are asked about no more once the rollout is over, though its thread stays open', async () => {
    const story = atGate();
    const stage = await shows(story);
    story.aborted().finished('aborted');
    await stage.tell(story);
    stage.slack.beforePost = ({ text }) => {
      if (text.includes('ended')) throw refusal('internal_error');
    };
    await stage.time.advance(2 * MINUTE_MS);
    expect(await stage.threads.open('prod')).not.toEqual([]);
    stage.slack.edits.length = 0;
    await stage.time.advance(60 * MINUTE_MS);
    expect(stage.slack.edits).toEqual([]);
  });
});

describe('many threads that wait for people', () => {
  const CLUSTERS = Array.from({ length: 24 }, (_, n) => `c${n}`);
  /** 24 threads with two messages each, 8 a minute. */
  const ROUND_MS = 6 * MINUTE_MS;

  const mostInAMinute = (moments: readonly number[]): number =>
    Math.max(0, ...moments.map((from) => moments.filter((at) => at >= from && at < from + MINUTE_MS).length));

  it('are asked about in turn, eight messages a minute, also by a bot that takes over, and keep no decision waiting', async () => {
    const stage = new Stage();
    const stories = CLUSTERS.map((cluster) => atGate({ cluster, id: `r-${cluster}` }));
    for (const story of stories) await stage.tell(story);
    const first = stage.announcer('bot-1', { clusters: CLUSTERS });
    await stage.time.advance(2 * MINUTE_MS);
    await stage.stop(first);
    stage.slack.edits.length = 0;
    const asked = new Set<string>();
    stage.slack.beforeEdit = ({ ts }) => void asked.add(ts);
    const posts = stage.slack.posts.length;
    stage.announcer('bot-2', { clusters: CLUSTERS });
    await stage.time.advance(2 * ROUND_MS);
    expect(mostInAMinute(stage.slack.edits)).toBeLessThanOrEqual(8);
    expect(stage.slack.posts).toHaveLength(posts);
    const gates = [...stage.slack.posted].filter(([, { text, thread }]) => isAnswerable(text, thread));
    expect(gates).toHaveLength(CLUSTERS.length);
    for (const [ts] of gates) expect(asked).toContain(ts);
    for (const story of stories) await stage.tell(story.paused());
    await stage.time.advance(5_000);
    expect(stage.slack.cards.filter(({ text }) => text.includes('Paus')).length).toBeGreaterThanOrEqual(20);
  });
});

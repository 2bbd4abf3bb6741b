// One message that Slack refuses, loses or keeps from being edited, and what becomes of those after it.
import { WebAPIRateLimitedError, WebAPIRequestError } from '@slack/web-api';
import { describe, expect, it } from 'vitest';
import { metadataOf } from '../../src/bot/marker.ts';
import { UnreadableEntry } from '../../src/engine/ports/journal.ts';
import { aFinding } from '../builders/plan.ts';
import { aRollout, type RolloutStory } from '../builders/rollout.ts';
import { CHANNEL, refusal, Stage } from './window-stage.ts';

const TEN_MINUTES_MS = 600_000;

/** A plan that is too long for its message. */
function manyFindings(): RolloutStory {
  const findings = Array.from({ length: 80 }, (_, n) =>
    aFinding('warning', { subject: `worker-${n}`, sentence: `Worker ${n} is nearly full.` }),
  );
  return aRollout().planned(findings);
}

/** The same, and the first gate. */
const folded = (): RolloutStory => manyFindings().started().pulled().gate('cp-1');

const ofFile = (text: string): boolean => text.includes('are in this file');

async function shownWithoutFile(stage: Stage, story: RolloutStory): Promise<void> {
  const due = await stage.due(story);
  expect(due.filter(ofFile)).toHaveLength(1);
  for (const text of due) if (!ofFile(text)) expect(stage.shown).toContain(text);
}

describe('a file', () => {
  it.each([
    'file_uploads_disabled',
    'file_uploads_except_images_disabled',
    'file_upload_size_restricted',
    'file_type_not_allowed',
    'storage_limit_reached',
    'restricted_action',
  ])('that is refused (%s) keeps back no message after it, and is told of once', async (code) => {
    const stage = new Stage();
    const story = folded();
    await stage.tell(story);
    let asked = 0;
    stage.slack.beforeFile = () => {
      asked += 1;
      throw refusal(code);
    };
    stage.announcer();
    await stage.time.advance(TEN_MINUTES_MS);
    await shownWithoutFile(stage, story);
    expect(stage.shown.filter((text) => text.includes(code))).toHaveLength(1);
    expect(asked).toBe(1);
  });

  it('that was never granted is left out in silence', async () => {
    const stage = new Stage();
    const story = folded();
    await stage.tell(story);
    stage.slack.beforeFile = () => {
      throw refusal('missing_scope');
    };
    stage.announcer();
    await stage.time.advance(60_000);
    await shownWithoutFile(stage, story);
    expect(stage.shown).toHaveLength((await stage.due(story)).length - 1);
  });

  it.each([
    ['answers with its own trouble', () => refusal('internal_error')],
    ['is not reached', () => new WebAPIRequestError(new Error('ETIMEDOUT'))],
    ['fails without a word', () => new Error('Failed to upload file')],
  ])('whose host %s is tried again beside the messages after it', async (_how, error) => {
    const stage = new Stage();
    const story = manyFindings();
    await stage.tell(story);
    let away = true;
    let files = 0;
    stage.slack.beforeFile = () => {
      if (away) throw error();
      files += 1;
    };
    stage.announcer();
    await stage.time.advance(60_000);
    await stage.tell(story.started().pulled().gate('cp-1'));
    await stage.time.advance(8_000);
    await shownWithoutFile(stage, story);
    away = false;
    await stage.time.advance(60_000);
    expect(files).toBe(1);
  });

  it('whose host is away for good is given up, and the thread comes to its end', async () => {
    const stage = new Stage();
    const story = folded();
    story.aborted().finished('aborted');
    await stage.tell(story);
    let asked = 0;
    stage.slack.beforeFile = () => {
      asked += 1;
      throw new WebAPIRequestError(new Error('ETIMEDOUT'));
    };
    stage.announcer();
    await stage.time.advance(2 * TEN_MINUTES_MS);
    await shownWithoutFile(stage, story);
    expect(asked).toBeLessThan(30);
    expect(await stage.threads.open('prod')).toEqual([]);
  });
});

describe('a message that Slack never takes', () => {
  it('keeps none after it back', async () => {
    const stage = new Stage();
    const story = aRollout().underWay().gate('cp-1');
    await stage.tell(story);
    const due = await stage.due(story);
    stage.slack.beforePost = ({ text }) => {
      if (text === due[1]) throw refusal('msg_too_long');
    };
    stage.announcer();
    await stage.time.advance(60_000);
    expect(stage.shown.toSorted()).toEqual(due.filter((text) => text !== due[1]).toSorted());
    expect(stage.logged.filter((line) => line === 'Slack refused a message altogether')).toHaveLength(1);
  });
});

describe('a message that cannot be edited', () => {
  it.each(['cant_update_message', 'edit_window_closed'])('is posted again (%s)', async (code) => {
    const stage = new Stage();
    const story = aRollout().underWay();
    await stage.tell(story);
    stage.announcer();
    await stage.time.advance(20_000);
    stage.slack.beforeEdit = ({ ts }) => {
      if (ts === '1.000000') throw refusal(code);
    };
    await stage.tell(story.paused());
    await stage.time.advance(10_000);
    const [card] = await stage.due(story);
    expect(stage.slack.cards.map(({ text }) => text)).toEqual([expect.any(String), card]);
  });

  it('is not posted again for its progress alone', async () => {
    const stage = new Stage();
    const story = aRollout().underWay();
    await stage.tell(story);
    stage.announcer();
    await stage.time.advance(20_000);
    stage.slack.beforeEdit = () => {
      throw refusal('edit_window_closed');
    };
    await stage.tell(story.node('worker-1', 'done').node('worker-2', 'install'));
    await stage.time.advance(TEN_MINUTES_MS);
    expect(stage.slack.cards).toHaveLength(1);
    await stage.tell(story.paused());
    await stage.time.advance(10_000);
    expect(stage.slack.cards).toHaveLength(2);
  });
});

describe('a message whose posting was never answered', () => {
  /** A card that is there, though nobody was told. */
  async function unanswered(): Promise<Stage> {
    const stage = new Stage();
    await stage.tell(aRollout().planned());
    let posts = 0;
    stage.slack.afterPost = () => {
      posts += 1;
      if (posts === 1) throw new WebAPIRequestError(new Error('ECONNRESET'));
    };
    return stage;
  }

  it.each([
    ['429', () => new WebAPIRateLimitedError(5)],
    ['its own trouble', () => refusal('internal_error')],
    ['silence', () => new WebAPIRequestError(new Error('ETIMEDOUT'))],
  ])('is not doubled when Slack answers the search with %s', async (_what, error) => {
    const stage = await unanswered();
    let asked = 0;
    stage.slack.beforeSearch = () => {
      asked += 1;
      if (asked < 4) throw error();
    };
    stage.announcer('bot-1', { reads: true });
    await stage.time.advance(60_000);
    expect(stage.slack.cards).toHaveLength(1);
    expect(stage.shown.length).toBeGreaterThan(1);
  });

  it.each(['missing_scope', 'not_in_channel'])(
    'is posted again at once when we may not look (%s)',
    async (code) => {
      const stage = await unanswered();
      stage.slack.beforeSearch = () => {
        throw refusal(code);
      };
      stage.announcer('bot-1', { reads: true });
      await stage.time.advance(6_000);
      expect(stage.slack.cards).toHaveLength(2);
    },
  );

  it('is posted again in the end when Slack never says', async () => {
    const stage = await unanswered();
    stage.slack.beforeSearch = () => {
      throw refusal('internal_error');
    };
    stage.announcer('bot-1', { reads: true });
    await stage.time.advance(60_000);
    expect(stage.slack.cards).toHaveLength(2);
    expect(stage.shown.length).toBeGreaterThan(2);
  });

  it('is found again though the clock of its poster was ahead', async () => {
    const stage = new Stage();
    const story = aRollout().planned();
    await stage.tell(story);
    const metadata = metadataOf({ rollout: story.id, slot: 'card' });
    await stage.slack.client.chat.postMessage({ channel: story.rollout.channel, text: 'Proposed', metadata });
    const mark = { kind: 'posting', since: stage.time.now() + 3_600_000 } as const;
    await stage.threads.setSlot(story.cluster, story.id, 'card', mark);
    await stage.time.advance(TEN_MINUTES_MS);
    stage.announcer('bot-1', { reads: true });
    await stage.time.advance(20_000);
    expect(stage.slack.cards).toHaveLength(1);
    expect(stage.shown.toSorted()).toEqual((await stage.due(story)).toSorted());
  });

  it.each([
    ['ahead', 3_600_000],
    ['behind', -3_600_000],
  ])('is waited for as long when the clock of its poster is %s', async (_where, byMs) => {
    const stage = new Stage();
    const story = aRollout().planned();
    await stage.tell(story);
    const mark = { kind: 'posting', since: stage.time.now() + byMs } as const;
    await stage.threads.setSlot(story.cluster, story.id, 'card', mark);
    stage.announcer();
    await stage.time.advance(2_500);
    expect(stage.shown).toEqual([]);
    await stage.time.advance(2_500);
    expect(stage.slack.cards).toHaveLength(1);
  });
});

describe('a journal without a card that cannot be read', () => {
  /** One whose entry `n` is of a newer version. */
  async function spoiled(n: number): Promise<Stage> {
    const stage = new Stage();
    const story = aRollout();
    await stage.tell(story);
    const read = stage.journal.read.bind(stage.journal);
    stage.journal.read = async (cluster, rollout, after) => {
      const readable = (await read(cluster, rollout)).slice(after, n - 1);
      const why = 'it has schema version 99';
      throw new UnreadableEntry(rollout, n, { why, remedy: 'newer-version', readable });
    };
    return stage;
  }

  it.each([
    ['first', 1, CHANNEL],
    ['second', 2, aRollout().rollout.channel],
  ])('from its %s entry on is told of in the channel, once', async (_which, n, channel) => {
    const stage = await spoiled(n);
    const first = stage.announcer('bot-1');
    await stage.time.advance(60_000);
    await stage.stop(first);
    stage.announcer('bot-2');
    await stage.time.advance(60_000);
    expect(stage.slack.cards).toMatchObject([
      { channel, text: expect.stringContaining('The journal of a rollout on prod cannot be read') },
    ]);
  });
});

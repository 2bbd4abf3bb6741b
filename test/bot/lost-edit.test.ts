// An edit that Slack made and nobody learned of: what the message shows is not known until one is answered.
import { WebAPIRequestError } from '@slack/web-api';
import { describe, expect, it, vi } from 'vitest';
import { Fault } from '../../src/engine/ports/fault.ts';
import type { Threads } from '../../src/engine/ports/threads.ts';
import { withThreads } from '../builders/changed-threads.ts';
import { REQUESTER } from '../builders/plan.ts';
import { aRollout, type RolloutStory } from '../builders/rollout.ts';
import { blocked, CACHE, stepOf } from '../rollout/blocked-drain.ts';
import { refusal, Stage } from './window-stage.ts';

describe('an edit whose answer is lost', () => {
  it('does not pass for what was there before, when that is to be shown again', async () => {
    const stage = new Stage();
    const story = blocked();
    const wish = { kind: 'drain-proposed', step: stepOf(story), choice: 'force', user: REQUESTER } as const;
    story.append({ ...wish, delivery: 'a' });
    await stage.tell(story);
    stage.announcer();
    await stage.time.advance(20_000);
    const [first = ''] = stage.shown.filter((text) => text.includes('asked for Force'));
    stage.slack.beforeEdit = ({ ts, text }) => {
      const message = stage.slack.posted.get(ts);
      if (message !== undefined) message.text = text;
      throw new WebAPIRequestError(new Error('ECONNRESET'));
    };
    // Asked about another pod, the wish waits for nobody; repeated, it does again.
    await stage.tell(story.append({ kind: 'drain-blocked', step: stepOf(story), blockers: [CACHE] }));
    await stage.time.advance(5_000);
    expect(stage.shown).not.toContain(first);
    await stage.tell(story.append({ ...wish, delivery: 'b' }));
    stage.slack.beforeEdit = () => undefined;
    await stage.time.advance(600_000);
    expect(stage.shown.filter((text) => text === first)).toHaveLength(2);
  });
});

/** Many threads, tick by tick. */
vi.setConfig({ testTimeout: 60_000 });

const HOUR_MS = 3_600_000;
/** A second each: longer than messages that do not change are left alone. */
const LOOKS = 600;
/** What it said last was said, and what was lost may still be made. */
const SAID_MS = 9_000;
/** Nothing is on its way any more, and what had to be said once more was. */
const SETTLED_MS = 120_000;

interface LateEdit {
  readonly isLost: () => boolean;
  /** Slack makes it after all. */
  readonly make: () => void;
}

/** The next edit that is so is lost. */
function losesOne(stage: Stage, is: (text: string) => boolean = () => true): LateEdit {
  let late: (() => void) | null = null;
  stage.slack.beforeEdit = ({ ts, text }) => {
    if (late !== null || !is(text)) return;
    late = () => {
      const message = stage.slack.posted.get(ts);
      if (message !== undefined) message.text = text;
    };
    throw new WebAPIRequestError(new Error('timeout of 10000ms exceeded'));
  };
  return { isLost: () => late !== null, make: () => (late ?? expect.unreachable('no edit was lost'))() };
}

/** The store as one has it who is cut off from it, once that was done. */
function cuttable(stage: Stage): { readonly threads: Threads; readonly cut: () => void } {
  let isCut = false;
  const reached = (): Threads => {
    if (isCut) throw new Fault('unreachable', 'the store is away');
    return stage.threads;
  };
  const threads = withThreads(stage.threads, {
    setSlot: async (...at) => reached().setSlot(...at),
    speak: async (...at) => reached().speak(...at),
    open: async (...at) => reached().open(...at),
  });
  const cut = (): void => {
    isCut = true;
  };
  return { threads, cut };
}

const draining = (): RolloutStory =>
  aRollout({ workers: ['worker-1'], controlPlane: ['cp-1'] })
    .underWay()
    .node('worker-1', 'drain');

function aborts(story: RolloutStory): RolloutStory {
  return story
    .aborted()
    .ended(story.step('worker-1', 'drain'))
    .did(story.step('worker-1', 'uncordon'))
    .finished('aborted');
}

/** A card that is over, whose last edit but one is not answered: whoever speaks then is taken from the stage as told. */
async function overWithOneLost(change: 'nobody' | 'killed' | 'stopped'): Promise<{
  readonly stage: Stage;
  readonly story: RolloutStory;
  readonly late: LateEdit;
}> {
  const stage = new Stage();
  const story = draining();
  await stage.tell(story);
  const { threads, cut } = cuttable(stage);
  const first = stage.announcer('bot-1', { threads });
  await stage.time.advance(20_000);
  const late = losesOne(stage);
  await stage.tell(story.paused());
  await stage.time.advance(400);
  if (change === 'killed') cut();
  if (change !== 'nobody') stage.announcer('bot-2');
  await stage.tell(aborts(story));
  await stage.time.advance(SAID_MS);
  if (change === 'stopped') await stage.stop(first);
  return { stage, story, late };
}

const cardOf = (stage: Stage): string => stage.slack.cards[0]?.text ?? '';

describe('an edit that is lost, and made late', () => {
  it.each(['nobody', 'killed', 'stopped'] as const)(
    'is not what stays when the rollout is over (of those who speak %s is replaced)',
    async (change) => {
      const { stage, story, late } = await overWithOneLost(change);
      expect(cardOf(stage)).toContain('Aborted');
      late.make();
      expect(cardOf(stage)).not.toContain('Aborted');
      await stage.time.advance(SETTLED_MS);
      expect(stage.shown.toSorted()).toEqual((await stage.due(story)).toSorted());
      expect(await stage.threads.open('prod')).toEqual([]);
    },
  );

  it('costs one edit more, and no other', async () => {
    const { stage } = await overWithOneLost('nobody');
    const before = stage.slack.edits.length;
    await stage.time.advance(HOUR_MS);
    expect(stage.slack.edits.length - before).toBe(1);
  });

  it.each([
    ['429', () => refusal('ratelimited')],
    ['a refusal', () => refusal('not_in_channel')],
  ])('is not what %s is taken for: nothing is said once more', async (_what, error) => {
    const stage = new Stage();
    const story = draining();
    await stage.tell(story);
    stage.announcer();
    await stage.time.advance(20_000);
    let refused = 0;
    stage.slack.beforeEdit = () => {
      refused += 1;
      if (refused <= 2) throw error();
    };
    await stage.tell(aborts(story));
    await stage.time.advance(25_000);
    expect(cardOf(stage)).toContain('Aborted');
    expect(await stage.threads.open('prod')).toEqual([]);
  });

  it('of a question that was only looked for is not what stays when it is answered', async () => {
    const stage = new Stage();
    const story = aRollout({ workers: [], controlPlane: ['cp-1'] })
      .underWay()
      .gate('cp-1');
    await stage.tell(story);
    stage.announcer();
    await stage.time.advance(20_000);
    const question = stage.shown.find((text) => text.includes('waits for')) ?? expect.unreachable();
    const late = losesOne(stage, (text) => text === question);
    for (let looks = 0; looks < LOOKS && !late.isLost(); looks += 1) await stage.time.advance(1_000);
    await stage.tell(story.denied('cp-1'));
    await stage.time.advance(SAID_MS);
    late.make();
    expect(stage.shown).toContain(question);
    await stage.time.advance(SETTLED_MS);
    expect(stage.shown.toSorted()).toEqual((await stage.due(story)).toSorted());
  });

  it('does not bring back what somebody deleted after the end', async () => {
    const { stage } = await overWithOneLost('nobody');
    const posts = stage.slack.posts.length;
    const [ts = ''] = [...stage.slack.posted].find(([, { thread }]) => thread === null) ?? [];
    stage.slack.posted.delete(ts);
    await stage.time.advance(HOUR_MS);
    expect(stage.slack.posts).toHaveLength(posts);
    expect(await stage.threads.open('prod')).toEqual([]);
  });
});

describe('many edits that are lost at once', () => {
  it('are said once more within the budget, and keep nothing new waiting', async () => {
    const ending = Array.from({ length: 24 }, (_, n) => `c${n}`);
    const stage = new Stage();
    const stories = ending.map((cluster) => aRollout({ cluster, id: `r-${cluster}` }).underWay());
    const going = aRollout({ cluster: 'going', id: 'going' }).underWay();
    for (const story of [...stories, going]) await stage.tell(story);
    stage.announcer('bot-1', { clusters: [...ending, 'going'] });
    await stage.time.advance(40_000);
    const cards = new Set(stage.slack.posted.keys());
    const lost = new Set<string>();
    stage.slack.beforeEdit = ({ ts, text }) => {
      if (!cards.has(ts) || lost.has(ts) || text.includes('Paus')) return;
      lost.add(ts);
      throw new WebAPIRequestError(new Error('timeout of 10000ms exceeded'));
    };
    stage.slack.edits.length = 0;
    for (const story of stories) await stage.tell(story.aborted().finished('aborted'));
    await stage.time.advance(120_000);
    expect(lost.size).toBeGreaterThanOrEqual(24);
    await stage.tell(going.paused());
    await stage.time.advance(10_000);
    expect(stage.shown.filter((text) => text.includes('Paused'))).not.toEqual([]);
    await stage.time.advance(120_000);
    for (const at of stage.slack.edits)
      expect(stage.slack.edits.filter((other) => other >= at && other < at + 60_000).length).toBeLessThan(41);
    for (const cluster of ending) expect(await stage.threads.open(cluster)).toEqual([]);
  });
});

// Slack as an unreliable window, under a clock that only moves when told: what it misses is shown later, once, and within its limits.
import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/engine/ports/fault.ts';
import { withThreads } from '../builders/changed-threads.ts';
import { aRollout, type RolloutStory } from '../builders/rollout.ts';
import { refusal, Stage } from './window-stage.ts';

const TEN_MINUTES_MS = 600_000;

/** One rollout that runs in each of these clusters. */
async function underWay(stage: Stage, clusters: readonly string[]): Promise<readonly RolloutStory[]> {
  const stories = clusters.map((cluster) =>
    aRollout({ cluster, id: `r-${cluster}`, channel: `C${cluster}` }).underWay(),
  );
  for (const story of stories) await stage.tell(story);
  return stories;
}

/** The most of these that fell into any minute. */
function mostInAMinute(moments: readonly number[]): number {
  return Math.max(
    0,
    ...moments.map((from) => moments.filter((at) => at >= from && at < from + 60_000).length),
  );
}

/** Sixty threads over minutes are seconds of work, and a busy machine has other things to do. */
const BUSY_LIMIT_MS = 90_000;

describe('a Slack that is away', () => {
  it.each(['silent', 'busy'] as const)(
    'for ten minutes (%s) loses nothing and doubles nothing',
    async (mood) => {
      const stage = new Stage();
      const story = aRollout().underWay();
      await stage.tell(story);
      stage.announcer();
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
    },
  );

  it('while the bot is restarted is caught up with by the next one', async () => {
    const stage = new Stage();
    const story = aRollout().underWay();
    await stage.tell(story);
    const first = stage.announcer('bot-1');
    await stage.time.advance(20_000);
    stage.slack.mood = 'silent';
    story.node('worker-1', 'done');
    await stage.tell(story);
    await stage.time.advance(60_000);
    await stage.stop(first);
    story.paused();
    await stage.tell(story);
    stage.slack.mood = 'well';
    stage.announcer('bot-2');
    await stage.time.advance(60_000);
    expect(stage.shown.toSorted()).toEqual((await stage.due(story)).toSorted());
  });
});

describe('many threads at once', { timeout: BUSY_LIMIT_MS }, () => {
  const CLUSTERS = Array.from({ length: 45 }, (_, n) => `c${n}`);

  it('share one budget: at most 40 edits a minute over all cards, and each card gets its turn', async () => {
    const stage = new Stage();
    const stories = await underWay(stage, CLUSTERS);
    stage.announcer('bot-1', { clusters: CLUSTERS });
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
  });
});

describe('the budget of a workspace', { timeout: BUSY_LIMIT_MS }, () => {
  const CLUSTERS = Array.from({ length: 60 }, (_, n) => `c${n}`);

  it('is kept by a new speaker, who knows what the one before used of it', async () => {
    const stage = new Stage();
    const stories = await underWay(stage, CLUSTERS);
    const first = stage.announcer('bot-1', { clusters: CLUSTERS });
    await stage.time.advance(90_000);
    stage.announcer('bot-2', { clusters: CLUSTERS });
    stage.slack.edits.length = 0;
    for (const story of stories) await stage.tell(story.paused());
    await stage.time.advance(5_000);
    expect(stage.slack.edits.length).toBeGreaterThan(10);
    await stage.stop(first);
    await stage.time.advance(10_000);
    expect(mostInAMinute(stage.slack.edits)).toBeLessThanOrEqual(40);
    await stage.time.advance(60_000);
    for (const story of stories)
      for (const text of await stage.due(story)) expect(stage.shown).toContain(text);
  });

  it('does not keep a new speaker waiting where there is enough of it', async () => {
    const stage = new Stage();
    const [story] = await underWay(stage, ['prod']);
    const first = stage.announcer('bot-1');
    await stage.time.advance(60_000);
    await stage.stop(first);
    stage.announcer('bot-2');
    await stage.time.advance(1_000);
    stage.slack.edits.length = 0;
    await stage.tell(story?.paused() ?? expect.unreachable());
    await stage.time.advance(4_000);
    expect(stage.slack.cards[0]?.text).toContain('Paused');
  });

  it('holds for a 429 too: who speaks next keeps the quiet that Slack asked for', async () => {
    const stage = new Stage();
    const [story] = await underWay(stage, ['prod']);
    const first = stage.announcer('bot-1');
    await stage.time.advance(20_000);
    stage.slack.mood = 'busy';
    await stage.tell(story?.paused() ?? expect.unreachable());
    await stage.time.advance(2_000);
    stage.slack.mood = 'well';
    stage.slack.edits.length = 0;
    await stage.stop(first);
    stage.announcer('bot-2');
    await stage.time.advance(10_000);
    expect(stage.slack.edits).toEqual([]);
    await stage.time.advance(30_000);
    expect(stage.slack.cards[0]?.text).toContain('Paused');
  });

  it('is not used twice by an edit whose blocks Slack refuses', async () => {
    const stage = new Stage();
    const stories = await underWay(stage, CLUSTERS);
    stage.announcer('bot-1', { clusters: CLUSTERS });
    await stage.time.advance(90_000);
    stage.slack.edits.length = 0;
    stage.slack.beforeEdit = ({ blocks = [] }) => {
      if (blocks.length > 0) throw refusal('invalid_blocks');
    };
    for (const story of stories) await stage.tell(story.paused());
    await stage.time.advance(240_000);
    expect(mostInAMinute(stage.slack.edits)).toBeLessThanOrEqual(40);
    for (const { text } of stage.slack.cards) expect(text).toContain('Paused');
  });
});

describe('a store of several servers, one of which is away', () => {
  it.each(['refuses', 'is silent'])('keeps no thread of the others waiting (%s)', async (how) => {
    const stage = new Stage();
    const [, there] = await underWay(stage, ['c0', 'c1']);
    let away = true;
    const threads = withThreads(stage.threads, {
      open: async (cluster) => {
        if (away && cluster === 'c0') {
          if (how === 'is silent') await stage.clock.sleep(5_000);
          throw new Fault('unreachable', 'the server of c0 is away');
        }
        return stage.threads.open(cluster);
      },
    });
    stage.announcer('bot-1', { clusters: ['c0', 'c1'], threads });
    await stage.time.advance(120_000);
    expect(stage.shown.toSorted()).toEqual((await stage.due(there ?? expect.unreachable())).toSorted());
    const told = stage.logged.filter((line) => line === 'the open threads of a cluster could not be read');
    expect(told.length).toBeGreaterThan(0);
    expect(told.length).toBeLessThan(4);
    away = false;
    await stage.time.advance(30_000);
    expect(stage.slack.cards).toHaveLength(2);
  });

  it('doubles nothing that is in hand while it comes and goes', async () => {
    const stage = new Stage();
    await underWay(stage, ['c0', 'c1']);
    let asked = 0;
    const threads = withThreads(stage.threads, {
      open: async (cluster) => {
        if (cluster === 'c0') asked += 1;
        if (cluster === 'c0' && asked % 2 === 0) throw new Fault('unreachable', 'the server of c0 is away');
        return stage.threads.open(cluster);
      },
      setSlot: async (...at) => {
        await stage.clock.sleep(1_000);
        await stage.threads.setSlot(...at);
      },
    });
    stage.announcer('bot-1', { clusters: ['c0', 'c1'], threads });
    await stage.time.advance(30_000);
    expect(stage.slack.cards).toHaveLength(2);
  });

  it('comes back to threads whose messages it still knows', async () => {
    const stage = new Stage();
    const [story] = await underWay(stage, ['c0', 'c1']);
    let away = false;
    const threads = withThreads(stage.threads, {
      open: async (cluster) => {
        if (away && cluster === 'c0') throw new Fault('unreachable', 'the server of c0 is away');
        return stage.threads.open(cluster);
      },
    });
    stage.announcer('bot-1', { clusters: ['c0', 'c1'], threads });
    await stage.time.advance(30_000);
    away = true;
    await stage.time.advance(60_000);
    away = false;
    await stage.tell(story?.paused() ?? expect.unreachable());
    await stage.time.advance(10_000);
    expect(stage.slack.cards).toHaveLength(2);
    expect(stage.slack.cards[0]?.text).toContain('Paused');
  });
});

// `/talos why` against a local Slack: whether anything is at work is a worker's to say, with or without a step in hand.
import { describe, expect, it, vi } from 'vitest';
import type { ErrandReport } from '../../src/engine/ports/errands.ts';
import { aRollout, type RolloutStory } from '../builders/rollout.ts';
import { type Rig, withBot } from './rig.ts';

vi.setConfig({ testTimeout: 30_000 });

const SILENT: ErrandReport = { kind: 'failed', sentence: 'No worker answered within 20 s.' };
const THERE: ErrandReport = { kind: 'why', steps: [] };

async function answered(bot: Rig, story: RolloutStory): Promise<string> {
  await bot.tell(story);
  const { users, channels } = bot.slack;
  await bot.slack.command(users.bystander, channels.platform, '/talos why');
  const told = await bot.until('the answer', () => bot.private(users.bystander)[1]);
  return JSON.stringify(told);
}

const uncordoning = (story: RolloutStory): RolloutStory => {
  story.underWay().node('worker-1', 'drain').aborted();
  return story.ended(story.step('worker-1', 'drain'));
};

describe('the answer to /talos why', () => {
  it.each<readonly [string, (story: RolloutStory) => RolloutStory, string]>([
    ['nothing in hand', (story) => story.underWay(), 'It is at work, and waits for nobody.'],
    [
      'a step in hand',
      (story) => story.underWay().node('worker-1', 'return'),
      'It is at work, and waits for nobody.',
    ],
    ['its plan not made', (story) => story, 'It is being planned'],
    ['something to be put back', uncordoning, 'It puts back what it changed, and waits for nobody'],
  ])('with %s says that it is at work only when a worker answers', async (_what, told, atWork) => {
    const silent = await withBot({ report: SILENT });
    const text = await answered(silent, told(aRollout({ channel: silent.slack.channels.platform })));
    expect(text).toContain('No worker answered within 20 s: nothing is known to be at work on it.');
    for (const words of ['at work, and', 'waits for nobody', 'being planned'])
      expect(text).not.toContain(words);
    const there = await withBot({ report: THERE });
    const other = await answered(there, told(aRollout({ channel: there.slack.channels.platform })));
    expect(other).toContain(atWork);
    expect(other).not.toContain('nothing is known');
  });

  it.each<readonly [string, (story: RolloutStory) => RolloutStory, string]>([
    ['a plan', (story) => story.planned(), 'for an operator to press Start'],
    ['a gate', (story) => story.underWay().gate('cp-1'), 'It waits for 1 approval'],
    ['a pause', (story) => story.underWay().paused(), 'to resume it'],
  ])('asks no worker where only people can go on: %s', async (_what, told, waits) => {
    let asked = 0;
    const report = (): ErrandReport => {
      asked += 1;
      return SILENT;
    };
    const bot = await withBot({ report });
    const text = await answered(bot, told(aRollout({ channel: bot.slack.channels.platform })));
    expect(text).toContain(waits);
    expect(text).not.toContain('worker answered');
    expect(asked).toBe(0);
  });
});

// An edit that Slack made and nobody learned of: what the message shows is not known until one is answered.
import { WebAPIRequestError } from '@slack/web-api';
import { describe, expect, it } from 'vitest';
import { REQUESTER } from '../builders/plan.ts';
import { blocked, CACHE, stepOf } from '../rollout/blocked-drain.ts';
import { Stage } from './window-stage.ts';

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

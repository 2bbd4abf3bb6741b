// The way over several versions as people read it: where a hop stands, what comes next, and how long it takes.
import { describe, expect, it } from 'vitest';
import { threadOf } from '../../../src/bot/thread.ts';
import { card } from '../../../src/bot/views/card.ts';
import { declinedMessage } from '../../../src/bot/views/plan.ts';
import { clusterLines } from '../../../src/bot/views/status.ts';
import { summaryMessage } from '../../../src/bot/views/summary.ts';
import type { Rollout } from '../../../src/rollout/rollout.ts';
import { aPolicy } from '../../builders/plan.ts';
import { aRollout, type RolloutStory } from '../../builders/rollout.ts';
import { STORIES } from './stories.ts';

const NEXT = 'Next on the way to Talos v1.14.1: *Kubernetes v1.31.14* (3 of about 6)';

function told(name: string): RolloutStory {
  const story = STORIES[name]?.();
  if (story === undefined) throw new Error(`no story is called ${name}`);
  return story;
}

const text = (message: unknown): string => JSON.stringify(message);
const shown = (rollout: Rollout): string =>
  text(card({ rollout, policy: aPolicy(), notes: {}, now: rollout.lastAt }));

describe('a hop', () => {
  it('says on its card and in the status which one it is', () => {
    const { rollout } = told('proposed as a hop, with an estimate');
    const line = 'Part of the way to Talos v1.14.1: hop 2 of about 6';
    expect(shown(rollout)).toContain(line);
    const status = { cluster: 'prod', channel: 'C1', running: { rollout, url: null }, last: null };
    const running = clusterLines(status, rollout.lastAt);
    expect(running.mrkdwn).toContain(line);
  });

  it('that ended well names the next one, with the command where people make it', () => {
    const { rollout } = told('upgraded, with hops ahead');
    const summary = text(summaryMessage(rollout));
    expect(summary).toContain(NEXT);
    expect(summary).toContain('talosctl upgrade-k8s --to 1.31.14');
    expect(summary).toContain('journey:continue');
    const status = { cluster: 'prod', channel: 'C1', running: null, last: { rollout, url: null } };
    const last = clusterLines(status, rollout.lastAt);
    expect(last.mrkdwn).toContain(NEXT);
  });

  it('that was the last one says so, and offers nothing', () => {
    const summary = text(summaryMessage(told('upgraded, at the end of its way').rollout));
    expect(summary).toContain('the last hop of the way to Talos v1.14.1');
    expect(summary).not.toContain('journey:continue');
  });

  it('that was given up offers nothing', () => {
    const { journey } = told('upgraded, with hops ahead').rollout;
    if (journey === null) throw new Error('the story has no way');
    const { rollout } = aRollout({ journey }).underWay().aborted().finished('aborted');
    expect(text(summaryMessage(rollout))).not.toContain('on the way to');
  });
});

describe('a wish that is too far for one hop', () => {
  it('shows the first hops and how many more, and the button', () => {
    const blocked = shown(told('too far for one hop').rollout);
    expect(blocked).toContain('in *40 hops*: Kubernetes v1.1.9 → Talos v1.2.9');
    expect(blocked).toContain('20 more');
    expect(blocked).toContain('journey:continue');
  });

  it('shows the way in a plan that was only looked at, without a button', () => {
    const { goal, way, findings } = told('too far for one hop').rollout;
    if (way === null) throw new Error('the story has no way');
    const message = text(
      declinedMessage('prod', goal, { outcome: 'blocked', sentence: 'No.', findings, way }),
    );
    expect(message).toContain('in *40 hops*');
    expect(message).not.toContain('journey:continue');
  });
});

describe('the estimate', () => {
  const planOf = (story: RolloutStory): string =>
    text(
      threadOf({ entries: story.entries, policy: aPolicy(), notes: {}, now: 0 })?.slots.find(
        ({ name }) => name === 'plan',
      ),
    );

  it('stands in the plan, in all and for each node', () => {
    const plan = planOf(told('proposed as a hop, with an estimate'));
    expect(plan).toContain(
      'About 24 min without waiting for people, 40 min when all of it is slow (from 3 past upgrades)',
    );
    expect(plan).toContain('about 5 min');
  });

  it('is not there without past upgrades', () => {
    expect(planOf(told('proposed'))).not.toContain('without waiting');
  });
});

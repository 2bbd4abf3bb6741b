// The copy of etcd as people see it: a stage of its own that is nobody's upgrade.
import { describe, expect, it } from 'vitest';
import { card } from '../../../src/bot/views/card.ts';
import { heldCard } from '../../../src/bot/views/held.ts';
import { progressOf, stageRows } from '../../../src/bot/views/nodes.ts';
import { clusterLines } from '../../../src/bot/views/status.ts';
import { summaryMessage } from '../../../src/bot/views/summary.ts';
import type { Rollout } from '../../../src/rollout/rollout.ts';
import { aPolicy } from '../../builders/plan.ts';
import { aRollout, type RolloutStory } from '../../builders/rollout.ts';

const story = (): RolloutStory => aRollout({ archived: true, workers: ['worker-1'] });
/** Up to the moment at which etcd is copied. */
const beforeCopy = (): RolloutStory => story().underWay().node('worker-1', 'done');

function shown(rollout: Rollout): string {
  return JSON.stringify(card({ rollout, policy: aPolicy(), notes: {}, now: rollout.lastAt }));
}

describe('the copy of etcd', () => {
  it('is counted as a stage, and not as the upgrade of its node', () => {
    const { rollout } = beforeCopy().begun(beforeCopy().copying);
    expect(progressOf(rollout)).toEqual({ done: 1, all: 4, left: [] });
    expect(stageRows(rollout, rollout.lastAt).map(({ stage, kind, done }) => [stage.id, kind, done])).toEqual(
      [
        ['images', 'prepare', 4],
        ['workers', 'nodes', 1],
        ['snapshot', 'prepare', 0],
        ['control-plane', 'nodes', 0],
      ],
    );
    const [cp1] = stageRows(rollout, rollout.lastAt).at(-1)?.rows ?? [];
    expect(cp1).toMatchObject({ name: 'cp-1', state: 'waiting' });
    expect(shown(rollout)).toContain('*etcd snapshot* · 0 of 1');
    const status = { cluster: 'prod', channel: 'C1', running: { rollout, url: null }, last: null };
    const text = clusterLines(status, rollout.lastAt).mrkdwn;
    expect(text).toContain('`cp-1` copying etcd');
  });

  it('is done when it is in the archive', () => {
    const { rollout } = beforeCopy().copied();
    expect(shown(rollout)).toContain('*etcd snapshot* · 1 of 1');
    expect(progressOf(rollout)).toEqual({ done: 1, all: 4, left: [] });
  });

  it('that failed says what skipping means', () => {
    const held = beforeCopy();
    held
      .begun(held.copying)
      .append({ kind: 'step-failed', step: held.copying.id, why: 'The archive folder /x is full.' });
    const { phase } = held.rollout;
    if (phase.phase !== 'held') throw new Error(phase.phase);
    const text = JSON.stringify(heldCard(held.rollout, { held: phase.held, at: 0, choice: null }, aPolicy()));
    expect(text).toContain('*Skip* does without a snapshot of etcd and goes on with `cp-1`');
    expect(text).not.toContain('behind and goes on');
  });

  it('is named at the end, with its size', () => {
    const text = JSON.stringify(summaryMessage(story().upgraded().rollout));
    expect(text).toContain('etcd snapshot: `prod/20261120T150000.000Z_prod_r1.snapshot` (71 MiB)');
  });
});

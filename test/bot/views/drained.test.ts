// What the summary says of nodes that were put back, or could not be.
import { describe, expect, it } from 'vitest';
import { summaryMessage } from '../../../src/bot/views/summary.ts';
import type { StepFacts } from '../../../src/rollout/step.ts';
import { aRollout } from '../../builders/rollout.ts';

describe('the summary', () => {
  it('names a node that was found cordoned and is left to whoever did that', () => {
    const story = aRollout().planned().started();
    for (const [kind, result] of [
      ['cordon', { found: 'cordoned' }],
      ['uncordon', { restored: 'not-ours' }],
    ] as const)
      story.append({ kind: 'step-ended', step: story.step('worker-1', kind).id, result });
    story.aborted().finished('aborted');
    expect(JSON.stringify(summaryMessage(story.rollout).blocks)).toContain(
      '`worker-1` was found cordoned, and is left to whoever did that',
    );
  });

  it.each([
    ['and does not carry its mark any more', 'schedulable', true],
    ['by somebody before it', 'cordoned', false],
  ])('says of a node that was cordoned %s whether it was left as it is', (_how, found, told) => {
    const story = aRollout().planned().started();
    const ends = (kind: 'cordon' | 'uncordon', result: StepFacts): void => {
      story.append({ kind: 'step-ended', step: story.step('worker-1', kind).id, result });
    };
    ends('cordon', { found });
    ends('uncordon', { restored: 'not-ours' });
    story.aborted().finished('aborted');
    const summary = JSON.stringify(summaryMessage(story.rollout).blocks);
    expect(summary.includes('does not carry its mark any more')).toBe(told);
  });
});

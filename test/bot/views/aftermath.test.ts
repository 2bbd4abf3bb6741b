// What people read in the summary of pods that stopped running: at the end first, then node by node.
import { describe, expect, it } from 'vitest';
import { summaryMessage } from '../../../src/bot/views/summary.ts';
import { aRollout } from '../../builders/rollout.ts';

const TROUBLE = 'Not running, other than before the rollout: shop/ReplicaSet web (CrashLoopBackOff).';

describe('the summary', () => {
  const { rollout } = aRollout({ workers: ['worker-1'] }).upgraded();
  const text = (changed: Partial<typeof rollout>): string =>
    JSON.stringify(summaryMessage({ ...rollout, ...changed }).blocks);

  it('names what does not run any more', () => {
    const findings = [
      {
        check: 'new-troubles',
        level: 'warning',
        subject: 'cluster',
        sentence: TROUBLE,
        advice: null,
      } as const,
    ];
    expect(text({ aftermath: findings })).toContain(':warning: Not running, other than before');
  });

  it('says of which node it was when that was back', () => {
    const last = rollout.plan?.stages
      .flatMap(({ lanes }) => lanes)
      .find(({ node, steps }) => node === 'worker-1' && steps.some(({ kind }) => kind === 'uncordon'))
      ?.steps.at(-1);
    const steps = new Map(rollout.steps);
    const result = { newTroubles: 'Not running on worker-1, other than before: shop/DaemonSet agent.' };
    steps.set(last?.id ?? '', { state: 'ended', peopleMs: 0, at: 2, begunAt: 1, inOneHand: true, result });
    expect(text({ steps })).toContain('when it was back: Not running on worker-1');
  });

  it('says nothing where everything runs as before', () => {
    expect(text({})).not.toContain('other than before');
  });
});

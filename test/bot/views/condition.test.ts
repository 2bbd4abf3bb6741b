// The answer to `/talos check` as one person reads it: how the cluster is in one line, then what was found, within Slack's limits.
import { describe, expect, it } from 'vitest';
import { validateMessage } from '../../../playground/slack/validate.ts';
import type { Message } from '../../../src/bot/views/blocks.ts';
import { conditionMessage } from '../../../src/bot/views/condition.ts';
import type { ConditionReport } from '../../../src/engine/ports/errands.ts';
import { aFinding } from '../../builders/plan.ts';
import { aRollout } from '../../builders/rollout.ts';

const REPORT: ConditionReport = {
  kind: 'checked',
  findings: [aFinding('ok'), aFinding('skipped', { check: 'flux', sentence: 'Flux is not installed.' })],
  nodes: { controlPlane: 3, workers: 2 },
  runs: {
    talos: { oldest: 'v1.12.9', newest: 'v1.13.4' },
    kubernetes: { oldest: 'v1.34.1', newest: 'v1.34.1' },
  },
};

const textOf = ({ blocks }: Message): string => JSON.stringify(blocks);

describe('the answer to a check', () => {
  it('begins with how the cluster is, for eyes and for screen readers', () => {
    const { findings } = REPORT;
    const bad = [
      ...findings,
      aFinding('blocker'),
      aFinding('warning', { sentence: 'a' }),
      aFinding('warning', { sentence: 'b' }),
      aFinding('unknown'),
    ];
    expect(conditionMessage('prod', REPORT, null).text).toBe('prod is well.');
    const told = conditionMessage('prod', { ...REPORT, findings: bad }, null);
    expect(told.text).toBe('prod has 1 blocker, 1 unknown, 2 warnings.');
    expect(textOf(told)).not.toContain('white_check_mark');
  });

  it('says what runs, who sees it, that nothing was changed, and what to ask next', () => {
    const told = textOf(conditionMessage('prod', REPORT, null));
    expect(told).toContain(
      '5 nodes (3 of the control plane) · Talos v1.12.9 to v1.13.4 · Kubernetes v1.34.1',
    );
    expect(told).toContain('Only you see this. Nothing was changed.');
    expect(told).toContain('/talos plan prod');
    expect(told).toContain('`flux` (Flux is not installed)');
  });

  const { talos, kubernetes } = REPORT.runs;
  it.each([
    [
      { talos, kubernetes: null },
      'Kubernetes unknown',
      'Kubernetes does not answer: this is what the machines and etcd say',
    ],
    [{ talos: null, kubernetes }, 'Talos unknown', 'No machine answers: this is what Kubernetes says'],
    [
      { talos: null, kubernetes: null },
      'Talos unknown · Kubernetes unknown',
      'nothing is known of this cluster',
    ],
  ])('says first which half is missing, and does not guess: %#', (runs, about, says) => {
    const told = textOf(conditionMessage('prod', { ...REPORT, runs }, null));
    expect(told).toContain(about);
    expect(told).toContain(says);
    expect(conditionMessage('prod', { ...REPORT, runs }, null).text).toBe('prod is known only in part.');
    expect(textOf(conditionMessage('prod', REPORT, null))).not.toContain('grey_question');
  });

  it('says first that a rollout has the cluster', () => {
    const { rollout } = aRollout({ cluster: 'prod' }).planned().started();
    const told = textOf(conditionMessage('prod', REPORT, { rollout, now: rollout.lastAt }));
    expect(told).toContain('The upgrade of prod to Talos v1.13.5 has the cluster');
    expect(textOf(conditionMessage('prod', REPORT, null))).not.toContain('has the cluster');
  });

  it('fits one message whatever was found, and says that it is not all', () => {
    const long = (at: number) => `${'something is wrong here '.repeat(20)} ${at}`;
    const findings = (['blocker', 'unknown', 'warning', 'skipped'] as const).flatMap((level) =>
      Array.from({ length: 300 }, (_, at) =>
        aFinding(level, { subject: `node-${at}`, sentence: long(at), advice: long(at) }),
      ),
    );
    const told = conditionMessage('prod', { ...REPORT, findings }, null);
    expect(validateMessage(told)).toEqual([]);
    // Slack takes some 12,000 characters of text in all (facts/slack.md 3.5).
    expect(textOf(told).length).toBeLessThan(12_000);
    expect(textOf(told)).toContain('Only the worst is shown');
    for (const title of ['*Blockers* (300)', '*Warnings* (300)', '*Not checked* (300)'])
      expect(textOf(told)).toContain(title);
    expect(textOf(conditionMessage('prod', REPORT, null))).not.toContain('Only the worst');
  });
});

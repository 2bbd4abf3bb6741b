// What a plan says of a Kubernetes that does not answer: once, however many checks it hides.
import { describe, expect, it } from 'vitest';
import { areFolded, findingLines, loudLines } from '../../../src/bot/views/findings.ts';
import { PRE_FLIGHT, runChecks } from '../../../src/checks/checklist.ts';
import type { EstateSubject } from '../../../src/cluster/estate/estate.ts';
import { anEstate } from '../../builders/estate.ts';
import { aFinding } from '../../builders/plan.ts';
import { aCluster } from '../../builders/snapshot.ts';

const ASKED = { target: 'v1.13.5', factory: 'factory.talos.dev' } as const;
const SUBJECTS = Object.keys(anEstate()) as EstateSubject[];

describe('findings of a cluster whose Kubernetes API is away', () => {
  const snapshot = aCluster().withEstate(anEstate({}, SUBJECTS)).build();
  const lines = findingLines(runChecks(PRE_FLIGHT, snapshot, ASKED)).map(({ mrkdwn }) => mrkdwn);

  it('name everything that is not known in one line, with its one reason', () => {
    const unknown = lines.filter((line) => line.includes('nothing is known about'));
    expect(unknown).toHaveLength(1);
    for (const hidden of ['pods', 'disruption budgets', 'admission webhooks', 'Flux', 'Velero', 'Longhorn'])
      expect(unknown[0]).toContain(hidden);
  });

  it('count each check that nobody made', () => {
    const title = lines.find((line) => line.startsWith('*Unknown')) ?? '';
    expect(Number(/\((\d+)\)$/.exec(title)?.[1])).toBeGreaterThanOrEqual(20);
  });
});

describe('what was not checked', () => {
  const skipped = (check: string, sentence: string) => aFinding('skipped', { check, sentence });
  const last = (findings: Parameters<typeof findingLines>[0]) => findingLines(findings).at(-1)?.mrkdwn ?? '';

  it('is named with the reason, checks with one reason together', () => {
    const findings = [
      aFinding('ok'),
      skipped('flux', 'Flux is not installed.'),
      skipped('etcd-size', 'It is switched off by the policy.'),
      skipped('time-sync', 'It is switched off by the policy.'),
    ];
    expect(findingLines(findings).map(({ mrkdwn }) => mrkdwn)).toEqual([
      '1 check fine',
      '*Not checked* (3): `flux` (Flux is not installed), `etcd-size` `time-sync` (It is switched off by the policy)',
    ]);
    expect(areFolded(findings)).toBe(false);
  });

  it('is one paragraph however many there are, and the rest is counted', () => {
    const findings = Array.from({ length: 200 }, (_, at) => skipped(`check-${at}`, `Reason number ${at}.`));
    expect(last(findings).length).toBeLessThan(1_400);
    expect(last(findings)).toMatch(/^\*Not checked\* \(200\): `check-0` .* and \d+ more$/);
    expect(areFolded(findings)).toBe(true);
  });

  it('is not said where everything was', () => {
    expect(last([aFinding('ok'), aFinding('ok')])).toBe('2 checks fine');
  });
});

describe('findings that are too many for a message', () => {
  const many = (count: number, length: number) =>
    Array.from({ length: count }, (_, at) =>
      aFinding('warning', {
        subject: `n${at}`,
        check: `c${at}`,
        sentence: `${at}: ${'x'.repeat(length)}`,
        advice: null,
      }),
    );

  it.each([
    ['twelve of one level', many(12, 20), false],
    ['thirteen of one level', many(13, 20), true],
    [
      'a long level below long blockers',
      [...many(12, 290).map((one) => ({ ...one, level: 'blocker' as const })), ...many(12, 290)],
      true,
    ],
  ])('%s: folded', (_, findings, folded) => {
    const lines = loudLines(findings);
    expect(areFolded(findings)).toBe(folded);
    expect(lines.some(({ mrkdwn }) => mrkdwn.startsWith('… and '))).toBe(folded);
    expect(lines.reduce((sum, { mrkdwn }) => sum + mrkdwn.length, 0)).toBeLessThan(7_500);
  });

  it('each level tells at least its first', () => {
    const levels = ['blocker', 'unknown', 'warning'] as const;
    const findings = levels.flatMap((level) =>
      many(12, 290).map((one) => ({ ...one, level, advice: 'y'.repeat(290) })),
    );
    const text = loudLines(findings)
      .map(({ mrkdwn }) => mrkdwn)
      .join('\n');
    for (const title of ['*Blockers*', '*Unknown', '*Warnings*'])
      expect(text).toMatch(new RegExp(`${title.replaceAll('*', '\\*')}[^\n]*\n•`));
  });
});

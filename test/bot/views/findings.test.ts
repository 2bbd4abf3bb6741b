// What a plan says of a Kubernetes that does not answer: once, however many checks it hides.
import { describe, expect, it } from 'vitest';
import { findingLines } from '../../../src/bot/views/findings.ts';
import { PRE_FLIGHT, runChecks } from '../../../src/checks/checklist.ts';
import type { EstateSubject } from '../../../src/cluster/estate/estate.ts';
import { anEstate } from '../../builders/estate.ts';
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

// Findings put together: six nodes with one cause are one trouble to read.
import { describe, expect, it } from 'vitest';
import { type Finding, type FindingGroup, grouped } from '../../src/checks/finding.ts';

function finding(subject: string, sentence: string, changed: Partial<Finding> = {}): Finding {
  return {
    check: 'legal-hop',
    level: 'blocker',
    subject,
    sentence,
    advice: `Look at ${subject}.`,
    ...changed,
  };
}

function subjectsOf(group: FindingGroup): readonly string[] {
  return group.kind === 'same' ? [group.first.subject, ...group.others] : [];
}

describe('findings grouped by cause', () => {
  it('are one when they differ by their subject alone, and stand where the first stood', () => {
    const groups = grouped([
      finding('cp-1', 'cp-1 is too old.'),
      finding('w-1', 'w-1 is silent.'),
      finding('cp-2', 'cp-2 is too old.'),
    ]);
    expect(groups.map(subjectsOf)).toEqual([['cp-1', 'cp-2'], ['w-1']]);
  });

  it('stay apart when level, check, advice or figures differ', () => {
    const groups = grouped([
      finding('a', 'a lacks 1 GiB.'),
      finding('b', 'b lacks 2 GiB.'),
      finding('c', 'c lacks 1 GiB.', { level: 'warning' }),
      finding('d', 'd lacks 1 GiB.', { check: 'disk' }),
      finding('e', 'e lacks 1 GiB.', { advice: null }),
    ]);
    expect(groups.map(subjectsOf)).toEqual([['a'], ['b'], ['c'], ['d'], ['e']]);
  });

  it('are one when one silence hides several things, each named once', () => {
    const silence = (what: string, why: string, changed: Partial<Finding> = {}) =>
      finding('cluster', `Nothing is known about ${what}: ${why}`, {
        level: 'unknown',
        silence: { what, why },
        ...changed,
      });
    const groups = grouped([
      silence('pods', 'Kubernetes does not answer.', { check: 'system-pods' }),
      silence('pods', 'Kubernetes does not answer.', { check: 'pods-running' }),
      silence('Flux', 'it is forbidden.', { check: 'flux' }),
      silence('webhooks', 'Kubernetes does not answer.', { check: 'webhooks' }),
    ]);
    expect(groups).toMatchObject([
      { kind: 'silence', why: 'Kubernetes does not answer.', hidden: ['pods', 'webhooks'] },
      { kind: 'same', first: { check: 'flux', sentence: 'Nothing is known about Flux: it is forbidden.' } },
    ]);
  });
});

// What a policy may say about checks, and what it may not.
import { describe, expect, it } from 'vitest';
import { CHECKS, maySetAside, weighed } from '../../src/checks/catalogue.ts';
import type { Finding, Level } from '../../src/checks/finding.ts';

function finding(check: string, level: Level): Finding {
  return { check, level, subject: 'w-1', sentence: `${check} says something.`, advice: null };
}

function levels(findings: readonly Finding[]): readonly string[] {
  return findings.map(({ check, level }) => `${check} ${level}`);
}

describe('a policy about checks', () => {
  it('makes troubles of a check stop, or only warn, and leaves what is fine', () => {
    const flux = (['blocker', 'unknown', 'warning', 'ok', 'skipped'] as const).map((level) =>
      finding('flux', level),
    );
    expect(weighed(flux, { flux: 'warn' }).map(({ level }) => level)).toEqual([
      'warning',
      'warning',
      'warning',
      'ok',
      'skipped',
    ]);
    expect(weighed(flux, { flux: 'block' }).map(({ level }) => level)).toEqual([
      'blocker',
      'unknown',
      'blocker',
      'ok',
      'skipped',
    ]);
  });

  it('switches a check off, which then says so once', () => {
    const findings = [finding('flux', 'warning'), finding('argo', 'blocker'), finding('flux', 'blocker')];
    const left = weighed(findings, { flux: 'off' });
    expect(levels(left)).toEqual(['flux skipped', 'argo blocker']);
    expect(left[0]?.sentence).toContain('switched off by the policy');
  });

  it('says nothing about what it does not name, nor about what guards a promise', () => {
    const findings = [
      finding('etcd-quorum', 'blocker'),
      finding('unheard-of', 'unknown'),
      finding('argo', 'blocker'),
    ];
    expect(weighed(findings, { 'etcd-quorum': 'off', flux: 'off' })).toEqual(findings);
  });

  it.each(['etcd-quorum', 'machine-answers', 'static-pods', 'legal-hop', 'unheard-of', 'toString'])(
    'sets %s never aside',
    (check) => {
      expect(maySetAside(check)).toBe(false);
    },
  );

  it('may set aside most of the others', () => {
    expect(Object.keys(CHECKS).filter(maySetAside)).toContain('disruption-budgets');
  });
});

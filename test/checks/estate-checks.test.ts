// The checks on what Kubernetes says beside its nodes: what each calls well, bad and unknown.
import { describe, expect, it } from 'vitest';
import { anEstate } from '../builders/estate.ts';
import { aCluster } from '../builders/snapshot.ts';
import { API_ROWS } from './api-rows.ts';
import { NEIGHBOUR_ROWS } from './neighbour-rows.ts';
import { POD_ROWS } from './pod-rows.ts';
import { ABOUT } from './silent-subjects.ts';

describe('a check on what Kubernetes says beside its nodes', () => {
  it.each([...POD_ROWS, ...API_ROWS, ...NEIGHBOUR_ROWS].map((row) => ({ ...row, name: row.check.name })))(
    '$name calls it $level when $what',
    ({ check, estate, level, says, subject }) => {
      const [worst] = check(aCluster().withEstate(anEstate(estate)).build());
      expect(worst?.level).toBe(level);
      if (says !== undefined) expect(worst?.sentence).toContain(says);
      if (subject !== undefined) expect(worst?.subject).toBe(subject);
    },
  );

  it.each(ABOUT.map(([check, subject]) => ({ check, subject, name: check.name })))(
    '$name calls it unknown when nothing is known about $subject',
    ({ check, subject }) => {
      const findings = check(
        aCluster()
          .withEstate(anEstate({}, [subject]))
          .build(),
      );
      expect(findings.map(({ level }) => level)).toEqual(['unknown']);
      expect(findings[0]?.advice).toMatch(/\w+/);
    },
  );

  it.each([...new Set(ABOUT.map(([check]) => check))].map((check) => ({ check, name: check.name })))(
    '$name is skipped when Kubernetes was not asked',
    ({ check }) => {
      expect(check(aCluster().build()).map(({ level }) => level)).toEqual(['skipped']);
    },
  );
});

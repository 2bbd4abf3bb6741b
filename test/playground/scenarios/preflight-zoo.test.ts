// The zoo's catalogue: every check has an exhibit at each of its moments, and none is found without its fault.
import { describe, expect, it } from 'vitest';
import { EXHIBITS, preflightZoo, VISITORS, zoo } from '../../../playground/scenarios/preflight-zoo.ts';
import type { Fault, Visitor } from '../../../playground/scenarios/zoo/exhibit.ts';
import { REMAINS } from '../../../playground/scenarios/zoo/remains.ts';
import { FAULTS } from '../../../playground/world/faults.ts';
import { CHECKS } from '../../../src/checks/catalogue.ts';
import {
  AFTER_A_NODE,
  AT_THE_END,
  BEFORE_A_NODE,
  type SnapshotCheck,
} from '../../../src/checks/checklist.ts';
import { aCluster } from '../../builders/snapshot.ts';
import { limitOf, play } from './playing.ts';

const SHOWN = [...EXHIBITS, ...VISITORS, ...REMAINS];

describe('the zoo of faults', () => {
  it('has an exhibit for every check', () => {
    const shown = new Set<string>(SHOWN.map(({ check }) => check));
    expect(Object.keys(CHECKS).filter((check) => !shown.has(check))).toEqual([]);
  });

  it('shows each check once before a rollout', () => {
    const shown = [...EXHIBITS, ...REMAINS].map(({ check }) => check);
    expect(shown.toSorted()).toEqual([...new Set(shown)].toSorted());
  });

  it.each<[Visitor['moment'], readonly SnapshotCheck[]]>([
    ['before-a-node', BEFORE_A_NODE],
    ['after-a-node', AFTER_A_NODE],
    ['at-the-end', AT_THE_END],
  ])('shows every check that is asked %s there as well', (moment, checks) => {
    const asked = checks.flatMap((check) => check(aCluster().build())).map(({ check }) => check);
    const there = VISITORS.filter((row) => row.moment === moment).map(({ check }) => String(check));
    expect(there).toEqual(expect.arrayContaining(asked));
    expect(asked.length).toBeGreaterThan(0);
  });

  it('puts only faults that the page offers, with parameters they take', () => {
    for (const row of SHOWN) {
      const fault: Fault | undefined = row.fault;
      if (fault === undefined) continue;
      const { name, ...params } = fault;
      const kind = FAULTS.find((one) => one.name === name);
      expect(kind, `${row.check}: ${name}`).toBeDefined();
      const known = kind?.params.map((param) => param.name) ?? [];
      for (const param of Object.keys(params)) expect(known, `${row.check}: ${name}`).toContain(param);
    }
  });

  it('has a fault, a question, credentials or a configuration that are the fault in every exhibit', () => {
    for (const { check, fault, asked, credentials, configuration } of EXHIBITS)
      expect(
        [fault, asked, credentials, configuration].some((one) => one !== undefined),
        check,
      ).toBe(true);
  });

  it('misses every single row when nothing is wrong', { timeout: limitOf(preflightZoo) }, async () => {
    const { ok, missed } = await play(zoo('nothing'));
    const text = missed.join('\n');
    expect(ok).toBe(false);
    expect(SHOWN.filter(({ says }) => !text.includes(`"${says}"`)).map(({ check }) => check)).toEqual([]);
  });
});

// The zoo's catalogue: every check of a pre-flight has an exhibit, or a written reason why it has none.
import { describe, expect, it } from 'vitest';
import { EXHIBITS, NOT_SHOWN } from '../../../playground/scenarios/preflight-zoo.ts';
import { FAULTS } from '../../../playground/world/faults.ts';
import { CHECKS, isCheck } from '../../../src/checks/catalogue.ts';

describe('the zoo of pre-flight faults', () => {
  const shown = EXHIBITS.map(({ check }) => check);

  it('has an exhibit for every check, or the reason why it has none', () => {
    const without = Object.keys(CHECKS).filter(
      (check) => !shown.some((one) => one === check) && !Object.hasOwn(NOT_SHOWN, check),
    );
    expect(without).toEqual([]);
  });

  it('has each check once, and gives reasons only for checks that it does not show', () => {
    expect(shown.toSorted()).toEqual([...new Set(shown)].toSorted());
    for (const check of Object.keys(NOT_SHOWN)) {
      expect(isCheck(check)).toBe(true);
      expect(shown).not.toContain(check);
    }
  });

  it('puts only faults that the page offers, with parameters they take', () => {
    for (const { check, fault } of EXHIBITS) {
      if (fault === undefined) continue;
      const { name, ...params } = fault;
      const kind = FAULTS.find((one) => one.name === name);
      expect(kind, `${check}: ${name}`).toBeDefined();
      const known = kind?.params.map((param) => param.name) ?? [];
      for (const param of Object.keys(params)) expect(known, `${check}: ${name}`).toContain(param);
    }
  });

  it('has a fault, a question or credentials that are the fault in every exhibit', () => {
    for (const { check, fault, asked, credentials } of EXHIBITS)
      expect(
        [fault, asked, credentials].some((one) => one !== undefined),
        check,
      ).toBe(true);
  });
});

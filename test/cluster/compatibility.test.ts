// The table of what goes together, and rows of an operator's own laid over it.
import { describe, expect, it } from 'vitest';
import {
  COMPATIBILITY,
  type OwnRow,
  rowOf,
  runsKubernetes,
  withOwnRows,
} from '../../src/cluster/compatibility.ts';
import { hop } from '../../src/cluster/version.ts';

const NEW: OwnRow = { hosts: { from: '1.14.0', below: '1.18.0' }, kubernetes: { from: '1.34', to: '1.39' } };

describe('the table', () => {
  it('has every minor once, in order, without a gap', () => {
    expect(COMPATIBILITY.map(({ minor }) => minor)).toEqual(
      Array.from({ length: 14 }, (_, at) => `1.${at + 2}`),
    );
  });

  it('has from 1.9 on six minors of Kubernetes per Talos, one newer each time (facts/kubernetes.md 1.5)', () => {
    const talos = Array.from({ length: 7 }, (_, at) => 9 + at);
    expect(talos.map((minor) => rowOf(COMPATIBILITY, `1.${minor}`)?.kubernetes)).toEqual(
      talos.map((minor) => ({ from: `1.${minor + 18}`, to: `1.${minor + 23}` })),
    );
  });

  it.each([
    ['1.13', '1.30', false],
    ['1.13', '1.31', true],
    ['1.13', '1.36', true],
    ['1.13', '1.37', false],
    ['1.6', '1.24', true],
    ['1.5', '1.25', false],
  ])('Talos %s with Kubernetes %s: %s', (minor, kubernetes, runs) => {
    const row = rowOf(COMPATIBILITY, minor);
    expect(row !== null && runsKubernetes(row, kubernetes)).toBe(runs);
  });

  it('knows nothing of minors it does not list', () => {
    expect(rowOf(COMPATIBILITY, '1.16')).toBeNull();
  });
});

describe('rows of an operator', () => {
  it('add a minor, and a hop to it is legal from then on', () => {
    expect(hop('v1.15.2', 'v1.16.0').kind).toBe('unknown');
    const merged = withOwnRows(COMPATIBILITY, { '1.16': { ...NEW, newest: '1.16.3' } });
    if (merged.kind !== 'table') throw new Error(merged.mistakes.join('\n'));
    expect(hop('v1.15.2', 'v1.16.0', { compatibility: merged.table })).toEqual({
      kind: 'legal',
      direction: 'up',
    });
    expect(rowOf(merged.table, '1.16')).toEqual({
      minor: '1.16',
      ...NEW,
      newest: 'v1.16.3',
      enterFrom: null,
      hints: [],
    });
  });

  it('change what they name of a known minor and leave the rest', () => {
    const merged = withOwnRows(COMPATIBILITY, { '1.14': { kubernetes: { from: '1.32', to: '1.36' } } });
    const known = rowOf(COMPATIBILITY, '1.14');
    expect(merged.kind === 'table' && rowOf(merged.table, '1.14')).toEqual({
      ...known,
      kubernetes: { from: '1.32', to: '1.36' },
    });
  });

  it('stand in order, whatever order they were written in', () => {
    const merged = withOwnRows(COMPATIBILITY, { '1.17': NEW, '1.16': NEW });
    expect(merged.kind === 'table' && merged.table.slice(-3).map(({ minor }) => minor)).toEqual([
      '1.15',
      '1.16',
      '1.17',
    ]);
  });

  it.each([
    ['a minor that is none', 'latest', NEW, 'expects a minor of Talos'],
    ['a version for a minor', '1.16.1', NEW, 'expects a minor of Talos'],
    ['a new minor without hosts', '1.16', { kubernetes: NEW.kubernetes }, 'needs hosts.from'],
    ['a new minor without Kubernetes', '1.16', { hosts: NEW.hosts }, 'needs kubernetes.from'],
    ['hosts that are minors', '1.16', { ...NEW, hosts: { from: '1.14', below: '1.18' } }, 'full versions'],
    [
      'hosts the wrong way round',
      '1.16',
      { ...NEW, hosts: { from: '1.18.0', below: '1.14.0' } },
      'must be newer',
    ],
    [
      'Kubernetes as full versions',
      '1.16',
      { ...NEW, kubernetes: { from: '1.34.0', to: '1.39' } },
      'expect minors',
    ],
    [
      'Kubernetes the wrong way round',
      '1.16',
      { ...NEW, kubernetes: { from: '1.39', to: '1.34' } },
      'must not be older',
    ],
    ['the newest patch of another minor', '1.16', { ...NEW, newest: 'v1.15.2' }, 'newest expects'],
    [
      'a first version that is none',
      '1.14',
      { enterFrom: { version: '1.13', why: 'x' } },
      'enterFrom.version',
    ],
  ] as const)('with %s are a mistake', (_, minor, row, sentence) => {
    expect(withOwnRows(COMPATIBILITY, { [minor]: row })).toEqual({
      kind: 'mistakes',
      mistakes: [expect.stringMatching(new RegExp(`^${minor}: .*${sentence}`))],
    });
  });

  it('have all their mistakes told at once', () => {
    const merged = withOwnRows(COMPATIBILITY, { '1.16': {}, newest: NEW, '1.17': NEW });
    expect(merged.kind === 'mistakes' && merged.mistakes).toHaveLength(3);
  });
});

describe('an illegal hop', () => {
  it.each([
    ['v1.11.6', 'v1.14.0', 'the next hop is v1.12.11, or a newer patch of Talos 1.12'],
    [
      'v1.11.6',
      'v1.13.9',
      'v1.11.6 cannot go to v1.13.9 directly, because that skips Talos 1.12; the next hop is v1.12.11',
    ],
    ['v1.13.9', 'v1.15.0', 'the next hop is the latest patch of Talos 1.14'],
  ])('from %s to %s names the next legal one', (from, to, why) => {
    expect(hop(from, to)).toMatchObject({ kind: 'illegal', why: expect.stringContaining(why) });
  });
});

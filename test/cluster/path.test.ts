// The path planner on real cases: the shortest legal list, what is asked about, and where there is no way.
import { describe, expect, it } from 'vitest';
import { COMPATIBILITY, withOwnRows } from '../../src/cluster/compatibility.ts';
import { findPath } from '../../src/cluster/path.ts';
import { aQuestion, ask, hopsIn } from './path-question.ts';

describe('a path', () => {
  it.each([
    ['one minor', 'v1.12.11', 'v1.35.4', { talos: '1.13' }, ['T v1.13.9']],
    ['to a version of the same minor', 'v1.13.4', 'v1.35.4', { talos: 'v1.13.9' }, ['T v1.13.9']],
    ['to a patch that is not the latest', 'v1.12.11', 'v1.35.4', { talos: 'v1.13.4' }, ['T v1.13.4']],
    [
      'through the latest patch of its own minor',
      'v1.11.0',
      'v1.34.8',
      { talos: '1.12' },
      ['T v1.11.6', 'T v1.12.11'],
    ],
    [
      'of the issue: 1.11 → 1.14 and Kubernetes 1.33 → 1.36',
      'v1.11.6',
      'v1.33.4',
      { talos: '1.14', kubernetes: '1.36' },
      ['T v1.12.11', 'T v1.13.9', 'T v1.14.1', 'K v1.34.8', 'K v1.35.4', 'K v1.36.3'],
    ],
    [
      'of the journey: from Talos 1.11 with Kubernetes 1.29',
      'v1.11.6',
      'v1.29.15',
      { talos: '1.14' },
      ['K v1.30.14', 'T v1.12.11', 'K v1.31.14', 'T v1.13.9', 'K v1.32.13', 'T v1.14.1'],
    ],
    [
      'for Kubernetes that needs a newer Talos',
      'v1.13.9',
      'v1.35.4',
      { kubernetes: '1.37' },
      ['T v1.14.1', 'K v1.36.3', 'K v1.37.0'],
    ],
    ['for Kubernetes within one minor', 'v1.13.9', 'v1.36.0', { kubernetes: '1.36' }, ['K v1.36.3']],
    [
      'to a Kubernetes that is not the latest',
      'v1.13.9',
      'v1.35.4',
      { kubernetes: 'v1.36.0' },
      ['K v1.36.0'],
    ],
    ['from a release candidate', 'v1.14.0-rc.1', 'v1.36.3', { talos: '1.14' }, ['T v1.14.1']],
    ['to what runs already', 'v1.13.9', 'v1.35.4', { talos: '1.13', kubernetes: '1.35' }, []],
    ['through etcd 3.5.26', 'v1.9.0', 'v1.30.14', { talos: '1.11' }, ['T v1.9.6', 'T v1.10.9', 'T v1.11.6']],
  ] as const)('goes %s', (_, talos, kubernetes, to, hops) => {
    const found = ask({ talos, kubernetes, to });
    expect(found.kind).toBe('found');
    expect(hopsIn(found)).toEqual(hops);
  });

  it.each([
    ['leaves an older patch behind where nothing asks for the latest', 'v1.12.2', '1.13', ['T v1.13.9']],
    ['but not where the table does', 'v1.10.0', '1.11', ['T v1.10.9', 'T v1.11.6']],
  ] as const)('by policy %s', (_, talos, to, hops) => {
    const found = ask({ talos, kubernetes: 'v1.33.4', to: { talos: to }, rules: { patches: 'needed' } });
    expect(hopsIn(found)).toEqual(hops);
  });

  it('skips minors only by policy, and only as far as the installer goes', () => {
    const asked = { talos: 'v1.11.6', kubernetes: 'v1.33.4', to: { talos: '1.14' } };
    expect(hopsIn(ask({ ...asked, rules: { minors: 'installer-limit' } }))).toEqual([
      'T v1.12.11',
      'T v1.14.1',
    ]);
    expect(hopsIn(ask(asked))).toEqual(['T v1.12.11', 'T v1.13.9', 'T v1.14.1']);
  });

  it('says why each hop is there, and where to read about it', () => {
    const found = ask({ talos: 'v1.11.0', kubernetes: 'v1.29.15', to: { talos: '1.12' } });
    expect(found).toEqual({
      kind: 'found',
      notes: [],
      path: {
        v: 1,
        hops: [
          {
            kind: 'talos',
            from: 'v1.11.0',
            to: 'v1.11.6',
            notesUrl: 'https://git.example/talos/releases/tag/v1.11.6',
            why: 'The latest patch of Talos 1.11 comes before the next minor.',
          },
          {
            kind: 'kubernetes',
            from: 'v1.29.15',
            to: 'v1.30.14',
            notesUrl: 'https://git.example/kubernetes/blob/master/CHANGELOG/CHANGELOG-1.30.md',
            why: 'Talos 1.12 needs Kubernetes 1.30 or newer.',
          },
          {
            kind: 'talos',
            from: 'v1.11.6',
            to: 'v1.12.11',
            notesUrl: 'https://git.example/talos/releases/tag/v1.12.11',
            why: 'This is the Talos that was asked for.',
          },
        ],
      },
    });
  });

  it('carries what to know before a minor', () => {
    const found = ask({ talos: 'v1.13.9', kubernetes: 'v1.35.4', to: { talos: '1.14' } });
    expect(JSON.stringify(found)).toContain('the official registry has none');
  });

  it('says what a Talos in between is for', () => {
    const found = ask({ talos: 'v1.13.9', kubernetes: 'v1.36.3', to: { kubernetes: '1.37' } });
    expect(JSON.stringify(found)).toContain('Talos 1.13 runs Kubernetes only up to 1.36.');
  });
});

describe('what nobody knows is asked about', () => {
  it.each([
    [
      'a target minor',
      { talos: 'v1.13.9', kubernetes: 'v1.35.4', to: { talos: '1.16' } },
      'What does Talos 1.16 need?',
    ],
    [
      'a next major',
      { talos: 'v1.13.9', kubernetes: 'v1.35.4', to: { talos: '2.0' } },
      'What does Talos 2.0 need?',
    ],
    [
      'a minor that runs',
      { talos: 'v1.1.0', kubernetes: 'v1.35.4', to: { talos: '1.2' } },
      'What does Talos 1.1 need?',
    ],
    [
      'a version no list has',
      { talos: 'v1.12.11', kubernetes: 'v1.35.4', to: { talos: 'v1.13.77' } },
      'Is there Talos v1.13.77?',
    ],
    [
      'a build of its own',
      { talos: 'dev-build', kubernetes: 'v1.35.4', to: { talos: '1.13' } },
      'What is dev-build?',
    ],
    ['silent machines', { talos: [], kubernetes: 'v1.35.4', to: { talos: '1.13' } }, 'Which Talos runs?'],
    [
      'a silent Kubernetes',
      { talos: 'v1.12.11', kubernetes: { controlPlane: [], kubelets: [] }, to: { talos: '1.13' } },
      'Which Kubernetes runs?',
    ],
    [
      'a Kubernetes beyond the table',
      { talos: 'v1.13.9', kubernetes: 'v1.35.4', to: { kubernetes: '1.42' } },
      'Which Talos runs Kubernetes 1.42?',
    ],
    [
      'nonsense',
      { talos: 'v1.13.9', kubernetes: 'v1.35.4', to: { talos: 'latest' } },
      'Which version is latest?',
    ],
    [
      'the latest patch',
      { talos: 'v1.12.11', kubernetes: 'v1.35.4', to: { talos: '1.13' }, releases: { talos: ['v1.12.11'] } },
      'Which is the latest patch of Talos 1.13?',
    ],
    [
      'the latest patch of what runs',
      { talos: 'v1.12.3', kubernetes: 'v1.35.4', to: { talos: '1.13' }, releases: { talos: ['v1.13.9'] } },
      'Which is the latest patch of Talos 1.12?',
    ],
    [
      'a minor with pre-releases only',
      { talos: 'v1.14.1', kubernetes: 'v1.35.4', to: { talos: '1.15' } },
      'Which is the latest patch of Talos 1.15?',
    ],
  ])('%s', (_, asked, question) => {
    expect(ask(asked)).toMatchObject({ kind: 'unknown', questions: [expect.stringContaining(question)] });
  });

  it('asks about every patch at once, and shows the way in minors', () => {
    const found = ask({
      talos: 'v1.11.6',
      kubernetes: 'v1.29.15',
      to: { talos: '1.12' },
      releases: { talos: [], kubernetes: [] },
    });
    expect(found).toMatchObject({ kind: 'unknown', outline: ['Kubernetes 1.30', 'Talos 1.12'] });
    expect(found.kind === 'unknown' && found.questions).toHaveLength(3);
  });

  it('asks a handful of questions about a typing mistake', () => {
    const found = ask({ talos: 'v1.13.9', kubernetes: 'v1.35.4', to: { talos: '1.131' } });
    expect(found.kind === 'unknown' && found.questions.length).toBe(1);
  });
});

describe('where there is no way', () => {
  it.each([
    ['Talos down', { talos: 'v1.13.9', kubernetes: 'v1.35.4', to: { talos: '1.12' } }, [], 'roll it back'],
    [
      'Kubernetes down',
      { talos: 'v1.13.9', kubernetes: 'v1.35.4', to: { kubernetes: '1.34' } },
      [],
      'cannot go back',
    ],
    [
      'versions that do not go together',
      { talos: 'v1.11.6', kubernetes: 'v1.30.14', to: { talos: '1.14', kubernetes: '1.31' } },
      ['T v1.12.11', 'T v1.13.9', 'K v1.31.14'],
      'Talos 1.14 runs Kubernetes 1.32 to 1.37, not 1.31',
    ],
    [
      'a Kubernetes too new for the Talos asked for',
      { talos: 'v1.12.11', kubernetes: 'v1.35.4', to: { talos: '1.13', kubernetes: '1.37' } },
      ['T v1.13.9', 'K v1.36.3'],
      'Talos 1.13 runs Kubernetes 1.31 to 1.36, not 1.37',
    ],
    [
      'far outside the table',
      { talos: 'v1.12.11', kubernetes: 'v1.28.15', to: { talos: '1.13' } },
      [],
      'Talos 1.13 runs Kubernetes 1.31 to 1.36, not 1.28',
    ],
  ])('%s: the nearest point and what stops it', (_, asked, hops, reason) => {
    const found = ask(asked);
    expect(found).toMatchObject({
      kind: 'blocked',
      reasons: expect.arrayContaining([expect.stringContaining(reason)]),
    });
    if (hops.length > 0) expect([...hopsIn(found)].sort()).toEqual([...hops].sort());
  });

  it('goes nowhere when nothing leads nearer', () => {
    const own = { '1.12': { kubernetes: { from: '1.36', to: '1.38' } } };
    const merged = withOwnRows(COMPATIBILITY, own);
    const table = merged.kind === 'table' ? merged.table : [];
    const found = ask({ talos: 'v1.11.6', kubernetes: 'v1.33.12', to: { talos: '1.12' }, table });
    expect(found).toMatchObject({ kind: 'blocked', nearest: { hops: [] } });
  });

  it('asks about a gap in the table rather than jumping over it', () => {
    const table = COMPATIBILITY.filter(({ minor }) => minor !== '1.12');
    const asked = { talos: 'v1.11.6', kubernetes: 'v1.33.4', to: { talos: '1.13' }, table };
    expect(ask(asked)).toMatchObject({ kind: 'unknown', questions: [expect.stringContaining('Talos 1.12')] });
  });

  it('is found the same way every time, in whatever order the releases come', () => {
    const question = aQuestion({
      talos: 'v1.11.0',
      kubernetes: 'v1.29.15',
      to: { talos: '1.14', kubernetes: '1.36' },
    });
    const { talos, kubernetes } = question.releases;
    const turned = { talos: [...talos].reverse(), kubernetes: [...kubernetes].reverse() };
    expect(findPath({ ...question, releases: turned })).toEqual(findPath(question));
  });
});

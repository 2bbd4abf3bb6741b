// What a journal says of the way its rollout is a hop of: counted when it was asked, and never part of what people approve.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Path, PathHop } from '../../src/cluster/path.ts';
import { decide } from '../../src/rollout/decide.ts';
import { lift } from '../../src/rollout/event/lift.ts';
import type { Entry } from '../../src/rollout/event.ts';
import { fold } from '../../src/rollout/evolve.ts';
import {
  destinationOf,
  hopAfter,
  type Journey,
  journeyOn,
  type Progress,
  progressWith,
} from '../../src/rollout/journey.ts';
import { lanesOf } from '../../src/rollout/plan.ts';
import type { Rollout } from '../../src/rollout/rollout.ts';
import { aPolicy, REQUESTER } from '../builders/plan.ts';
import { aRollout } from '../builders/rollout.ts';

const TO = { talos: 'v1.14.1', kubernetes: null } as const;

/** `T1.12.11 K1.31.14`. */
function way(hops: string): Path {
  return {
    v: 1,
    hops: hops
      .split(' ')
      .filter((hop) => hop !== '')
      .map((hop): PathHop => {
        const kind = hop.startsWith('T') ? 'talos' : 'kubernetes';
        return { kind, from: 'v1.0.0', to: `v${hop.slice(1)}`, notesUrl: '', why: 'Because.' };
      }),
  };
}

const ALL = 'K1.30.14 T1.12.11 K1.31.14 T1.13.9 K1.32.13 T1.14.1';
const from = (hop: number): string => ALL.split(' ').slice(hop).join(' ');

describe('a hop knows its place', () => {
  const rows: readonly (readonly [
    what: string,
    path: string,
    before: Progress | null,
    place: string | null,
  ])[] = [
    ['nothing is left', '', null, null],
    ['one hop that continues nothing is no way', 'T1.13.9', null, null],
    ['the first of a way', 'T1.12.11 T1.13.9', null, '1 of 2'],
    ['the first one the bot makes, after one that people made', from(1), { hop: 0, of: 6 }, '2 of 6'],
    ['the next one', from(3), { hop: 2, of: 6 }, '4 of 6'],
    ['the last one is still a part of it', from(5), { hop: 4, of: 6 }, '6 of 6'],
    ['a way that got longer does not count backwards', `T1.12.12 ${from(2)}`, { hop: 2, of: 6 }, '3 of 7'],
    ['a way that got shorter', 'T1.14.1', { hop: 2, of: 6 }, '6 of 6'],
  ];
  it.each(rows)('%s', (_, path, before, place) => {
    const journey = journeyOn(way(path), TO, before);
    expect(journey === null ? null : `${journey.hop} of ${journey.of}`).toBe(place);
  });

  it('and what is ahead of it', () => {
    expect(journeyOn(way(from(3)), TO, { hop: 2, of: 6 })?.ahead).toEqual([
      { kind: 'kubernetes', to: 'v1.32.13' },
      { kind: 'talos', to: 'v1.14.1' },
    ]);
  });
});

it('a journal knows how long the hops ahead were said to take, where anybody knew', () => {
  const hopTime = { upgrades: 2, ms: 600_000 };
  expect(journeyOn({ ...way(ALL), hopTime }, TO, null)?.hopTime).toEqual(hopTime);
  expect(journeyOn(way(ALL), TO, null)).not.toHaveProperty('hopTime');
});

const JOURNEY: Journey = { v: 1, to: TO, hop: 2, of: 6, ahead: [{ kind: 'kubernetes', to: 'v1.31.14' }] };

describe('the next hop', () => {
  const rows = [
    ['follows on an end that was good', aRollout({ journey: JOURNEY }).upgraded(), 3],
    [
      'not on a hop that was given up',
      aRollout({ journey: JOURNEY }).underWay().aborted().finished('aborted'),
      null,
    ],
    [
      'not on one that is held',
      aRollout({ journey: JOURNEY }).underWay().node('worker-1', 'install').failed('worker-1', 'install'),
      null,
    ],
    ['not on one that runs', aRollout({ journey: JOURNEY }).underWay(), null],
    ['not on the last one', aRollout({ journey: { ...JOURNEY, ahead: [] } }).upgraded(), null],
    ['not on a wish of its own', aRollout().upgraded(), null],
  ] as const;
  it.each(rows)('%s', (_, { rollout }, number) => {
    expect(hopAfter(rollout)?.number ?? null).toBe(number);
  });
});

describe('the journal', () => {
  it('keeps the way a wish is a part of, and approvals are for the hop alone', () => {
    const { plan: alone } = aRollout();
    const { plan, rollout } = aRollout({ journey: JOURNEY });
    expect(rollout.journey).toEqual(JOURNEY);
    expect(lanesOf(plan).map(({ gate }) => gate?.fingerprint)).toEqual(
      lanesOf(alone).map(({ gate }) => gate?.fingerprint),
    );
  });

  it('writes it down as it was asked, and nothing where none was asked', () => {
    const goal = { kind: 'upgrade-talos', version: 'v1.12.11' } as const;
    const ask = { kind: 'ask', rollout: 'r1', cluster: 'prod', goal, channel: 'C1' } as const;
    const around = { policy: aPolicy(), now: 0 };
    const asked = { user: REQUESTER, delivery: 'd1' };
    expect(decide(null, { ...asked, intent: { ...ask, journey: JOURNEY } }, around)).toMatchObject({
      events: [{ kind: 'asked', journey: JOURNEY }],
    });
    const plain = decide(null, { ...asked, intent: ask }, around);
    expect(plain.kind === 'decided' && plain.events.every((event) => !('journey' in event))).toBe(true);
  });

  it('of a later version is read without it', () => {
    const [asked] = aRollout().entries;
    if (asked === undefined) throw new Error('a story begins with asked');
    const { kind, ...data } = asked.event;
    const event = lift({ v: 1, kind, data: { ...data, journey: { ...JOURNEY, v: 2 } } });
    expect(fold([{ ...asked, event }])?.journey).toBeNull();
  });

  it('remembers the way that a wish is too far for', () => {
    const { rollout } = aRollout().append({
      ...{ kind: 'declined', outcome: 'blocked', sentence: 'Too far.', findings: [] },
      way: way(ALL),
    });
    expect(progressWith(rollout)).toEqual({ hop: 0, of: 6 });
    expect(progressWith(aRollout().rollout)).toBeNull();
  });
});

it.each([
  [{ talos: 'v1.14.1', kubernetes: null }, 'Talos v1.14.1'],
  [{ talos: null, kubernetes: '1.36' }, 'Kubernetes 1.36'],
  [{ talos: '1.14', kubernetes: '1.36' }, 'Talos 1.14 and Kubernetes 1.36'],
])('%o is called %s', (to, name) => {
  expect(destinationOf(to)).toBe(name);
});

/** Never edit this file: it is what the first version that knew of ways wrote. */
const GOLDEN: {
  readonly journals: readonly { readonly name: string; readonly entries: readonly StoredEntry[] }[];
} = JSON.parse(readFileSync(new URL('golden/journeys-v1.json', import.meta.url), 'utf8'));

type StoredEntry = Omit<Entry, 'event'> & { readonly kind: string; readonly data: object };

function golden(name: string): Rollout {
  const journal = GOLDEN.journals.find((one) => one.name === name);
  const entries = journal?.entries.map(({ kind, data, ...entry }): Entry => {
    return { ...entry, event: lift({ v: entry.v, kind, data }) };
  });
  const rollout = entries === undefined ? null : fold(entries);
  if (rollout === null) throw new Error(`no golden journal ${name}`);
  return rollout;
}

describe('the golden journals of ways', () => {
  it('still tell the way of a wish that was too far', () => {
    const { way, phase } = golden('too far');
    expect(phase).toMatchObject({ phase: 'finished', outcome: 'blocked' });
    expect(way?.hops.map(({ kind, to }) => `${kind} ${to}`)).toEqual([
      'talos v1.12.11',
      'kubernetes v1.31.14',
      'talos v1.13.9',
      'talos v1.14.1',
    ]);
  });

  it('still tell which hop it was, what was ahead, and how long it was said to take', () => {
    const { journey, estimate } = golden('a hop');
    expect(journey).toMatchObject({ to: TO, hop: 3, of: 4, ahead: [{ kind: 'talos', to: 'v1.14.1' }] });
    expect(estimate).toMatchObject({ upgrades: 2, typicalMs: 540_000, nodes: { 'cp-1': 300_000 } });
  });
});

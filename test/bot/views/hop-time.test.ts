// How long a way takes, wherever it is shown: from this cluster's own upgrades hop by hop, else a sentence that nobody knows.
import { describe, expect, it } from 'vitest';
import { hopTimeLine, hopTimeWord } from '../../../src/bot/views/hop-time.ts';
import { journeyLine, nextLine, wayLine } from '../../../src/bot/views/journey.ts';
import { pathMessage } from '../../../src/bot/views/path.ts';
import type { HopTime, Path, PathHop } from '../../../src/cluster/path.ts';
import type { Journey } from '../../../src/rollout/journey.ts';
import { aRollout } from '../../builders/rollout.ts';

const TOOK: HopTime = { upgrades: 3, ms: 12 * 60_000 };
const TO = { talos: 'v1.14.1', kubernetes: null };

const hop = (kind: PathHop['kind'], to: string): PathHop => ({
  ...{ kind, from: 'v1.0.0', to, notesUrl: 'https://git.example/notes', why: 'Because.' },
});
const HOPS = [hop('kubernetes', 'v1.31.14'), hop('talos', 'v1.13.9'), hop('talos', 'v1.14.1')];

describe('the time of a hop', () => {
  it('is said of Talos, and that of Kubernetes nobody knows it', () => {
    expect(HOPS.map((one) => hopTimeWord(one, TOOK))).toEqual([
      'time not known',
      'about 12 min',
      'about 12 min',
    ]);
    expect(HOPS.map((one) => hopTimeWord(one, null))).toEqual(['', '', '']);
  });

  it.each([
    [
      HOPS,
      TOOK,
      'The 2 hops of Talos take about 24 min, 12 min each, without waiting for people (from 3 past upgrades). Of Kubernetes nobody knows: people do that by hand.',
    ],
    [
      HOPS.slice(2),
      { ...TOOK, upgrades: 1 },
      'The hop of Talos takes about 12 min, without waiting for people (from 1 past upgrade).',
    ],
    [HOPS, null, 'How long a hop takes here is not known: I have not upgraded this cluster before.'],
    [HOPS.slice(0, 1), TOOK, null],
  ] as const)('is summed up in one line: %#', (hops, took, line) => {
    expect(hopTimeLine(hops, took)?.mrkdwn ?? null).toBe(line);
  });
});

describe('the answer to a path', () => {
  const report = (took: HopTime | null) =>
    ({
      kind: 'path',
      target: TO,
      found: { kind: 'found', path: { v: 1, hops: HOPS }, notes: [] },
      runs: { talos: null, kubernetes: null },
      sources: [],
      troubles: [],
      hop: took,
    }) as const;

  it('has the time behind each hop, and in all', () => {
    const text = JSON.stringify(pathMessage('prod', report(TOOK)));
    expect(text).toContain('2. *Talos* `v1.0.0` → `v1.13.9` · about 12 min (');
    expect(text).toContain('1. *Kubernetes* `v1.0.0` → `v1.31.14` · time not known (');
    expect(text).toContain('The 2 hops of Talos take about 24 min');
  });

  it('says that nobody knows where nobody does', () => {
    const text = JSON.stringify(pathMessage('prod', report(null)));
    expect(text).toContain('How long a hop takes here is not known');
    expect(text).not.toContain('about');
  });
});

describe('the cards of a way', () => {
  const path: Path = { v: 1, hops: HOPS };

  it('name each hop with its time', () => {
    expect(wayLine('prod', TO, { ...path, hopTime: TOOK }).mrkdwn).toContain(
      'Kubernetes v1.31.14 (time not known) → Talos v1.13.9 (about 12 min) → Talos v1.14.1 (about 12 min).\nThe 2 hops',
    );
    expect(wayLine('prod', TO, path).mrkdwn).toContain(
      'Talos v1.13.9 → Talos v1.14.1.\nHow long a hop takes',
    );
  });

  const journey: Journey = {
    ...{ v: 1, to: TO, hop: 1, of: 3, hopTime: TOOK },
    ahead: [
      { kind: 'talos', to: 'v1.13.9' },
      { kind: 'talos', to: 'v1.14.1' },
    ],
  };

  it('say what is ahead after the hop they are about', () => {
    expect(journeyLine(aRollout({ journey }).rollout)?.mrkdwn).toBe(
      'Part of the way to Talos v1.14.1: hop 1 of about 3. After it 2 hops of Talos, about 12 min each',
    );
    const last = { ...journey, ahead: [] };
    expect(journeyLine(aRollout({ journey: last }).rollout)?.mrkdwn).toBe(
      'Part of the way to Talos v1.14.1: hop 1 of about 3',
    );
  });

  it('expect of the next hop what the one before took, without the people', () => {
    const { rollout } = aRollout({ journey }).upgraded();
    const asleep = { ...rollout, askedAt: 0, lastAt: 3_600_000, peopleMs: 2_400_000 };
    expect(nextLine(asleep)?.mrkdwn).toContain('*Talos v1.13.9* (2 of about 3), about 20 min as this one');
  });
});

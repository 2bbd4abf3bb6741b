// What `/talos doctor` says of Redis: what it throws away, what it keeps, who has a copy, and whether facts are signed.
import type { SetupLine } from '../engine/ports/errands.ts';
import { faultOf } from '../engine/ports/fault.ts';
import type { StoreHealth } from '../engine/ports/store-health.ts';
import type { SetupParts } from './doctor.ts';
import { line } from './setup-line.ts';
import { duration, plainWords, plural } from './views/text.ts';

/** Journals carry the store's clock and buttons expire by ours: further apart, what people read is confusing. */
const MOST_SKEW_MS = 2_000;

/** Never rejects: a store that does not answer is a line that says so. */
export async function storeLines({ store, clock }: SetupParts): Promise<readonly SetupLine[]> {
  if (store === undefined) return [];
  try {
    const before = clock.now();
    const health = await store.look();
    return [
      ...awayLines(health),
      evictionLine(health),
      persistenceLine(health),
      skewLine(health.at, before, clock.now()),
      ...replicaLines(health),
      ...signingLines(health),
    ];
  } catch (error) {
    return [
      line(
        'Answer',
        'lacks',
        plainWords(faultOf(error).message, 300),
        'Bring it back: nothing is decided without it.',
      ),
    ];
  }
}

function awayLines({ away = [] }: StoreHealth): readonly SetupLine[] {
  return away.map((where) =>
    line(
      'Answer',
      'lacks',
      plainWords(`Redis at ${where} does not answer; the other servers of the Cluster do.`, 300),
      'Bring it back: the clusters whose keys it has stand still.',
    ),
  );
}

function evictionLine({ evictionPolicy }: StoreHealth): SetupLine {
  const what = 'maxmemory-policy';
  if (evictionPolicy === null)
    return line(what, 'unknown', 'Redis does not say what it throws away when memory gets short.');
  return evictionPolicy === 'noeviction'
    ? line(what, 'ok', 'Nothing is thrown away when memory gets short (noeviction).')
    : line(
        what,
        'lacks',
        `Journals may be thrown away: it is ${evictionPolicy}.`,
        'Set maxmemory-policy to noeviction.',
      );
}

const PERSISTENCE: Readonly<
  Record<StoreHealth['persistence'], readonly [SetupLine['state'], string, string | null]>
> = {
  appended: ['ok', 'Every fact is written to disk (appendonly yes).', null],
  snapshots: [
    'lacks',
    'Only snapshots are kept: the newest facts are lost with a crash.',
    'Set appendonly yes.',
  ],
  none: ['lacks', 'Nothing is kept on disk: a restart forgets every rollout.', 'Set appendonly yes.'],
  unknown: [
    'unknown',
    'Redis does not say how it keeps things.',
    'Ask whoever runs it: a lost journal is a lost rollout.',
  ],
};

function persistenceLine({ persistence }: StoreHealth): SetupLine {
  const [state, sentence, advice] = PERSISTENCE[persistence];
  return line('Persistence', state, sentence, advice);
}

function replicaLines({ replicas }: StoreHealth): readonly SetupLine[] {
  if (replicas === undefined) return [];
  const { needed, online } = replicas;
  if (needed === 0) return [aloneLine(online)];
  const sentence = `Each fact must reach ${plural(needed, 'replica')} before it counts; ${online} ${online === 1 ? 'is' : 'are'} there.`;
  if (online >= needed) return [line('Replicas', 'ok', sentence)];
  const advice = 'Bring one back: until then nothing can be written down. Or do without: redis.replicas: 0.';
  return [line('Replicas', 'lacks', sentence, advice)];
}

/** Somebody may want it so: it is said, and no lack. */
function aloneLine(online: number): SetupLine {
  const there =
    online === 0
      ? 'and there is none'
      : `although ${plural(online, 'replica')} ${online === 1 ? 'is' : 'are'} there`;
  return line(
    'Replicas',
    'ok',
    `A fact counts without a replica having it, ${there}: a fail-over may lose the last facts.`,
  );
}

const SIGNING: Readonly<
  Record<NonNullable<StoreHealth['signing']>, readonly [SetupLine['state'], string, string | null]>
> = {
  on: ['ok', 'Every fact is signed.', null],
  mixed: [
    'lacks',
    'Facts are signed, and unsigned ones are believed as well.',
    'Take redis.unsigned: accepted out once no unsigned rollout is needed any more.',
  ],
  off: [
    'lacks',
    'Facts are not signed: who can write to Redis can forge approvals.',
    'Set JOURNAL_KEY, or let nobody else reach Redis.',
  ],
};

function signingLines({ signing }: StoreHealth): readonly SetupLine[] {
  if (signing === undefined) return [];
  const [state, sentence, advice] = SIGNING[signing];
  return [line('Signatures', state, sentence, advice)];
}

/** The question took a while: its time counts for the store. */
function skewLine(at: number, beforeMs: number, afterMs: number): SetupLine {
  const apartMs = Math.max(0, beforeMs - at, at - afterMs);
  const sentence = `Its clock and mine are ${apartMs < 1_000 ? 'less than a second' : duration(apartMs)} apart.`;
  return apartMs <= MOST_SKEW_MS
    ? line('Clock', 'ok', sentence)
    : line('Clock', 'lacks', sentence, 'Let both machines ask a time server.');
}

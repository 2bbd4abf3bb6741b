// Signed entries: what is believed, and what is refused with the reason.
import { describe, expect, it } from 'vitest';
import { NO_SEALS, type Seals, sealsOf } from '../../src/store/seal.ts';
import {
  anAsk,
  LONG_LEASE_MS,
  memoryWith,
  request,
  type StoreUnderTest,
  started,
} from '../contracts/journal-under-test.ts';

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);
const keyed = (key: string, more: Partial<Parameters<typeof sealsOf>[0]> = {}): Seals =>
  sealsOf({ key, former: [], unsigned: 'refused', ...more });

/** Lines written under one set of keys, laid before a reader with another. */
async function readBy(
  reader: Seals,
  lines: readonly string[],
  at = { cluster: 'prod', rollout: 'r1' },
): Promise<number> {
  const store = await memoryWith(reader)({ leaseMs: LONG_LEASE_MS });
  for (const line of lines) await store.plant(at.cluster, at.rollout, line);
  return (await store.journal.read(at.cluster, at.rollout)).length;
}

async function writtenBy(writer: Seals): Promise<readonly string[]> {
  const store: StoreUnderTest = await memoryWith(writer)({ leaseMs: LONG_LEASE_MS });
  await store.journal.append(request(0, [anAsk('r1'), started]));
  await store.journal.append(request(2, [started]));
  return store.lines('prod', 'r1');
}

describe('a signed journal', () => {
  it.each<[string, Seals, Seals]>([
    ['the key that signed it', keyed(A), keyed(A)],
    ['a new key, and the old one beside it', keyed(A), keyed(B, { former: [A] })],
    ['no key, when nothing was signed', NO_SEALS, NO_SEALS],
    ['a key, while unsigned entries are accepted', NO_SEALS, keyed(A, { unsigned: 'accepted' })],
  ])('is read with %s', async (_, writer, reader) => {
    expect(await readBy(reader, await writtenBy(writer))).toBe(3);
  });

  it.each<[string, Seals, Seals, string]>([
    ['a key, where nothing was signed', NO_SEALS, keyed(A), 'it is not signed'],
    ['no key', keyed(A), NO_SEALS, 'this process has no JOURNAL_KEY'],
    ['another key', keyed(A), keyed(B), 'a key that this process does not have'],
    [
      'another key, even while unsigned ones are accepted',
      keyed(A),
      keyed(B, { unsigned: 'accepted' }),
      'a key that',
    ],
  ])('is refused with %s', async (_, writer, reader, why) => {
    await expect(readBy(reader, await writtenBy(writer))).rejects.toMatchObject({
      name: 'UnreadableEntry',
      n: 1,
      message: expect.stringContaining(why),
    });
  });

  it.each<[string, (line: string) => string, string]>([
    ['its time', (line) => line.replace(/"at":\d/, '"at":9'), 'its signature is wrong'],
    ['its author', (line) => line.replace('U0ANN', 'U0BOB'), 'its signature is wrong'],
    ['its number', (line) => line.replace('"n":1,', '"n":2,'), 'its signature is wrong'],
    ['its link', (line) => line.replace(/"prev":"./, '"prev":"0'), 'its signature is wrong'],
    [
      'a letter of its signature',
      (line) => line.replace(/("mac":"[^"]*)."/, '$1_"'),
      'its signature is wrong',
    ],
    [
      'a second fact behind the first',
      (line) => line.replace(/\}$/, ',"kind":"finished"}'),
      'its signature is wrong',
    ],
    [
      'the place of its signature',
      (line) => line.replace(/,("mac":"[^"]*")(.*)\}$/, '$2,$1}'),
      'not where it belongs',
    ],
    ['a signature more', (line) => line.replace(/\}$/, ',"mac":"00000000:x"}'), 'not where it belongs'],
    ['its signature away', (line) => line.replace(/,"mac":"[^"]*"/, ''), 'it is not signed'],
    [
      'its signature into a number',
      (line) => line.replace(/"mac":"[^"]*"/, '"mac":7'),
      'not where it belongs',
    ],
  ])('is refused by whoever changed %s', async (_, change, why) => {
    const [first = '', ...rest] = await writtenBy(keyed(A));
    const changed = change(first);
    expect(changed).not.toBe(first);
    await expect(readBy(keyed(A), [changed, ...rest])).rejects.toThrow(why);
  });

  it('is refused in another rollout and in another cluster, chain and all', async () => {
    const lines = await writtenBy(keyed(A));
    for (const at of [
      { cluster: 'prod', rollout: 'r2' },
      { cluster: 'lab', rollout: 'r1' },
    ])
      await expect(readBy(keyed(A), lines, at)).rejects.toThrow('its signature is wrong');
  });

  it('does not name its key', async () => {
    expect((await writtenBy(keyed(A))).join()).not.toContain(A);
    await expect(readBy(keyed(B), await writtenBy(keyed(A)))).rejects.not.toThrow(new RegExp(`${A}|${B}`));
  });
});

// Signatures of entries: who can write to Redis, but does not have the key, cannot write facts.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** One secret, and the short name by which entries tell which one signed them. */
interface SealKey {
  readonly id: string;
  readonly secret: string;
}

export interface Seals {
  /** Signs what is appended; null: nothing is signed. */
  readonly key: SealKey | null;
  /** Former keys whose entries are still believed. */
  readonly former: readonly SealKey[];
  /** What becomes of entries without a signature while there is a key: `accepted` is for the time of the change. */
  readonly unsigned: 'refused' | 'accepted';
}

export const NO_SEALS: Seals = { key: null, former: [], unsigned: 'accepted' };

/** As many as 32 random bytes have in base64, less the padding that people drop. */
export const LEAST_SECRET_CHARS = 32;

export function sealsOf(settings: {
  readonly key: string | null;
  readonly former: readonly string[];
  readonly unsigned: 'refused' | 'accepted';
}): Seals {
  const { key, former, unsigned } = settings;
  return { key: key === null ? null : named(key), former: former.map(named), unsigned };
}

function named(secret: string): SealKey {
  return { id: createHash('sha256').update(`talos-chatops key ${secret}`).digest('hex').slice(0, 8), secret };
}

/** Whose entry it is: an entry of another rollout, or of another cluster, has another signature. */
export interface Home {
  readonly cluster: string;
  readonly rollout: string;
}

/** A line without its signature, and with it: `{"n":1,"at":2,"prev":"…","mac":"…",…` */
const HEAD = /^(\{"n":\d+,"at":\d+,"prev":"[0-9a-f]{40}")(?:,"mac":"([^"\\]*)")?/;

/** The line as it is stored: signed when there is a key. `bare` is what sealLine answers. */
export function signed(bare: string, home: Home, { key }: Seals): string {
  if (key === null) return bare;
  return bare.replace(HEAD, (head) => `${head},"mac":"${macOf(bare, home, key)}"`);
}

/** Why this line is not believed, as half a sentence; null when it is. `mac` is what its JSON says. */
export function mistrusted(line: string, mac: unknown, home: Home, seals: Seals): string | null {
  if (mac === undefined)
    return seals.key === null || seals.unsigned === 'accepted'
      ? null
      : 'it is not signed, and this bot has a JOURNAL_KEY';
  if (seals.key === null) return 'it is signed, and this process has no JOURNAL_KEY to check it with';
  const found = HEAD.exec(line);
  if (found === null || typeof mac !== 'string' || found[2] !== mac)
    return 'its signature is not where it belongs';
  const key = [seals.key, ...seals.former].find(({ id }) => mac.startsWith(`${id}:`));
  if (key === undefined) return 'it is signed with a key that this process does not have';
  const bare = `${found[1] ?? ''}${line.slice(found[0].length)}`;
  return same(macOf(bare, home, key), mac)
    ? null
    : 'its signature is wrong, so it was changed, or written by somebody without the key';
}

function macOf(bare: string, { cluster, rollout }: Home, { id, secret }: SealKey): string {
  const text = JSON.stringify([cluster, rollout, bare]);
  return `${id}:${createHmac('sha256', secret).update(text, 'utf8').digest('base64url')}`;
}

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

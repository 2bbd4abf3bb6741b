// One line of a journal as it is stored: an envelope around an event, chained to the line before it.
import { createHash } from 'node:crypto';
import { JournalForked, type Remedy, UnreadableEntry } from '../engine/ports/journal.ts';
import { EVENT_VERSION, JournalMalformed, JournalNewer, lift, versionOf } from '../rollout/event/lift.ts';
import type { Actor, Entry, RolloutEvent } from '../rollout/event.ts';
import { type Home, mistrusted, type Seals } from './seal.ts';

/** True when nothing may follow this event: the rollout has no Look any more. */
export function isTerminal(event: RolloutEvent | undefined): boolean {
  return event?.kind === 'finished' || event?.kind === 'declined';
}

/**
 * The part of a line that its author knows; the store puts number, time and chain in front (append.lua, `sealLine`).
 * Text and not an object, because Lua's cjson turns empty lists into empty objects.
 */
export function lineTail(event: RolloutEvent, by: Actor): string {
  const { kind, ...data } = event;
  return JSON.stringify({ by, v: versionOf(event), kind, data }).slice(1);
}

/** What append.lua does, for stores that are not Redis. */
export function sealLine(seal: {
  readonly n: number;
  readonly at: number;
  readonly prev: string;
  readonly tail: string;
}): string {
  return `{"n":${seal.n},"at":${seal.at},"prev":"${seal.prev}",${seal.tail}`;
}

/** The link that the next line carries: of the line before it, or of the rollout's id for the first one. */
export function linkOf(lineBefore: string): string {
  return createHash('sha1').update(lineBefore, 'utf8').digest('hex');
}

/** Lines of one journal; `before` is the line numbered `after`, or null when `after` is 0. */
export interface StoredLines extends Home {
  readonly after: number;
  readonly before: string | null;
  readonly lines: readonly string[];
  readonly seals: Seals;
}

/** Opens stored lines, oldest first. Throws UnreadableEntry at the first one that is not exactly what this version understands. */
export function openLines(stored: StoredLines): Entry[] {
  const entries: Entry[] = [];
  let prev = linkOf(stored.before ?? stored.rollout);
  for (const line of stored.lines) {
    const entry = openLine(stored, { n: stored.after + entries.length + 1, line, prev, readable: entries });
    entries.push(entry);
    prev = entry.link;
  }
  return entries;
}

/** Throws JournalForked when the entry a reader goes on from is not there, or is not the one that it knows. */
export function checkPlace(place: {
  readonly rollout: string;
  readonly after: number;
  readonly before: string | null;
  readonly link: string | undefined;
}): void {
  const { rollout, after, before, link } = place;
  if (after === 0) return;
  if (before === null || (link !== undefined && linkOf(before) !== link))
    throw new JournalForked(rollout, after);
}

/** The entries, unless more were written once: a journal whose end was cut off reads well up to there. */
export function complete(
  rollout: string,
  read: { readonly entries: readonly Entry[]; readonly after: number; readonly written: number },
): readonly Entry[] {
  const { entries, after, written } = read;
  const n = after + entries.length;
  if (n >= written) return entries;
  const why = `it is missing: ${written} were written, and the journal ends before it`;
  throw new UnreadableEntry(rollout, n + 1, { why, readable: entries });
}

/** The version in what append.lua keeps beside a journal; 0 where a former version of this program wrote it. */
export function headVersion(head: string): number {
  return Number(/^(\d+):/.exec(head)?.[1] ?? 0);
}

interface Line {
  readonly n: number;
  readonly line: string;
  /** The link that it must name. */
  readonly prev: string;
  readonly readable: readonly Entry[];
}

function openLine(stored: StoredLines, { n, line, prev: link, readable }: Line): Entry & { link: string } {
  const refuse: Refuse = (why, remedy = 'person') => {
    throw new UnreadableEntry(stored.rollout, n, { why, remedy, readable });
  };
  const found = parseObject(line) ?? refuse('it is not a JSON object');
  const { at, by, v, kind, prev, data, mac } = found;
  const doubt = mistrusted(line, mac, stored, stored.seals);
  if (doubt !== null) refuse(doubt, 'key');
  const event = lifted(refuse, { v, kind, data });
  if (found['n'] !== n) refuse(`it says to be number ${quote(found['n'])}`);
  if (prev !== link)
    refuse('it does not follow from the entry before it, so the journal was changed or mixed up');
  if (typeof at !== 'number' || !Number.isSafeInteger(at)) return refuse('it has no time');
  if (!isActor(by)) return refuse('it does not say who caused it');
  if (event.kind === 'asked' && (event.rollout !== stored.rollout || event.cluster !== stored.cluster))
    return refuse(`it belongs to rollout ${quote(event.rollout)} of ${quote(event.cluster)}`);
  return { n, at, by, v: EVENT_VERSION, event, link: linkOf(line) };
}

type Refuse = (why: string, remedy?: Remedy) => never;

function lifted(refuse: Refuse, fact: Parameters<typeof lift>[0]): RolloutEvent {
  try {
    return lift(fact);
  } catch (error) {
    if (error instanceof JournalNewer) return refuse(error.message, 'newer-version');
    if (error instanceof JournalMalformed) return refuse(error.message);
    throw error;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseObject(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function isActor(value: unknown): value is Actor {
  if (!isObject(value)) return false;
  if (value['kind'] === 'person') return typeof value['user'] === 'string';
  if (value['kind'] === 'driver') return typeof value['name'] === 'string';
  return value['kind'] === 'clock';
}

/** A foreign value in a sentence: short, and visibly not our words. */
function quote(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 40);
}

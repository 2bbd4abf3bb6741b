// One line of a journal as it is stored: an envelope around an event, chained to the line before it.
import { createHash } from 'node:crypto';
import { Fault } from '../engine/ports/fault.ts';
import { EVENT_VERSION, JournalMalformed, JournalNewer, lift, versionOf } from '../rollout/event/lift.ts';
import type { Actor, Entry, RolloutEvent } from '../rollout/event.ts';

/** A journal that this version must not act on: damaged, of a newer version, or not the journal it claims to be. */
export class UnreadableEntry extends Fault {
  readonly rollout: string;
  readonly n: number;

  constructor(rollout: string, n: number, why: string) {
    super('broken', `Entry ${n} of rollout ${rollout} cannot be read: ${why}.`, { code: 'UNREADABLE_ENTRY' });
    this.name = 'UnreadableEntry';
    this.rollout = rollout;
    this.n = n;
  }
}

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
export interface StoredLines {
  readonly rollout: string;
  readonly after: number;
  readonly before: string | null;
  readonly lines: readonly string[];
}

/** Opens stored lines, oldest first. Throws UnreadableEntry at the first one that is not exactly what this version understands. */
export function openLines(stored: StoredLines): Entry[] {
  let link = linkOf(stored.before ?? stored.rollout);
  return stored.lines.map((line, index) => {
    const entry = openLine(stored.rollout, stored.after + index + 1, line, link);
    link = linkOf(line);
    return entry;
  });
}

function openLine(rollout: string, n: number, line: string, link: string): Entry {
  const refuse = (why: string): never => {
    throw new UnreadableEntry(rollout, n, why);
  };
  const stored = parseObject(line) ?? refuse('it is not a JSON object');
  const { at, by, v, kind, prev, data } = stored;
  const event = lifted(refuse, { v, kind, data });
  if (stored['n'] !== n) refuse(`it says to be number ${quote(stored['n'])}`);
  if (prev !== link)
    refuse('it does not follow from the entry before it, so the journal was changed or mixed up');
  if (typeof at !== 'number' || !Number.isSafeInteger(at)) return refuse('it has no time');
  if (!isActor(by)) return refuse('it does not say who caused it');
  return { n, at, by, v: EVENT_VERSION, event };
}

function lifted(refuse: (why: string) => never, fact: Parameters<typeof lift>[0]): RolloutEvent {
  try {
    return lift(fact);
  } catch (error) {
    if (error instanceof JournalNewer || error instanceof JournalMalformed) return refuse(error.message);
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

// The port ReleaseLists: asks one source after the other, remembers what was good, and says how old it is.
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Fault, faultOf } from '../engine/ports/fault.ts';
import type { ReleaseList, ReleaseLists } from '../engine/ports/releases.ts';
import { releasedOf, tagsInFile } from './tags.ts';

export interface Listing {
  readonly versions: readonly string[];
  /** What is known not to be in it, as a whole sentence; absent when it is whole. */
  readonly lacks?: string;
}

/** One place that knows versions; `ask` rejects with Fault. */
export interface ReleaseSource {
  /** As people know it: a host, or a file's name. */
  readonly name: string;
  readonly ask: () => Promise<Listing>;
}

/** What a source said, now or when it last answered. */
interface Heard extends Listing {
  readonly ageMs: number;
  /** Why it is not of now; null when it is. */
  readonly trouble: string | null;
}

export interface RememberedSource {
  readonly name: string;
  /** Rejects with Fault when it does not answer and never did. */
  readonly hear: () => Promise<Heard>;
}

export interface RememberOptions {
  /** Milliseconds for which an answer is not asked for again. */
  readonly keepMs: number;
  readonly monotonic: () => number;
}

/** After a failure the source is left alone for this long: asking a server that said "enough" is how one gets banned. */
const RETRY_MS = 60_000;

/** Asks at most once at a time, and keeps the last good answer for as long as the process lives. */
export function remembered(source: ReleaseSource, { keepMs, monotonic }: RememberOptions): RememberedSource {
  let good: { readonly listing: Listing; readonly atMs: number } | null = null;
  let bad: { readonly fault: Fault; readonly untilMs: number } | null = null;
  let asking: Promise<void> | null = null;
  const ask = async (): Promise<void> => {
    try {
      good = { listing: await source.ask(), atMs: monotonic() };
      bad = null;
    } catch (error) {
      bad = { fault: faultOf(error), untilMs: monotonic() + RETRY_MS };
    } finally {
      asking = null;
    }
  };
  return {
    name: source.name,
    hear: async () => {
      const now = monotonic();
      const fresh = good !== null && now - good.atMs < keepMs;
      if (!fresh && (bad === null || now >= bad.untilMs)) {
        asking ??= ask();
        await asking;
      }
      if (good === null) throw bad?.fault ?? new Fault('broken', `${source.name} gave no list.`);
      const ageMs = monotonic() - good.atMs;
      return {
        ...good.listing,
        ageMs,
        trouble: ageMs < keepMs ? null : (bad?.fault.message ?? null),
      };
    },
  };
}

export interface ReleaseListParts {
  /** In the order in which they are asked; the first that answers is believed. */
  readonly talos: readonly RememberedSource[];
  readonly kubernetes: readonly RememberedSource[];
}

export function releaseLists(parts: ReleaseListParts): ReleaseLists {
  return { talos: () => listFrom(parts.talos), kubernetes: () => listFrom(parts.kubernetes) };
}

/** The first source that answers now; else the youngest of what others said before; else nothing, with every reason. */
async function listFrom(sources: readonly RememberedSource[]): Promise<ReleaseList> {
  const troubles: string[] = [];
  let old: Omit<ReleaseList, 'troubles'> | null = null;
  for (const { name, hear } of sources) {
    try {
      const { versions, ageMs, trouble, lacks } = await hear();
      if (lacks !== undefined) troubles.push(lacks);
      const list = { versions, source: name, ageMs };
      if (trouble === null) return { ...list, troubles };
      troubles.push(trouble);
      if (old === null || ageMs < old.ageMs) old = list;
    } catch (error) {
      troubles.push(faultOf(error).message);
    }
  }
  return { ...(old ?? { versions: [], source: null, ageMs: 0 }), troubles };
}

/** All versions of both projects are some 30 KB as lines, and a few MB as GitHub tells them. */
const MOST_FILE_BYTES = 32 * 1_024 * 1_024;

/** A list kept in a file, for a bot that may ask nobody. Read again each time, so that it can be replaced while the bot runs. */
export function fileSource(path: string): ReleaseSource {
  const name = basename(path);
  return {
    name,
    ask: async () => {
      const text = await textOf(path, name);
      const tags = tagsInFile(text);
      const versions = releasedOf(tags ?? []);
      if (versions.length > 0) return { versions };
      const form = 'a JSON array of tags or of releases as GitHub lists them, or one version per line';
      throw new Fault('broken', `${name} has no released version in it; it should be ${form}.`);
    },
  };
}

async function textOf(path: string, name: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size <= MOST_FILE_BYTES) return await readFile(path, 'utf8');
  } catch (error) {
    const code: unknown = Reflect.get(Object(error), 'code');
    throw new Fault('missing', `The list ${name} cannot be read (${String(code)}).`, { cause: error });
  }
  throw new Fault('broken', `The list ${name} is larger than any list of versions.`);
}

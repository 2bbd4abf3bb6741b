// Shows what was measured: a table a person reads, and the JSON a script reads.
import { type Figure, isJudged, type Judged, type Part, type Sizes } from './measurement.ts';

export interface Result {
  readonly name: string;
  readonly parts: readonly Part[];
}

/** `ok` is false when any promise is missed. */
export interface Report {
  readonly ok: boolean;
  readonly sizes: Sizes;
  readonly promises: { readonly held: number; readonly missed: number };
  readonly results: readonly Result[];
}

export function reportOf(results: readonly Result[], sizes: Sizes): Report {
  const all = results.flatMap(({ parts }) => parts.flatMap(({ figures }) => figures.filter(isJudged)));
  const missed = all.filter(({ judgement }) => judgement === 'missed').length;
  return { ok: missed === 0, sizes, promises: { held: all.length - missed, missed }, results };
}

/** The lines of one measurement: its parts, each with its figures below one another. */
export function linesOf({ name, parts }: Result): readonly string[] {
  return parts.flatMap(({ title, figures }) => {
    const width = Math.max(...figures.map((one) => one.name.length));
    return [`${name}: ${title}`, ...figures.map((one) => `  ${lineOf(one, width)}`), ''];
  });
}

/** The one line at the end. */
export function verdictOf({ promises: { held, missed } }: Report): string {
  if (held + missed === 0) return 'No promise was measured.';
  return missed === 0 ? `All ${held} promises held.` : `${missed} of ${held + missed} promises missed.`;
}

const NUMBER = 10;

function lineOf(one: Figure | Judged, width: number): string {
  const value = `${one.name.padEnd(width)}  ${numberOf(one.value).padStart(NUMBER)} ${one.unit}`;
  if (!isJudged(one)) return value.trimEnd();
  return `${value.padEnd(width + NUMBER + 9)} ${one.judgement} (at most ${numberOf(one.atMost)})`;
}

/** Three digits that count: more would be noise on a shared machine. */
function numberOf(value: number): string {
  if (!Number.isFinite(value)) return 'unknown';
  if (Number.isInteger(value) || Math.abs(value) >= 100) return String(Math.round(value));
  return String(Number(value.toPrecision(3)));
}

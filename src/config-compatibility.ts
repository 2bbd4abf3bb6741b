// An operator's own rows for the compatibility table: a YAML file → the table with them laid over it, every mistake at once.
import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { COMPATIBILITY, type Merged, withOwnRows } from './cluster/compatibility.ts';
import { sentenceOf } from './config-mistake.ts';

/** What the file may say. Everything in it is text: `1.10` without quotes must not become the number 1.1. */
const file = z.strictObject({
  talos: z.record(
    z.string(),
    z.strictObject({
      hosts: z.strictObject({ from: z.string(), below: z.string() }).optional(),
      kubernetes: z.strictObject({ from: z.string(), to: z.string() }).optional(),
      newest: z.string().optional(),
      enterFrom: z.strictObject({ version: z.string(), why: z.string().min(1) }).optional(),
      hints: z.array(z.string().min(1)).optional(),
    }),
  ),
});

/** Null = no file: the table the bot was made with. Each mistake begins with the file's path. */
export function readCompatibility(path: string | null): Merged {
  if (path === null) return { kind: 'table', table: COMPATIBILITY };
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { kind: 'mistakes', mistakes: [`${path}: cannot be read (${why})`] };
  }
  const merged = parseCompatibility(text);
  if (merged.kind === 'table') return merged;
  return { kind: 'mistakes', mistakes: merged.mistakes.map((mistake) => `${path} ${mistake}`) };
}

export function parseCompatibility(text: string): Merged {
  const document = parseDocument(text, { schema: 'failsafe' });
  const broken = document.errors.map(({ message }) => `(file): ${message.split('\n')[0] ?? message}`);
  if (broken.length > 0) return { kind: 'mistakes', mistakes: broken };
  const parsed = file.safeParse(document.toJS(), { error: sentenceOf });
  if (!parsed.success) {
    const mistakes = parsed.error.issues.map(
      ({ path, message }) => `${path.join(' ') || '(file)'}: ${message}`,
    );
    return { kind: 'mistakes', mistakes };
  }
  const merged = withOwnRows(COMPATIBILITY, parsed.data.talos);
  if (merged.kind === 'table') return merged;
  return { kind: 'mistakes', mistakes: merged.mistakes.map((mistake) => `talos ${mistake}`) };
}

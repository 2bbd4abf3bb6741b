// What is wrong in a configuration file as sentences that a person can act on: the key, what is expected there, and what was found.
import { type Document, isCollection, isMap, type LineCounter } from 'yaml';
import type { z } from 'zod';

export interface Place {
  readonly at: readonly string[];
  readonly message: string;
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list, such as [first, second]',
  object: 'keys with their values, one on each line below',
  record: 'names with their settings, one on each line below',
};

/** For whatever a schema has no sentence of its own: the library's words are not for people who write configuration. */
export function sentenceOf(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return `expects ${KINDS[issue.expected] ?? `a ${issue.expected}`}${quotesFor(issue)}`;
    case 'invalid_value':
      return `expects ${oneOf(issue.values.map(String))}`;
    case 'too_small':
      return `expects ${bound(issue.origin, 'at least', Number(issue.minimum))}`;
    case 'too_big':
      return `expects ${bound(issue.origin, 'at most', Number(issue.maximum))}`;
    case 'invalid_format':
      return issue.format === 'url' ? 'expects a URL such as https://10.0.0.1:6443' : 'expects another form';
    case 'unrecognized_keys':
      return issue.keys.map(unknownKey).join('; ');
    case 'invalid_union':
      return 'expects something else; talos-chatops.example.yaml shows what';
    default:
      return undefined;
  }
}

/** What YAML reads as something else is the commonest reason why a text is none. */
function quotesFor({ expected, input }: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidType>): string {
  const bare = typeof input === 'number' || typeof input === 'boolean';
  return expected === 'string' && bare ? `, in quotes: "${input}"` : '';
}

function bound(origin: string, most: 'at least' | 'at most', count: number): string {
  if (origin === 'string') return count === 1 ? 'a text that is not empty' : `${most} ${count} characters`;
  if (origin === 'array') return `${most} ${count} ${count === 1 ? 'entry' : 'entries'}`;
  return `${most} ${count}`;
}

function oneOf(values: readonly string[]): string {
  const last = values.at(-1) ?? '';
  return values.length < 2 ? last : `${values.slice(0, -1).join(', ')} or ${last}`;
}

function unknownKey(key: string): string {
  return `"${key}" is no setting here; talos-chatops.example.yaml lists them`;
}

/** Where each mistake stands: an unknown key at itself, not at what holds it; a bad name with the sentence for names. */
export function placesOf(issue: z.core.$ZodIssue, document: Document): readonly Place[] {
  const at = issue.path.map(String);
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ at: [...at, key], message: unknownKey(key) }));
  if (issue.code === 'invalid_key') return issue.issues.map(({ message }) => ({ at, message }));
  return [{ at, message: withFound(issue, document) }];
}

/** What a check of several keys says is about more than the one it stands at. */
function withFound({ code, path, message }: z.core.$ZodIssue, document: Document): string {
  if (!message.startsWith('expects ')) return message;
  const found = foundIn(document.getIn(path, true) === undefined ? undefined : valueAt(document, path));
  const whole = found === A_GROUP || found === A_LIST;
  return whole && code === 'custom' ? message : `${message} (${found})`;
}

function valueAt(document: Document, path: readonly PropertyKey[]): unknown {
  const value: unknown = path.length === 0 ? document.contents : document.getIn(path);
  if (isCollection(value)) return isMap(value) ? {} : [...value.items];
  return path.length === 0 ? document.toJS() : value;
}

const A_GROUP = 'keys with values were found';
const A_LIST = 'a list was found';
/**
 * One word, a number with its unit, an id of Slack or a name of it: what people write by mistake. Everything else may be a secret that
 * somebody put into the wrong place.
 */
const HARMLESS =
  /^(?:[#@]?[A-Za-z]{1,20}|[A-Za-z]+(?:-[A-Za-z]+){1,3}|-?[\d.]{1,15} ?[a-z]{0,7}|[A-Z][A-Z0-9]{2,10})$/;

/** What stands there, in words; a text that may be a secret is only counted. */
export function foundIn(value: unknown): string {
  if (value === undefined) return 'it is missing';
  if (value === null) return 'nothing is written there';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list was found' : A_LIST;
  if (typeof value === 'object') return A_GROUP;
  if (typeof value !== 'string') return `${JSON.stringify(value)} was found`;
  if (value === '') return 'an empty text was found';
  if (!HARMLESS.test(value)) return `a text of ${value.length} characters was found`;
  return `"${value}" was found`;
}

/** The line of the deepest part of the path that is written in the file; null when nothing of it is. */
export function lineOf(document: Document, lines: LineCounter, path: readonly string[]): number | null {
  for (let depth = path.length; depth > 0; depth -= 1) {
    const parent = depth === 1 ? document.contents : document.getIn(path.slice(0, depth - 1), true);
    if (!isMap(parent)) continue;
    const pair = parent.items.find((item) => String(item.key) === path[depth - 1]);
    const range = pair === undefined ? null : (pair.key as { range?: readonly number[] | null }).range;
    if (range?.[0] !== undefined) return lines.linePos(range[0]).line;
  }
  return null;
}

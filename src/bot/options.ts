// The options of an upgrade: which extensions come and go, or which schematic it shall be. Read before the words around them.
import type { SchematicWish } from '../cluster/schematic.ts';

export type Options =
  | {
      readonly kind: 'options';
      /** The words that belong to no option, in order. */
      readonly rest: readonly string[];
      /** Null when none was typed. */
      readonly wish: SchematicWish | null;
    }
  | Trouble;

/** A sentence, and the options as they might have been meant. */
export interface Trouble {
  readonly kind: 'trouble';
  readonly sentence: string;
  readonly example: string;
}

const EXTENSIONS_EXAMPLE = '--extensions +iscsi-tools';
const SCHEMATIC_EXAMPLE = '--schematic 376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba';

/** Phones make one dash of two; "=" is what other tools want. */
const OPTION = /^--?(extensions?|schematic)(?:=(.*))?$/i;
/** `siderolabs/iscsi-tools`, or without its author. */
const EXTENSION = /^(?:[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*$/;
const SCHEMATIC = /^[0-9a-f]{64}$/;
/** More than anybody changes at once, and few enough for a sentence. */
const MOST_EXTENSIONS = 20;
const LONGEST_NAME = 100;

/** Splits `--extensions +a,-b` and `--schematic ID` off a command's words, wherever they stand. */
export function takeOptions(words: readonly string[]): Options {
  const rest: string[] = [];
  const changes: string[] = [];
  let schematic: string | null = null;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    const [, name, given] = OPTION.exec(word) ?? [];
    if (name === undefined) {
      rest.push(word);
    } else if (name.toLowerCase() === 'schematic') {
      if (schematic !== null) return twice();
      schematic = (given ?? words[at + 1] ?? '').toLowerCase();
      if (given === undefined) at += 1;
    } else {
      if (changes.length > 0) return twice();
      const values = given === undefined ? valuesFrom(words, at + 1) : [given];
      if (given === undefined) at += values.length;
      changes.push(...values.flatMap((value) => value.toLowerCase().split(',')).filter((one) => one !== ''));
      if (changes.length === 0)
        return trouble('Say which extensions come (+) and go (-).', EXTENSIONS_EXAMPLE);
    }
  }
  if (schematic !== null && changes.length > 0)
    return trouble('Name either a schematic or changes to extensions, not both.', EXTENSIONS_EXAMPLE);
  if (schematic !== null) return withSchematic(rest, schematic);
  return changes.length > 0 ? withChanges(rest, changes) : { kind: 'options', rest, wish: null };
}

/** The words after `--extensions` that are changes; the first one is, whatever it looks like. */
function valuesFrom(words: readonly string[], from: number): readonly string[] {
  const values: string[] = [];
  for (const word of words.slice(from)) {
    const change = /^[+-]/.test(word) && !OPTION.test(word);
    if (!change && (values.length > 0 || OPTION.test(word))) break;
    values.push(word);
  }
  return values;
}

function withSchematic(rest: readonly string[], id: string): Options {
  if (!SCHEMATIC.test(id))
    return trouble('The id of a schematic has 64 digits from 0 to f.', SCHEMATIC_EXAMPLE);
  return { kind: 'options', rest, wish: { kind: 'id', id } };
}

function withChanges(rest: readonly string[], changes: readonly string[]): Options {
  const add: string[] = [];
  const remove: string[] = [];
  for (const change of changes) {
    const name = change.slice(1);
    if (!/^[+-]/.test(change)) {
      const example =
        EXTENSION.test(change) && change.length <= LONGEST_NAME
          ? `--extensions +${change}`
          : EXTENSIONS_EXAMPLE;
      return trouble('Write + before an extension that comes and - before one that goes.', example);
    }
    if (!EXTENSION.test(name) || name.length > LONGEST_NAME)
      return trouble('That cannot be the name of an extension.', EXTENSIONS_EXAMPLE);
    (change.startsWith('+') ? add : remove).push(name);
  }
  const both = add.find((name) => remove.includes(name));
  if (both !== undefined) return trouble('One extension both comes and goes.', `--extensions +${both}`);
  if (changes.length > MOST_EXTENSIONS)
    return trouble(`At most ${MOST_EXTENSIONS} extensions can change at once.`, EXTENSIONS_EXAMPLE);
  return { kind: 'options', rest, wish: { kind: 'change', add: sorted(add), remove: sorted(remove) } };
}

/** The same wish in another order is the same wish. */
function sorted(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort();
}

function twice(): Options {
  return trouble('Each option may be typed once.', EXTENSIONS_EXAMPLE);
}

function trouble(sentence: string, example: string): Options {
  return { kind: 'trouble', sentence, example };
}

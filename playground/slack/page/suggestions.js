// What the composer offers while one types: commands, their sub-commands, people and channels. Pure.

/**
 * @import { Command } from '../contract.ts'
 *
 * @typedef {object} Suggestion
 * @property {string} text what is shown
 * @property {string} [hint] arguments, shown behind the text
 * @property {string} [note] what it does
 * @property {string} insert what the typed token becomes
 * @property {'command' | 'sub' | 'person' | 'channel'} kind
 * @property {string} [id] of a person
 *
 * @typedef {{ from: number, to: number, title: string, items: readonly Suggestion[] }} Offer
 *
 * @typedef {object} Known
 * @property {readonly Command[]} commands
 * @property {readonly { id: string, name: string, realName: string }[]} people
 * @property {readonly { id: string, name: string }[]} channels
 */

/** More than this is no help. */
const OFFER_LIMIT = 20;

/**
 * What can stand at the caret, or undefined.
 * @param {string} text
 * @param {number} caret
 * @param {Known} known
 * @returns {Offer | undefined}
 */
export function offerAt(text, caret, known) {
  const before = text.slice(0, caret);
  const found =
    commandOffer(before, known.commands) ?? subOffer(before, known.commands) ?? nameOffer(before, known);
  return found === undefined || found.items.length === 0
    ? undefined
    : { ...found, items: found.items.slice(0, OFFER_LIMIT) };
}

/**
 * @param {string} before
 * @param {readonly Command[]} commands
 * @returns {Offer | undefined}
 */
function commandOffer(before, commands) {
  if (!/^\/\S*$/.test(before)) return undefined;
  const items = commands
    .filter((one) => one.command.startsWith(before.toLowerCase()))
    .map(
      (one) =>
        /** @type {const} */ ({
          kind: 'command',
          text: one.command,
          hint: one.usageHint,
          note: one.description,
          insert: `${one.command} `,
        }),
    );
  return { from: 0, to: before.length, title: 'Commands', items };
}

/**
 * @param {string} before
 * @param {readonly Command[]} commands
 * @returns {Offer | undefined}
 */
function subOffer(before, commands) {
  const match = /^(\/\S+) +(\S*)$/.exec(before);
  if (match === null) return undefined;
  const [, name, typed = ''] = match;
  const command = commands.find((one) => one.command === name);
  if (command === undefined) return undefined;
  const items = subCommands(command.usageHint)
    .filter((sub) => sub.word.startsWith(typed.toLowerCase()))
    .map(
      (sub) =>
        /** @type {const} */ ({
          kind: 'sub',
          text: `${name} ${sub.word}`,
          hint: sub.rest,
          insert: sub.rest === '' ? sub.word : `${sub.word} `,
        }),
    );
  return { from: before.length - typed.length, to: before.length, title: command.description, items };
}

/**
 * The alternatives of a usage hint such as `help | upgrade [cluster] [version] | rollback node <name>`; none when it is not one.
 * @param {string} usageHint
 * @returns {{ word: string, rest: string }[]}
 */
export function subCommands(usageHint) {
  const bare = usageHint
    .trim()
    .replace(/^\[(.*)\]$/, (whole, inside) => (/[[\]]/.test(inside) ? whole : inside));
  /** @type {string[]} */
  const parts = [''];
  let depth = 0;
  for (const letter of bare) {
    if ('[<('.includes(letter)) depth += 1;
    if (']>)'.includes(letter)) depth -= 1;
    if (letter === '|' && depth === 0) parts.push('');
    else parts.push(`${parts.pop() ?? ''}${letter}`);
  }
  if (parts.length < 2) return [];
  return parts
    .map((part) => /^([a-z][\w-]*)\s*(.*)$/i.exec(part.trim()))
    .filter((match) => match !== null)
    .map((match) => ({ word: match[1] ?? '', rest: match[2] ?? '' }));
}

/**
 * @param {string} before
 * @param {Known} known
 * @returns {Offer | undefined}
 */
function nameOffer(before, { people, channels }) {
  const match = /(?:^|[\s(])([@#])([\w.-]*)$/.exec(before);
  if (match === null) return undefined;
  const typed = (match[2] ?? '').toLowerCase();
  const from = before.length - typed.length - 1;
  if (match[1] === '@') {
    const items = people
      .filter((person) => person.name.startsWith(typed) || person.realName.toLowerCase().startsWith(typed))
      .map(
        (person) =>
          /** @type {const} */ ({
            kind: 'person',
            text: person.realName,
            note: `@${person.name}`,
            insert: `@${person.name} `,
            id: person.id,
          }),
      );
    return { from, to: before.length, title: 'People', items };
  }
  const items = channels
    .filter((channel) => channel.name.startsWith(typed))
    .map(
      (channel) =>
        /** @type {const} */ ({ kind: 'channel', text: `#${channel.name}`, insert: `#${channel.name} ` }),
    );
  return { from, to: before.length, title: 'Channels', items };
}

// Turns what a keyboard, a phone or Slack made of a command back into the plain words a person meant.

/** Slack wraps what it recognises: `<@U1|riya>`, `<#C1|ops>`, `<http://x|x>`, `<http://x>` (facts/slack.md 3.2). */
const WRAPPED = /<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>/g;
const ESCAPED = /&(?:amp|lt|gt);/g;
const ENTITIES: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>' };

const SPACES = /[\s\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+/g;
const INVISIBLE = /[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]/g;
const DASHES = /[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]/g;
const QUOTES = /[\u2018-\u201f\u2039\u203a\u00ab\u00bb\u300c\u300d"'`]/g;

function unwrapped(_whole: string, sign: string, inner: string, label: string | undefined): string {
  if (sign === '@' || sign === '#' || sign === '!')
    return `${sign}${label === undefined || label === '' ? inner : label}`;
  return label ?? inner;
}

/** What a person wrote to be read by people: Slack's wrapping and escapes undone exactly once, everything else as it is. */
export function proseOf(text: string): string {
  return text.replaceAll(WRAPPED, unwrapped).replaceAll(ESCAPED, unescaped).trim();
}

function unescaped(entity: string): string {
  return ENTITIES[entity] ?? entity;
}

/**
 * The words of a command, with typographic quotes, dashes and spaces made plain, and Slack's escapes undone exactly once.
 * Quotes are dropped: no word of ours contains a space.
 */
export function wordsOf(text: string): readonly string[] {
  const plain = text
    .replaceAll(WRAPPED, unwrapped)
    .replaceAll(ESCAPED, unescaped)
    .replaceAll(INVISIBLE, '')
    .replaceAll(DASHES, '-')
    .replaceAll(QUOTES, '')
    .replaceAll(SPACES, ' ')
    .trim();
  return plain === '' ? [] : plain.split(' ');
}

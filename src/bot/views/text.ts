// Text that is safe to send to Slack: what people and machines wrote is escaped exactly once, by construction.

/** mrkdwn in which everything that was put in is already escaped. Only this file makes it. */
export interface Mrkdwn {
  readonly mrkdwn: string;
}

type Piece = Mrkdwn | string | number;

/** Slack's user, channel and team ids. */
const SLACK_ID = /^[A-Z][A-Z0-9]{1,30}$/;
/** Control characters, newlines among them: a space in one line of text. */
const CONTROL = /\p{Cc}+/gu;
/** Bidirectional overrides, zero-width and other invisible letters: they can only hide something. */
const INVISIBLE = /[\p{Cf}\p{Cs}]+/gu;
/** `@channel` and the like ping where a client parses text by itself (facts/slack.md 3.6): a word joiner stops that. */
const LOUD = /@(?=(?:channel|here|everyone|group)\b)/gi;

/** Escapes free text for mrkdwn, once: what Slack needs (`&`, `<`, `>`) and nothing else. Newlines become spaces. */
function escaped(text: string): string {
  return text
    .replaceAll(CONTROL, ' ')
    .replaceAll(INVISIBLE, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(LOUD, '@\u2060');
}

/** Tagged template: strings and numbers put in are escaped, Mrkdwn is taken as it is. */
export function mrkdwn(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Mrkdwn {
  const parts = strings.map((literal, at) => literal + rendered(pieces[at]));
  return { mrkdwn: parts.join('') };
}

function rendered(piece: Piece | undefined): string {
  if (piece === undefined) return '';
  return typeof piece === 'object' ? piece.mrkdwn : escaped(String(piece));
}

export const NOTHING: Mrkdwn = { mrkdwn: '' };

export function joined(pieces: readonly Piece[], separator: string): Mrkdwn {
  return { mrkdwn: pieces.map(rendered).join(separator) };
}

export function lines(...pieces: readonly (Piece | null)[]): Mrkdwn {
  return joined(
    pieces.filter((piece) => piece !== null),
    '\n',
  );
}

export function bold(piece: Piece): Mrkdwn {
  return { mrkdwn: `*${rendered(piece).replaceAll('*', '∗')}*` };
}

/** For names and versions: shown letter by letter, so that nothing in them is read as formatting. */
export function code(text: string): Mrkdwn {
  const safe = escaped(clipped(text, 120).replaceAll('`', 'ˋ'));
  return { mrkdwn: safe === '' ? '–' : `\`${safe}\`` };
}

/** Lines as a machine wrote them, each at most `max` characters, in a block of their own. */
export function verbatim(text: readonly string[], max = 160): Mrkdwn {
  const safe = text.map((line) => escaped(plainWords(line, max).replaceAll('`', 'ˋ')));
  return { mrkdwn: `\`\`\`${safe.join('\n')}\`\`\`` };
}

/** Free text in quotation marks, on one line, at most `max` characters. */
export function quote(text: string, max = 300): Mrkdwn {
  return mrkdwn`“${plainWords(text, max)}”`;
}

/** A person by id, shown with their name; pings when posted, not when edited. */
export function person(user: string): Mrkdwn {
  return SLACK_ID.test(user) ? { mrkdwn: `<@${user}>` } : code(user);
}

/** At most this many names: a longer list reads as noise, and pings a crowd. */
const MAX_PEOPLE = 10;

export function people(users: readonly string[], word = 'and'): Mrkdwn {
  const shown = users.slice(0, MAX_PEOPLE).map(person);
  const hidden = users.length - shown.length;
  if (hidden > 0) return mrkdwn`${joined(shown, ', ')} ${word} ${hidden} more`;
  const last = shown.at(-1);
  if (last === undefined) return mrkdwn`nobody`;
  return shown.length === 1 ? last : mrkdwn`${joined(shown.slice(0, -1), ', ')} ${word} ${last}`;
}

export function channelLink(channel: string): Mrkdwn {
  return SLACK_ID.test(channel) ? { mrkdwn: `<#${channel}>` } : code(channel);
}

/** A link of our own making; refuses anything that is not http(s). */
export function link(url: string, label: string): Mrkdwn {
  if (!/^https?:\/\/[^\s<>|]+$/.test(url)) return mrkdwn`${label}`;
  return { mrkdwn: `<${url.replaceAll('&', '&amp;')}|${escaped(label)}>` };
}

/** A time in each reader's own zone; `at` in milliseconds since 1970. */
export function time(at: number): Mrkdwn {
  const seconds = Math.floor(at / 1000);
  const fallback = new Date(seconds * 1000).toISOString().replace('T', ' ').slice(0, 16);
  return { mrkdwn: `<!date^${seconds}^{date_short_pretty} {time}|${fallback} UTC>` };
}

/**
 * A sentence made by our own decisions: escaped, except for its mentions of people, which were made from ids.
 * Never for text that people wrote.
 */
export function sentence(text: string): Mrkdwn {
  const safe = escaped(clipped(text, 1_500));
  return { mrkdwn: safe.replaceAll(/&lt;@([A-Z][A-Z0-9]{1,30})&gt;/g, '<@$1>') };
}

/** The same words without emphasis and emoji, for the sentence that screen readers and notifications use. */
export function spoken(piece: Mrkdwn): Mrkdwn {
  return { mrkdwn: piece.mrkdwn.replaceAll(/(^|\s):[a-z_]+:\s/g, '$1').replaceAll(/[*`]/g, '') };
}

/** A sentence without its full stop, to be continued or ended by ours. */
export function unended(text: string): string {
  return text.replace(/[\s.]+$/, '');
}

/** One line without what cannot be seen, at most `max` code points. Not escaped yet. */
export function plainWords(text: string, max: number): string {
  return clipped(text.replaceAll(CONTROL, ' ').replaceAll(INVISIBLE, '').replaceAll(/\s+/g, ' ').trim(), max);
}

/** Cuts by code points, and says so. */
export function clipped(text: string, max: number): string {
  // Code units are at least as many as code points: the cheap test first.
  if (text.length <= max) return text;
  const letters = Array.from(text);
  return letters.length <= max ? text : `${letters.slice(0, max - 1).join('')}…`;
}

/** Whole seconds, minutes or hours, the largest two units: "45 s", "1 min", "75 s", "12 min", "1 h 5 min". */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds === 60) return '1 min';
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
}

/** A whole and its two parts as durations that add up as they are shown: rounded each by itself, 26 min and 7 min may make 32 min. */
export function shares(
  wholeMs: number,
  partMs: number,
): { readonly whole: string; readonly part: string; readonly rest: string } {
  const unitMs = Math.round(wholeMs / 1_000) < 90 ? 1_000 : 60_000;
  const shownWhole = Math.round(wholeMs / unitMs) * unitMs;
  const shownPart = Math.min(shownWhole, Math.round(partMs / unitMs) * unitMs);
  const word = (shownMs: number, ms: number): string =>
    shownMs === 0 && ms > 0 && unitMs === 60_000 ? 'less than a minute' : duration(shownMs);
  return {
    whole: duration(wholeMs),
    part: word(shownPart, partMs),
    rest: word(shownWhole - shownPart, wholeMs - partMs),
  };
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

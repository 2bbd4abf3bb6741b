// Slack's mrkdwn as DOM: fences, quotes, code, emphasis, links, mentions, dates and emoji; text only ever becomes text nodes.
import { h } from './dom.js';
import { emoji, isEmoji } from './emoji.js';
import { slackDate } from './time.js';

/**
 * Who and what the ids in a text stand for.
 * @typedef {object} Directory
 * @property {string} me the id of the person who reads
 * @property {(id: string) => string | undefined} person
 * @property {(id: string) => string | undefined} channel
 * @property {(id: string) => string | undefined} group
 */

/** Nesting of emphasis deeper than this is shown as typed: no honest message goes beyond *_~x~_*. */
const DEPTH_LIMIT = 6;

/**
 * @param {string} text
 * @returns {string}
 */
export function unescaped(text) {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

/**
 * Renders a whole mrkdwn text.
 * @param {string} text as Slack stores it: `&`, `<` and `>` escaped
 * @param {Directory} directory
 * @returns {DocumentFragment}
 */
export function mrkdwn(text, directory) {
  const fragment = document.createDocumentFragment();
  text.split('```').forEach((part, index, parts) => {
    const closed = index < parts.length - 1;
    if (index % 2 === 1 && closed) fragment.append(fence(part));
    else fragment.append(...lines(index % 2 === 1 ? `\`\`\`${part}` : part, directory));
  });
  return fragment;
}

/** @param {string} code */
function fence(code) {
  return h('pre', { class: 'fence' }, unescaped(code.replace(/^\n/, '').replace(/\n$/, '')));
}

/**
 * Groups lines into quotes, bullets and running text.
 * @param {string} text
 * @param {Directory} directory
 * @returns {Node[]}
 */
function lines(text, directory) {
  /** @type {Node[]} */
  const nodes = [];
  /** @type {string[]} */
  let quote = [];
  let broken = true; // whether a line break is already there
  const endQuote = () => {
    if (quote.length === 0) return;
    nodes.push(h('blockquote', null, inline(quote.join('\n'), directory)));
    quote = [];
    broken = true;
  };
  const all = text.replace(/^\n/, '').split('\n');
  if (all.at(-1) === '') all.pop();
  for (const line of all) {
    const quoted = /^(?:&gt;|>) ?(.*)$/.exec(line);
    if (quoted !== null) {
      quote.push(quoted[1] ?? '');
      continue;
    }
    endQuote();
    const bullet = /^(\s*)[•◦▪] +(.*)$/.exec(line);
    if (bullet !== null) {
      const depth = Math.min(3, Math.floor((bullet[1] ?? '').length / 2));
      nodes.push(h('div', { class: `bullet depth-${depth}` }, inline(bullet[2] ?? '', directory)));
      broken = true;
      continue;
    }
    if (!broken) nodes.push(h('br'));
    nodes.push(...inline(line, directory));
    broken = false;
  }
  endQuote();
  return nodes;
}

const TOKEN = /`([^`\n]+)`|<([^<>\n]+)>|:([a-z0-9_+-]+):|\n|(https?:\/\/[^\s<>`]+[^\s<>`.,;:!?)'"])|([*_~])/g;

const EMPHASIS = /** @type {const} */ ({ '*': 'strong', _: 'em', '~': 's' });

/**
 * Renders running text.
 * @param {string} text
 * @param {Directory} directory
 * @param {number} [depth]
 * @returns {Node[]}
 */
export function inline(text, directory, depth = 0) {
  /** @type {Node[]} */
  const nodes = [];
  let from = 0;
  /** @param {number} to */
  const plain = (to) => {
    if (to > from) nodes.push(document.createTextNode(unescaped(text.slice(from, to))));
  };
  const scan = new RegExp(TOKEN);
  for (let match = scan.exec(text); match !== null; match = scan.exec(text)) {
    const found = token(match, { text, directory, depth });
    if (found === undefined) continue;
    plain(match.index);
    nodes.push(found.node);
    from = found.end;
    scan.lastIndex = found.end;
  }
  plain(text.length);
  return nodes;
}

/**
 * @param {RegExpExecArray} match
 * @param {{ text: string, directory: Directory, depth: number }} around
 * @returns {{ node: Node, end: number } | undefined}
 */
function token(match, { text, directory, depth }) {
  const [whole, code, angle, shortcode, url, mark] = match;
  const end = match.index + whole.length;
  if (code !== undefined) return { node: h('code', null, unescaped(code)), end };
  if (angle !== undefined) return { node: reference(angle, directory), end };
  if (shortcode !== undefined) return isEmoji(shortcode) ? { node: emojiNode(shortcode), end } : undefined;
  if (url !== undefined) return { node: link(unescaped(url), unescaped(url)), end };
  if (mark === undefined) return { node: h('br'), end };
  const close = depth < DEPTH_LIMIT ? closing(text, match.index, mark) : -1;
  if (close < 0) return undefined;
  const tag = EMPHASIS[/** @type {keyof typeof EMPHASIS} */ (mark)];
  return {
    node: h(tag, null, inline(text.slice(match.index + 1, close), directory, depth + 1)),
    end: close + 1,
  };
}

/**
 * Where the emphasis that opens at `start` ends, or -1: Slack wants a word's edge outside and no space inside.
 * @param {string} text
 * @param {number} start
 * @param {string} mark
 */
function closing(text, start, mark) {
  if (start > 0 && /[\p{L}\p{N}]/u.test(text.charAt(start - 1))) return -1;
  if (/\s|^$/.test(text.charAt(start + 1)) || text.charAt(start + 1) === mark) return -1;
  for (let at = text.indexOf(mark, start + 2); at > 0; at = text.indexOf(mark, at + 1)) {
    if (text.slice(start, at).includes('\n')) return -1;
    if (!/\s/.test(text.charAt(at - 1)) && !/[\p{L}\p{N}]/u.test(text.charAt(at + 1))) return at;
  }
  return -1;
}

/**
 * What stands between angle brackets: a mention, a date or a link.
 * @param {string} inside
 * @param {Directory} directory
 * @returns {Node}
 */
function reference(inside, directory) {
  const bar = inside.indexOf('|');
  const target = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? undefined : unescaped(inside.slice(bar + 1));
  if (target.startsWith('@')) return personMention(target.slice(1), directory, label);
  if (target.startsWith('#')) return channelMention(target.slice(1), directory, label);
  if (target.startsWith('!date^')) {
    const [, unix = '', pattern = '', href] = target.split('^');
    const text = slackDate(Number(unix), unescaped(pattern)) ?? label ?? '';
    const time = h('time', { class: 'date', title: label ?? text }, text);
    return href === undefined ? time : link(unescaped(href), time);
  }
  if (target.startsWith('!subteam^')) return groupMention(target.slice(9), directory, label);
  if (target.startsWith('!'))
    return h('span', { class: 'mention mention-me' }, label ?? `@${target.slice(1)}`);
  return link(unescaped(target), label ?? unescaped(target));
}

/**
 * @param {string} id
 * @param {Directory} directory
 * @param {string} [label]
 */
export function personMention(id, directory, label) {
  const name = directory.person(id) ?? label ?? id;
  return h(
    'span',
    { class: id === directory.me ? 'mention mention-me' : 'mention', 'data-person': id },
    `@${name}`,
  );
}

/**
 * @param {string} id
 * @param {Directory} directory
 * @param {string} [label]
 */
export function channelMention(id, directory, label) {
  return h('span', { class: 'mention', 'data-channel': id }, `#${directory.channel(id) ?? (label || id)}`);
}

/**
 * @param {string} id
 * @param {Directory} directory
 * @param {string} [label]
 */
export function groupMention(id, directory, label) {
  return h('span', { class: 'mention' }, directory.group(id) ?? label ?? `@${id}`);
}

/** @param {string} name */
export function emojiNode(name) {
  return h(
    'span',
    { class: 'emoji', role: 'img', 'aria-label': name.replaceAll('_', ' '), title: `:${name}:` },
    emoji(name),
  );
}

/**
 * A link that leaves the page; anything but http(s) and mailto stays text, whatever a message says.
 * @param {string} href
 * @param {Node | string} label
 * @returns {Node}
 */
export function link(href, label) {
  if (!/^(?:https?:\/\/|mailto:)/i.test(href))
    return label instanceof Node ? label : document.createTextNode(label);
  return h('a', { href, target: '_blank', rel: 'noopener noreferrer' }, label);
}

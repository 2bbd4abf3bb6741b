// Standard Markdown for `markdown` blocks, as much of it as Slack shows: headings, lists, tables, quotes, fences, rules, emphasis.
import { h } from './dom.js';
import { isEmoji } from './emoji.js';
import { emojiNode, link } from './mrkdwn.js';

/** Lists and quotes nest; deeper than this is shown as text. */
const DEPTH_LIMIT = 4;

/**
 * @param {string} text
 * @param {number} [depth]
 * @returns {Node[]}
 */
export function markdown(text, depth = 0) {
  const rows = text.split('\n');
  /** @type {Node[]} */
  const nodes = [];
  let at = 0;
  while (at < rows.length) {
    const taken = depth <= DEPTH_LIMIT ? structure(rows, at, depth) : undefined;
    if (taken !== undefined) {
      nodes.push(...taken.nodes);
      at = taken.next;
      continue;
    }
    /** @type {string[]} */
    const paragraph = [];
    do {
      paragraph.push(rows[at] ?? '');
      at += 1;
    } while (at < rows.length && (depth > DEPTH_LIMIT || structure(rows, at, depth) === undefined));
    nodes.push(h('p', null, spans(paragraph.join('\n'))));
  }
  return nodes;
}

/**
 * The block that starts at this row, if it is anything but a paragraph.
 * @param {readonly string[]} rows
 * @param {number} at
 * @param {number} depth
 * @returns {{ nodes: Node[], next: number } | undefined}
 */
function structure(rows, at, depth) {
  const row = rows[at] ?? '';
  if (row.trim() === '') return { nodes: [], next: at + 1 };
  const heading = /^(#{1,6}) +(.*?)#*$/.exec(row);
  if (heading !== null)
    return { nodes: [h('p', { class: 'md-heading' }, spans(heading[2] ?? ''))], next: at + 1 };
  if (/^ {0,3}([-*_])( *\1){2,} *$/.test(row)) return { nodes: [h('hr')], next: at + 1 };
  if (/^ *```/.test(row)) return fence(rows, at);
  if (row.startsWith('>')) return quote(rows, at, depth);
  if (ITEM.test(row)) return list(rows, at, depth);
  if (row.includes('|') && /^ *\|?[ :|-]*-[ :|-]*$/.test(rows[at + 1] ?? '')) return table(rows, at);
  return undefined;
}

/**
 * @param {readonly string[]} rows
 * @param {number} at
 */
function fence(rows, at) {
  let end = at + 1;
  while (end < rows.length && !/^ *```/.test(rows[end] ?? '')) end += 1;
  return { nodes: [h('pre', { class: 'fence' }, rows.slice(at + 1, end).join('\n'))], next: end + 1 };
}

/**
 * @param {readonly string[]} rows
 * @param {number} at
 * @param {number} depth
 */
function quote(rows, at, depth) {
  let end = at;
  while ((rows[end] ?? '').startsWith('>')) end += 1;
  const inside = rows.slice(at, end).map((row) => row.replace(/^> ?/, ''));
  return { nodes: [h('blockquote', null, markdown(inside.join('\n'), depth + 1))], next: end };
}

const ITEM = /^( *)([-*+]|\d+[.)]) +(.*)$/;

/**
 * @param {readonly string[]} rows
 * @param {number} at
 * @param {number} depth
 */
function list(rows, at, depth) {
  const first = ITEM.exec(rows[at] ?? '');
  const indent = first?.[1]?.length ?? 0;
  const ordered = /\d/.test(first?.[2] ?? '');
  /** @type {string[][]} */
  const items = [];
  let end = at;
  for (; end < rows.length; end += 1) {
    const row = rows[end] ?? '';
    const match = ITEM.exec(row);
    if (match !== null && (match[1]?.length ?? 0) <= indent + 1) {
      if (/\d/.test(match[2] ?? '') !== ordered || (match[1]?.length ?? 0) < indent) break;
      items.push([match[3] ?? '']);
    } else if (row.trim() !== '' && /^ {2,}/.test(row))
      items.at(-1)?.push(row.slice(Math.min(indent + 2, row.search(/\S/))));
    else break;
  }
  const start = ordered ? Number.parseInt(first?.[2] ?? '1', 10) : undefined;
  return {
    nodes: [
      h(
        ordered ? 'ol' : 'ul',
        { start },
        items.map((item) => h('li', null, listItem(item, depth))),
      ),
    ],
    next: end,
  };
}

/**
 * @param {readonly string[]} item
 * @param {number} depth
 * @returns {Node[]}
 */
function listItem(item, depth) {
  const [head = '', ...rest] = item;
  const task = /^\[([ xX])\] +(.*)$/.exec(head);
  const opening = task === null ? spans(head) : [`${task[1] === ' ' ? '☐' : '☑'} `, ...spans(task[2] ?? '')];
  return [h('span', null, opening), ...(rest.length > 0 ? markdown(rest.join('\n'), depth + 1) : [])];
}

/** @param {string} row */
function cells(row) {
  return row
    .trim()
    .replace(/^\||\|$/g, '')
    .split('|')
    .map((cell) => cell.trim());
}

/**
 * @param {readonly string[]} rows
 * @param {number} at
 */
function table(rows, at) {
  let end = at + 2;
  while (end < rows.length && (rows[end] ?? '').includes('|')) end += 1;
  const head = h(
    'tr',
    null,
    cells(rows[at] ?? '').map((cell) => h('th', { scope: 'col' }, spans(cell))),
  );
  const body = rows.slice(at + 2, end).map((row) =>
    h(
      'tr',
      null,
      cells(row).map((cell) => h('td', null, spans(cell))),
    ),
  );
  const element = h('table', { class: 'table' }, h('thead', null, head), h('tbody', null, body));
  return { nodes: [h('div', { class: 'table-scroll' }, element)], next: end };
}

const SPAN =
  /`([^`\n]+)`|\[([^\]\n]+)\]\(([^()\s]+)\)|\*\*([^\n]+?)\*\*|__([^\n]+?)__|~~([^\n]+?)~~|\*([^*\s][^*\n]*)\*|(?<!\w)_([^_\n]+)_(?!\w)|:([a-z0-9_+-]+):|(https?:\/\/[^\s<>`]+[^\s<>`.,;:!?)'"])|\n/g;

/**
 * @param {string} text
 * @returns {Node[]}
 */
function spans(text) {
  /** @type {Node[]} */
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(SPAN)) {
    if (match.index > from) nodes.push(document.createTextNode(text.slice(from, match.index)));
    nodes.push(span(match));
    from = match.index + match[0].length;
  }
  if (from < text.length) nodes.push(document.createTextNode(text.slice(from)));
  return nodes;
}

/**
 * @param {RegExpMatchArray} match
 * @returns {Node}
 */
function span([whole, code, label, href, strong, strong2, strike, em, em2, shortcode, url]) {
  if (code !== undefined) return h('code', null, code);
  if (label !== undefined && href !== undefined) return link(href, h('span', null, spans(label)));
  const bold = strong ?? strong2;
  if (bold !== undefined) return h('strong', null, spans(bold));
  if (strike !== undefined) return h('s', null, spans(strike));
  const italic = em ?? em2;
  if (italic !== undefined) return h('em', null, spans(italic));
  if (shortcode !== undefined)
    return isEmoji(shortcode) ? emojiNode(shortcode) : document.createTextNode(whole ?? '');
  return url === undefined ? h('br') : link(url, url);
}

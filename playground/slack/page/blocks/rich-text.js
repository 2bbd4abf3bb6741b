// `rich_text` blocks: paragraphs, lists, quotes and preformatted text with styled runs and mentions.
import { h } from '../dom.js';
import { channelMention, emojiNode, groupMention, link, personMention } from '../mrkdwn.js';
import { slackDate } from '../time.js';

/**
 * @import { RichTextBlock, RichTextElement, RichTextList } from '@slack/types'
 * @import { Directory } from '../mrkdwn.js'
 */

/**
 * @param {RichTextBlock} block
 * @param {Directory} directory
 * @returns {HTMLElement}
 */
export function richText(block, directory) {
  return h(
    'div',
    { class: 'rich' },
    block.elements.map((element) => part(element, directory)),
  );
}

/**
 * @param {RichTextBlock['elements'][number]} element
 * @param {Directory} directory
 * @returns {Node}
 */
function part(element, directory) {
  switch (element.type) {
    case 'rich_text_section':
      return h('div', { class: 'rich-section' }, runs(element.elements, directory));
    case 'rich_text_list':
      return list(element, directory);
    case 'rich_text_quote':
      return h('blockquote', null, runs(element.elements, directory));
    case 'rich_text_preformatted':
      return h('pre', { class: 'fence' }, runs(element.elements, directory));
  }
}

/**
 * @param {RichTextList} element
 * @param {Directory} directory
 */
function list(element, directory) {
  const depth = Math.min(4, element.indent ?? 0);
  const items = element.elements.map((item) => h('li', null, runs(item.elements, directory)));
  return h(element.style === 'ordered' ? 'ol' : 'ul', { class: `rich-list depth-${depth}` }, items);
}

/**
 * @param {readonly RichTextElement[]} elements
 * @param {Directory} directory
 * @returns {Node[]}
 */
function runs(elements, directory) {
  return elements.flatMap((element) => styled(run(element, directory), element.style));
}

/**
 * @param {RichTextElement} element
 * @param {Directory} directory
 * @returns {Node[]}
 */
function run(element, directory) {
  switch (element.type) {
    case 'text':
      return element.text
        .split('\n')
        .flatMap((line, index) => (index === 0 ? [text(line)] : [h('br'), text(line)]));
    case 'link':
      return [link(element.url, element.text ?? element.url)];
    case 'user':
      return [personMention(element.user_id, directory)];
    case 'channel':
      return [channelMention(element.channel_id, directory)];
    case 'usergroup':
      return [groupMention(element.usergroup_id, directory)];
    case 'broadcast':
      return [h('span', { class: 'mention mention-me' }, `@${element.range}`)];
    case 'emoji':
      return [emojiNode(element.name)];
    case 'date':
      return [
        h('time', { class: 'date' }, slackDate(element.timestamp, element.format) ?? element.fallback ?? ''),
      ];
    case 'color':
      return [h('code', null, element.value)];
    default:
      return [text(`[${element.type}]`)];
  }
}

/** @param {string} words */
function text(words) {
  return document.createTextNode(words);
}

/**
 * @param {Node[]} nodes
 * @param {RichTextElement['style']} style
 * @returns {Node[]}
 */
function styled(nodes, style) {
  let inside = nodes;
  if (style?.code === true) inside = [h('code', null, inside)];
  if (style?.strike === true) inside = [h('s', null, inside)];
  if (style?.italic === true) inside = [h('em', null, inside)];
  if (style?.bold === true) inside = [h('strong', null, inside)];
  return inside;
}

// Text objects: mrkdwn or plain text, as nodes or as bare words.
import { h } from '../dom.js';
import { withEmoji } from '../emoji.js';
import { mrkdwn } from '../mrkdwn.js';

/**
 * @import { Directory } from '../mrkdwn.js'
 * @import { TextObject } from '@slack/types'
 */

/**
 * @param {TextObject | undefined} text
 * @param {Directory} directory
 * @returns {Node}
 */
export function textNode(text, directory) {
  if (text === undefined) return document.createTextNode('');
  if (text.type === 'mrkdwn') return mrkdwn(text.text, directory);
  const fragment = document.createDocumentFragment();
  withEmoji(text.text)
    .split('\n')
    .forEach((line, index) => {
      if (index > 0) fragment.append(h('br'));
      fragment.append(line);
    });
  return fragment;
}

/**
 * Plain words of a text object, for labels and titles.
 * @param {unknown} text
 * @returns {string}
 */
export function words(text) {
  if (typeof text === 'string') return withEmoji(text);
  const inside = text !== null && typeof text === 'object' && 'text' in text ? text.text : '';
  return typeof inside === 'string' ? withEmoji(inside) : '';
}

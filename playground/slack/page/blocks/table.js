// `table` and `data_table` blocks: the first row is the head.
import { h } from '../dom.js';
import { withEmoji } from '../emoji.js';
import { richText } from './rich-text.js';

/**
 * @import { DataTableBlock, RawNumberElement, RawTextElement, RichTextBlock, TableBlock } from '@slack/types'
 * @import { Directory } from '../mrkdwn.js'
 */

/**
 * @param {TableBlock | DataTableBlock} block
 * @param {Directory} directory
 * @returns {HTMLElement}
 */
export function table(block, directory) {
  const [head = [], ...body] = block.rows;
  const settings = block.type === 'table' ? (block.column_settings ?? []) : [];
  const rowHead = block.type === 'data_table' ? block.row_header_column_index : undefined;
  /**
   * @param {readonly (RawTextElement | RawNumberElement | RichTextBlock)[]} row
   * @param {boolean} first
   */
  const tr = (row, first) =>
    h(
      'tr',
      null,
      row.map((cell, column) => {
        const align = settings[column]?.align ?? (cell.type === 'raw_number' ? 'right' : 'left');
        const isHead = first || column === rowHead;
        return h(
          isHead ? 'th' : 'td',
          {
            class: `align-${align}${settings[column]?.is_wrapped === true ? '' : ' no-wrap'}`,
            scope: first ? 'col' : isHead ? 'row' : undefined,
          },
          cell.type === 'rich_text' ? richText(cell, directory) : withEmoji(cell.text),
        );
      }),
    );
  return h(
    'div',
    { class: 'table-scroll', role: 'region', tabindex: 0, 'aria-label': 'Table' },
    h(
      'table',
      { class: 'table' },
      block.type === 'data_table' ? h('caption', null, block.caption) : null,
      h('thead', null, tr(head, true)),
      h(
        'tbody',
        null,
        body.map((row) => tr(row, false)),
      ),
    ),
  );
}

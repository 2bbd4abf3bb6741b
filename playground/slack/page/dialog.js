// The confirm dialog of a button: nothing is sent before the person agreed in it.
import { textNode, words } from './blocks/text.js';
import { h } from './dom.js';

/**
 * @import { Confirm } from '@slack/types'
 * @import { Directory } from './mrkdwn.js'
 */

/**
 * Shows the dialog and waits for an answer; Escape and the backdrop mean no.
 * @param {Confirm} confirm
 * @param {Directory} directory
 * @returns {Promise<boolean>}
 */
export function ask(confirm, directory) {
  const title = words(confirm.title) || 'Are you sure?';
  const style = confirm.style === 'danger' ? 'btn-danger' : 'btn-primary';
  const no = h(
    'button',
    { type: 'submit', class: 'btn btn-large', value: 'no' },
    words(confirm.deny) || 'Cancel',
  );
  const yes = h(
    'button',
    { type: 'submit', class: `btn btn-large ${style}`, value: 'yes' },
    words(confirm.confirm) || 'Yes',
  );
  const dialog = h(
    'dialog',
    { class: 'sheet confirm', 'aria-labelledby': 'confirm-title', 'aria-describedby': 'confirm-text' },
    h(
      'form',
      { method: 'dialog' },
      h('h2', { id: 'confirm-title' }, title),
      h('div', { id: 'confirm-text', class: 'confirm-text' }, textNode(confirm.text, directory)),
      h('div', { class: 'sheet-foot' }, no, yes),
    ),
  );
  document.body.append(dialog);
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close('no');
  });
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes');
    });
    dialog.showModal();
    // A destructive answer is never one stray Enter away.
    (confirm.style === 'danger' ? no : yes).focus();
  });
}

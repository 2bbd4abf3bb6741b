// Short notices in the corner, for what belongs to no message: a lost connection, a refused control call.
import { byId, h, icon } from './dom.js';

const SHOWN_MS = 6_000;

/**
 * @param {string} sentence
 * @param {'error' | 'info'} [kind]
 */
export function toast(sentence, kind = 'info') {
  const close = h(
    'button',
    { type: 'button', class: 'icon-button', 'aria-label': 'Dismiss' },
    icon('close', 14),
  );
  const box = h(
    'div',
    { class: `toast toast-${kind}` },
    icon(kind === 'error' ? 'warn' : 'check', 16),
    h('span', null, sentence),
    close,
  );
  close.addEventListener('click', () => box.remove());
  const host = byId('toasts');
  host.append(box);
  // Again into the top layer, so that it stands above a dialog that was opened since.
  if (host.matches(':popover-open')) host.hidePopover();
  host.showPopover();
  while (host.childElementCount > 3) host.firstElementChild?.remove();
  setTimeout(() => {
    box.remove();
    if (host.childElementCount === 0) host.hidePopover();
  }, SHOWN_MS);
}

// Things that open beside a control: menus and lists, in the browser's top layer, closed by Escape or a click elsewhere.
import { h } from './dom.js';

/** Space kept between a popup and its anchor, and the window's edge, in pixels. */
const GAP_PX = 6;

/**
 * Opens `content` beside `anchor`; the browser closes it (light dismiss) and gives the focus back.
 * @param {HTMLElement} anchor
 * @param {HTMLElement} content
 * @param {{ prefer?: 'below' | 'above', matchWidth?: boolean, onClose?: () => void }} [options]
 */
export function openPopup(anchor, content, options = {}) {
  content.setAttribute('popover', 'auto');
  content.classList.add('popup');
  // Inside its anchor's dialog, or a modal dialog makes it inert; inside its anchor's popup, or that one closes.
  (anchor.closest('dialog, [popover]') ?? document.body).append(content);
  if (options.matchWidth === true) content.style.minWidth = `${anchor.offsetWidth}px`;
  const nameOfAnchor = lastingName(anchor);
  let at = anchor;
  const place = () => {
    if (!at.isConnected) at = nameOfAnchor === undefined ? at : (document.querySelector(nameOfAnchor) ?? at);
    position(at, content, options.prefer ?? 'below');
  };
  const resized = new ResizeObserver(place);
  // An edited message is drawn anew: the popup stays with the same button, and goes when that is gone.
  const redrawn = new MutationObserver(() => at.isConnected || place());
  content.addEventListener('toggle', (event) => {
    if (/** @type {ToggleEvent} */ (event).newState !== 'closed') return;
    resized.disconnect();
    redrawn.disconnect();
    removeEventListener('scroll', place, true);
    removeEventListener('resize', place);
    at.setAttribute('aria-expanded', 'false');
    content.remove();
    options.onClose?.();
  });
  content.showPopover();
  anchor.setAttribute('aria-expanded', 'true');
  addEventListener('scroll', place, true);
  addEventListener('resize', place);
  resized.observe(content);
  redrawn.observe(document.body, { childList: true, subtree: true });
  place();
}

/**
 * A selector for this control that still holds after its message or view was drawn anew.
 * @param {HTMLElement} anchor
 * @returns {string | undefined} undefined for what has no name of its own
 */
function lastingName(anchor) {
  const name = anchor.getAttribute('data-focus');
  if (name === null) return undefined;
  const row = anchor.closest('[data-key]');
  const host = (row ?? anchor).parentElement?.closest('[id]');
  const attribute = (/** @type {string} */ key, /** @type {string} */ value) =>
    `[${key}="${CSS.escape(value)}"]`;
  return [
    ...(host ? [`#${CSS.escape(host.id)}`] : []),
    ...(row === null ? [] : [attribute('data-key', row.getAttribute('data-key') ?? '')]),
    attribute('data-focus', name),
  ].join(' ');
}

/**
 * @param {HTMLElement} anchor
 * @param {HTMLElement} content
 * @param {'below' | 'above'} prefer
 */
function position(anchor, content, prefer) {
  if (!anchor.isConnected) {
    content.hidePopover();
    return;
  }
  const box = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = content;
  const below = box.bottom + GAP_PX;
  const above = box.top - GAP_PX - height;
  const fitsBelow = below + height <= innerHeight - GAP_PX;
  const top =
    prefer === 'above' ? (above >= GAP_PX ? above : below) : fitsBelow || above < GAP_PX ? below : above;
  content.style.top = `${Math.max(GAP_PX, top)}px`;
  // Where it does not fit to the right of the anchor's left edge, their right edges meet.
  const left = box.left + width <= innerWidth - GAP_PX ? box.left : box.right - width;
  content.style.left = `${Math.max(GAP_PX, left)}px`;
}

/**
 * @typedef {object} MenuItem
 * @property {string} text
 * @property {string} [note] a second, quieter line
 * @property {string} [key] the shortcut, shown at the right
 * @property {Node} [before] an avatar or icon
 * @property {boolean} [checked] makes it a choice among the others
 * @property {() => void} run
 */

/**
 * A menu that works with arrows, Home, End and the first letter.
 * @param {HTMLElement} anchor
 * @param {readonly MenuItem[]} items
 * @param {{ prefer?: 'below' | 'above', title?: string }} [options]
 */
export function openMenu(anchor, items, options = {}) {
  const buttons = items.map((item) => menuButton(item));
  const menu = h(
    'div',
    { class: 'menu', role: 'menu', 'aria-label': options.title },
    options.title === undefined
      ? null
      : h('div', { class: 'menu-title', 'aria-hidden': 'true' }, options.title),
    buttons,
  );
  buttons.forEach((button, index) => {
    button.addEventListener('click', () => {
      menu.hidePopover();
      items[index]?.run();
    });
  });
  menu.addEventListener('keydown', (event) => {
    const next = nextIndex(event, buttons);
    if (next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    buttons[next]?.focus();
  });
  openPopup(anchor, menu, options);
  (buttons.find((_, index) => items[index]?.checked === true) ?? buttons[0])?.focus();
}

/** @param {MenuItem} item */
function menuButton(item) {
  return h(
    'button',
    {
      type: 'button',
      class: 'menu-item',
      role: item.checked === undefined ? 'menuitem' : 'menuitemradio',
      'aria-checked': item.checked === undefined ? undefined : String(item.checked),
      tabindex: -1,
    },
    item.before,
    h(
      'span',
      { class: 'menu-text' },
      h('span', null, item.text),
      item.note ? h('span', { class: 'menu-note' }, item.note) : null,
    ),
    item.key === undefined ? null : h('kbd', null, item.key),
  );
}

/**
 * @param {KeyboardEvent} event
 * @param {readonly HTMLElement[]} buttons
 * @returns {number | undefined}
 */
function nextIndex(event, buttons) {
  const at = buttons.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const count = buttons.length;
  if (event.key === 'ArrowDown') return (at + 1) % count;
  if (event.key === 'ArrowUp') return (at - 1 + count) % count;
  if (event.key === 'Home') return 0;
  if (event.key === 'End') return count - 1;
  if (event.key.length !== 1 || event.altKey || event.ctrlKey || event.metaKey) return undefined;
  const order = buttons.map((_, index) => (at + 1 + index) % count);
  return order.find((index) =>
    buttons[index]?.textContent?.trim().toLowerCase().startsWith(event.key.toLowerCase()),
  );
}

// The few lines that build DOM nodes: text is always a text node, so a message can never become markup.

const SVG = 'http://www.w3.org/2000/svg';

/**
 * @typedef {Node | string | number | null | undefined | false | Child[]} Child
 * @typedef {Record<string, string | number | boolean | null | undefined | Function>} Props
 */

/**
 * Makes an element. `on…` properties are listeners, `class`, `data-…` and `aria-…` attributes; true means "present", false,
 * null and undefined mean "absent".
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Props | null} [props]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, props, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) setProperty(element, name, value);
  append(element, children);
  return element;
}

/**
 * @param {Element} element
 * @param {string} name
 * @param {Props[string]} value
 */
function setProperty(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith('on') && typeof value === 'function') {
    element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
  } else if (name === 'value' && 'value' in element) {
    element.value = value;
  } else {
    element.setAttribute(name, value === true ? '' : String(value));
  }
}

/**
 * @param {Node} parent
 * @param {Child} child
 */
export function append(parent, child) {
  if (child === null || child === undefined || child === false) return;
  if (Array.isArray(child)) for (const one of child) append(parent, one);
  else parent.appendChild(child instanceof Node ? child : document.createTextNode(String(child)));
}

/**
 * Replaces what is in `parent`.
 * @param {Element} parent
 * @param {...Child} children
 */
export function fill(parent, ...children) {
  parent.replaceChildren();
  append(parent, children);
}

/**
 * The element with this id; the page is broken without it, so its absence is an error.
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`index.html has no element #${id}`);
  return element;
}

/** Paths of the icons, on a 20 × 20 grid, drawn with the current colour. */
const ICONS = {
  hash: 'M7.5 3 6 17M14 3l-1.5 14M3.5 7.5h14M2.5 12.5h14',
  lock: 'M5 9h10v8H5zM7 9V6.5a3 3 0 0 1 6 0V9',
  home: 'M3 9.5 10 3l7 6.5V17h-4.5v-4.5h-5V17H3z',
  apps: 'M3.5 3.5h5v5h-5zM11.5 3.5h5v5h-5zM3.5 11.5h5v5h-5zM11.5 11.5h5v5h-5z',
  send: 'M3 3.5 17 10 3 16.5 5 10zM5 10h6',
  close: 'm5 5 10 10M15 5 5 15',
  thread: 'M3 4h14v10H9l-4 3v-3H3zM6.5 7.5h7M6.5 10.5h4.5',
  more: 'M4 10h.01M10 10h.01M16 10h.01',
  down: 'm5 7.5 5 5 5-5',
  up: 'm5 12.5 5-5 5 5',
  check: 'm4 10.5 4 4 8-9',
  file: 'M5 2.5h7l3.5 3.5v11.5H5zM12 2.5V6h3.5',
  eye: 'M2 10s3-5.5 8-5.5S18 10 18 10s-3 5.5-8 5.5S2 10 2 10zM10 7.8a2.2 2.2 0 1 1 0 4.4 2.2 2.2 0 0 1 0-4.4z',
  help: 'M10 2.5a7.5 7.5 0 1 1 0 15 7.5 7.5 0 0 1 0-15zM7.8 7.8a2.2 2.2 0 1 1 3.2 2c-.7.4-1 .8-1 1.6M10 14.2h.01',
  bolt: 'M11 2 4.5 11.5H9L8 18l7-9.5h-4.5z',
  crown: 'm3 6 3.5 4L10 4.5l3.5 5.5L17 6l-1.5 9h-11z',
  back: 'M12.5 4 6.5 10l6 6',
  slash: 'M3.5 3.5h13v13h-13zM12 6.5l-4 7',
  warn: 'M10 3 18 16.5H2zM10 8v4M10 14.2h.01',
  image: 'M3 4h14v12H3zM3 13l4-4 4 4 2.5-2.5L17 14M13 7.5h.01',
  search: 'M9 3.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11zM13 13l4 4',
  cube: 'M10 2.5 17 6v8l-7 3.5L3 14V6zM3 6l7 3.5L17 6M10 9.5v8',
};

/** @typedef {keyof typeof ICONS} IconName */

/**
 * A decorative icon (hidden from screen readers: the control beside it carries the words).
 * @param {IconName} name
 * @param {number} [sizePx]
 * @returns {SVGSVGElement}
 */
export function icon(name, sizePx = 18) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 20 20');
  svg.setAttribute('width', String(sizePx));
  svg.setAttribute('height', String(sizePx));
  svg.setAttribute('class', `icon icon-${name}`);
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', ICONS[name]);
  svg.appendChild(path);
  return svg;
}

/**
 * Says something to people who listen to the page instead of looking at it.
 * @param {string} sentence
 */
export function announce(sentence) {
  const region = byId('live');
  // Two regions' worth of silence is not needed: a new child is what screen readers speak.
  region.append(h('div', null, sentence));
  while (region.childElementCount > 5) region.firstElementChild?.remove();
}

// What every block renderer is given: who reads, what the inputs hold, and the way back to the app.
import { ask } from '../dialog.js';
import { h } from '../dom.js';
import { toast } from '../toast.js';

/**
 * @import { Refused, Suggested, StateValues, InputValue } from '../../contract.ts'
 * @import { Directory } from '../mrkdwn.js'
 * @import { Confirm } from '@slack/types'
 */

/**
 * @typedef {{ block_id: string, action_id: string, value: InputValue }} Press
 * @typedef {Record<string, Record<string, InputValue>>} Held block_id → action_id → what the person put there
 *
 * @typedef {object} Surface a message or a view that is being drawn
 * @property {'message' | 'modal' | 'home'} kind
 * @property {string} key makes ids unique on the page
 * @property {Directory} directory
 * @property {Held} held
 * @property {Map<string, string>} labels text of options that are known only after a search
 * @property {StateValues} known what the server says the inputs hold
 * @property {Readonly<Record<string, string>>} errors block_id → sentence
 * @property {readonly { id: string, text: string }[]} people
 * @property {readonly { id: string, text: string }[]} channels
 * @property {(press: Press) => Promise<Refused | undefined>} act
 * @property {(blockId: string, actionId: string, typed: string) => Promise<Suggested | Refused>} suggest
 * @property {() => void} edited called after an input changed, so that it survives a reload
 */

/** After this long without a visible answer a button can be pressed again: Slack's own limit for an acknowledgement. */
const BUSY_LIMIT_MS = 3_000;

/**
 * Asks when the element wants that, tells the app, and shows on the control how it went. Nothing is sent before the person agreed.
 * @param {Surface} surface
 * @param {Press} press
 * @param {HTMLElement} control
 * @param {Confirm | undefined} confirm
 * @returns {Promise<boolean>} whether it was sent and acknowledged
 */
export async function send(surface, press, control, confirm) {
  if (control.getAttribute('aria-busy') === 'true') return false;
  if (confirm !== undefined && !(await ask(confirm, surface.directory))) return false;
  control.setAttribute('aria-busy', 'true');
  control.closest('.block')?.querySelector('.act-error')?.remove();
  const startMs = performance.now();
  const refused = await surface.act(press);
  if (refused !== undefined) {
    control.removeAttribute('aria-busy');
    complain(control, refused.hint || refused.error);
    return false;
  }
  // The message normally changes and takes this control away; when it does not, the control comes back by itself.
  setTimeout(
    () => control.removeAttribute('aria-busy'),
    Math.max(0, BUSY_LIMIT_MS - (performance.now() - startMs)),
  );
  return true;
}

/**
 * Says beside the control (or as a toast, when it is gone) what went wrong.
 * @param {HTMLElement} control
 * @param {string} sentence
 */
function complain(control, sentence) {
  const block = control.closest('.block');
  if (block === null || !control.isConnected) toast(sentence, 'error');
  else block.append(h('p', { class: 'act-error', role: 'alert' }, sentence));
}

/**
 * What an input holds now: what was typed here, else what the server knows, else the element's own initial value.
 * @param {Surface} surface
 * @param {string} blockId
 * @param {{ action_id?: string }} element
 * @returns {InputValue}
 */
export function heldBy(surface, blockId, element) {
  const actionId = element.action_id ?? '';
  const typed = surface.held[blockId]?.[actionId];
  if (typed !== undefined) return typed;
  const known = surface.known[blockId]?.[actionId];
  return fromFields(known ?? {}) ?? fromFields(element);
}

/**
 * @param {Readonly<Record<string, unknown>>} fields a state object, or an element with `initial_…` fields
 * @returns {InputValue}
 */
function fromFields(fields) {
  for (const [name, value] of Object.entries(fields)) {
    if (!/^(?:value$|selected_|initial_)/.test(name) || value === null || value === undefined) continue;
    if (Array.isArray(value)) return value.map(optionValue);
    return optionValue(value);
  }
  return null;
}

/** @param {unknown} option */
function optionValue(option) {
  return String(option !== null && typeof option === 'object' && 'value' in option ? option.value : option);
}

/**
 * @param {Surface} surface
 * @param {string} blockId
 * @param {string} actionId
 * @param {InputValue} value
 */
export function hold(surface, blockId, actionId, value) {
  surface.held[blockId] = { ...surface.held[blockId], [actionId]: value };
  surface.edited();
}

/**
 * What is held of inputs that are still there: an updated view or message may have lost some, and the server refuses strangers.
 * @param {Held} held
 * @param {unknown} blocks
 * @returns {Held}
 */
export function stillThere(held, blocks) {
  const there = actionsIn(blocks, '', new Set());
  const entries = Object.entries(held).map(([block, actions]) => {
    const kept = Object.entries(actions).filter(([action]) => there.has(`${block}/${action}`));
    return /** @type {const} */ ([block, Object.fromEntries(kept)]);
  });
  return Object.fromEntries(entries.filter(([, actions]) => Object.keys(actions).length > 0));
}

/**
 * `block_id/action_id` of everything in these blocks, however deep.
 * @param {unknown} value
 * @param {string} block
 * @param {Set<string>} found
 * @returns {Set<string>}
 */
function actionsIn(value, block, found) {
  if (value === null || typeof value !== 'object') return found;
  const own = 'block_id' in value ? String(value.block_id) : block;
  if ('action_id' in value) found.add(`${own}/${String(value.action_id)}`);
  for (const inside of Object.values(value)) actionsIn(inside, own, found);
  return found;
}

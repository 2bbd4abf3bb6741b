// What modals and the Home tab have in common: a view's blocks, and inputs that outlive a redraw and a reload.
import { post } from './api.js';
import { stillThere } from './blocks/context.js';
import { keep, recall } from './keep.js';
import { directory, refresh, roles, session } from './session.js';

/**
 * @import { View } from '../contract.ts'
 * @import { Held, Surface } from './blocks/context.js'
 */

/** @type {Map<string, { held: Held, labels: Map<string, string> }>} */
const inputs = new Map();

/**
 * @param {View} view
 * @param {Readonly<Record<string, string>>} errors
 * @returns {Surface}
 */
export function viewSurface(view, errors) {
  const own = inputsOf(view.id);
  const where = { user: session.user, view: view.id };
  return {
    kind: view.type,
    key: view.id,
    directory: directory(),
    ...own,
    known: view.state.values,
    errors,
    people: roles().map((person) => ({ id: person.id, text: person.realName })),
    channels: (session.state?.channels ?? [])
      .filter((one) => one.kind !== 'im')
      .map((one) => ({ id: one.id, text: one.name })),
    act: async (press) => {
      const answer = await post('action', { ...where, ...press, values: stillThere(own.held, view.blocks) });
      void refresh();
      return answer.ok ? undefined : answer;
    },
    suggest: (blockId, actionId, typed) =>
      post('suggest', { ...where, block_id: blockId, action_id: actionId, value: typed }),
    edited: () => keep(`view/${view.id}`, own.held),
  };
}

/**
 * @param {string} viewId
 * @returns {{ held: Held, labels: Map<string, string> }}
 */
export function inputsOf(viewId) {
  const known = inputs.get(viewId);
  if (known !== undefined) return known;
  const own = { held: /** @type {Held} */ (recall(`view/${viewId}`) ?? {}), labels: new Map() };
  inputs.set(viewId, own);
  return own;
}

/**
 * Forgets what was typed in views that are not there any more.
 * @param {readonly string[]} open
 */
export function forgetViews(open) {
  for (const id of inputs.keys()) {
    if (open.includes(id)) continue;
    inputs.delete(id);
    keep(`view/${id}`, undefined);
  }
}

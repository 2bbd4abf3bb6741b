// Breaking things: a fault, its parameters, Inject; and the active ones, each with Heal. It opens from the dock.
import { post } from './api.js';
import { refreshCluster } from './cluster-feed.js';
import { byId, fill, h, icon } from './dom.js';
import { openMenu, openPopup } from './popup.js';
import { roles, session } from './session.js';
import { toast } from './toast.js';

/**
 * @import { FaultKind, FaultParam } from '../contract.ts'
 * @import { WorldSnapshot } from '../../world/snapshot.ts'
 */

/** @type {HTMLElement | undefined} */
let sheet;
let chosen = '';
let drawn = '';
/** @type {Map<string, string>} parameter → what was entered, kept from fault to fault */
const entered = new Map();
/** @type {WorldSnapshot | undefined} */
let world;

/** Opens the sheet above the dock's button. */
export function openFaults() {
  if (sheet !== undefined) return;
  sheet = h('section', { class: 'faults', role: 'dialog', 'aria-label': 'Break something' });
  drawn = '';
  openPopup(byId('dock-break'), sheet, {
    prefer: 'above',
    onClose: () => {
      sheet = undefined;
    },
  });
  redraw();
  sheet.querySelector('button')?.focus();
}

/** @param {WorldSnapshot | undefined} snapshot */
export function drawFaults(snapshot) {
  world = snapshot;
  redraw();
}

function kinds() {
  return [...session.clusterFaults, ...session.slackFaults].filter((kind) => kind.name !== 'heal');
}

/** Draws the open sheet again when something in it is different: never under the hands of somebody who fills it in. */
function redraw() {
  if (sheet === undefined) return;
  const nodes = (world?.nodes ?? []).map((node) => node.name);
  const kind = kinds().find((one) => one.name === chosen) ?? kinds()[0];
  const signature = JSON.stringify([kind, nodes, world?.faults]);
  if (signature === drawn) return;
  drawn = signature;
  const focus = sheet.contains(document.activeElement) ? document.activeElement?.id : undefined;
  const active = activeFaults();
  fill(
    sheet,
    h('h2', null, 'Break something'),
    kind === undefined ? h('p', { class: 'quiet' }, 'Nothing can be broken here.') : form(kind, nodes),
    active.length > 0 ? [h('h3', null, 'Broken now'), h('ul', { class: 'faults-active' }, active)] : null,
  );
  const same = focus ? document.getElementById(focus) : null;
  if (focus !== undefined) (same ?? sheet.querySelector('button'))?.focus();
}

/**
 * @param {FaultKind} kind
 * @param {readonly string[]} nodes
 */
function form(kind, nodes) {
  const fields = kind.params.map((param) => ({ param, control: paramControl(param, nodes) }));
  const picker = h(
    'button',
    {
      type: 'button',
      class: 'select',
      id: 'fault-kind',
      'aria-haspopup': 'menu',
      'aria-label': `Fault: ${kind.name}`,
    },
    h('span', { class: 'select-label' }, kind.name),
    icon('down', 14),
  );
  picker.addEventListener('click', () => pick(picker, kind));
  const element = h(
    'form',
    { class: 'fault-fields' },
    picker,
    h('p', { class: 'fault-sentence' }, kind.sentence),
    fields.map(({ param, control }) => labelled(param, control)),
    h('button', { type: 'submit', class: 'btn btn-danger', id: 'fault-inject' }, icon('bolt', 14), 'Inject'),
  );
  element.addEventListener('submit', (event) => {
    event.preventDefault();
    const params = Object.fromEntries(
      fields.map(({ param, control }) => [param.name, valueFor(param, control.value)]),
    );
    void run({ name: kind.name, ...params }, `${kind.name} injected`);
  });
  return element;
}

/**
 * @param {HTMLElement} anchor
 * @param {FaultKind} now
 */
function pick(anchor, now) {
  const items = kinds().map((kind) => ({
    text: kind.name,
    note: kind.sentence,
    checked: kind === now,
    run: () => {
      chosen = kind.name;
      redraw();
    },
  }));
  openMenu(anchor, items, { prefer: 'above' });
}

/**
 * @param {FaultParam} param
 * @param {readonly string[]} nodes
 * @returns {HTMLInputElement | HTMLSelectElement}
 */
function paramControl(param, nodes) {
  const id = `fault-${param.name}`;
  const optional = param.default !== undefined;
  const choices = choicesOf(param, nodes);
  const before = entered.get(param.name) ?? String(param.default ?? '');
  const type = param.kind === 'number' ? 'number' : 'text';
  const control =
    choices === undefined
      ? h('input', {
          id,
          class: 'field',
          type,
          min: 0,
          required: !optional,
          value: before,
          autocomplete: 'off',
        })
      : h(
          'select',
          { id, class: 'field' },
          optional && !choices.some(([value]) => value === String(param.default))
            ? h('option', { value: '' }, 'any')
            : null,
          choices.map(([value, text]) => h('option', { value, selected: value === before }, text)),
        );
  control.addEventListener('change', () => entered.set(param.name, control.value));
  return control;
}

/**
 * @param {FaultParam} param
 * @param {readonly string[]} nodes
 * @returns {[value: string, text: string][] | undefined}
 */
function choicesOf(param, nodes) {
  if (param.kind === 'node') return nodes.map((name) => [name, name]);
  if (param.kind === 'choice') return (param.choices ?? []).map((one) => [one, one]);
  if (param.kind === 'person') return roles().map((person) => [person.id, person.realName]);
  if (param.kind !== 'channel') return undefined;
  return (session.state?.channels ?? [])
    .filter((one) => one.kind !== 'im')
    .map((one) => [one.id, `#${one.name}`]);
}

/**
 * An empty optional parameter is left out.
 * @param {FaultParam} param
 * @param {string} text
 */
function valueFor(param, text) {
  if (text === '') return undefined;
  return param.kind === 'number' ? Number(text) : text;
}

/**
 * @param {FaultParam} param
 * @param {HTMLElement} control
 */
function labelled(param, control) {
  return h(
    'label',
    { class: 'fault-param', for: control.id },
    h('span', { class: 'fault-param-name' }, param.name),
    control,
    h('span', { class: 'menu-note' }, param.sentence),
  );
}

/** @returns {HTMLElement[]} */
function activeFaults() {
  const active = world?.faults ?? [];
  const rows = active.map((fault) => {
    const given = Object.values(fault.params).filter(
      (value) => value !== null && value !== undefined && value !== '',
    );
    const heal = h('button', { type: 'button', class: 'btn btn-small', id: `heal-${fault.id}` }, 'Heal');
    heal.setAttribute('aria-label', `Heal ${fault.name} ${given.join(' ')}`);
    const { node } = fault.params;
    const which = { fault: fault.name, ...(node === undefined ? {} : { node }) };
    heal.addEventListener('click', () => void run({ name: 'heal', ...which }, `${fault.name} healed`));
    const note = given.length === 0 ? null : h('span', { class: 'menu-note' }, given.join(', '));
    return h('li', null, h('span', { class: 'menu-text' }, h('span', null, fault.name), note), heal);
  });
  if (rows.length < 2) return rows;
  const all = h('button', { type: 'button', class: 'btn btn-small', id: 'heal-all' }, 'Heal all');
  all.addEventListener('click', () => void run({ name: 'heal' }, 'Everything healed'));
  return [...rows, h('li', { class: 'heal-all' }, all)];
}

/**
 * @param {{ name: string, [param: string]: unknown }} fault
 * @param {string} done
 */
async function run(fault, done) {
  const answer = await post('fault', fault);
  toast(answer.ok ? done : answer.hint || answer.error, answer.ok ? 'info' : 'error');
  void refreshCluster();
}

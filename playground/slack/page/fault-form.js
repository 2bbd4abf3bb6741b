// The part of the dock that breaks things: a fault, its parameters, Inject; and the active ones, each with Heal.
import { post } from './api.js';
import { byId, fill, h, icon } from './dom.js';
import { openMenu } from './popup.js';
import { refreshCluster, roles, session } from './session.js';
import { toast } from './toast.js';

/**
 * @import { FaultKind, FaultParam } from '../contract.ts'
 * @import { WorldSnapshot } from '../../world/snapshot.ts'
 */

let chosen = '';
let drawn = '';
let drawnActive = '';
/** @type {Map<string, string>} parameter → what was entered, kept from fault to fault */
const entered = new Map();

/** @param {WorldSnapshot | undefined} snapshot */
export function drawFaults(snapshot) {
  const kinds = [...session.clusterFaults, ...session.slackFaults].filter((kind) => kind.name !== 'heal');
  const nodes = (snapshot?.nodes ?? []).map((node) => node.name);
  drawActive(snapshot);
  const signature = JSON.stringify([chosen, kinds, nodes]);
  if (signature === drawn) return;
  drawn = signature;
  const kind = kinds.find((one) => one.name === chosen) ?? kinds[0];
  if (kind === undefined) {
    fill(byId('fault-form'), h('p', { class: 'quiet' }, 'Nothing to break here.'));
    return;
  }
  const host = byId('fault-form');
  const hadFocus = host.contains(document.activeElement);
  fill(host, form(kind, nodes));
  if (hadFocus) host.querySelector('button')?.focus();
}

/**
 * @param {FaultKind} kind
 * @param {readonly string[]} nodes
 */
function form(kind, nodes) {
  const fields = kind.params.map((param) => ({ param, control: paramControl(param, nodes) }));
  const picker = h(
    'button',
    { type: 'button', class: 'select', 'aria-haspopup': 'menu', 'aria-label': `Fault: ${kind.name}` },
    h('span', { class: 'select-label' }, kind.name),
    icon('down', 14),
  );
  picker.addEventListener('click', () => pick(picker));
  const inject = h('button', { type: 'submit', class: 'btn btn-danger' }, icon('bolt', 14), ' Inject');
  const element = h(
    'form',
    { class: 'fault-fields' },
    picker,
    h('p', { class: 'fault-sentence' }, kind.sentence),
    h(
      'div',
      { class: 'fault-params' },
      fields.map(({ param, control }) => labelled(param, control)),
    ),
    inject,
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

/** @param {HTMLElement} anchor */
function pick(anchor) {
  const kinds = [...session.clusterFaults, ...session.slackFaults].filter((kind) => kind.name !== 'heal');
  openMenu(
    anchor,
    kinds.map((kind) => ({
      text: kind.name,
      note: kind.sentence,
      checked: kind.name === chosen,
      run: () => {
        chosen = kind.name;
        drawn = '';
        document.dispatchEvent(new CustomEvent('panel'));
        byId('fault-form').querySelector('button')?.focus();
      },
    })),
    { prefer: 'above', title: 'What should break' },
  );
}

/**
 * @param {FaultParam} param
 * @param {readonly string[]} nodes
 * @returns {HTMLInputElement | HTMLSelectElement}
 */
function paramControl(param, nodes) {
  const before = entered.get(param.name) ?? String(param.default ?? '');
  const choices = choicesOf(param, nodes);
  const optional = param.default !== undefined;
  const id = `fault-${param.name}`;
  const control =
    choices === undefined
      ? h('input', {
          id,
          class: 'field',
          type: param.kind === 'number' ? 'number' : 'text',
          min: 0,
          required: !optional,
          value: before,
          title: param.sentence,
          autocomplete: 'off',
        })
      : h(
          'select',
          { id, class: 'field', title: param.sentence },
          optional && !choices.some(([value]) => value === String(param.default))
            ? h('option', { value: '' }, '—')
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
  return h('label', { class: 'fault-param', for: control.id }, h('span', null, param.name), control);
}

/** @param {WorldSnapshot | undefined} snapshot */
function drawActive(snapshot) {
  const active = snapshot?.faults ?? [];
  const signature = JSON.stringify(active);
  if (signature === drawnActive) return;
  drawnActive = signature;
  const rows = active.map((fault) => {
    const where = Object.values(fault.params)
      .filter((value) => value !== null && value !== undefined && value !== '')
      .join(', ');
    const heal = h(
      'button',
      { type: 'button', class: 'btn btn-small', 'aria-label': `Heal ${fault.name} ${where}` },
      'Heal',
    );
    const { node } = fault.params;
    const which = { fault: fault.name, ...(node === undefined ? {} : { node }) };
    heal.addEventListener('click', () => void run({ name: 'heal', ...which }, `${fault.name} healed`));
    return h(
      'li',
      null,
      h(
        'span',
        { class: 'menu-text' },
        h('span', null, fault.name),
        where === '' ? null : h('span', { class: 'menu-note' }, where),
      ),
      heal,
    );
  });
  if (rows.length > 1) {
    const all = h('button', { type: 'button', class: 'btn btn-small' }, 'Heal all');
    all.addEventListener('click', () => void run({ name: 'heal' }, 'Everything healed'));
    rows.push(h('li', { class: 'heal-all' }, all));
  }
  fill(byId('faults-active'), rows);
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

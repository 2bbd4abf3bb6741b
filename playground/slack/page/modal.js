// The app's modals: only the top of the stack is shown; Escape and Close go one back, the cross closes all.
import { post } from './api.js';
import { avatar } from './avatar.js';
import { stillThere } from './blocks/context.js';
import { renderBlocks } from './blocks/layout.js';
import { byId, h, icon } from './dom.js';
import { personOf, refresh, session } from './session.js';
import { toast } from './toast.js';
import { forgetViews, inputsOf, viewSurface } from './view.js';

/**
 * @import { View } from '../contract.ts'
 */

/** @type {HTMLDialogElement | undefined} */
let dialog;
let drawn = '';
let drawnId = '';
/** @type {Record<string, Readonly<Record<string, string>>>} what the last submission of a view was refused for */
const refusedFor = {};

/** Shows, redraws or removes the modal, as the state says. */
export function drawModal() {
  const views = session.state?.views ?? [];
  const view = views.at(-1);
  forgetViews([...views.map((one) => one.id), session.state?.home?.id ?? '']);
  if (view === undefined) {
    if (dialog?.open === true) dialog.close();
    dialog?.remove();
    // The browser gives the focus back to where it was, unless that is not there any more.
    if (dialog !== undefined && document.activeElement === document.body) byId('composer-field').focus();
    dialog = undefined;
    drawn = '';
    return;
  }
  const errors = { ...refusedFor[view.id], ...view.errors };
  const signature = JSON.stringify([
    view.id,
    view.hash,
    view.blocks,
    view.title,
    errors,
    views.length,
    session.user,
  ]);
  if (signature === drawn) return;
  drawn = signature;
  show(view, errors, views.length);
}

/**
 * @param {View} view
 * @param {Readonly<Record<string, string>>} errors
 * @param {number} depth
 */
function show(view, errors, depth) {
  const sheet = dialog ?? open();
  const focused = document.activeElement?.getAttribute('data-focus');
  const scroll = view.id === drawnId ? (sheet.querySelector('.sheet-body')?.scrollTop ?? 0) : 0;
  const form = h(
    'form',
    { novalidate: true, 'aria-labelledby': 'modal-title' },
    head(view, depth),
    h(
      'div',
      { class: 'sheet-body blocks', tabindex: -1 },
      renderBlocks(view.blocks, viewSurface(view, errors)),
    ),
    foot(view),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (view.submit !== undefined) void submit(view, form);
  });
  sheet.replaceChildren(form);
  const body = form.querySelector('.sheet-body');
  if (body !== null) body.scrollTop = scroll;
  const wrong = form.querySelector('[aria-invalid]');
  const same =
    focused && view.id === drawnId ? form.querySelector(`[data-focus="${CSS.escape(focused)}"]`) : null;
  const first = form.querySelector(
    '.sheet-body :is(input, textarea, select, button, .select), .sheet-foot button:last-child',
  );
  const target = wrong ?? same ?? first;
  if (target instanceof HTMLElement) target.focus();
  drawnId = view.id;
}

/** @returns {HTMLDialogElement} */
function open() {
  const sheet = h('dialog', { class: 'sheet modal', 'aria-labelledby': 'modal-title' });
  sheet.addEventListener('cancel', (event) => {
    event.preventDefault(); // the server closes it: the app may want to know, and a view may be below
    closeTop(false);
  });
  document.body.append(sheet);
  sheet.showModal();
  dialog = sheet;
  return sheet;
}

/** @param {boolean} all */
function closeTop(all) {
  const view = session.state?.views.at(-1);
  if (view === undefined) return;
  void post('close', { user: session.user, view: view.id, ...(all ? { all } : {}) }).then((answer) => {
    if (!answer.ok) toast(answer.hint || answer.error, 'error');
    void refresh();
  });
}

/**
 * @param {View} view
 * @param {number} depth
 */
function head(view, depth) {
  const bot = personOf(session.state?.app.botUser ?? '');
  const back = h('button', { type: 'button', class: 'icon-button', 'aria-label': 'Back' }, icon('back'));
  back.addEventListener('click', () => closeTop(false));
  const cross = h('button', { type: 'button', class: 'icon-button', 'aria-label': 'Close' }, icon('close'));
  cross.addEventListener('click', () => closeTop(true));
  return h(
    'header',
    { class: 'sheet-head' },
    depth > 1 ? back : avatar(bot, 'medium'),
    h('h2', { id: 'modal-title' }, view.title),
    cross,
  );
}

/** @param {View} view */
function foot(view) {
  const close = h(
    'button',
    { type: 'button', class: 'btn btn-large' },
    view.close ?? (view.submit === undefined ? 'Close' : 'Cancel'),
  );
  close.addEventListener('click', () => closeTop(false));
  const submitButton =
    view.submit === undefined
      ? null
      : h(
          'button',
          { type: 'submit', class: 'btn btn-large btn-primary' },
          h('span', { class: 'btn-text' }, view.submit),
          h(
            'span',
            { class: 'btn-busy', 'aria-hidden': 'true' },
            h('span', { class: 'spinner' }),
            'working…',
          ),
        );
  return h('footer', { class: 'sheet-foot' }, close, submitButton);
}

/**
 * @param {View} view
 * @param {HTMLFormElement} form
 */
async function submit(view, form) {
  const button = form.querySelector('button[type=submit]');
  if (button === null || button.getAttribute('aria-busy') === 'true') return;
  button.setAttribute('aria-busy', 'true');
  form.querySelector('.sheet-error')?.remove();
  const answer = await post('submit', {
    user: session.user,
    view: view.id,
    values: stillThere(inputsOf(view.id).held, view.blocks),
  });
  button.removeAttribute('aria-busy');
  delete refusedFor[view.id];
  if (!answer.ok && answer.errors !== undefined && Object.keys(answer.errors).length > 0) {
    refusedFor[view.id] = answer.errors;
    drawModal();
  } else if (!answer.ok) {
    form
      .querySelector('.sheet-foot')
      ?.before(
        h('p', { class: 'sheet-error', role: 'alert' }, icon('warn', 16), answer.hint || answer.error),
      );
  }
  void refresh();
}

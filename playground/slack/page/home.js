// The app's own pages: its Home tab as published for this person, and a few words about it.
import { renderBlocks } from './blocks/layout.js';
import { byId, fill, h, icon } from './dom.js';
import { session } from './session.js';
import { viewSurface } from './view.js';

let drawn = '';

/** Draws the Home or About tab when one of them is open. */
export function drawHome() {
  const { place, state } = session;
  const host = byId('home');
  const tab = place?.kind === 'app' ? place.tab : undefined;
  host.hidden = tab !== 'home' && tab !== 'about';
  if (host.hidden || state === undefined) {
    drawn = '';
    return;
  }
  const signature = JSON.stringify([
    tab,
    tab === 'home' ? state.home : [state.app, state.commands],
    session.user,
  ]);
  if (signature === drawn) return;
  const focus = host.contains(document.activeElement)
    ? document.activeElement?.getAttribute('data-focus')
    : null;
  drawn = signature;
  fill(host, h('div', { class: 'home-inside' }, tab === 'home' ? home() : about()));
  const same = focus ? host.querySelector(`[data-focus="${CSS.escape(focus)}"]`) : null;
  if (same instanceof HTMLElement) same.focus({ preventScroll: true });
}

function home() {
  const view = session.state?.home;
  if (view !== null && view !== undefined)
    return h('div', { class: 'blocks' }, renderBlocks(view.blocks, viewSurface(view, {})));
  return h(
    'div',
    { class: 'empty' },
    icon('home', 40),
    h('h2', null, 'Nothing here yet'),
    h(
      'p',
      { class: 'quiet' },
      `${session.state?.app.name ?? 'The app'} was told that you opened its Home tab and has published nothing so far.`,
    ),
  );
}

function about() {
  const state = session.state;
  if (state === undefined) return null;
  const { app } = state;
  const listening = app.sockets === 1 ? '1 open socket' : `${app.sockets} open sockets`;
  return [
    h('h2', { class: 'block-title' }, app.name),
    h('p', null, app.description),
    h('h3', { class: 'about-head' }, 'Connection'),
    h('p', null, app.sockets > 0 ? `Listening on ${listening}.` : 'Not listening: no socket is open.'),
    h('h3', { class: 'about-head' }, 'Commands'),
    h(
      'dl',
      { class: 'about-commands' },
      state.commands.map((one) => [
        h('dt', null, h('code', null, one.command), ' ', h('span', { class: 'quiet' }, one.usageHint)),
        h('dd', null, one.description),
      ]),
    ),
  ];
}

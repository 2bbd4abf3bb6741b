// The start of the page: draws everything from the one state, again whenever it changes.
import { startClusterFeed } from './cluster-feed.js';
import { byId } from './dom.js';
import { drawHome } from './home.js';
import { showHelp, startKeyboard } from './keyboard.js';
import { channelComposer, drawMainPane, showMessage, startMainPane } from './main-pane.js';
import { drawModal } from './modal.js';
import { drawPanel, startPanel, toggleDock } from './panel.js';
import { follow, session, start, watch } from './session.js';
import { drawSidebar, startSidebar } from './sidebar.js';

watch((part) => {
  if (part === 'cluster') drawPanel();
  if (part === 'online' || part === 'state') drawBanner();
  if (part !== 'state') return;
  drawSidebar();
  drawMainPane();
  drawHome();
  drawModal();
  drawTitle();
  settle();
});

let settled = false;

/** Puts the focus with the first drawing, not after it: whoever sees the page can type, and no letter is lost or taken for a key. */
function settle() {
  if (settled || session.state === undefined) return;
  settled = true;
  if (linked === undefined) channelComposer.focus();
  else showMessage(linked);
}

/** What stands above everything: the connection is lost, or nobody listens to commands. */
function drawBanner() {
  const banner = byId('banner');
  const { state, online } = session;
  const silent = state !== undefined && state.app.sockets === 0;
  banner.hidden = online && !silent;
  banner.textContent = online
    ? `${state?.app.name ?? 'The app'} is not connected: commands and buttons will not be answered.`
    : 'Connection lost. Trying again…';
  banner.classList.toggle('banner-lost', !online);
}

function drawTitle() {
  const { state } = session;
  const unread = (state?.channels ?? []).reduce((sum, channel) => sum + channel.mentions, 0);
  document.title = `${unread > 0 ? `(${unread}) ` : ''}${state?.me.realName ?? ''} in ${state?.workspace.name ?? 'Playground'}`;
}

startClusterFeed();
startMainPane();
startSidebar();
startPanel();
startKeyboard();
byId('rail-help').addEventListener('click', showHelp);
byId('rail-cluster').addEventListener('click', toggleDock);
// Links to messages of this workspace stay in this tab, where one is who one is.
document.addEventListener('click', (event) => {
  const link = event.target instanceof Element ? event.target.closest('a[href]') : null;
  if (!(link instanceof HTMLAnchorElement) || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const shown = follow(new URL(link.href));
  if (shown === undefined) return;
  event.preventDefault();
  void shown.then((message) => message !== undefined && showMessage(message));
});
const linked = start();

// Who one is, where one looks, and what the server says there: the one state of the page. Views subscribe and draw.
import { listen, post, readState } from './api.js';
import { gathered } from './gathered.js';
import { keep, recall } from './keep.js';
import { linkTarget } from './links.js';

/**
 * @import { Channel, FaultKind, Person, State } from '../contract.ts'
 * @import { Directory } from './mrkdwn.js'
 */

/**
 * @typedef {{ kind: 'channel', id: string } | { kind: 'app', tab: AppTab }} Place
 * @typedef {'home' | 'messages' | 'about'} AppTab
 *
 * @typedef {object} Session
 * @property {string} user
 * @property {Place | undefined} place undefined: the first channel
 * @property {string | undefined} thread ts of the open thread's first message
 * @property {State | undefined} state
 * @property {string | undefined} shown which channel the messages of `state` belong to
 * @property {{ after: string, until: string }} news what was unread when one came here: the "New" line stands before it
 * @property {unknown} cluster
 * @property {readonly FaultKind[]} clusterFaults
 * @property {readonly FaultKind[]} slackFaults
 * @property {boolean} online
 */

/** Nobody there yet: the first person to be. Ids of the playground's people never change (seed.ts). */
const FIRST_PERSON = 'U0R1YA0001';

const NOTHING_NEW = { after: '', until: '' };

/** @type {Session} */
export const session = {
  user: FIRST_PERSON,
  place: undefined,
  thread: undefined,
  state: undefined,
  shown: undefined,
  news: NOTHING_NEW,
  cluster: null,
  clusterFaults: [],
  slackFaults: [],
  online: true,
};

/** @typedef {'state' | 'cluster' | 'online' | 'moved' | 'connected'} Part `moved`: the cluster is not as it was read */

/** @type {((part: Part) => void)[]} */
const watchers = [];

/** @param {(part: Part) => void} watcher */
export function watch(watcher) {
  watchers.push(watcher);
}

/** @param {Part} part */
export function tell(part) {
  for (const watcher of watchers) watcher(part);
}

/**
 * The channel whose messages are on the screen: the chosen one, or the direct message with the app.
 * @returns {Channel | undefined}
 */
export function currentChannel() {
  const { place, state } = session;
  if (place?.kind === 'app') return place.tab === 'messages' ? appMessages() : undefined;
  const named = state?.channels.find((channel) => channel.id === place?.id);
  return named ?? state?.channels.find((channel) => channel.kind !== 'im');
}

/** @returns {Channel | undefined} */
export function appMessages() {
  return session.state?.channels.find((channel) => channel.kind === 'im');
}

/**
 * @param {string} id
 * @returns {Person | undefined}
 */
export function personOf(id) {
  return session.state?.people.find((person) => person.id === id);
}

/** The people one can be, in the order of their keys. */
export function roles() {
  return (session.state?.people ?? []).filter(
    (person) => person.kind !== 'bot' && person.kind !== 'slackbot',
  );
}

/**
 * @returns {Directory}
 */
export function directory() {
  return {
    me: session.user,
    person: (id) => {
      const found = personOf(id);
      return found?.kind === 'bot' ? found.name : found?.realName;
    },
    channel: (id) => session.state?.channels.find((channel) => channel.id === id)?.name,
    group: () => undefined,
  };
}

/** Reads what the server shows now. */
export const refresh = gathered(readOnce);

async function readOnce() {
  const { user } = session;
  const channel = currentChannel()?.id;
  const thread = channel === undefined ? undefined : session.thread;
  const answer = await readState({ user, channel, thread });
  if (!answer.ok) {
    if (answer.error !== 'not_reachable' && user !== FIRST_PERSON) forget();
    return;
  }
  // Somebody chose another person or place while the answer was under way: it is not for this screen.
  if (session.user !== user) void refresh();
  else accept(answer, { channel, thread });
}

/** A person or channel of an earlier run is not there any more: begin as on a first visit. */
function forget() {
  session.user = FIRST_PERSON;
  session.place = undefined;
  session.thread = undefined;
  hear();
  void refresh();
}

/**
 * @param {State} answer
 * @param {{ channel: string | undefined, thread: string | undefined }} asked
 */
function accept(answer, { channel, thread }) {
  session.state = answer;
  if (currentChannel()?.id !== channel || (channel !== undefined && session.thread !== thread)) {
    void refresh();
    return;
  }
  if (answer.thread.length === 0) session.thread = undefined; // deleted, or in a channel this person is not in
  if (session.shown !== channel) {
    session.shown = channel;
    session.news = newsOf(answer);
  }
  remember();
  tell('state');
}

/**
 * @param {State} answer
 */
function newsOf(answer) {
  const channel = currentChannel();
  if (channel === undefined || channel.unread === 0 || channel.lastRead === '') return NOTHING_NEW;
  return { after: channel.lastRead, until: answer.messages.at(-1)?.ts ?? '' };
}

/** @type {(() => void) | undefined} */
let stopListening;

function hear() {
  stopListening?.();
  stopListening = listen(session.user, (event) => {
    const online = event !== 'lost';
    if (online !== session.online) {
      session.online = online;
      tell('online');
    }
    if (event === 'changed') void refresh();
    if (event === 'cluster' || event === 'open') tell('moved');
    if (event === 'open') tell('connected');
  });
}

/**
 * Goes to a channel or to the app.
 * @param {Place} place
 */
export function go(place) {
  session.place = place;
  session.thread = undefined;
  if (place.kind === 'app' && place.tab === 'home') openHome();
  tell('state');
  void refresh();
}

/** The app hears that somebody looks at its Home tab, and publishes what is on it. */
function openHome() {
  void post('home', { user: session.user });
}

/** @param {string | undefined} ts undefined closes the thread */
export function openThread(ts) {
  session.thread = ts;
  tell('state');
  void refresh();
}

/**
 * Becomes somebody else, who then looks at the same place.
 * @param {string} user
 */
export function become(user) {
  if (session.user === user) return;
  session.user = user;
  session.shown = undefined;
  hear();
  if (session.place?.kind === 'app' && session.place.tab === 'home') openHome();
  void refresh();
}

/** The person has seen this channel up to its last message. */
export function markRead() {
  const channel = currentChannel();
  const { user } = session;
  if (
    channel === undefined ||
    user === undefined ||
    channel.unread === 0 ||
    document.visibilityState === 'hidden'
  )
    return;
  void post('read', { user, channel: channel.id });
}

function remember() {
  keep('place', { user: session.user, place: session.place, thread: session.thread });
}

/**
 * Goes where a link to a message leads.
 * @param {URL} url
 * @returns {{ message: string | undefined } | undefined} undefined when it is another kind of link
 */
function aimAt(url) {
  const target = linkTarget(url, location.origin);
  if (target === undefined) return undefined;
  session.place = target.channel.startsWith('D')
    ? { kind: 'app', tab: 'messages' }
    : { kind: 'channel', id: target.channel };
  session.thread = target.thread;
  return { message: target.message };
}

/**
 * Follows a link inside the page, as the person one is.
 * @param {URL} url
 * @returns {Promise<string | undefined> | undefined} the message it names once that is read; undefined when it leads elsewhere
 */
export function follow(url) {
  const aimed = aimAt(url);
  if (aimed === undefined) return undefined;
  tell('state');
  return refresh().then(() => aimed.message);
}

/**
 * Starts where this browser tab was before, or where a link leads.
 * @returns {string | undefined} the message a link named: it is there with the first drawing
 */
export function start() {
  const before = /** @type {Partial<Session> | undefined} */ (recall('place'));
  session.user = before?.user ?? FIRST_PERSON;
  session.place = before?.place;
  session.thread = before?.thread;
  const linked = aimAt(new URL(location.href));
  if (linked !== undefined) history.replaceState(null, '', '/');
  hear();
  if (session.place?.kind === 'app' && session.place.tab === 'home') openHome();
  void refresh();
  return linked?.message;
}

// Who one is, where one looks, and what the server says there: the one state of the page. Views subscribe and draw.
import { listen, post, readCluster, readFaults, readState } from './api.js';
import { keep, recall } from './keep.js';

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

/** @typedef {'state' | 'cluster' | 'online'} Part */

/** @type {((part: Part) => void)[]} */
const watchers = [];

/** @param {(part: Part) => void} watcher */
export function watch(watcher) {
  watchers.push(watcher);
}

/** @param {Part} part */
function tell(part) {
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

let reading = false;
let again = false;

/**
 * Reads what the server shows now. Calls during a read cause exactly one more, so the last change is never missed.
 * @returns {Promise<void>}
 */
export async function refresh() {
  if (reading) {
    again = true;
    return;
  }
  reading = true;
  do {
    again = false;
    await readOnce();
  } while (again);
  reading = false;
}

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
  if (session.user !== user) again = true;
  else accept(answer, { channel, thread });
}

/** A person or channel of an earlier run is not there any more: begin as on a first visit. */
function forget() {
  session.user = FIRST_PERSON;
  session.place = undefined;
  session.thread = undefined;
  hear();
  again = true;
}

/**
 * @param {State} answer
 * @param {{ channel: string | undefined, thread: string | undefined }} asked
 */
function accept(answer, { channel, thread }) {
  session.state = answer;
  if (currentChannel()?.id !== channel || (channel !== undefined && session.thread !== thread)) {
    again = true;
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
      if (online) void readFaultKinds();
    }
    if (event === 'changed') void refresh();
    if (event === 'cluster' || event === 'open') void refreshCluster();
  });
}

let readingCluster = false;
let clusterAgain = false;

/** Reads the simulated cluster; overlapping calls become one more read. */
export async function refreshCluster() {
  if (readingCluster) {
    clusterAgain = true;
    return;
  }
  readingCluster = true;
  do {
    clusterAgain = false;
    const answer = await readCluster();
    if (answer.ok) session.cluster = answer.cluster;
  } while (clusterAgain);
  readingCluster = false;
  tell('cluster');
}

async function readFaultKinds() {
  const answer = await readFaults();
  if (!answer.ok) return;
  session.clusterFaults = answer.cluster;
  session.slackFaults = answer.slack;
  tell('cluster');
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
 * A link to a message (`/?channel=…&message=…&thread=…`) leads to it; the address is then plain again.
 * @returns {string | undefined} the message to show
 */
function followLink() {
  const asked = new URLSearchParams(location.search);
  const channel = asked.get('channel');
  if (channel === null) return undefined;
  history.replaceState(null, '', '/');
  session.place = channel.startsWith('D')
    ? { kind: 'app', tab: 'messages' }
    : { kind: 'channel', id: channel };
  session.thread = asked.get('thread') ?? undefined;
  return asked.get('message') ?? undefined;
}

/**
 * Starts where this browser tab was before, or where a link leads.
 * @returns {Promise<string | undefined>} the message a link named
 */
export async function start() {
  const before = /** @type {Partial<Session> | undefined} */ (recall('place'));
  session.user = before?.user ?? FIRST_PERSON;
  session.place = before?.place;
  session.thread = before?.thread;
  const message = followLink();
  hear();
  if (session.place?.kind === 'app' && session.place.tab === 'home') openHome();
  await Promise.all([refresh(), refreshCluster(), readFaultKinds()]);
  return message;
}

// Starts the local Slack and gives scripts the same acts in-process that the control API offers over HTTP.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { act, suggest } from './acts/action.ts';
import { typeCommand } from './acts/command.ts';
import { openHome, write } from './acts/message.ts';
import { close, submit } from './acts/modal.ts';
import type {
  ActionDone,
  ActionRequest,
  ClusterProvider,
  Done,
  FaultRequest,
  Message,
  MessageDone,
  Refused,
  State,
  SubmitRequest,
  Suggested,
  SuggestRequest,
} from './contract.ts';
import { inject } from './control-acts.ts';
import { createFaults } from './faults.ts';
import { type Counters, createJournal } from './journal.ts';
import { type LocalSlack, type Settings, SLACK_SETTINGS } from './local.ts';
import { readManifest } from './manifest.ts';
import { createResponseUrls } from './response-url.ts';
import { CHANNELS, PEOPLE, type PersonSeed } from './seed.ts';
import { listen } from './server.ts';
import { SocketHub } from './socket.ts';
import { channelMessages, stateFor, threadMessages } from './state.ts';
import { createStore } from './store.ts';
import { createTriggers } from './triggers.ts';

export type SlackOptions = {
  /** The app manifest whose scopes, commands and events are enforced. */
  readonly manifestPath: string;
  /** 0, the default, takes any free port. */
  readonly port?: number;
  readonly cluster?: ClusterProvider;
  /** People besides the usual four. */
  readonly people?: readonly PersonSeed[];
  /** Slack's own limits unless a test is in a hurry. */
  readonly settings?: Partial<Settings>;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
};

export type Users = Readonly<Record<(typeof PEOPLE)[number]['key'], string>> &
  Readonly<Record<string, string>>;
export type Channels = Readonly<Record<(typeof CHANNELS)[number]['key'], string>>;

export type RunningSlack = {
  /** The page, `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** For `slackApiUrl`, with its slash at the end. */
  readonly apiUrl: string;
  readonly botToken: string;
  readonly appToken: string;
  readonly users: Users;
  readonly channels: Channels;
  readonly command: (user: string, channel: string, text: string) => Promise<Done | Refused>;
  readonly action: (request: ActionRequest) => Promise<ActionDone | Refused>;
  readonly submit: (request: SubmitRequest) => Promise<Done | Refused>;
  readonly close: (user: string, view: string) => Promise<Done | Refused>;
  readonly suggest: (request: SuggestRequest) => Promise<Suggested | Refused>;
  readonly message: (user: string, channel: string, text: string, threadTs?: string) => MessageDone | Refused;
  readonly home: (user: string) => Promise<Done | Refused>;
  readonly fault: (request: FaultRequest) => Promise<unknown>;
  /** Oldest first; with `thread` that thread, with `user` what only this person sees too ('*': everybody's). */
  readonly messages: (
    channel: string,
    asked?: { readonly thread?: string; readonly user?: string },
  ) => Message[];
  readonly state: (user: string, channel?: string, thread?: string) => State;
  readonly counters: () => Counters;
  /** Open sockets of the app. */
  readonly sockets: () => number;
  readonly onChange: (callback: () => void) => () => void;
  /** Looks again after every change until `look` gives something. Rejects after `limitMs`, saying what was waited for. */
  readonly until: <T>(what: string, look: () => T | undefined, limitMs: number) => Promise<T>;
  readonly stop: () => Promise<void>;
};

const TOKEN_BYTES = 18;
const PAGE_ROOT = join(import.meta.dirname, 'page');

const byKey = (seeds: readonly { readonly key: string; readonly id: string }[]): Record<string, string> =>
  Object.fromEntries(seeds.map((seed) => [seed.key, seed.id]));

const token = (prefix: string): string => `${prefix}-playground-${randomBytes(TOKEN_BYTES).toString('hex')}`;

const assemble = (options: SlackOptions, seeds: readonly PersonSeed[], origin: () => string): LocalSlack => {
  const manifest = readManifest(options.manifestPath);
  const now = options.now ?? Date.now;
  const store = createStore(manifest, seeds, now);
  const journal = createJournal(now);
  const settings = { ...SLACK_SETTINGS, ...options.settings };
  return {
    manifest,
    store,
    journal,
    triggers: createTriggers(now),
    responseUrls: createResponseUrls(now),
    faults: createFaults(),
    hub: new SocketHub(journal, settings.ackLimitMs, store.changed),
    tokens: { bot: token('xoxb'), app: token('xapp') },
    origin,
    settings,
  };
};

const until = <T>(local: LocalSlack, what: string, look: () => T | undefined, limitMs: number): Promise<T> =>
  new Promise((resolve, reject) => {
    const again = (): void => {
      const found = look();
      if (found === undefined) return;
      clearTimeout(timer);
      stop();
      resolve(found);
    };
    const stop = local.store.onChange(again);
    const timer = setTimeout(() => {
      stop();
      reject(new Error(`waited ${limitMs} ms in vain for: ${what}`));
    }, limitMs);
    again();
  });

const readers = (
  local: LocalSlack,
): Pick<RunningSlack, 'messages' | 'state' | 'counters' | 'sockets' | 'onChange' | 'until'> => ({
  messages: (channel, asked = {}) =>
    asked.thread === undefined
      ? channelMessages(local.store, channel, asked.user ?? '')
      : threadMessages(local.store, channel, asked.thread, asked.user ?? ''),
  state: (user, channel = '', thread = '') => {
    const state = stateFor(local, { user, channel, thread });
    if (state === undefined) throw new Error(`there is no person ${user}`);
    return state;
  },
  counters: local.journal.counters,
  sockets: () => local.hub.count(),
  onChange: local.store.onChange,
  until: (what, look, limitMs) => until(local, what, look, limitMs),
});

/** Starts a local Slack on 127.0.0.1. Throws when the manifest is one Slack would refuse, or the port is taken. */
export const startSlack = async (options: SlackOptions): Promise<RunningSlack> => {
  let origin = '';
  const seeds = [...PEOPLE, ...(options.people ?? [])];
  const local = assemble(options, seeds, () => origin);
  const { cluster } = options;
  const listening = await listen({ local, cluster, pageRoot: PAGE_ROOT }, options.port ?? 0);
  origin = listening.origin;
  return {
    url: origin,
    apiUrl: `${origin}/api/`,
    botToken: local.tokens.bot,
    appToken: local.tokens.app,
    users: byKey(seeds) as Users,
    channels: byKey(CHANNELS) as Channels,
    command: (user, channel, text) => typeCommand({ user, channel, text }, local),
    action: (request) => act(request, local),
    submit: (request) => submit(request, local),
    close: (user, view) => close({ user, view }, local),
    suggest: (request) => suggest(request, local),
    message: (user, channel, text, threadTs) =>
      write({ user, channel, text, ...(threadTs === undefined ? {} : { thread_ts: threadTs }) }, local),
    home: (user) => openHome({ user }, local),
    fault: (request) => inject(request, local, cluster),
    ...readers(local),
    stop: async () => {
      local.hub.stop();
      listening.server.closeAllConnections();
      await new Promise((resolve) => listening.server.close(resolve));
    },
  };
};

// Everything the local Slack remembers: people, channels, messages, modals, files; in memory, for one run.
import type { Block, SuggestedOption } from './contract.ts';
import type { Json } from './json.ts';
import type { Manifest } from './manifest.ts';
import {
  APP,
  channelsOf,
  GROUP,
  type PersonSeed,
  personOf,
  SLACKBOT,
  type StoredChannel,
  type StoredPerson,
  type UserGroup,
} from './seed.ts';

export type StoredMessage = {
  readonly ts: string;
  readonly channel: string;
  readonly user: string;
  readonly threadTs?: string;
  readonly broadcast: boolean;
  text: string;
  blocks: readonly Block[];
  readonly ephemeralFor?: string;
  readonly notice: boolean;
  edited?: { readonly user: string; readonly ts: string };
  readonly reactions: { readonly name: string; users: readonly string[] }[];
  readonly files: readonly string[];
  metadata?: Json;
  /** Somebody deleted it, and only its replies keep the place. */
  readonly removed?: true;
};

export type StoredView = {
  readonly id: string;
  readonly user: string;
  readonly type: 'modal' | 'home';
  /** The payload as the app sent it, ids filled in. */
  payload: Json & { readonly blocks: readonly Block[] };
  hash: string;
  values: Record<string, Record<string, Record<string, unknown>>>;
  errors: Record<string, string>;
  readonly rootId: string;
  readonly previousId: string | null;
};

export type StoredFile = {
  readonly id: string;
  readonly name: string;
  readonly lengthBytes: number;
  title: string;
  content?: Uint8Array;
  shared: boolean;
};

export type Store = {
  readonly people: Map<string, StoredPerson>;
  readonly channels: Map<string, StoredChannel>;
  readonly groups: Map<string, UserGroup>;
  /** By channel, in the order of their `ts`. */
  readonly messages: Map<string, StoredMessage[]>;
  /** `channel:ts` of what a person deleted, so that a later `message_not_found` is nobody's mistake. */
  readonly gone: Set<string>;
  readonly stacks: Map<string, StoredView[]>;
  readonly homes: Map<string, StoredView>;
  readonly files: Map<string, StoredFile>;
  /** `user:channel` → the last `ts` read. */
  readonly reads: Map<string, string>;
  /** `user:action_id` → what the app last suggested there; only that can be chosen. */
  readonly offered: Map<string, readonly SuggestedOption[]>;
  readonly now: () => number;
  readonly nextTs: () => string;
  readonly nextId: (prefix: string) => string;
  readonly revision: () => number;
  /** To be called after every change somebody could see. */
  readonly changed: () => void;
  readonly onChange: (callback: () => void) => () => void;
};

const MICROS_PER_SECOND = 1_000_000;
const ID_DIGITS = 9;

/** Slack's `ts`: seconds, a dot, six digits; never twice the same. */
const tsOf = (micros: number): string =>
  `${Math.floor(micros / MICROS_PER_SECOND)}.${String(micros % MICROS_PER_SECOND).padStart(6, '0')}`;

const counters = (now: () => number) => {
  let lastMicros = 0;
  let lastId = 0;
  return {
    nextTs: () => {
      lastMicros = Math.max(lastMicros + 1, now() * 1000);
      return tsOf(lastMicros);
    },
    nextId: (prefix: string) => {
      lastId += 1;
      return `${prefix}${lastId.toString(36).toUpperCase().padStart(ID_DIGITS, '0')}`;
    },
  };
};

const machines = (manifest: Manifest): StoredPerson[] => [
  {
    id: APP.botUser,
    name: manifest.botName.toLowerCase().replaceAll(/[^a-z0-9._-]+/g, '-'),
    realName: manifest.botName,
    title: manifest.description,
    kind: 'bot',
    color: manifest.backgroundColor,
    tzOffsetMinutes: 0,
    email: '',
  },
  {
    id: SLACKBOT,
    name: 'slackbot',
    realName: 'Slackbot',
    title: '',
    kind: 'slackbot',
    color: '#4a154b',
    tzOffsetMinutes: 0,
    email: '',
  },
];

/** A new workspace with these people. `now` gives milliseconds since 1970. */
export const createStore = (
  manifest: Manifest,
  seeds: readonly PersonSeed[],
  now: () => number = Date.now,
): Store => {
  const listeners = new Set<() => void>();
  const approvers = seeds.filter((seed) => seed.kind === 'approver').map((seed) => seed.id);
  let revision = 1;
  return {
    people: new Map([...seeds.map(personOf), ...machines(manifest)].map((person) => [person.id, person])),
    channels: new Map(channelsOf(seeds).map((channel) => [channel.id, channel])),
    groups: new Map([[GROUP.id, { ...GROUP, users: approvers }]]),
    messages: new Map(),
    gone: new Set(),
    stacks: new Map(),
    homes: new Map(),
    files: new Map(),
    reads: new Map(),
    offered: new Map(),
    now,
    ...counters(now),
    revision: () => revision,
    changed: () => {
      revision += 1;
      for (const listener of listeners) listener();
    },
    onChange: (callback) => {
      listeners.add(callback);
      return () => listeners.delete(callback);
    },
  };
};

export const messagesIn = (store: Store, channel: string): StoredMessage[] =>
  store.messages.get(channel) ?? [];

export const findMessage = (store: Store, channel: string, ts: string): StoredMessage | undefined =>
  messagesIn(store, channel).find((message) => message.ts === ts);

/** Adds a message; `ts` is given out here. */
export const addMessage = (
  store: Store,
  message: Omit<StoredMessage, 'ts' | 'reactions' | 'notice' | 'broadcast' | 'files'> &
    Partial<StoredMessage>,
): StoredMessage => {
  const added: StoredMessage = {
    broadcast: false,
    notice: false,
    files: [],
    ...message,
    reactions: [],
    ts: store.nextTs(),
  };
  store.messages.set(message.channel, [...messagesIn(store, message.channel), added]);
  store.changed();
  return added;
};

/** Removes a message; the first one of a thread leaves a stone behind, so that its replies stay readable. */
export const removeMessage = (store: Store, message: StoredMessage): void => {
  const all = messagesIn(store, message.channel);
  const replied = all.some((other) => other.threadTs === message.ts && other !== message);
  const { metadata: _metadata, edited: _edited, ...rest } = message;
  const stone: StoredMessage = {
    ...rest,
    user: SLACKBOT,
    text: 'This message was deleted.',
    blocks: [],
    files: [],
    reactions: [],
    removed: true,
  };
  store.messages.set(
    message.channel,
    replied
      ? all.map((other) => (other === message ? stone : other))
      : all.filter((other) => other !== message),
  );
  store.changed();
};

/** All open modals of a person, bottom first. */
export const stackOf = (store: Store, user: string): StoredView[] => store.stacks.get(user) ?? [];

/** A view by its id, wherever it is shown. */
export const findView = (store: Store, id: string): StoredView | undefined =>
  [...store.stacks.values()].flat().find((view) => view.id === id) ??
  [...store.homes.values()].find((view) => view.id === id);

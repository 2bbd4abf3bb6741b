// What the app is sent: the payloads of commands, clicks, submissions, suggestions and events (facts/slack.md 2.3 to 2.7).
import type { Json } from './json.ts';
import { plainOf } from './json.ts';
import { APP, TEAM } from './seed.ts';
import type { Store, StoredMessage, StoredView } from './store.ts';

/** Slack still sends it and nobody may rely on it. */
const DEPRECATED_TOKEN = 'deprecated';

/** An instant as Slack writes it in `action_ts` and `event_ts`. */
const momentOf = (now: number): string => (now / 1000).toFixed(6);

const nameOf = (store: Store, user: string): string => store.people.get(user)?.name ?? user;

const channelName = (store: Store, id: string): string => {
  const channel = store.channels.get(id);
  if (channel === undefined) return 'unknown';
  if (channel.kind === 'private') return 'privategroup';
  return channel.name;
};

const common = (store: Store, user: string): Json => ({
  team: { id: TEAM.id, domain: TEAM.domain },
  user: { id: user, username: nameOf(store, user), name: nameOf(store, user), team_id: TEAM.id },
  api_app_id: APP.id,
  token: DEPRECATED_TOKEN,
  enterprise: null,
  is_enterprise_install: false,
});

export type CommandFacts = {
  readonly user: string;
  readonly channel: string;
  readonly command: string;
  readonly text: string;
  readonly responseUrl: string;
  readonly triggerId: string;
};

export const slashCommand = (store: Store, facts: CommandFacts): Json => ({
  token: DEPRECATED_TOKEN,
  team_id: TEAM.id,
  team_domain: TEAM.domain,
  channel_id: facts.channel,
  channel_name: channelName(store, facts.channel),
  user_id: facts.user,
  user_name: nameOf(store, facts.user),
  command: facts.command,
  text: facts.text,
  api_app_id: APP.id,
  is_enterprise_install: 'false',
  response_url: facts.responseUrl,
  trigger_id: facts.triggerId,
});

/** A message as it goes over the wire. */
export const wireMessage = (store: Store, message: StoredMessage): Json => {
  const fromBot = message.user === APP.botUser;
  const replies = (store.messages.get(message.channel) ?? []).filter(
    (other) => other.threadTs === message.ts && other.ts !== message.ts && other.ephemeralFor === undefined,
  );
  return {
    type: 'message',
    user: message.user,
    ts: message.ts,
    text: message.text,
    team: TEAM.id,
    ...(fromBot ? { bot_id: APP.botId, app_id: APP.id } : {}),
    ...(message.blocks.length > 0 ? { blocks: message.blocks } : {}),
    ...(message.threadTs === undefined ? {} : { thread_ts: message.threadTs }),
    ...(replies.length === 0 ? {} : { thread_ts: message.ts, reply_count: replies.length }),
    ...(message.edited === undefined ? {} : { edited: message.edited }),
    ...(message.metadata === undefined ? {} : { metadata: message.metadata }),
    ...(message.reactions.length === 0
      ? {}
      : { reactions: message.reactions.map((one) => ({ ...one, count: one.users.length })) }),
  };
};

/** A view as it goes over the wire: every field is there, empty or not. */
export const wireView = (view: StoredView): Json => ({
  id: view.id,
  team_id: TEAM.id,
  type: view.type,
  title: view.payload['title'] ?? { type: 'plain_text', text: 'View Title', emoji: true },
  submit: view.payload['submit'] ?? null,
  close: view.payload['close'] ?? null,
  blocks: view.payload.blocks,
  private_metadata: view.payload['private_metadata'] ?? '',
  callback_id: view.payload['callback_id'] ?? '',
  external_id: view.payload['external_id'] ?? '',
  state: { values: view.values },
  hash: view.hash,
  clear_on_close: view.payload['clear_on_close'] ?? false,
  notify_on_close: view.payload['notify_on_close'] ?? false,
  root_view_id: view.rootId,
  previous_view_id: view.previousId,
  app_id: APP.id,
  bot_id: APP.botId,
  app_installed_team_id: TEAM.id,
});

/** Where somebody acted. */
export type Place =
  | { readonly kind: 'message'; readonly message: StoredMessage }
  | { readonly kind: 'view'; readonly view: StoredView };

const placeOf = (store: Store, place: Place): Json => {
  if (place.kind === 'view')
    return { container: { type: 'view', view_id: place.view.id }, view: wireView(place.view) };
  const { message } = place;
  const ephemeral = message.ephemeralFor !== undefined;
  return {
    container: {
      type: 'message',
      message_ts: message.ts,
      channel_id: message.channel,
      is_ephemeral: ephemeral,
      ...(message.threadTs === undefined ? {} : { thread_ts: message.threadTs }),
    },
    channel: { id: message.channel, name: channelName(store, message.channel) },
    ...(ephemeral ? {} : { message: wireMessage(store, message) }),
  };
};

export type ActionFacts = {
  readonly user: string;
  readonly place: Place;
  readonly action: Json;
  readonly values: unknown;
  readonly responseUrl: string | undefined;
  readonly triggerId: string;
};

export const blockActions = (store: Store, facts: ActionFacts): Json => ({
  type: 'block_actions',
  ...common(store, facts.user),
  ...placeOf(store, facts.place),
  trigger_id: facts.triggerId,
  state: { values: facts.values },
  ...(facts.responseUrl === undefined ? {} : { response_url: facts.responseUrl }),
  ...(facts.place.kind === 'view' && facts.place.view.type === 'home' ? { hash: facts.place.view.hash } : {}),
  actions: [{ ...facts.action, action_ts: momentOf(store.now()) }],
});

export const blockSuggestion = (store: Store, user: string, place: Place, asked: Json): Json => ({
  type: 'block_suggestion',
  ...common(store, user),
  ...placeOf(store, place),
  ...asked,
});

export const viewSubmission = (store: Store, view: StoredView, triggerId: string): Json => ({
  type: 'view_submission',
  ...common(store, view.user),
  trigger_id: triggerId,
  view: wireView(view),
  response_urls: [],
});

export const viewClosed = (store: Store, view: StoredView, isCleared: boolean): Json => ({
  type: 'view_closed',
  ...common(store, view.user),
  view: wireView(view),
  is_cleared: isCleared,
});

export const eventCallback = (store: Store, event: Json): Json => ({
  token: DEPRECATED_TOKEN,
  team_id: TEAM.id,
  api_app_id: APP.id,
  event: { ...event, event_ts: momentOf(store.now()) },
  type: 'event_callback',
  event_id: store.nextId('Ev'),
  event_time: Math.floor(store.now() / 1000),
  authorizations: [
    {
      enterprise_id: null,
      team_id: TEAM.id,
      user_id: APP.botUser,
      is_bot: true,
      is_enterprise_install: false,
    },
  ],
  is_ext_shared_channel: false,
  event_context: 'EC0PLAYGRND',
});

export const titleOf = (view: StoredView): string => plainOf(view.payload['title']);

// What a Web API method is: who may call it, with which arguments, and what it answers.
import type { Json } from '../json.ts';
import type { LocalSlack } from '../local.ts';
import type { StoredChannel } from '../seed.ts';
import { APP, imOf } from '../seed.ts';
import type { Problem } from '../validate/problem.ts';

export type Answer = Json & { readonly ok: boolean };

export type Method = {
  readonly token: 'bot' | 'app' | 'none';
  /** Any one of these is enough; none = everybody may. */
  readonly scopes: readonly string[] | ((args: Json, local: LocalSlack) => readonly string[]);
  readonly required: readonly string[];
  readonly optional: readonly string[];
  readonly run: (args: Json, local: LocalSlack) => Answer;
};

export type Family = Readonly<Record<string, Method>>;

/** A refusal. `detail` is for the counters and the curious; `moved`: the world moved on, the app did nothing wrong. */
export const refuse = (error: string, detail = '', more: Json = {}): Answer => ({
  ok: false,
  error,
  ...(detail === '' ? {} : { response_metadata: { messages: [`[ERROR] ${detail}`] } }),
  ...more,
});

/** Errors that follow from what people did meanwhile, not from a mistake of the app. */
const MOVED: ReadonlySet<string> = new Set([
  'hash_conflict',
  'is_inactive',
  'already_reacted',
  'no_reaction',
]);
export const movedOn = (error: string): boolean => MOVED.has(error);

/** Validation problems in Slack's words. */
export const refuseProblems = (problems: readonly Problem[], ordinary: string): Answer => ({
  ok: false,
  error:
    problems.find((problem) => problem.code !== undefined && problem.code !== 'duplicate_id')?.code ??
    ordinary,
  errors: problems.map((problem) => `${problem.message} [json-pointer:${problem.pointer}]`),
  response_metadata: {
    messages: problems.map((problem) => `[ERROR] ${problem.message} [json-pointer:${problem.pointer}]`),
  },
});

/** A channel by id, by `#name`, or a person's id for the direct message. */
export const channelFor = (local: LocalSlack, given: string): StoredChannel | undefined => {
  const { channels, people } = local.store;
  if (people.has(given)) return channels.get(imOf(given));
  return channels.get(given) ?? [...channels.values()].find((channel) => `#${channel.name}` === given);
};

/** What a channel the app can not use answers, or undefined when it can. */
export const cannotUse = (
  local: LocalSlack,
  channel: StoredChannel | undefined,
  publicScope?: string,
): Answer | undefined => {
  if (channel === undefined) return refuse('channel_not_found');
  if (channel.members.includes(APP.botUser)) return undefined;
  if (channel.kind !== 'public') return refuse('channel_not_found');
  if (publicScope !== undefined && grantedScopes(local).has(publicScope)) return undefined;
  return refuse('not_in_channel', 'the app is not in this channel: invite it with /invite');
};

/** The scopes of the manifest without those a fault took away. */
export const grantedScopes = (local: LocalSlack): ReadonlySet<string> =>
  new Set([...local.manifest.scopes].filter((scope) => !local.faults.lostScopes.has(scope)));

const SCOPE_PREFIX = { public: 'channels', private: 'groups', im: 'im' } as const;

/** `channels:read`, `groups:read` or `im:read`, after the channel in question. */
export const byChannel =
  (right: 'read' | 'history') =>
  (args: Json, local: LocalSlack): readonly string[] => {
    const kind = local.store.channels.get(String(args['channel']))?.kind ?? 'public';
    return [`${SCOPE_PREFIX[kind]}:${right}`];
  };

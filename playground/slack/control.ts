// The control API: what scripts and the page do and read, over HTTP (contract.ts says what goes in and out).
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { act, suggest } from './acts/action.ts';
import { typeCommand } from './acts/command.ts';
import { openHome, read, write } from './acts/message.ts';
import { close, submit } from './acts/modal.ts';
import { no } from './acts/refusal.ts';
import type { ClusterProvider, FaultRequest } from './contract.ts';
import { SLACK_FAULTS } from './faults.ts';
import { bodyOf, sendJson } from './http.ts';
import { injectSlackFault } from './inject.ts';
import { parseJson } from './json.ts';
import type { LocalSlack } from './local.ts';
import { streamChanges } from './sse.ts';
import { channelMessages, stateFor, threadMessages } from './state.ts';

const JOURNAL_DEFAULT = 100;
const JOURNAL_LIMIT = 1000;

const inputValue = z.union([z.string(), z.array(z.string()), z.null()]);
const inputs = z.record(z.string(), z.record(z.string(), inputValue));
const text = z.string();
const some = z.string().optional();
const where = { channel: some, thread: some, message: some, view: some };

/** The wrong shape is told at once; the field is named. */
const bodies = {
  command: z.strictObject({ user: text, channel: text, text, thread_ts: some }),
  action: z.strictObject({
    user: text,
    ...where,
    action_id: some,
    block_id: some,
    button: some,
    node: some,
    value: inputValue.optional(),
    values: inputs.optional(),
  }),
  submit: z.strictObject({ user: text, view: text, values: inputs.optional() }),
  close: z.strictObject({ user: text, view: text, all: z.boolean().optional() }),
  suggest: z.strictObject({
    user: text,
    view: some,
    channel: some,
    message: some,
    action_id: text,
    block_id: some,
    value: text,
  }),
  message: z.strictObject({ user: text, channel: text, text, thread_ts: some }),
  home: z.strictObject({ user: text }),
  read: z.strictObject({ user: text, channel: text, ts: some }),
  fault: z.looseObject({ name: text }),
} as const;

type Bodies = { readonly [Name in keyof typeof bodies]: z.infer<(typeof bodies)[Name]> };
/** Keys that are there with `undefined` are as good as absent. */
type Given<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** Injects a fault, Slack's or the cluster's. */
export const inject = async (
  request: FaultRequest,
  local: LocalSlack,
  cluster: ClusterProvider | undefined,
): Promise<unknown> => {
  const { name, ...params } = request;
  if (name.startsWith('slack-')) return injectSlackFault(request, local);
  if (cluster === undefined) return no('no_cluster', 'There is no simulated cluster behind this Slack.');
  try {
    await cluster.inject(name, params);
    local.journal.note('fault', name, params);
    return { ok: true };
  } catch (error) {
    return no('invalid_fault', error instanceof Error ? error.message : String(error));
  }
};

const perform = (
  name: keyof Bodies,
  body: unknown,
  local: LocalSlack,
  cluster: ClusterProvider | undefined,
): unknown => {
  switch (name) {
    case 'command':
      return typeCommand(body as Given<Bodies['command']>, local);
    case 'action':
      return act(body as Given<Bodies['action']>, local);
    case 'submit':
      return submit(body as Given<Bodies['submit']>, local);
    case 'close':
      return close(body as Given<Bodies['close']>, local);
    case 'suggest':
      return suggest(body as Given<Bodies['suggest']>, local);
    case 'message':
      return write(body as Given<Bodies['message']>, local);
    case 'home':
      return openHome(body as Bodies['home'], local);
    case 'read':
      return read(body as Given<Bodies['read']>, local);
    case 'fault':
      return inject(body as FaultRequest, local, cluster);
  }
};

const isAct = (name: string): name is keyof Bodies => name in bodies;

const post = async (
  name: keyof Bodies,
  request: IncomingMessage,
  local: LocalSlack,
  cluster: ClusterProvider | undefined,
): Promise<unknown> => {
  const parsed = bodies[name].safeParse(parseJson((await bodyOf(request)).toString()));
  if (parsed.success) return perform(name, parsed.data, local, cluster);
  const issue = parsed.error.issues[0];
  return no('invalid_request', `${issue?.path.join('.') || 'body'}: ${issue?.message ?? 'not JSON'}.`);
};

const stateAnswer = (query: URLSearchParams, local: LocalSlack): unknown =>
  stateFor(local, {
    user: query.get('user') ?? '',
    channel: query.get('channel') ?? '',
    thread: query.get('thread') ?? '',
  }) ?? no('no_such_person', 'Give ?user= the id of somebody.');

const messagesAnswer = (query: URLSearchParams, local: LocalSlack): unknown => {
  const channel = query.get('channel') ?? '';
  const thread = query.get('thread');
  const user = query.get('user') ?? '';
  if (!local.store.channels.has(channel))
    return no('channel_not_found', 'Give ?channel= the id of a channel.');
  return {
    ok: true,
    messages:
      thread === null
        ? channelMessages(local.store, channel, user)
        : threadMessages(local.store, channel, thread, user),
  };
};

/** What GET answers, by path; undefined when there is no such thing. */
const lookUp = (url: URL, local: LocalSlack, cluster: ClusterProvider | undefined): unknown => {
  switch (url.pathname) {
    case '/state':
      return stateAnswer(url.searchParams, local);
    case '/ctl/messages':
      return messagesAnswer(url.searchParams, local);
    case '/ctl/cluster':
      return { ok: true, cluster: cluster?.snapshot() ?? null };
    case '/ctl/faults':
      return { ok: true, slack: SLACK_FAULTS, cluster: cluster?.faults() ?? [] };
    case '/ctl/counters':
      return { ok: true, ...local.journal.counters() };
    case '/ctl/journal': {
      const last = Math.min(Number(url.searchParams.get('last')) || JOURNAL_DEFAULT, JOURNAL_LIMIT);
      return { ok: true, entries: local.journal.last(last) };
    }
    default:
      return undefined;
  }
};

/** Answers /state, /sse and /ctl/*; the caller has made sure who asks. */
export const handleControl = async (
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
  parts: { readonly local: LocalSlack; readonly cluster: ClusterProvider | undefined },
): Promise<void> => {
  const { local, cluster } = parts;
  const name = url.pathname.replace(/^\/ctl\//, '');
  if (request.method === 'POST' && isAct(name)) {
    sendJson(response, 200, await post(name, request, local, cluster));
    return;
  }
  if (request.method === 'GET' && url.pathname === '/sse') {
    streamChanges(response, local.store, cluster);
    return;
  }
  const found = request.method === 'GET' ? lookUp(url, local, cluster) : undefined;
  if (found === undefined)
    sendJson(response, 404, no('no_such_path', 'playground/README.md lists the control API.'));
  else sendJson(response, 200, found);
};

// The Web API over HTTP: decodes arguments, checks token, scopes and arguments, applies faults, counts (facts/slack.md 2.9).
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { CallFault } from '../faults.ts';
import { bodyOf, sendJson } from '../http.ts';
import { isRecord, type Json, parseJson, textOf } from '../json.ts';
import type { LocalSlack } from '../local.ts';
import { app } from './app.ts';
import { chat } from './chat.ts';
import { conversations } from './conversations.ts';
import { files } from './files.ts';
import { type Answer, grantedScopes, type Method, movedOn, refuse } from './method.ts';
import { reactions } from './reactions.ts';
import { users } from './users.ts';
import { views } from './views.ts';

const METHODS: ReadonlyMap<string, Method> = new Map(
  Object.entries({ ...app, ...chat, ...conversations, ...files, ...reactions, ...users, ...views }),
);

/** The Slack client puts the workspace into every call by itself. */
const ADDED_BY_CLIENT = ['team_id'];
/** Arguments that hold JSON, also when they come as a form field. */
const NESTED = new Set(['blocks', 'view', 'metadata', 'files', 'message', 'attachments']);
const BOOLEANS =
  /^(include_.*|inclusive|reply_broadcast|unfurl_.*|link_names|mrkdwn|return_im|exclude_archived)$/;

type Decoded = { readonly args: Json; readonly bad: readonly string[] };

const decodeField = (key: string, value: unknown): unknown => {
  if (typeof value !== 'string') return value;
  if (NESTED.has(key)) return parseJson(value);
  if (BOOLEANS.test(key)) return value === 'true' || value === '1';
  return value;
};

/** The arguments of a call, whatever way they came. */
const decode = (contentType: string, body: string): Decoded => {
  const json = contentType.startsWith('application/json');
  const raw: unknown = json ? parseJson(body) : Object.fromEntries(new URLSearchParams(body));
  if (!isRecord(raw)) return { args: {}, bad: ['body'] };
  const args = Object.fromEntries(Object.entries(raw).map(([key, value]) => [key, decodeField(key, value)]));
  return { args, bad: Object.keys(args).filter((key) => args[key] === undefined) };
};

const tokenOf = (request: IncomingMessage, args: Json): string =>
  /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? textOf(args, 'token');

const tokenRefusal = (method: Method, token: string, local: LocalSlack): Answer | undefined => {
  if (method.token === 'none') return undefined;
  if (token === '') return refuse('not_authed');
  if (token !== local.tokens.bot && token !== local.tokens.app) return refuse('invalid_auth');
  if (token !== local.tokens[method.token]) return refuse('not_allowed_token_type');
  return undefined;
};

const scopeRefusal = (method: Method, args: Json, local: LocalSlack): Answer | undefined => {
  const needed = typeof method.scopes === 'function' ? method.scopes(args, local) : method.scopes;
  const granted = grantedScopes(local);
  if (needed.length === 0 || needed.some((scope) => granted.has(scope))) return undefined;
  return { ok: false, error: 'missing_scope', needed: needed[0], provided: [...granted].join(',') };
};

const argumentRefusal = (method: Method, { args, bad }: Decoded): Answer | undefined => {
  const known = new Set([...method.required, ...method.optional, ...ADDED_BY_CLIENT]);
  const strange = Object.keys(args).filter((key) => !known.has(key));
  const absent = method.required.filter((key) => args[key] === undefined || args[key] === '');
  if (bad.length > 0) {
    const error = bad.includes('blocks') ? 'invalid_blocks_format' : 'invalid_arguments';
    return refuse(error, `not JSON: ${bad.join(', ')}`);
  }
  if (strange.length > 0) return refuse('invalid_arguments', `unknown arguments: ${strange.join(', ')}`);
  if (absent.length > 0) return refuse('invalid_arguments', `missing arguments: ${absent.join(', ')}`);
  return undefined;
};

/** Refused because a fault says so, and so nobody's mistake. */
const injectedRefusal = (
  name: string,
  answer: Answer | undefined,
  args: Json,
  local: LocalSlack,
): Answer | undefined => {
  const { faults } = local;
  const refused = faults.refusedTokens;
  if (refused === 'everywhere' || (refused === 'sockets' && name === 'apps.connections.open'))
    return refuse('invalid_auth');
  if (answer?.['error'] !== 'missing_scope') return undefined;
  const method = METHODS.get(name);
  const needed = typeof method?.scopes === 'function' ? method.scopes(args, local) : (method?.scopes ?? []);
  return needed.some((scope) => faults.lostScopes.has(scope)) ? answer : undefined;
};

const run = (name: string, request: IncomingMessage, decoded: Decoded, local: LocalSlack) => {
  const method = METHODS.get(name);
  if (method === undefined) return { answer: refuse('unknown_method', name), injected: false };
  const { token: _token, ...args } = decoded.args;
  const refusal =
    tokenRefusal(method, tokenOf(request, decoded.args), local) ?? scopeRefusal(method, args, local);
  const injected = injectedRefusal(name, refusal, args, local);
  if (injected !== undefined) return { answer: injected, injected: true };
  const answer = refusal ?? argumentRefusal(method, { args, bad: decoded.bad }) ?? method.run(args, local);
  return { answer, injected: false };
};

const count = (name: string, answer: Answer, args: Json, local: LocalSlack): void => {
  const error = textOf(answer, 'error');
  if (answer.ok || movedOn(error)) return;
  const ts = textOf(args, 'ts') || textOf(args, 'timestamp') || textOf(args, 'message_ts');
  if (error === 'message_not_found' && local.store.gone.has(`${textOf(args, 'channel')}:${ts}`)) return;
  local.journal.rejected({ method: name, error, detail: JSON.stringify(answer) });
};

/** Answers instead of the method when an outage says so. True = answered. */
const outage = (fault: CallFault | undefined, response: ServerResponse, local: LocalSlack): boolean => {
  switch (fault?.kind) {
    case 'rate-limit':
      local.journal.rateLimited();
      response.setHeader('retry-after', String(fault.retryAfterSeconds));
      sendJson(response, 429, { ok: false, error: 'ratelimited' });
      return true;
    case 'http-error':
      response.writeHead(fault.status).end('outage');
      return true;
    case 'error':
      sendJson(response, 200, { ok: false, error: fault.error });
      return true;
    default:
      return false;
  }
};

/** One call of `/api/METHOD`. */
export const handleCall = async (
  name: string,
  request: IncomingMessage,
  response: ServerResponse,
  local: LocalSlack,
): Promise<void> => {
  const body = (await bodyOf(request)).toString();
  const faults = local.faults.take(name);
  local.journal.called(name);
  for (const fault of faults) if (fault.kind === 'slow') await delay(fault.ms);
  const planted = faults.find((fault) => fault.kind !== 'slow');
  if (outage(planted, response, local)) {
    local.journal.note('fault', name, planted);
    return;
  }
  const decoded = decode(request.headers['content-type'] ?? '', body);
  const { answer, injected } = run(name, request, decoded, local);
  const { token: _token, ...args } = decoded.args;
  if (!injected) count(name, answer, args, local);
  local.journal.note('call', name, { args, answer });
  if (planted?.kind === 'lost-reply') {
    request.socket.destroy();
    return;
  }
  response.setHeader('x-oauth-scopes', [...grantedScopes(local)].join(','));
  sendJson(response, 200, answer);
};

// response_url: five uses in thirty minutes, to answer the person who acted, or to change the message acted on (facts/slack.md 2.8).
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { postProblems } from './api/chat.ts';
import { refuse } from './api/method.ts';
import { withIds } from './blocks.ts';
import { bodyOf, sendJson, sendText } from './http.ts';
import { isRecord, type Json, parseJson, textOf } from './json.ts';
import type { LocalSlack } from './local.ts';
import { APP } from './seed.ts';
import { addMessage, removeMessage, type StoredMessage } from './store.ts';

const USES_LIMIT = 5;
const LIFE_MS = 30 * 60_000;
const KEY_BYTES = 12;
const KNOWN = new Set([
  'text',
  'blocks',
  'response_type',
  'replace_original',
  'delete_original',
  'thread_ts',
  'metadata',
  'unfurl_links',
  'unfurl_media',
  'mrkdwn',
  'parse',
  'link_names',
]);

/** Whom and what a URL speaks to. `message` is the one acted on, if any. */
export type ResponseTarget = {
  readonly user: string;
  readonly channel: string;
  readonly message?: StoredMessage;
};

type Issued = { readonly target: ResponseTarget; readonly expiresMs: number; uses: number };

export type ResponseUrls = {
  /** A path on this server. */
  readonly issue: (target: ResponseTarget) => string;
  readonly spend: (path: string) => ResponseTarget | 'expired_url' | 'used_url';
};

export const createResponseUrls = (now: () => number): ResponseUrls => {
  const issued = new Map<string, Issued>();
  return {
    issue: (target) => {
      const path = `/response/${randomBytes(KEY_BYTES).toString('hex')}`;
      issued.set(path, { target, expiresMs: now() + LIFE_MS, uses: 0 });
      return path;
    },
    spend: (path) => {
      const found = issued.get(path);
      if (found === undefined || now() > found.expiresMs) return 'expired_url';
      if (found.uses >= USES_LIMIT) return 'used_url';
      found.uses += 1;
      return found.target;
    },
  };
};

/** Carries out a body sent to a response_url or given with the acknowledgement of a command. Returns an error or undefined. */
export const respond = (body: Json, target: ResponseTarget, local: LocalSlack): string | undefined => {
  const { store } = local;
  const original = target.message;
  if (body['delete_original'] === true) {
    if (original !== undefined) removeMessage(store, original);
    return undefined;
  }
  const strange = Object.keys(body).filter((key) => !KNOWN.has(key));
  const problems =
    strange.length > 0 ? refuse('invalid_arguments', `unknown: ${strange.join(', ')}`) : postProblems(body);
  if (problems !== undefined) {
    local.journal.rejected({
      method: 'response_url',
      error: textOf(problems, 'error'),
      detail: JSON.stringify(problems),
    });
    return textOf(problems, 'error');
  }
  const content = { text: textOf(body, 'text'), blocks: withIds(body['blocks'], () => store.nextId('b')) };
  if (body['replace_original'] === true && original !== undefined) {
    Object.assign(original, content);
    store.changed();
    return undefined;
  }
  // The thread is never guessed: an app that names it is right whatever Slack does without it.
  const threadTs = textOf(body, 'thread_ts');
  addMessage(store, {
    channel: target.channel,
    user: APP.botUser,
    ...content,
    ...(threadTs === '' ? {} : { threadTs }),
    ...(body['response_type'] === 'in_channel' ? {} : { ephemeralFor: target.user }),
  });
  return undefined;
};

/** POST to a response_url. */
export const handleResponseUrl = async (
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  local: LocalSlack,
): Promise<void> => {
  const body = parseJson((await bodyOf(request)).toString());
  local.journal.note('response-url', path, body);
  const target = local.responseUrls.spend(path);
  if (typeof target === 'string') {
    sendJson(response, 404, { ok: false, error: target });
    return;
  }
  const error = isRecord(body) ? respond(body, target, local) : 'invalid_payload';
  if (error === undefined) sendText(response, 200, 'ok');
  else sendJson(response, 400, { ok: false, error });
};

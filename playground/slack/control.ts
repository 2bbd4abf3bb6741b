// The control API: what scripts and the page do and read, over HTTP (contract.ts says what goes in and out).
import type { IncomingMessage, ServerResponse } from 'node:http';
import { no } from './acts/refusal.ts';
import type { ClusterProvider } from './contract.ts';
import { actNamed } from './control-acts.ts';
import { SLACK_FAULTS } from './faults.ts';
import { bodyOf, sendJson } from './http.ts';
import { parseJson } from './json.ts';
import type { LocalSlack } from './local.ts';
import { streamChanges } from './sse.ts';
import { channelMessages, stateFor, threadMessages } from './state.ts';

const JOURNAL_DEFAULT = 100;
const JOURNAL_LIMIT = 1000;

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
  const perform = request.method === 'POST' ? actNamed(url.pathname) : undefined;
  if (perform !== undefined) {
    const body = parseJson((await bodyOf(request)).toString());
    sendJson(response, 200, await perform(body, local, cluster));
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

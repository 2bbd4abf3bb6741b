// Outages by name: what can be made to go wrong between the app and the local Slack (facts/slack.md 2.10).
import type { FaultKind, FaultParam } from './contract.ts';

const METHOD: FaultParam = {
  name: 'method',
  sentence: 'The Web API method, or * for all',
  kind: 'text',
  default: 'chat.update',
};
const COUNT: FaultParam = { name: 'count', sentence: 'How many times', kind: 'number', default: 1 };
const WHICH: FaultParam = {
  name: 'sockets',
  sentence: 'One socket or all of them',
  kind: 'choice',
  choices: ['one', 'all'],
  default: 'one',
};

/** Every fault of Slack's side, in the order a menu shows them. */
export const SLACK_FAULTS: readonly FaultKind[] = [
  {
    name: 'slack-rate-limit',
    sentence: 'The next calls of a method are answered 429 with Retry-After.',
    params: [
      METHOD,
      COUNT,
      { name: 'retryAfterSeconds', sentence: 'Retry-After', kind: 'number', default: 1 },
    ],
  },
  {
    name: 'slack-error',
    sentence: 'The next calls of a method are answered ok:false with this error.',
    params: [
      METHOD,
      COUNT,
      { name: 'error', sentence: "Slack's error code", kind: 'text', default: 'internal_error' },
    ],
  },
  {
    name: 'slack-http-error',
    sentence: 'The next calls of a method are answered with an HTTP status instead of an answer.',
    params: [METHOD, COUNT, { name: 'status', sentence: 'HTTP status', kind: 'number', default: 500 }],
  },
  {
    name: 'slack-lost-reply',
    sentence: 'The next calls of a method are carried out, but their answers get lost.',
    params: [{ ...METHOD, default: 'chat.postMessage' }, COUNT],
  },
  {
    name: 'slack-slow',
    sentence: 'The next calls of a method take this long.',
    params: [
      { ...METHOD, default: '*' },
      { ...COUNT, default: 20 },
      { name: 'ms', sentence: 'Delay of each, in milliseconds', kind: 'number', default: 2000 },
    ],
  },
  { name: 'slack-drop-acks', sentence: 'The next acknowledgements of the app get lost.', params: [COUNT] },
  {
    name: 'slack-refresh',
    sentence: 'Slack asks a socket to reconnect, as it does every few hours.',
    params: [
      WHICH,
      {
        name: 'manner',
        sentence: 'Let it finish what it has in hand, or not',
        kind: 'choice',
        choices: ['drained', 'abrupt'],
        default: 'drained',
      },
    ],
  },
  {
    name: 'slack-disconnect',
    sentence: 'Slack ends sockets for this reason.',
    params: [
      { ...WHICH, default: 'all' },
      {
        name: 'reason',
        sentence: 'The reason given',
        kind: 'choice',
        choices: ['warning', 'refresh_requested', 'link_disabled', 'too_many_websockets'],
        default: 'link_disabled',
      },
    ],
  },
  { name: 'slack-kill', sentence: 'The TCP connection of sockets is reset.', params: [WHICH] },
  {
    name: 'slack-redeliver',
    sentence: 'The last command, click or event is delivered a second time.',
    params: [],
  },
  {
    name: 'slack-missing-scope',
    sentence: 'The app loses a scope.',
    params: [{ name: 'scope', sentence: 'The scope', kind: 'text', default: 'chat:write' }],
  },
  {
    name: 'slack-invalid-auth',
    sentence: 'The tokens of the app are refused.',
    params: [
      {
        name: 'where',
        sentence: 'New sockets only, or every call',
        kind: 'choice',
        choices: ['sockets', 'everywhere'],
        default: 'sockets',
      },
    ],
  },
  {
    name: 'slack-message-deleted',
    sentence: 'A person deletes a message of the app.',
    params: [
      { name: 'channel', sentence: 'Where', kind: 'channel', default: '' },
      { name: 'message', sentence: 'Its ts; without it the newest of the app', kind: 'text', default: '' },
    ],
  },
  {
    name: 'slack-remove-bot',
    sentence: 'A person removes the app from a channel.',
    params: [{ name: 'channel', sentence: 'Where', kind: 'channel', default: '' }],
  },
  {
    name: 'slack-leave-group',
    sentence: 'A person leaves the user group of approvers.',
    params: [{ name: 'user', sentence: 'Who', kind: 'person' }],
  },
  { name: 'slack-clear', sentence: 'Everything is well again.', params: [] },
];

/** What to do to one call. */
export type CallFault =
  | { readonly kind: 'rate-limit'; readonly retryAfterSeconds: number }
  | { readonly kind: 'error'; readonly error: string }
  | { readonly kind: 'http-error'; readonly status: number }
  | { readonly kind: 'lost-reply' }
  | { readonly kind: 'slow'; readonly ms: number };

type Planted = { readonly method: string; left: number; readonly fault: CallFault };

/** The faults in force. */
export type Faulty = {
  readonly plant: (method: string, count: number, fault: CallFault) => void;
  /** What happens to this call: any delays, then at most one outage. Counts them down. */
  readonly take: (method: string) => readonly CallFault[];
  readonly lostScopes: Set<string>;
  refusedTokens: 'none' | 'sockets' | 'everywhere';
  readonly clear: () => void;
};

export const createFaults = (): Faulty => {
  let planted: Planted[] = [];
  const faulty: Faulty = {
    plant: (method, count, fault) => {
      planted.push({ method, left: count, fault });
    },
    take: (method) => {
      const meant = planted.filter((one) => one.method === '*' || one.method === method);
      const slow = meant.filter((one) => one.fault.kind === 'slow');
      const hit = [...slow, ...meant.filter((one) => one.fault.kind !== 'slow').slice(0, 1)];
      for (const one of hit) one.left -= 1;
      planted = planted.filter((one) => one.left > 0);
      return hit.map((one) => one.fault);
    },
    lostScopes: new Set(),
    refusedTokens: 'none',
    clear: () => {
      planted = [];
      faulty.lostScopes.clear();
      faulty.refusedTokens = 'none';
    },
  };
  return faulty;
};

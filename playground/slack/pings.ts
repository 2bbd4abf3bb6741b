// Whom a message would alert: every mention and broadcast in its text and blocks, plain `@here` in auto-parsed text included.
import { isRecord, type Json, recordsOf, textOf } from './json.ts';

const CODED = /<(@[UW][A-Z0-9]*|!(?:here|channel|everyone)|!subteam\^[A-Z0-9]+)(?:\|[^>]*)?>/g;
/** What Slack turns into a mention by itself where text is not verbatim (facts/slack.md 3.5, 4.1). */
const PLAIN_BROADCAST = /(?<![\w<!])@(here|channel|everyone)\b/g;
const PLAIN_NAME = /(?<![\w<])@([a-z0-9][a-z0-9._-]*)/g;

const coded = (text: string): string[] => [...text.matchAll(CODED)].map((match) => match[1] ?? '');
const broadcasts = (text: string): string[] => [...text.matchAll(PLAIN_BROADCAST)].map((match) => match[0]);
const names = (text: string): string[] => [...text.matchAll(PLAIN_NAME)].map((match) => match[0]);

const inRichText = (element: Json): string[] => {
  switch (element['type']) {
    case 'broadcast':
      return [`!${textOf(element, 'range')}`];
    case 'user':
      return [`@${textOf(element, 'user_id')}`];
    case 'usergroup':
      return [`!subteam^${textOf(element, 'usergroup_id')}`];
    default:
      return [];
  }
};

const inValue = (value: unknown): string[] => {
  if (Array.isArray(value)) return value.flatMap(inValue);
  if (!isRecord(value)) return [];
  if (value['type'] === 'mrkdwn') {
    const text = textOf(value, 'text');
    return [...coded(text), ...(value['verbatim'] === true ? [] : broadcasts(text))];
  }
  if (value['type'] === 'markdown') {
    const text = textOf(value, 'text');
    return [...coded(text), ...broadcasts(text)];
  }
  return [...inRichText(value), ...Object.values(value).flatMap(inValue)];
};

/**
 * Everything in this message that would alert somebody: `@U…`, `!here`, `!subteam^S…`, or `@here` as typed. Empty = nobody is alerted.
 * `payload` is that of chat.postMessage and its kin.
 */
export const pingsIn = (payload: unknown): string[] => {
  if (!isRecord(payload)) return [];
  const text = textOf(payload, 'text');
  const linked = payload['link_names'] === true || payload['link_names'] === 1;
  const autoParsed = payload['parse'] === 'full' || linked;
  return [
    ...coded(text),
    ...(autoParsed ? [...new Set([...broadcasts(text), ...names(text)])] : []),
    ...recordsOf(payload['blocks']).flatMap(inValue),
  ];
};

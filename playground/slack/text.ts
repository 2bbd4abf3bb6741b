// What Slack makes of the words people type: escapes, mentions, links (facts/slack.md 3.2).
import type { Store } from './store.ts';

/** `&`, `<` and `>`, once; nothing else (facts/slack.md 4.1). */
const escapeText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const LINK = /\bhttps?:\/\/[^\s<>]+[^\s<>.,;:!?)]/g;
const USER = /(^|[\s(])@([a-z0-9][a-z0-9._-]*)/g;
const CHANNEL = /(^|[\s(])#([a-z0-9][a-z0-9_-]*)/g;
const BROADCAST = /(^|[\s(])@(here|channel|everyone)\b/g;

type Style = 'command' | 'message';

const withNames = (store: Store, text: string, style: Style): string => {
  const people = [...store.people.values()];
  const channels = [...store.channels.values()].filter((channel) => channel.kind !== 'im');
  return text
    .replaceAll(USER, (whole, before: string, name: string) => {
      const person = people.find((one) => one.name === name.replace(/[._-]+$/, ''));
      if (person === undefined) return whole;
      const mention = style === 'command' ? `<@${person.id}|${person.name}>` : `<@${person.id}>`;
      return before + mention + name.slice(person.name.length);
    })
    .replaceAll(CHANNEL, (whole, before: string, name: string) => {
      const channel = channels.find((one) => one.name === name);
      if (channel === undefined) return whole;
      // The name of a private channel is not told.
      return `${before}<#${channel.id}|${channel.kind === 'private' ? '' : channel.name}>`;
    });
};

/** The text of a slash command as the app gets it. */
export const commandText = (store: Store, typed: string, shouldEscape: boolean): string => {
  const escaped = escapeText(typed);
  if (!shouldEscape) return escaped;
  return withNames(store, escaped, 'command').replaceAll(LINK, (link) => `<${link}>`);
};

/** The text of a person's message as everybody, the app too, gets it. */
export const messageText = (store: Store, typed: string): string =>
  withNames(
    store,
    escapeText(typed).replaceAll(LINK, (link) => `<${link}>`),
    'message',
  ).replaceAll(BROADCAST, (_whole, before: string, range: string) => `${before}<!${range}>`);

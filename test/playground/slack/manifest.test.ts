// What Slack would refuse in a manifest (facts/slack.md 4.4), and what the local Slack takes from it.
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { checkManifest, parseManifest } from '../../../playground/slack/manifest.ts';
import { startSlack } from '../../../playground/slack/slack.ts';
import { aManifest } from './rig.ts';

const x = (length: number): string => 'x'.repeat(length);
type Change = Parameters<typeof aManifest>[0];
const command = (more: object = {}) => ({ command: '/x', description: 'd', should_escape: true, ...more });

const LIMITS: readonly (readonly [string, (size: number) => Change, number])[] = [
  ['name', (n) => (m) => Object.assign(m.display_information, { name: x(n) }), 35],
  ['description', (n) => (m) => Object.assign(m.display_information, { description: x(n) }), 140],
  ['long description', (n) => (m) => Object.assign(m.display_information, { long_description: x(n) }), 4000],
  ['bot name', (n) => (m) => Object.assign(m.features.bot_user, { display_name: x(n) }), 80],
  [
    'commands',
    (n) => (m) => {
      m.features.slash_commands = Array.from({ length: n }, (_, at) => command({ command: `/x${at}` }));
    },
    50,
  ],
  ['command', (n) => (m) => m.features.slash_commands.push(command({ command: `/${x(n - 1)}` })), 32],
  ['command description', (n) => (m) => m.features.slash_commands.push(command({ description: x(n) })), 2000],
  ['usage hint', (n) => (m) => m.features.slash_commands.push(command({ usage_hint: x(n) })), 1000],
];

test.each(LIMITS)('%s: at the limit it passes, over it not', (_, change, limit) => {
  expect(checkManifest(aManifest(change(limit)))).toEqual([]);
  expect(checkManifest(aManifest(change(limit + 1)))).not.toEqual([]);
});

const MISTAKES: readonly (readonly [string, Change, string])[] = [
  ['a scope that is not there', (m) => m.oauth_config.scopes.bot.push('chat:shout'), 'chat:shout'],
  ['an event that is not there', (m) => m.settings.event_subscriptions.bot_events.push('sunrise'), 'sunrise'],
  [
    'an event without its scope',
    (m) => m.settings.event_subscriptions.bot_events.push('message.groups'),
    'groups:history',
  ],
  ['a command twice', (m) => m.features.slash_commands.push(command(), command()), 'twice'],
  [
    'a command without its slash',
    (m) => m.features.slash_commands.push(command({ command: 'x' })),
    'start with /',
  ],
  ['a field that is not there', (m) => Object.assign(m.settings, { colour: 'red' }), 'colour'],
  ['a colour that is none', (m) => Object.assign(m.display_information, { background_color: 'red' }), 'hex'],
  [
    'commands without their scope',
    (m) => {
      m.oauth_config.scopes.bot = m.oauth_config.scopes.bot.filter((scope) => scope !== 'commands');
    },
    'need the scope commands',
  ],
  [
    'no Socket Mode and no URL',
    (m) => {
      m.settings.socket_mode_enabled = false;
    },
    'needs a url',
  ],
];

test.each(MISTAKES)('%s is told', (_, change, sentence) => {
  expect(checkManifest(aManifest(change)).join('\n')).toContain(sentence);
});

test('every mistake is told at once, and nothing starts', async () => {
  const bad = aManifest((manifest) => manifest.oauth_config.scopes.bot.push('a:b', 'c:d'));
  expect(() => parseManifest(stringify(bad))).toThrow(/a:b[\s\S]*c:d/);
  await expect(startSlack({ manifestPath: '/does/not/exist.yml' })).rejects.toThrow('ENOENT');
});

test('what the local Slack takes from it', () => {
  expect(parseManifest(stringify(aManifest()))).toMatchObject({
    name: 'Talos',
    botName: 'talos',
    homeTab: true,
    messagesTab: true,
    interactivity: true,
    socketMode: true,
    commands: [{ command: '/talos', usageHint: 'help', shouldEscape: true }, { command: '/plain' }],
  });
});

// manifest.yml against the bot: what Slack is told the app can do is what it does.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { checkManifest, readManifest } from '../../playground/slack/manifest.ts';
import { COMMANDS, SLASH, USAGE_HINT, usageOf } from '../../src/bot/command-table.ts';
import { helpMessage } from '../../src/bot/views/help.ts';
import { MANIFEST } from './rig.ts';

const manifest = readManifest(MANIFEST);

test('Slack would take it', () => {
  expect(checkManifest(parseYaml(readFileSync(MANIFEST, 'utf8')))).toEqual([]);
});

test('it has the one command, escaped, with the hint of the table', () => {
  expect(manifest.commands).toMatchObject([{ command: SLASH, usageHint: USAGE_HINT, shouldEscape: true }]);
});

test('it listens on sockets, and to clicks', () => {
  expect(manifest.socketMode).toBe(true);
  expect(manifest.interactivity).toBe(true);
  expect(readFileSync(MANIFEST, 'utf8')).not.toContain('request_url');
});

test('it asks for no right but to be commanded and to write', () => {
  expect([...manifest.scopes].sort()).toEqual(['chat:write', 'commands', 'files:write']);
  expect([...manifest.events]).toEqual(['app_home_opened']);
});

test('the help shows every command of the table', () => {
  const around = { clusters: [{ name: 'prod', channel: 'C1' }], channel: 'C1' };
  const text = JSON.stringify(helpMessage(null, around).blocks);
  for (const spec of COMMANDS) {
    const usage = usageOf(spec).replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    expect(text).toContain(usage.replace(/ \[--.*$/, ' [options]'));
    expect(JSON.stringify(helpMessage(spec.name, around).blocks)).toContain(usage);
  }
});

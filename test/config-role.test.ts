// Which half of the bot a process is, who may say so, and what each of them needs.
import { describe, expect, it } from 'vitest';
import { type Environment, parseSettings } from '../src/config.ts';
import { beside, LEAST, SECRETS, text } from './a-configuration.ts';

const FILE = text(...LEAST);
const WITHOUT_TALOSCONFIG = text('clusters:', '  prod:', '    channel: C012AB3CD');
const REDIS: Environment = { REDIS_URL: 'redis://127.0.0.1:6379' };

function loaded(file: string, environment: Environment, args: readonly string[]) {
  return parseSettings(file, 'bot.yaml', environment, args);
}

function roleIn(file: string, environment: Environment, args: readonly string[] = []): string {
  const read = loaded(file, { ...SECRETS, ...environment }, args);
  return read.kind === 'settings' ? read.settings.role : read.mistakes.join(' | ');
}

describe('the role of a process', () => {
  const TOLD: readonly (readonly [string, string, string, Environment, readonly string[]])[] = [
    ['all', 'nobody says', FILE, {}, []],
    ['worker', 'the file says', beside('role: worker'), {}, []],
    [
      'bot',
      'the environment says, whatever the file says',
      beside('role: worker'),
      { TALOS_CHATOPS_ROLE: 'bot' },
      [],
    ],
    [
      'worker',
      'the command line says, whatever the others say',
      beside('role: all'),
      { TALOS_CHATOPS_ROLE: 'bot' },
      ['--role', 'worker'],
    ],
    ['bot', 'the command line says in one word', FILE, {}, ['--role=bot']],
    ['all', 'an empty variable says nothing', FILE, { TALOS_CHATOPS_ROLE: '' }, []],
  ];

  it.each(TOLD)('is %s: %s', (role, _why, file, environment, args) => {
    expect(roleIn(file, environment, args)).toBe(role);
  });

  const BAD: readonly (readonly [string, string, Environment, readonly string[], string])[] = [
    ['on the command line', FILE, {}, ['--role', 'boss'], '--role: expects bot, worker or all, not "boss"'],
    ['left out on the command line', FILE, {}, ['--role'], '--role: expects bot, worker or all'],
    [
      'in the environment',
      FILE,
      { TALOS_CHATOPS_ROLE: 'boss' },
      [],
      'TALOS_CHATOPS_ROLE: expects bot, worker or all, not "boss"',
    ],
    [
      'in the file',
      beside('role: boss'),
      {},
      [],
      'bot.yaml:5 role: expects bot, worker or all ("boss" was found)',
    ],
    [
      'under another name',
      FILE,
      {},
      ['--roll', 'bot'],
      '"--roll" is no argument; there is only --role bot, --role worker and --role all',
    ],
    [
      'twice',
      FILE,
      {},
      ['--role', 'bot', '--role', 'worker'],
      '"--role" is too much; --role is the only argument, once',
    ],
  ];

  it.each(BAD)('that is wrong %s is the only mistake', (_where, file, environment, args, sentence) => {
    expect(roleIn(file, environment, args)).toBe(sentence);
  });
});

describe('a worker', () => {
  it('needs no tokens of Slack and has none, also where there are some', () => {
    for (const environment of [REDIS, SECRETS]) {
      const read = loaded(FILE, environment, ['--role', 'worker']);
      expect(read).toMatchObject({ kind: 'settings', settings: { role: 'worker', slack: null } });
    }
  });

  it('needs a way to its clusters', () => {
    const read = loaded(WITHOUT_TALOSCONFIG, REDIS, ['--role', 'worker']);
    expect(read.kind === 'mistakes' ? read.mistakes.join() : '').toMatch(/clusters\.prod\.talos\.config/);
  });
});

describe('a bot', () => {
  it('needs tokens of Slack', () => {
    const read = loaded(FILE, REDIS, ['--role', 'bot']);
    const mistakes = read.kind === 'mistakes' ? read.mistakes.map((one) => one.split(':')[0]) : [];
    expect(mistakes).toEqual(['SLACK_BOT_TOKEN', 'SLACK_APP_TOKEN']);
  });

  it('needs no talosconfig, and no credentials of a bucket', () => {
    const file = `${WITHOUT_TALOSCONFIG}archive: { s3: { bucket: backups } }\n`;
    expect(loaded(file, SECRETS, ['--role', 'bot'])).toMatchObject({ kind: 'settings' });
    expect(loaded(file, SECRETS, ['--role', 'all'])).toMatchObject({ kind: 'mistakes' });
  });

  it('knows name, channel and policy of each cluster', () => {
    const read = loaded(WITHOUT_TALOSCONFIG, SECRETS, ['--role', 'bot']);
    expect(read.kind === 'settings' ? read.settings.clusters : []).toMatchObject([
      { name: 'prod', channel: 'C012AB3CD', policy: { approvals: 1 } },
    ]);
  });
});

describe('PROBE_PORT', () => {
  it.each([
    [undefined, null],
    ['', null],
    ['8080', 8080],
  ])('%s means %s', (written, port) => {
    const read = loaded(FILE, { ...SECRETS, PROBE_PORT: written }, []);
    expect(read).toMatchObject({ kind: 'settings', settings: { probePort: port } });
  });

  it.each(['0', '65536', '80a', '-1', '8080.5'])('%s is no port', (written) => {
    const read = loaded(FILE, { ...SECRETS, PROBE_PORT: written }, []);
    expect(read).toEqual({
      kind: 'mistakes',
      mistakes: [`PROBE_PORT: expects a port from 1 to 65535, not "${written}"`],
    });
  });
});

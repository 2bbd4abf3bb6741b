// From one file and the environment to Settings: defaults, paths, the environment, and the example file.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type Environment, load, type Settings } from '../src/config.ts';
import { sealsOf } from '../src/store/seal.ts';
import { beside, inCluster, LEAST, mistakesIn, SECRETS, settingsOf, text } from './a-configuration.ts';

const UNSEALED = { key: null, former: [], unsigned: 'refused' } as const;

describe('a mistake in the environment', () => {
  const wrong: readonly (readonly [string, Environment, string])[] = [
    ['no bot token', { SLACK_BOT_TOKEN: undefined }, 'SLACK_BOT_TOKEN'],
    ['an app token in its place', { SLACK_BOT_TOKEN: 'xapp-1' }, 'SLACK_BOT_TOKEN'],
    ['no app token', { SLACK_APP_TOKEN: '' }, 'SLACK_APP_TOKEN'],
    ['a bot token in its place', { SLACK_APP_TOKEN: 'xoxb-1' }, 'SLACK_APP_TOKEN'],
    ['no Redis', { REDIS_URL: undefined }, 'REDIS_URL'],
    ['a Redis of another kind', { REDIS_URL: 'http://127.0.0.1' }, 'REDIS_URL'],
    ['a Slack elsewhere', { SLACK_API_URL: 'https://slack.example/api/' }, 'SLACK_API_URL'],
    [
      'a Slack with a name that only ends like it',
      { SLACK_API_URL: 'https://notslack.com/api/' },
      'SLACK_API_URL',
    ],
    ['a Slack without TLS', { SLACK_API_URL: 'http://slack.com/api/' }, 'SLACK_API_URL'],
    ['a Slack on the network', { SLACK_API_URL: 'http://10.0.0.1/api/' }, 'SLACK_API_URL'],
    ['a Slack that is no URL', { SLACK_API_URL: 'slack' }, 'SLACK_API_URL'],
  ];

  it.each(wrong)('is told by the name of the variable: %s', (_, change, name) => {
    const mistakes = mistakesIn(text(...LEAST), { ...SECRETS, ...change });
    expect(mistakes.map((mistake) => mistake.split(':')[0])).toEqual([name]);
  });

  it('never repeats what the variable or the file holds where a secret could be', () => {
    const secret = 'hunter2-hunter2';
    const environment = {
      SLACK_BOT_TOKEN: `xoxp-${secret}`,
      SLACK_APP_TOKEN: `xoxb-${secret}`,
      SLACK_API_URL: `https://example.com/${secret}`,
      REDIS_URL: `http://:${secret}@redis`,
    };
    const files = [
      text(...LEAST),
      beside('redis:', `  prefix: "${secret} ${secret}"`),
      beside('redis:', `  url: redis://:${secret}@redis`),
      inCluster(
        `operators: ["${secret}"]`,
        'kubernetes:',
        `  server: "${secret}"`,
        'policy:',
        `  start: ${secret}`,
      ),
      beside(`poll: ${secret}`, `onlyLoopback: ${secret}`),
      text('clusters:', `  prod: [${secret}`),
    ];
    for (const file of files) {
      const mistakes = mistakesIn(file, environment);
      expect(mistakes.length).toBeGreaterThanOrEqual(4);
      expect(mistakes.join('\n')).not.toContain(secret);
    }
  });
});

describe('a file that is right', () => {
  it('asks etcd directly when told to, with certificates from the machines or from files beside it', () => {
    const etcdOf = (...lines: readonly string[]) => settingsOf(inCluster(...lines)).clusters[0]?.etcd;
    expect(etcdOf('etcd: { source: talos }')).toEqual({
      kind: 'talos',
      port: 2_379,
      upgradeMutex: 'on',
    });
    const files = 'source: files, ca: ca.crt, crt: /x/bot.crt, key: bot.key';
    expect(etcdOf(`etcd: { ${files}, port: 12379, upgradeMutex: off }`)).toEqual({
      kind: 'files',
      port: 12_379,
      upgradeMutex: 'off',
      ca: '/etc/bot/ca.crt',
      crt: '/x/bot.crt',
      key: '/etc/bot/bot.key',
    });
  });

  it('gets the documented defaults', () => {
    const { clusters, redis, pollMs, slack, onlyLoopback } = settingsOf(text(...LEAST));
    expect({ redis, pollMs, slack, onlyLoopback }).toEqual({
      redis: { url: SECRETS['REDIS_URL'], prefix: 'talos-chatops', replicas: null, seals: sealsOf(UNSEALED) },
      pollMs: 500,
      slack: { botToken: 'xoxb-1-bot', appToken: 'xapp-1-app', apiUrl: 'https://slack.com/api/' },
      onlyLoopback: false,
    });
    expect(clusters).toMatchObject([
      {
        name: 'prod',
        channel: 'C012AB3CD',
        talosconfig: { path: '/etc/bot/talosconfig', from: 'talos.config', context: null },
        talosPort: 50_000,
        kubeconfig: null,
        kubernetesServer: null,
        etcd: null,
        factory: { host: 'factory.talos.dev', check: 'on', mirrors: {} },
        policy: {
          operators: [],
          approvers: [],
          approvals: 1,
          selfApproval: 'refused',
          start: 'ask',
          parallelWorkers: 1,
          rebootMode: 'default',
          proposalExpiryMs: 4 * 3_600_000,
          gateExpiryMs: 8 * 3_600_000,
          limits: {
            pullMs: 20 * 60_000,
            drainMs: 15 * 60_000,
            installMs: 20 * 60_000,
            rebootMs: 15 * 60_000,
            returnMs: 15 * 60_000,
            proveMs: 5 * 60_000,
            flightMs: 2 * 60_000,
          },
        },
      },
    ]);
  });

  it.each([
    ['750ms', 750],
    ['90s', 90_000],
    ['15m', 900_000],
    ['4h', 14_400_000],
    ['2d', 172_800_000],
    [' 1s ', 1_000],
  ])('reads the duration %j', (written, milliseconds) => {
    expect(settingsOf(beside(`poll: "${written}"`)).pollMs).toBe(milliseconds);
  });

  it('finds relative paths beside itself and leaves absolute ones alone', () => {
    const [cluster] = settingsOf(inCluster('kubernetes:', '  kubeconfig: /secrets/kubeconfig')).clusters;
    expect(cluster?.talosconfig.path).toBe('/etc/bot/talosconfig');
    expect(cluster?.kubeconfig).toBe('/secrets/kubeconfig');
  });

  it('takes TALOSCONFIG where it names no talosconfig of its own', () => {
    const file = text(
      'clusters:',
      '  prod: { channel: C012AB3CD }',
      '  lab:',
      '    channel: C045EF6GH',
      '    talos: { config: lab }',
    );
    const paths = settingsOf(file, { ...SECRETS, TALOSCONFIG: '/run/talosconfig' }).clusters.map(
      ({ talosconfig }) => talosconfig.path,
    );
    expect(paths).toEqual(['/run/talosconfig', '/etc/bot/lab']);
  });

  it.each(['http://127.0.0.1:8787/api', 'http://localhost:1/api/', 'http://[::1]:1/api/'])(
    'may be used with a local Slack: %s',
    (url) => {
      const { slack } = settingsOf(text(...LEAST), { ...SECRETS, SLACK_API_URL: url });
      expect(slack?.apiUrl).toBe(url.endsWith('/') ? url : `${url}/`);
    },
  );
});

describe('the file that TALOS_CHATOPS_CONFIG names', () => {
  const folders: string[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });

  it('is read', () => {
    const folder = mkdtempSync(join(tmpdir(), 'talos-chatops-config-'));
    folders.push(folder);
    const path = join(folder, 'mine.yaml');
    writeFileSync(path, text(...LEAST));
    const loaded = load({ ...SECRETS, TALOS_CHATOPS_CONFIG: path });
    expect(loaded.kind).toBe('settings');
  });

  it('is told to be missing, with what to do, beside the other mistakes', () => {
    const loaded = load({ TALOS_CHATOPS_CONFIG: '/nowhere/bot.yaml' });
    const mistakes = loaded.kind === 'mistakes' ? loaded.mistakes : [];
    expect(mistakes.map((mistake) => mistake.split(':')[0])).toEqual([
      '/nowhere/bot.yaml',
      'SLACK_BOT_TOKEN',
      'SLACK_APP_TOKEN',
      'REDIS_URL',
    ]);
    expect(mistakes[0]).toContain('set TALOS_CHATOPS_CONFIG to your file');
  });
});

describe('the example file', () => {
  const example = readFileSync(new URL('../talos-chatops.example.yaml', import.meta.url), 'utf8');

  it('is right as it stands', () => {
    expect(mistakesIn(example)).toEqual([]);
  });

  /** Everything that is commented out, written; where a block begins with "or," it or the one before it. */
  function uncommented(way: 'first' | 'second'): string {
    const lines = example.split('\n');
    const or = lines.findIndex((line) => /^ *# or, /.test(line));
    const start = lines.slice(0, or).findLastIndex((line) => /^ *# [a-z]+:$/.test(line));
    const end = lines.indexOf('', or);
    const left = way === 'first' ? [or, end] : [start, or];
    const kept = lines.filter((_, at) => at < (left[0] ?? 0) || at >= (left[1] ?? 0));
    return kept.join('\n').replaceAll(/^( *)# ( *(?:- )?[a-zA-Z]+:(?: |$))/gm, '$1$2');
  }

  it.each(['first', 'second'] as const)('is right with everything uncommented, the %s way', (way) => {
    expect(mistakesIn(uncommented(way))).toEqual([]);
    const etcd = settingsOf(uncommented(way)).clusters.map((cluster) => cluster.etcd?.kind);
    expect(etcd).toEqual([way === 'first' ? 'talos' : 'files']);
  });

  it('shows the defaults where it says so', () => {
    const [standing, written] = [settingsOf(example), settingsOf(uncommented('first'))];
    // What is done only where it is written has no default to show.
    const defaults = ({ clusters }: Settings) =>
      clusters.map(
        ({
          name,
          talosPort,
          factory,
          policy: { velero: _velero, neighbours: _others, canary: _canary, ...policy },
        }) => ({
          name,
          talosPort,
          factory,
          policy,
        }),
      );
    expect(defaults(written)).toEqual(defaults(standing));
    expect({ ...written, clusters: [] }).toEqual({ ...standing, clusters: [] });
  });
});

// Configured clusters become ports: mistakes are said at the start, and etcd is asked directly only where it is written.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { type Opened, openClusters } from '../src/clusters.ts';
import { parseSettings } from '../src/config.ts';
import type { Log } from '../src/engine/ports/log.ts';
import { anEtcdAuthority } from './etcd/pki.ts';
import { aTalosAuthority } from './talos/pki.ts';

const talos = await aTalosAuthority();
const admin = await talos.client({ lifetimeMs: 300 * 86_400_000 });
const etcd = await (await anEtcdAuthority()).credentials();
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const context = {
  endpoints: ['127.0.0.1'],
  ca: base64(talos.ca),
  crt: base64(admin.crt),
  key: base64(admin.key),
};
const SECRETS = {
  SLACK_BOT_TOKEN: 'xoxb-1-bot',
  SLACK_APP_TOKEN: 'xapp-1-app',
  REDIS_URL: 'redis://127.0.0.1:6379',
};
const quiet: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Opens one cluster, with these lines about etcd, from a folder that holds a talosconfig and etcd credentials. */
function opened(aboutEtcd?: object): Opened {
  const folder = mkdtempSync(join(tmpdir(), 'talos-chatops-clusters-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const files = {
    talosconfig: stringify({ context: 'prod', contexts: { prod: context } }),
    'ca.crt': etcd.ca,
    'bot.crt': etcd.crt,
    'bot.key': etcd.key,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const cluster = { channel: 'C012AB3CD', talos: { config: 'talosconfig' }, ...aboutEtcd };
  const loaded = parseSettings(
    stringify({ clusters: { prod: cluster }, onlyLoopback: true }),
    join(folder, 'bot.yaml'),
    SECRETS,
  );
  if (loaded.kind === 'mistakes') throw new Error(loaded.mistakes.join('\n'));
  return openClusters(loaded.settings, Date.now(), quiet);
}

function hasWitness(one: Opened): boolean {
  if (one.kind === 'mistakes') throw new Error(one.mistakes.join('\n'));
  return one.clusters.get('prod')?.witness !== undefined;
}

const fromFiles = { source: 'files', ca: 'ca.crt', crt: 'bot.crt', key: 'bot.key' };

describe('a cluster', () => {
  it('has somebody who says what the bot is granted in Kubernetes', () => {
    const one = opened();
    const work = one.kind === 'opened' ? one.clusters.get('prod') : expect.fail('mistakes');
    expect(work?.grants).toBeDefined();
  });
});

describe('asking etcd directly', () => {
  it('is off unless written', () => {
    expect(hasWitness(opened())).toBe(false);
  });

  it('brings the upgrade mutex, unless that is switched off', () => {
    const mutexOf = (one: Opened) =>
      one.kind === 'opened' ? one.clusters.get('prod')?.mutex : expect.fail('mistakes');
    expect(mutexOf(opened({ etcd: { source: 'talos' } }))).toBeDefined();
    expect(mutexOf(opened({ etcd: { source: 'talos', upgradeMutex: 'off' } }))).toBeUndefined();
    expect(mutexOf(opened())).toBeUndefined();
  });

  it('is not needed for the Lease, which is taken unless that is switched off', () => {
    const leaseOf = (one: Opened) =>
      one.kind === 'opened' ? one.clusters.get('prod')?.lease : expect.fail('mistakes');
    expect(leaseOf(opened())).toBeDefined();
    expect(leaseOf(opened({ kubernetes: { lease: { use: 'off' } } }))).toBeUndefined();
  });

  it.each([
    ['from the machines', { source: 'talos' }],
    ['from files', fromFiles],
  ])('is on with credentials %s', (_what, about) => {
    expect(hasWitness(opened({ etcd: about }))).toBe(true);
  });

  it.each([
    [
      'that do not exist',
      { ...fromFiles, key: 'nowhere.key' },
      /etcd credential \S*nowhere\.key cannot be read/,
    ],
    ['that do not fit', { ...fromFiles, ca: 'bot.key' }, /cannot be used together/],
  ])('is a mistake at the start with files %s', (_what, about, sentence) => {
    const one = opened({ etcd: about });
    const mistakes = one.kind === 'mistakes' ? one.mistakes : [];
    expect(mistakes).toEqual([expect.stringMatching(/^clusters\.prod\.etcd: /)]);
    expect(mistakes[0]).toMatch(sentence);
    expect(mistakes[0]).not.toContain('BEGIN');
  });
});

// The archive in the configuration: places, credentials, defaults, and a sentence for each mistake.
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { describe, expect, it } from 'vitest';
import { type Environment, parseSettings } from '../src/config.ts';
import type { ArchiveSettings } from '../src/config-archive.ts';

const SECRETS = {
  SLACK_BOT_TOKEN: 'xoxb-1',
  SLACK_APP_TOKEN: 'xapp-1',
  REDIS_URL: 'redis://127.0.0.1:1',
  TALOSCONFIG: '/talosconfig',
};
const KEYS = { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'the-secret' };
const DAY_MS = 86_400_000;
const recipient = await identityToRecipient(await generateX25519Identity());

/** Lines of the whole file, and of the one cluster. */
function parsed(file: string, cluster: string, environment: Environment = {}) {
  const text = `${file}\nclusters: { prod: { channel: C012AB3CD${cluster === '' ? '' : `, ${cluster}`} } }`;
  return parseSettings(text, '/etc/bot/bot.yaml', { ...SECRETS, ...environment });
}

function archiveIn(file: string, cluster = '', environment: Environment = KEYS): ArchiveSettings | null {
  const loaded = parsed(file, cluster, environment);
  if (loaded.kind === 'mistakes') throw new Error(loaded.mistakes.join('\n'));
  const [prod] = loaded.settings.clusters;
  if (prod === undefined) throw new Error('no cluster');
  return prod.archive;
}

describe('an archive', () => {
  it('is none unless written', () => {
    expect(archiveIn('')).toBeNull();
  });

  it('in a folder is a path from the file on, with ten copies of a month', () => {
    expect(archiveIn('archive: { folder: ./etcd }')).toEqual({
      place: { kind: 'folder', folder: '/etc/bot/etcd' },
      recipient: null,
      retention: { keep: 10, maxAgeMs: 30 * DAY_MS },
    });
  });

  it('in a bucket takes its credentials from the environment', () => {
    const s3 =
      's3: { bucket: backups, prefix: talos/etcd, region: eu-central-1, endpoint: https://s3.example }';
    expect(archiveIn(`archive: { ${s3}, recipient: ${recipient}, keep: 3, maxAge: 90d }`)).toEqual({
      place: {
        ...{ kind: 's3', bucket: 'backups', prefix: 'talos/etcd/', region: 'eu-central-1' },
        endpoint: 'https://s3.example',
        credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'the-secret' },
      },
      recipient,
      retention: { keep: 3, maxAgeMs: 90 * DAY_MS },
    });
    const session = { ...KEYS, AWS_SESSION_TOKEN: 'a-token' };
    expect(archiveIn('archive: { s3: { bucket: backups } }', '', session)?.place).toMatchObject({
      ...{ prefix: '', region: 'us-east-1', endpoint: null },
      credentials: { sessionToken: 'a-token' },
    });
  });

  it('may rest on a workload identity', () => {
    const identity = { AWS_WEB_IDENTITY_TOKEN_FILE: '/var/run/token' };
    expect(archiveIn('archive: { s3: { bucket: backups } }', '', identity)?.place).toMatchObject({
      credentials: null,
    });
  });

  it('of a cluster stands in for the one of all', () => {
    const own = archiveIn('archive: { folder: /all }', 'archive: { folder: /own, keep: 2 }');
    expect(own).toMatchObject({ place: { folder: '/own' }, retention: { keep: 2 } });
  });

  it.each<readonly [archive: string, environment: Environment, says: RegExp]>([
    ['{}', KEYS, /archive: expects either folder or s3/],
    ['{ folder: /x, s3: { bucket: backups } }', KEYS, /archive: expects either folder or s3/],
    ['{ folder: "" }', KEYS, /archive.folder:/],
    ['{ folder: /x, keep: 0 }', KEYS, /archive.keep:/],
    ['{ folder: /x, maxAge: 30 }', KEYS, /archive.maxAge:/],
    ['{ folder: /x, maxAge: soon }', KEYS, /archive.maxAge: expects a duration/],
    ['{ folder: /x, recipient: age1nobody }', KEYS, /archive.recipient: expects an age recipient/],
    ['{ folder: /x, where: here }', KEYS, /archive\.where: .*no setting here/],
    ['{ s3: { bucket: UPPER } }', KEYS, /archive.s3.bucket: expects a bucket/],
    ['{ s3: { bucket: backups, prefix: /rooted } }', KEYS, /archive.s3.prefix: expects a prefix/],
    ['{ s3: { bucket: backups, endpoint: s3.example } }', KEYS, /archive.s3.endpoint:/],
    [
      '{ s3: { bucket: backups, endpoint: "http://s3.example" } }',
      KEYS,
      /endpoint: expects https, or a recipient/,
    ],
    ['{ s3: { bucket: backups } }', {}, /AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: expected/],
    ['{ s3: { bucket: backups } }', { AWS_ACCESS_KEY_ID: 'AKIA' }, /AWS_SECRET_ACCESS_KEY: expected/],
  ])('%s is a mistake with its place', (archive, environment, says) => {
    for (const [file, cluster] of [
      [`archive: ${archive}`, ''] as const,
      ['', `archive: ${archive}`] as const,
    ]) {
      const loaded = parsed(file, cluster, environment);
      expect(loaded).toEqual({ kind: 'mistakes', mistakes: [expect.stringMatching(says)] });
    }
  });

  it('over plain http is fine where nobody can listen, or nothing can be read', () => {
    for (const rest of [
      'endpoint: "http://127.0.0.1:9000" }',
      `endpoint: "http://minio.backup:9000" }, recipient: ${recipient}`,
    ])
      expect(archiveIn(`archive: { s3: { bucket: backups, ${rest} }`)).not.toBeNull();
  });

  it('beyond this machine is refused to a playground', () => {
    for (const s3 of ['{ bucket: backups }', '{ bucket: backups, endpoint: https://s3.example }']) {
      const loaded = parsed(`onlyLoopback: true\narchive: { s3: ${s3} }`, '', KEYS);
      expect(loaded).toMatchObject({ mistakes: [expect.stringContaining('loopback')] });
    }
  });

  it('never repeats a secret key that was given as a recipient', async () => {
    const key = await generateX25519Identity();
    const loaded = parsed(`archive: { folder: /x, recipient: ${key} }`, '');
    expect(loaded.kind).toBe('mistakes');
    expect(JSON.stringify(loaded)).not.toContain(key);
  });
});

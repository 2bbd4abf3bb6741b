// What the configuration says about releases, the operator's own rows, and what becomes of both at the start.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { realClock } from '../playground/cluster/real-clock.ts';
import { startFactory } from '../playground/factory/server.ts';
import { startGithub } from '../playground/github/server.ts';
import { KubernetesObjects } from '../playground/world/kubernetes/kubernetes-objects.ts';
import { worldSettings } from '../playground/world/settings.ts';
import { World } from '../playground/world/world.ts';
import { rowOf } from '../src/cluster/compatibility.ts';
import type { ClusterSettings, Settings } from '../src/config.ts';
import { parseCompatibility, readCompatibility } from '../src/config-compatibility.ts';
import { openReleases } from '../src/release-lists.ts';
import { imageFactory } from '../src/releases/factory.ts';
import { beside, inCluster, mistakesIn, SECRETS, settingsOf } from './a-configuration.ts';

const NOTHING = {
  compatibility: null,
  github: 'https://api.github.com',
  web: 'https://github.com',
  talos: { repository: 'siderolabs/talos', file: null },
  kubernetes: { repository: 'kubernetes/kubernetes', file: null },
  token: null,
};

describe('the configuration of releases', () => {
  it('needs nothing', () => {
    expect(settingsOf(beside()).releases).toEqual(NOTHING);
    expect(settingsOf(beside()).clusters[0]?.path).toEqual({ minors: 'one-by-one', patches: 'latest' });
  });

  it('may name other servers, files beside it, and a token in the environment', () => {
    const text = beside(
      'releases:',
      '  compatibility: compatibility.yaml',
      '  github: https://github.example.com/api/v3/',
      '  web: https://github.example.com/',
      '  talos: { repository: mirror/talos }',
      '  kubernetes: { file: lists/kubernetes.txt }',
    );
    expect(settingsOf(text, { ...SECRETS, GITHUB_TOKEN: 'ghp_secret' }).releases).toEqual({
      compatibility: '/etc/bot/compatibility.yaml',
      github: 'https://github.example.com/api/v3',
      web: 'https://github.example.com',
      talos: { repository: 'mirror/talos', file: null },
      kubernetes: { repository: 'kubernetes/kubernetes', file: '/etc/bot/lists/kubernetes.txt' },
      token: 'ghp_secret',
    });
  });

  it.each([
    [
      beside('releases:', '  github: api.github.com'),
      'bot.yaml:6 releases.github: expects a URL such as https://api.github.com',
    ],
    [
      beside('releases:', '  talos: { repository: talos }'),
      'bot.yaml:6 releases.talos.repository: expects a repository such as siderolabs/talos',
    ],
    [beside('releases: { file: x }'), 'bot.yaml:5 releases.file: "file" is no setting here'],
    [inCluster('path: { minors: all }'), 'bot.yaml:5 path.minors'],
  ])('tells a mistake with its place: %j', (text, mistake) => {
    expect(mistakesIn(text)).toEqual([
      expect.stringContaining(mistake.replace('path.minors', 'clusters.prod.path.minors')),
    ]);
  });
});

describe('a file of own rows', () => {
  it('is read as text: 1.20 is no 1.2', () => {
    const merged = parseCompatibility(
      'talos:\n  1.20:\n    hosts: { from: 1.18.0, below: 1.22.0 }\n    kubernetes: { from: 1.40, to: 1.43 }\n',
    );
    expect(merged.kind === 'table' && rowOf(merged.table, '1.20')?.kubernetes).toEqual({
      from: '1.40',
      to: '1.43',
    });
  });

  it.each([
    ['talos: {', '(file)'],
    ['- 1', '(file): '],
    ['talos:\n  1.16: { host: {} }\n', 'talos 1.16: '],
    ['talos:\n  1.16: { hosts: { from: 1.14.0 } }\n', 'talos 1.16 hosts below: '],
    ['talos:\n  1.16: { kubernetes: { from: 1.34, to: 1.39 } }\n', 'talos 1.16: is new to this bot'],
  ])('that is mistaken is told with its place: %j', (text, place) => {
    expect(parseCompatibility(text)).toEqual({
      kind: 'mistakes',
      mistakes: [expect.stringContaining(place)],
    });
  });

  it('reads as docs/paths.md shows it', () => {
    const docs = readFileSync(new URL('../docs/paths.md', import.meta.url), 'utf8');
    const merged = parseCompatibility(/```yaml\n([\s\S]*?)```/.exec(docs)?.[1] ?? '');
    expect(merged.kind === 'table' && rowOf(merged.table, '1.16')).toMatchObject({ newest: 'v1.16.0' });
    expect(merged.kind === 'table' && rowOf(merged.table, '1.14')?.enterFrom?.version).toBe('1.13.4');
  });

  it('that is not there is a mistake', () => {
    expect(readCompatibility('/nowhere/compatibility.yaml')).toEqual({
      kind: 'mistakes',
      mistakes: [expect.stringMatching(/^\/nowhere\/compatibility\.yaml: cannot be read/)],
    });
  });
});

interface Opened {
  readonly settings: Pick<Settings, 'releases' | 'onlyLoopback'>;
  readonly cluster: ClusterSettings;
  readonly github: Awaited<ReturnType<typeof startGithub>>;
  readonly factory: Awaited<ReturnType<typeof startFactory>>;
  readonly world: World;
}

/** One cluster whose factory and GitHub are simulated. */
async function servers(changed: Partial<Settings['releases']> = {}): Promise<Opened> {
  const kubernetes = new KubernetesObjects({ clock: realClock, timings: { terminationMs: 1 } });
  const world = new World({ settings: worldSettings(), clock: realClock, kubernetes });
  const [github, factory] = await Promise.all([startGithub(), startFactory({ world })]);
  onTestFinished(async () => {
    await Promise.all([github.stop(), factory.stop()]);
  });
  const [cluster] = settingsOf(inCluster(`factory: ${factory.host}`)).clusters;
  if (cluster === undefined) throw new Error('there is a cluster');
  const releases = { ...NOTHING, github: github.url, ...changed };
  return { settings: { releases, onlyLoopback: true }, cluster, github, factory, world };
}

function workOf({ settings, cluster }: Opened) {
  const opened = openReleases(settings);
  if (opened.kind === 'mistakes') throw new Error(opened.mistakes.join('\n'));
  const images = imageFactory({ onlyLoopback: true, pausesMs: [1] });
  const work = opened.workOf(cluster, images);
  onTestFinished(async () => {
    await Promise.all([work.close(), images.close()]);
  });
  return work;
}

describe('the lists of a cluster', () => {
  it('come from its factory for Talos and from GitHub for Kubernetes', async () => {
    const it = await servers();
    const { lists, projects } = workOf(it);
    expect(await lists.talos()).toMatchObject({ source: it.factory.host, troubles: [] });
    expect((await lists.kubernetes()).versions.at(-1)).toBe('v1.37.0');
    expect(it.github.requests.filter((line) => line.includes('talos'))).toEqual([]);
    expect(projects.talos).toBe('https://github.com/siderolabs/talos');
  });

  it('come from GitHub while the factory is away', async () => {
    const it = await servers();
    it.world.shelf.knobs.unavailable = true;
    const talos = await workOf(it).lists.talos();
    expect(talos.versions.at(-1)).toBe('v1.14.1');
    expect(talos.troubles).toEqual([expect.stringContaining(it.factory.host)]);
  });

  it('come from files alone where files are named: nobody is asked', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'talos-chatops-lists-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, 'versions.txt');
    writeFileSync(file, 'v1.13.9\n');
    const it = await servers({
      talos: { ...NOTHING.talos, file },
      kubernetes: { ...NOTHING.kubernetes, file },
    });
    const { lists } = workOf(it);
    expect([(await lists.talos()).versions, (await lists.kubernetes()).source]).toEqual([
      ['v1.13.9'],
      'versions.txt',
    ]);
    expect([it.github.requests, it.factory.requests]).toEqual([[], []]);
  });

  it('send a token only where nobody can read it on the way', () => {
    const releases = { ...NOTHING, github: 'http://github.example.com', token: 'ghp_secret' };
    expect(openReleases({ releases, onlyLoopback: false })).toEqual({
      kind: 'mistakes',
      mistakes: ['releases.github: expects https, because GITHUB_TOKEN would be sent there'],
    });
    expect(openReleases({ releases: { ...releases, token: null }, onlyLoopback: false }).kind).toBe('opened');
  });
});

// Turns what is configured about releases into lists to ask and the table they are held against.
import type { CompatibilityTable } from './cluster/compatibility.ts';
import type { ClusterSettings, Settings } from './config.ts';
import { readCompatibility } from './config-compatibility.ts';
import type { ReleaseWork } from './engine/paths.ts';
import type { ImageFactory } from './engine/ports/factory.ts';
import { Fault } from './engine/ports/fault.ts';
import { githubReleases } from './releases/github.ts';
import { Http, isLoopback } from './releases/http.ts';
import {
  fileSource,
  type ReleaseSource,
  type RememberedSource,
  releaseLists,
  remembered,
} from './releases/release-list.ts';
import { releasedOf } from './releases/tags.ts';

export type OpenedReleases =
  | {
      readonly kind: 'opened';
      readonly table: CompatibilityTable;
      readonly workOf: (cluster: ClusterSettings, factory: ImageFactory) => ReleaseWork;
    }
  | { readonly kind: 'mistakes'; readonly mistakes: readonly string[] };

/** A patch comes out every other week; nobody waits for it by the minute. */
const KEEP_MS = 3_600_000;
/** The factory's client remembers for itself, and is asked as plans ask it. */
const FACTORY_KEEP_MS = 300_000;
/** Talos tells much about each release, some 200 KB; Kubernetes refers to its log of changes. */
const PER_PAGE = { talos: 30, kubernetes: 100 };

/** Reads the file of own rows; asks nobody. One list from GitHub serves all clusters. */
export function openReleases(settings: Pick<Settings, 'releases' | 'onlyLoopback'>): OpenedReleases {
  const { releases, onlyLoopback } = settings;
  const own = readCompatibility(releases.compatibility);
  const mistakes = [
    ...(own.kind === 'mistakes' ? own.mistakes.map((mistake) => `releases.compatibility: ${mistake}`) : []),
    ...(mayCarryToken(releases)
      ? []
      : ['releases.github: expects https, because GITHUB_TOKEN would be sent there']),
  ];
  if (own.kind === 'mistakes' || mistakes.length > 0) return { kind: 'mistakes', mistakes };
  const http = new Http({ onlyLoopback });
  const monotonic = (): number => performance.now();
  const list = (product: 'talos' | 'kubernetes'): RememberedSource => {
    const { file, repository } = releases[product];
    // A file is read each time it is asked about: whoever replaces it should not have to restart the bot.
    if (file !== null) return remembered(fileSource(file), { keepMs: 0, monotonic });
    const ask = githubReleases({
      http,
      api: releases.github,
      repository,
      token: releases.token,
      perPage: PER_PAGE[product],
    });
    return remembered({ name: new URL(releases.github).host, ask }, { keepMs: KEEP_MS, monotonic });
  };
  const [talos, kubernetes] = [list('talos'), list('kubernetes')];
  return {
    kind: 'opened',
    table: own.table,
    workOf: (cluster, factory) => {
      const installable = remembered(factorySource(cluster.factory.host, factory), {
        keepMs: FACTORY_KEEP_MS,
        monotonic,
      });
      return {
        // The factory leaves out what it knows to be broken, so it is asked first; a file replaces both.
        lists: releaseLists({
          talos: releases.talos.file === null ? [installable, talos] : [talos],
          kubernetes: [kubernetes],
        }),
        table: own.table,
        rules: cluster.path,
        projects: {
          talos: `${releases.web}/${releases.talos.repository}`,
          kubernetes: `${releases.web}/${releases.kubernetes.repository}`,
        },
        close: () => http.close(),
      };
    },
  };
}

function mayCarryToken({ github, token }: Settings['releases']): boolean {
  const url = new URL(github);
  return token === null || url.protocol === 'https:' || isLoopback(url.hostname);
}

function factorySource(host: string, factory: ImageFactory): ReleaseSource {
  return {
    name: host,
    ask: async () => {
      const versions = releasedOf(await factory.versions(host));
      if (versions.length > 0) return { versions };
      throw new Fault('broken', `${host} lists no released version of Talos.`);
    },
  };
}

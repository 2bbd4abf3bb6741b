// What the simulated GitHub has released: Talos as the simulated factory knows it, Kubernetes by its newest patches, and what is no release.
import { VERSIONS } from '../factory/catalog.ts';

/** A release as GitHub's API tells it, with the fields anybody here reads. */
export interface Release {
  readonly tag_name: string;
  readonly draft: boolean;
  readonly prerelease: boolean;
  readonly published_at: string;
  readonly html_url: string;
  readonly body: string;
}

const KUBERNETES: readonly string[] = [
  ...['v1.28.15', 'v1.29.15', 'v1.30.14', 'v1.31.14', 'v1.32.13', 'v1.33.12', 'v1.34.8'],
  ...['v1.35.4', 'v1.36.0', 'v1.36.3', 'v1.37.0'],
];
/** Tags that a reader must leave out: the machinery's module, release candidates, and what is not published (facts/talos-api.md 8.4). */
const NO_RELEASES: Readonly<Record<string, readonly string[]>> = {
  'siderolabs/talos': ['pkg/machinery/v1.13.9', 'v1.15.0-alpha.1'],
  'kubernetes/kubernetes': ['v1.38.0-rc.0'],
};
const DRAFTS: Readonly<Record<string, readonly string[]>> = { 'siderolabs/talos': ['v1.14.2'] };

const DAY_MS = 86_400_000;
const NEWEST_AT = Date.UTC(2026, 10, 20);

/** Newest first, as GitHub lists them. */
export const RELEASES: ReadonlyMap<string, readonly Release[]> = new Map(
  [['siderolabs/talos', VERSIONS] as const, ['kubernetes/kubernetes', KUBERNETES] as const].map(
    ([repository, versions]) => {
      const tags = [...versions, ...(NO_RELEASES[repository] ?? []), ...(DRAFTS[repository] ?? [])];
      return [
        repository,
        tags.toReversed().map((tag, at) => releaseOf(repository, tag, NEWEST_AT - at * DAY_MS)),
      ];
    },
  ),
);

function releaseOf(repository: string, tag: string, at: number): Release {
  return {
    tag_name: tag,
    draft: DRAFTS[repository]?.includes(tag) ?? false,
    prerelease: tag.includes('-'),
    published_at: new Date(at).toISOString(),
    html_url: `https://github.com/${repository}/releases/tag/${tag}`,
    body: `What is new in ${tag}.`,
  };
}

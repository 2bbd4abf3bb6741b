// Released versions from GitHub's releases API, or from anything that answers as it does.
import { Fault } from '../engine/ports/fault.ts';
import { statusFault } from './fault.ts';
import type { Http, Reply } from './http.ts';
import type { Listing } from './release-list.ts';
import { releasedOf, tagsInJson } from './tags.ts';

export interface GithubOptions {
  readonly http: Http;
  /** Without a slash at the end: `https://api.github.com`, or `https://github.example.com/api/v3`. */
  readonly api: string;
  /** `siderolabs/talos`. */
  readonly repository: string;
  /** Sent to `api` alone. Null: GitHub answers anybody 60 times an hour. */
  readonly token: string | null;
  readonly perPage: number;
}

/** A page of releases, with their notes and the lists of what they are made of. */
const MOST_BYTES = 32 * 1_024 * 1_024;
const PAGE_LIMIT_MS = 30_000;
/** With 30 to 100 a page this is years of releases, and a sixth of what GitHub answers in an hour without a token. */
const MOST_PAGES = 10;

/**
 * Asks for the first page with the tag of what is known: the newest release is on it, so an unchanged one means an unchanged list.
 * Rejects with Fault; `busy` says when GitHub answers again. A list that is longer than what is read says so.
 */
export function githubReleases(options: GithubOptions): () => Promise<Listing> {
  const { http, api, repository, token, perPage } = options;
  let known: { readonly etag: string; readonly listing: Listing } | null = null;
  const ask = (page: number, etag: string | null): Promise<Reply> =>
    http.ask({
      method: 'GET',
      url: new URL(`${api}/repos/${repository}/releases?per_page=${perPage}&page=${page}`),
      doing: `to list the releases of ${repository}`,
      limitMs: PAGE_LIMIT_MS,
      mostBytes: MOST_BYTES,
      headers: {
        accept: 'application/vnd.github+json',
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(etag === null ? {} : { 'if-none-match': etag }),
      },
    });
  return async () => {
    const tags: string[] = [];
    let etag: string | null = null;
    let whole = false;
    for (let page = 1; page <= MOST_PAGES; page += 1) {
      const reply = await ask(page, page === 1 ? (known?.etag ?? null) : null);
      if (page === 1 && reply.status === 304 && known !== null) return known.listing;
      if (page === 1) etag = reply.header('etag');
      tags.push(...tagsOf(reply, { host: new URL(api).host, repository }));
      whole = !hasNext(reply);
      if (whole) break;
    }
    const versions = releasedOf(tags);
    const listing = whole ? { versions } : { versions, lacks: cutSentence(options, versions) };
    known = etag === null ? null : { etag, listing };
    return listing;
  };
}

function cutSentence({ api, repository, perPage }: GithubOptions, versions: readonly string[]): string {
  const read = `${new URL(api).host} has more than ${MOST_PAGES} pages of ${perPage} releases of ${repository}, and no more were read`;
  const [oldest] = versions;
  return oldest === undefined ? `${read}.` : `${read}. The oldest version among them is ${oldest}.`;
}

/** GitHub names the next page in a header; a mirror without it has told everything. */
function hasNext(reply: Reply): boolean {
  return /;\s*rel="?next"?/.test(reply.header('link') ?? '');
}

function tagsOf(
  reply: Reply,
  { host, repository }: { readonly host: string; readonly repository: string },
): readonly string[] {
  const doing = `to list the releases of ${repository}`;
  if (reply.status !== 200)
    throw limitFault(reply, host) ?? statusFault(reply.status, { host, doing, said: reasonIn(reply.body) });
  const tags = tagsInJson(reply.body);
  if (tags === null) throw new Fault('broken', `${host} answered with no list of releases of ${repository}.`);
  return tags;
}

/** 403 and 429 both mean "enough for now" when the header says that nothing is left, or that one should come back later. */
function limitFault(reply: Reply, host: string): Fault | null {
  if (reply.status !== 403 && reply.status !== 429) return null;
  const resetS = Number(reply.header('x-ratelimit-reset') ?? Number.NaN);
  const afterS = Number(reply.header('retry-after') ?? Number.NaN);
  const spent = reply.header('x-ratelimit-remaining') === '0';
  if (!spent && !Number.isFinite(afterS) && reply.status === 403) return null;
  const again =
    spent && Number.isFinite(resetS)
      ? ` until ${clockOf(resetS)} UTC`
      : Number.isFinite(afterS)
        ? ` for ${afterS} s`
        : '';
  const message = `${host} answers no more questions${again}: its limit is reached. A token raises it (GITHUB_TOKEN).`;
  return new Fault('busy', message, { code: String(reply.status) });
}

/** `21:40` of seconds since 1970; a moment that cannot be is left out by its caller's reader. */
function clockOf(seconds: number): string {
  const at = new Date(seconds * 1_000);
  return Number.isNaN(at.getTime()) ? 'later' : at.toISOString().slice(11, 16);
}

/** GitHub's own sentence, as it answers a refusal. */
function reasonIn(body: string): string {
  try {
    const message: unknown = Reflect.get(Object(JSON.parse(body)), 'message');
    return typeof message === 'string' ? message : '';
  } catch {
    return body;
  }
}

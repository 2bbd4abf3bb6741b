// The client of GitHub's releases API: against the simulated GitHub, and against servers that answer badly.
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Github, startGithub } from '../../playground/github/server.ts';
import { Fault } from '../../src/engine/ports/fault.ts';
import { type GithubOptions, githubReleases } from '../../src/releases/github.ts';
import { Http } from '../../src/releases/http.ts';
import type { Listing } from '../../src/releases/release-list.ts';
import { type Answer, aRegistry, say } from './a-registry.ts';

async function aGithub(): Promise<Github> {
  const github = await startGithub();
  onTestFinished(() => github.stop());
  return github;
}

function aListing(api: string, options: Partial<GithubOptions> = {}): () => Promise<Listing> {
  const http = new Http({ onlyLoopback: true, pausesMs: [1] });
  onTestFinished(() => http.close());
  return githubReleases({ http, api, repository: 'siderolabs/talos', token: null, perPage: 5, ...options });
}

function aClient(...given: Parameters<typeof aListing>): () => Promise<readonly string[]> {
  const ask = aListing(...given);
  return async () => (await ask()).versions;
}

async function faultFrom(answer: Answer, options: Partial<GithubOptions> = {}): Promise<Fault> {
  const server = await aRegistry(answer);
  const caught: unknown = await aClient(server.url, options)().catch((error: unknown) => error);
  if (caught instanceof Fault) return caught;
  throw new Error(`expected a Fault, got ${String(caught)}`);
}

describe('the releases of a repository', () => {
  it('are those that are out: no drafts, no pre-releases, no tags of the machinery', async () => {
    const { url } = await aGithub();
    const versions = await aClient(url)();
    expect(versions.slice(-3)).toEqual(['v1.13.9', 'v1.14.0', 'v1.14.1']);
    expect(versions.at(0)).toBe('v1.7.7');
    expect(versions.join(' ')).not.toMatch(/alpha|machinery|v1\.14\.2/);
  });

  it('are read page by page as far as there are pages', async () => {
    const github = await aGithub();
    await aClient(github.url)();
    expect(github.requests.map((line) => line.replace(/.*page=/, ''))).toEqual(['1', '2', '3', '4']);
  });

  it('are asked for once more with one question when nothing is new', async () => {
    const github = await aGithub();
    const list = aClient(github.url);
    const first = await list();
    const before = github.requests.length;
    expect(await list()).toEqual(first);
    expect(github.requests.slice(before)).toEqual([expect.stringMatching(/page=1 304$/)]);
  });

  it('are read anew when there is a new one', async () => {
    const github = await aGithub();
    const list = aClient(github.url);
    await list();
    const release = {
      tag_name: 'v1.14.9',
      draft: false,
      prerelease: false,
      published_at: '',
      html_url: '',
      body: '',
    };
    github.knobs.added['siderolabs/talos'] = [release];
    expect((await list()).at(-1)).toBe('v1.14.9');
  });

  it('end after ten pages, whatever the server says, and say that there are more', async () => {
    const headers = { link: '<http://127.0.0.1/next>; rel="next"', etag: '"1"' };
    const server = await aRegistry(({ turn }, response) =>
      say(response, turn > 10 ? 304 : 200, [{ tag_name: `v1.13.${turn}` }], headers),
    );
    const list = aListing(server.url);
    const listing = await list();
    expect(listing.versions).toHaveLength(10);
    expect(server.seen).toHaveLength(10);
    expect(listing.lacks).toMatch(
      /^127\.0\.0\.1:\d+ has more than 10 pages of 5 releases of siderolabs\/talos, .*oldest version among them is v1\.13\.\d+\.$/,
    );
    // Also when nothing has changed since.
    expect(await list()).toEqual(listing);
  });

  it('that are all read lack nothing', async () => {
    const { url } = await aGithub();
    expect((await aListing(url)()).lacks).toBeUndefined();
  });

  it('are asked for with the token where there is one', async () => {
    const server = await aRegistry((_asked, response) => say(response, 200, []));
    await aClient(server.url, { token: 'ghp_secret' })();
    await aClient(server.url)();
    expect(server.seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer ghp_secret', undefined]);
  });

  it('come from below a path, as an enterprise server has it', async () => {
    const server = await aRegistry((_asked, response) => say(response, 200, []));
    await aClient(`${server.url}/api/v3`)();
    expect(server.seen[0]?.path).toBe('/api/v3/repos/siderolabs/talos/releases?per_page=5&page=1');
  });
});

describe('what GitHub refuses', () => {
  it('for today is busy, and says until when', async () => {
    const github = await aGithub();
    github.knobs.limitedUntilS = Date.UTC(2026, 10, 20, 21, 40) / 1_000;
    await expect(aClient(github.url)()).rejects.toMatchObject({
      kind: 'busy',
      code: '403',
      message: expect.stringMatching(
        /answers no more questions until 21:40 UTC: its limit is reached\. A token raises it/,
      ),
    });
  });

  it.each([
    ['429 with a pause', 429, { 'retry-after': '7' }, 'busy', 'for 7 s'],
    ['429 without a word', 429, {}, 'busy', 'answers no more questions:'],
    ['403 with a pause, its second limit', 403, { 'retry-after': '60' }, 'busy', 'for 60 s'],
    ['403 that is no limit', 403, { 'x-ratelimit-remaining': '12' }, 'refused', 'Bad things'],
    [
      'an absurd moment',
      403,
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '9e99' },
      'busy',
      'until later',
    ],
    ['404', 404, {}, 'missing', 'Bad things'],
    ['503', 503, {}, 'busy', 'Bad things'],
  ])('%s becomes a fault', async (_, status, headers, kind, says) => {
    const fault = await faultFrom((_asked, response) =>
      say(response, status, { message: 'Bad things.' }, headers),
    );
    expect(fault).toMatchObject({ kind, message: expect.stringContaining(says) });
  });

  it.each([
    ['a page for people', '<html>'],
    ['no list', { message: 'hello' }],
  ])('%s is broken', async (_, body) => {
    const fault = await faultFrom((_asked, response) => say(response, 200, body));
    expect(fault).toMatchObject({ kind: 'broken', message: expect.stringContaining('no list of releases') });
  });

  it('never shows the token', async () => {
    const fault = await faultFrom((_asked, response) => say(response, 401, { message: 'Bad credentials' }), {
      token: 'ghp_secret',
    });
    expect(fault.message).not.toContain('ghp_secret');
  });
});

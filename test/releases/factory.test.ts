// The HTTP client of factories and registries against servers that misbehave; what it does well is in the contract.
import type { ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { aClient, aRegistry, say } from './a-registry.ts';

const ID = 'ab'.repeat(32);
/** How long a test waits for something that has no reason to take time. */
const patience = { timeout: 5_000, interval: 10 };
const image = (host: string): string => `${host}/metal-installer/${ID}:v1.13.5`;

describe('an answer that makes no sense is broken', () => {
  it.each([
    ['a page for versions', '/versions', '<html>hello</html>'],
    ['an object for versions', '/versions', '{}'],
    ['numbers for versions', '/versions', '[1]'],
    ['an extension without a name', '/extensions', '[{"ref":"x"}]'],
    ['a text for a schematic', '/schematic', 'hello'],
    ['bad YAML for a schematic', '/schematic', 'a: [b'],
    ['a list for a schematic', '/schematic', '- a'],
    ['an id that would leave its place in an image name', '/create', '{"id":"../../evil"}'],
    ['no id', '/create', '{}'],
  ])('%s', async (_what, call, body) => {
    const { host } = await aRegistry((_asked, response) => say(response, 200, body));
    const client = aClient();
    const calls: Readonly<Record<string, () => Promise<unknown>>> = {
      '/versions': () => client.versions(host),
      '/extensions': () => client.extensions(host, 'v1.13.5'),
      '/schematic': () => client.schematic(host, ID),
      '/create': () => client.createSchematic(host, {}),
    };
    await expect(calls[call]?.()).rejects.toMatchObject({ kind: 'broken' });
  });

  it('an answer without end', async () => {
    const { host } = await aRegistry((_asked, response) => say(response, 200, 'x'.repeat(5_000_000)));
    await expect(aClient().versions(host)).rejects.toMatchObject({
      kind: 'broken',
      message: expect.stringContaining('without end'),
    });
  });
});

describe('asking again', () => {
  it.each([429, 502, 503, 504])('after %i, and then it goes', async (status) => {
    const { host, seen } = await aRegistry(({ turn }, response) =>
      say(response, turn < 3 ? status : 200, turn < 3 ? 'later' : '["v1.13.5"]'),
    );
    expect(await aClient().versions(host)).toEqual(['v1.13.5']);
    expect(seen).toHaveLength(3);
  });

  it('after a broken connection', async () => {
    const { host } = await aRegistry(({ turn }, response) => {
      if (turn === 1) response.destroy();
      else say(response, 200, '[]');
    });
    expect(await aClient().versions(host)).toEqual([]);
  });

  it.each([400, 401, 403, 404, 500])('not after %i', async (status) => {
    const { host, seen } = await aRegistry((_asked, response) => say(response, status, 'no'));
    await expect(aClient().versions(host)).rejects.toMatchObject({ code: String(status) });
    expect(seen).toHaveLength(1);
  });

  it('three times and no more', async () => {
    const { host, seen } = await aRegistry((_asked, response) => say(response, 503));
    await expect(aClient().versions(host)).rejects.toMatchObject({ kind: 'busy' });
    expect(seen).toHaveLength(3);
  });

  it('not of somebody who is not there', async () => {
    const { host } = await aRegistry((_asked, response) => say(response, 200));
    const gone = host.replace(/:\d+$/, ':1');
    await expect(aClient().versions(gone)).rejects.toMatchObject({
      kind: 'unreachable',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });
});

describe('redirects', () => {
  it('are followed, and keep the method', async () => {
    const { host, seen } = await aRegistry(({ path, registry }, response) =>
      path === '/blob'
        ? say(response, 200, '', { 'docker-content-digest': 'sha256:1' })
        : say(response, 307, '', { location: `${registry.url}/blob` }),
    );
    expect(await aClient().manifest(image(host))).toEqual({ kind: 'exists', digest: 'sha256:1' });
    expect(seen.map(({ method }) => method)).toEqual(['HEAD', 'HEAD']);
    expect(seen[0]?.headers.accept).toContain('application/vnd.oci.image.index.v1+json');
    expect(seen[0]?.headers.accept).toContain('application/vnd.docker.distribution.manifest.list.v2+json');
  });

  it('in circles end', async () => {
    const { host, seen } = await aRegistry((_asked, response) =>
      say(response, 307, '', { location: '/again' }),
    );
    await expect(aClient().manifest(image(host))).rejects.toMatchObject({ kind: 'broken' });
    expect(seen.length).toBeLessThan(10);
  });

  it.each([
    ['to the world', 'https://registry.example.com/x', 'not a loopback address'],
    ['to another protocol', 'file:///etc/passwd', 'no protocol'],
  ])('%s are refused where only loopback may be asked', async (_what, location, says) => {
    const { host } = await aRegistry((_asked, response) => say(response, 307, '', { location }));
    await expect(aClient().manifest(image(host))).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining(says),
    });
  });

  it('to another host do not carry the token', async () => {
    const other = await aRegistry((_asked, response) => say(response, 200), '127.0.0.2');
    const { host } = await aRegistry(({ path, headers, registry }, response) => {
      if (path.startsWith('/token')) say(response, 200, { token: 'once' });
      else if (headers.authorization === undefined)
        say(response, 401, '', { 'www-authenticate': `Bearer realm="${registry.url}/token",service="s"` });
      else say(response, 307, '', { location: `${other.url}/blob` });
    });
    expect(await aClient().manifest(image(host))).toMatchObject({ kind: 'exists' });
    expect(other.seen.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });
});

describe('a registry that wants a token', () => {
  it('is given the anonymous one, once', async () => {
    const { host, seen } = await aRegistry(({ path, headers, registry }, response) => {
      if (path.startsWith('/token')) say(response, 200, { token: 'abc' });
      else if (headers.authorization === 'Bearer abc') say(response, 200);
      else
        say(response, 401, '', {
          'www-authenticate': `Bearer realm="${registry.url}/token",service="s",scope="x"`,
        });
    });
    expect(await aClient().manifest(image(host))).toMatchObject({ kind: 'exists' });
    expect(seen.map(({ path }) => path)).toContain(
      `/token?service=s&scope=${encodeURIComponent(`repository:metal-installer/${ID}:pull`)}`,
    );
  });

  it.each([
    ['offers none', 'Basic realm="x"'],
    ['sends us elsewhere without TLS', 'Bearer realm="http://192.0.2.1/token"'],
    ['sends us nowhere', 'Bearer realm="::"'],
  ])('and %s is refused in words', async (_what, challenge) => {
    const { host } = await aRegistry((_asked, response) =>
      say(response, 401, '', { 'www-authenticate': challenge }),
    );
    await expect(aClient().manifest(image(host))).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('wants credentials'),
    });
  });

  it('and takes none is refused, not asked for ever', async () => {
    const { host, seen } = await aRegistry(({ path, registry }, response) =>
      path.startsWith('/token')
        ? say(response, 200, { token: 'abc' })
        : say(response, 401, '', { 'www-authenticate': `Bearer realm="${registry.url}/token"` }),
    );
    await expect(aClient().manifest(image(host))).rejects.toMatchObject({ code: '401' });
    expect(seen.length).toBeLessThan(5);
  });
});

describe('what is remembered', () => {
  it('are lists, for a while', async () => {
    let now = 0;
    const { host, seen } = await aRegistry(({ turn }, response) => say(response, 200, [`v1.13.${turn}`]));
    const client = aClient({ monotonic: () => now });
    expect(await client.versions(host)).toEqual(['v1.13.1']);
    expect(await client.versions(host)).toEqual(['v1.13.1']);
    now = 600_000;
    expect(await client.versions(host)).toEqual(['v1.13.2']);
    expect(seen).toHaveLength(2);
  });

  it('are images that exist, and never that one is missing', async () => {
    const { host, seen } = await aRegistry(({ turn }, response) => say(response, turn <= 2 ? 404 : 200, ''));
    const client = aClient();
    expect((await client.manifest(image(host))).kind).toBe('missing');
    expect((await client.manifest(image(host))).kind).toBe('exists');
    expect((await client.manifest(image(host))).kind).toBe('exists');
    expect(seen.map(({ method }) => method)).toEqual(['HEAD', 'GET', 'HEAD']);
  });
});

it('at most four images are asked for at a time, over all plans', async () => {
  const held: ServerResponse[] = [];
  const { host } = await aRegistry((_asked, response) => held.push(response));
  const client = aClient();
  const asked = Array.from({ length: 12 }, (_, n) =>
    client.manifest(`${host}/metal-installer/${ID}:v1.13.${n}`),
  );
  for (let round = 1; round <= 3; round += 1) {
    // However late they arrive, all four do before one is answered; a fifth would come right behind them.
    await vi.waitFor(() => expect(held.length).toBeGreaterThanOrEqual(4), patience);
    await pause(20);
    expect(held).toHaveLength(4);
    for (const response of held.splice(0)) say(response, 200);
  }
  await Promise.all(asked);
});

it('a proxy in the environment is not given loopback addresses', async () => {
  vi.stubEnv('HTTP_PROXY', 'http://127.0.0.1:1');
  vi.stubEnv('http_proxy', 'http://127.0.0.1:1');
  const { host } = await aRegistry((_asked, response) => say(response, 200, '[]'));
  expect(await aClient().versions(host)).toEqual([]);
  vi.unstubAllEnvs();
});

it.each([
  ['no tag', 'factory.example/metal-installer/abc'],
  ['no host', 'installer:v1.13.5'],
  ['a path that climbs', 'factory.example/a/../x:v1'],
  ['a path with a hole', 'factory.example/a//x:v1'],
  ['spaces', 'factory.example/a b:v1'],
])('an image reference with %s is refused before anybody is asked', async (_what, reference) => {
  await expect(aClient().manifest(reference)).rejects.toMatchObject({ kind: 'refused' });
});

it('a schematic id that is none is never asked for', async () => {
  const { host, seen } = await aRegistry((_asked, response) => say(response, 200, '{}'));
  await expect(aClient().schematic(host, '../versions')).rejects.toMatchObject({ kind: 'missing' });
  expect(seen).toEqual([]);
});

it('closing gives up what is in flight', async () => {
  const { host, seen } = await aRegistry(() => undefined);
  const client = aClient();
  const asked = client.manifest(image(host)).catch((error: unknown) => error);
  await vi.waitFor(() => expect(seen).toHaveLength(1), patience);
  await client.close();
  expect(await asked).toMatchObject({ kind: 'unreachable' });
});

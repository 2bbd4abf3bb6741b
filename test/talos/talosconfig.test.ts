// Reading a talosconfig: what works, and every mistake in one clear sentence.
import { describe, expect, it, test, vi } from 'vitest';
import { stringify } from 'yaml';
import { parseEndpoint } from '../../src/talos/endpoint.ts';
import { readTalosconfig } from '../../src/talos/talosconfig.ts';
import { aTalosAuthority } from './pki.ts';

const nowMs = Date.now();
const DAY_MS = 86_400_000;
const authority = await aTalosAuthority();
const admin = await authority.client({ roles: ['os:admin'], lifetimeMs: 30 * DAY_MS });
const other = await authority.client();
const expired = await authority.client({ lifetimeMs: -DAY_MS });
const server = await authority.server();
const future = await authority.client({ startsInMs: DAY_MS, lifetimeMs: 2 * DAY_MS });
const base64 = (text: string): string => Buffer.from(text).toString('base64');

const good = {
  endpoints: ['10.0.0.1', 'cp-2.example:6000'],
  nodes: ['10.0.0.9'],
  ca: base64(authority.ca),
  crt: base64(admin.crt),
  key: base64(admin.key),
};
const fileWith = (context: object, name = 'prod'): string =>
  stringify({ context: name, contexts: { [name]: context } });

test('a talosconfig as Talos generates it is read, with its key as Node accepts it', () => {
  const reading = readTalosconfig(fileWith(good), { nowMs });
  expect(reading).toMatchObject({
    kind: 'read',
    context: {
      name: 'prod',
      endpoints: [
        { host: '10.0.0.1', port: 50_000 },
        { host: 'cp-2.example', port: 6_000 },
      ],
      nodes: ['10.0.0.9'],
      identity: { ca: authority.ca, crt: admin.crt, key: admin.nodeKey },
      roles: ['os:admin'],
    },
  });
  const expiresAtMs = reading.kind === 'read' ? reading.context.expiresAtMs : 0;
  expect(Math.abs(expiresAtMs - (nowMs + 30 * DAY_MS))).toBeLessThan(60_000);
});

test('another context than the default one can be named, and `target` counts as an endpoint', () => {
  const text = stringify({
    context: 'prod',
    contexts: { prod: {}, lab: { ...good, endpoints: [], target: '10.1.1.1' } },
  });
  expect(readTalosconfig(text, { nowMs, context: 'lab' })).toMatchObject({
    kind: 'read',
    context: { name: 'lab', endpoints: [{ host: '10.1.1.1', port: 50_000 }] },
  });
});

test.each([
  ['one for each part of the name', { roles: ['os:reader', 'os:etcd:backup'] }],
  [
    'all in one part of the name, as Go writes them',
    { roles: ['os:reader', 'os:etcd:backup'], together: true },
  ],
  ['none, where Talos runs without roles', { roles: [] }],
])('roles are read from the certificate: %s', async (_what, subject) => {
  const client = await authority.client(subject);
  const text = fileWith({ ...good, crt: base64(client.crt), key: base64(client.key) });
  expect(readTalosconfig(text, { nowMs })).toMatchObject({ kind: 'read', context: { roles: subject.roles } });
});

/** PEM with nothing sensible between its lines. */
const pemOf = (label: string): string => base64(`-----BEGIN ${label}-----\nAAAA\n-----END ${label}-----\n`);

describe('a file that is not YAML', () => {
  const secret = base64('-----BEGIN ED25519 PRIVATE KEY-----');

  it.each([
    ['behind a block scalar', `key: |${secret}\n  rest`],
    ['as an alias', `key: *${secret}`],
    ['between quotes that never end', `key: "${secret}`],
    ['on a line of its own', `key: a\n${secret}`],
    ['behind a bracket', `]${secret}`],
    ['as a tag', `key: !<${secret}> a`],
  ])('never has its key quoted: %s', (_where, text) => {
    const warnings = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const reading = readTalosconfig(text, { nowMs });
    expect(JSON.stringify(reading)).not.toContain(secret.slice(0, 12));
    expect(warnings).not.toHaveBeenCalled();
    warnings.mockRestore();
  });

  it('is told with the line of the mistake', () => {
    const reading = readTalosconfig(`context: a\nkey: |${secret}`, { nowMs });
    const why = 'Block scalar header includes extra characters at line 2';
    expect(reading).toEqual({ kind: 'mistaken', sentences: [`The talosconfig is not valid YAML: ${why}.`] });
  });
});

const mistakes: ReadonlyArray<readonly [what: string, text: string, sentence: RegExp]> = [
  ['text that is not YAML', 'contexts: [', /not valid YAML/],
  ['a key written twice', 'context: a\ncontext: b', /not valid YAML: Map keys must be unique/],
  ['two documents in one file', 'context: a\n---\ncontext: b', /not valid YAML: .*multiple documents/],
  ['an empty file', '', /not a file with `context` and `contexts`/],
  ['a file that is a list', '- a\n- b', /not a file with `context` and `contexts`/],
  ['contexts that are a list', 'context: prod\ncontexts: [prod]', /a mistake at "contexts"/],
  ['a context that is a text', 'context: prod\ncontexts: { prod: here }', /a mistake at "contexts\.prod"/],
  [
    'endpoints that are one text',
    fileWith({ ...good, endpoints: '10.0.0.1' }),
    /"contexts\.prod\.endpoints"/,
  ],
  ['an endpoint that is a number', fileWith({ ...good, endpoints: [10] }), /"contexts\.prod\.endpoints\.0"/],
  ['nodes that are one text', fileWith({ ...good, nodes: '10.0.0.1' }), /"contexts\.prod\.nodes"/],
  ['a crt that is no text', fileWith({ ...good, crt: 5 }), /"contexts\.prod\.crt"/],
  ['no default context', stringify({ contexts: { prod: good } }), /names no context: set `context:`/],
  [
    'a context that is not there',
    stringify({ context: 'x', contexts: { prod: good, lab: good } }),
    /no context "x"; it has lab, prod/,
  ],
  [
    'a context named like a property of objects',
    stringify({ context: 'toString', contexts: {} }),
    /no context "toString"; it has none/,
  ],
  ['no contexts', 'context: prod', /no context "prod"; it has none/],
  ['no endpoints', fileWith({ ...good, endpoints: [] }), /has no endpoints/],
  [
    'an endpoint that is none',
    fileWith({ ...good, endpoints: ['10.0.0.1:port'] }),
    /an endpoint that is not host, host:port or URL: "10\.0\.0\.1:port"/,
  ],
  [
    'an endpoint without TLS',
    fileWith({ ...good, endpoints: ['http://cp-1'] }),
    /endpoint .*"http:\/\/cp-1"/,
  ],
  ['no ca', fileWith({ ...good, ca: '' }), /has no ca/],
  ['a ca that is not base64 of PEM', fileWith({ ...good, ca: 'AAAA' }), /ca is not base64 of a PEM text/],
  ['a ca that is PEM of nothing', fileWith({ ...good, ca: pemOf('CERTIFICATE') }), /ca is not a certificate/],
  ['a ca that is no authority', fileWith({ ...good, ca: base64(server.crt) }), /ca is not .* an authority/],
  ['no crt', fileWith({ ...good, crt: undefined }), /has no crt/],
  ['a crt that is not base64 of PEM', fileWith({ ...good, crt: 'AAAA' }), /crt is not base64 of a PEM text/],
  ['a crt that is PEM as it is', fileWith({ ...good, crt: admin.crt }), /crt is a PEM text as it is/],
  [
    'a crt that is PEM of nothing',
    fileWith({ ...good, crt: pemOf('CERTIFICATE') }),
    /crt is not a certificate/,
  ],
  [
    'crt and key in the wrong order',
    fileWith({ ...good, crt: good.key, key: good.crt }),
    /crt is not a certificate\. It holds a private key/,
  ],
  [
    'the certificate of a server',
    fileWith({ ...good, crt: base64(server.crt), key: base64(server.key) }),
    /crt is not a client certificate/,
  ],
  ['no key', fileWith({ ...good, key: undefined }), /has no key/],
  [
    'a key that is PEM of nothing',
    fileWith({ ...good, key: pemOf('PRIVATE KEY') }),
    /key is not a private key/,
  ],
  ['an encrypted key', fileWith({ ...good, key: pemOf('ENCRYPTED PRIVATE KEY') }), /key .*it is encrypted/],
  [
    "another certificate's key",
    fileWith({ ...good, key: base64(other.key) }),
    /key is not the private key of crt/,
  ],
  [
    'an expired certificate',
    fileWith({ ...good, crt: base64(expired.crt), key: base64(expired.key) }),
    /crt, the client certificate, expired on \d{4}-\d\d-\d\d/,
  ],
  [
    'a certificate of the future',
    fileWith({ ...good, crt: base64(future.crt), key: base64(future.key) }),
    /crt, the client certificate, is not valid before/,
  ],
  [
    'Omni',
    fileWith({ endpoints: ['https://omni.example'], auth: { siderov1: { identity: 'a@example.com' } } }),
    /signs in through Omni \(auth\.siderov1\)/,
  ],
  [
    'basic auth',
    fileWith({ ...good, auth: { basic: { username: 'u', password: 'hunter2' } } }),
    /auth\.basic/,
  ],
  ['auth that is a text', fileWith({ ...good, auth: 'basic' }), /"contexts\.prod\.auth"/],
  ['a proxy', fileWith({ ...good, 'proxy-url': 'http://proxy:3128' }), /proxy-url/],
];

test.each(mistakes)('%s is refused with a sentence that names the field', (_what, text, sentence) => {
  const reading = readTalosconfig(text, { nowMs });
  const said = reading.kind === 'mistaken' ? reading.sentences : [];
  expect(said).toEqual([expect.stringMatching(sentence), ...said.slice(1)]);
  for (const secret of [good.key, base64(other.key), 'hunter2', 'PRIVATE KEY'])
    expect(said.join()).not.toContain(secret);
});

test('all mistakes of a context are reported at once', () => {
  const reading = readTalosconfig(fileWith({ endpoints: ['a b'], ca: 'x' }), { nowMs });
  expect(reading.kind === 'mistaken' ? reading.sentences.length : 0).toBe(4);
});

test.each([
  ['10.0.0.1', '10.0.0.1', 50_000],
  ['cp.example', 'cp.example', 50_000],
  ['cp.example:443', 'cp.example', 443],
  ['https://cp.example', 'cp.example', 443],
  ['https://cp.example:50000/', 'cp.example', 50_000],
  ['2001:db8::1', '2001:db8::1', 50_000],
  ['[2001:db8::1]', '2001:db8::1', 50_000],
  ['[2001:db8::1]:50001', '2001:db8::1', 50_001],
  [' 10.0.0.1 ', '10.0.0.1', 50_000],
])('endpoint %s is %s port %i', (text, host, port) => {
  expect(parseEndpoint(text)).toEqual({ host, port });
});

test.each([
  '',
  'a b',
  'host:0',
  'host:65536',
  'host:x',
  'http://host',
  'https://',
  'host/path',
  '[::1',
  '[x]:1',
  'a:b:c',
  'user@host',
])('endpoint "%s" is none', (text) => {
  expect(parseEndpoint(text)).toBeNull();
});

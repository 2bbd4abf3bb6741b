// Reading a talosconfig: what works, and every mistake in one clear sentence.
import { expect, test } from 'vitest';
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

const mistakes: ReadonlyArray<[string, string, RegExp]> = [
  ['text that is not YAML', 'contexts: [', /not valid YAML/],
  ['a file that is a list', '- a\n- b', /has a mistake at/],
  ['endpoints that are one text', fileWith({ ...good, endpoints: '10.0.0.1' }), /contexts\.prod\.endpoints/],
  ['no default context', stringify({ contexts: { prod: good } }), /names no context/],
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
  ['no endpoints', fileWith({ ...good, endpoints: [] }), /has no endpoints/],
  [
    'an endpoint that is none',
    fileWith({ ...good, endpoints: ['10.0.0.1:port'] }),
    /not host, host:port or URL: "10\.0\.0\.1:port"/,
  ],
  ['no ca', fileWith({ ...good, ca: '' }), /has no ca/],
  ['no key', fileWith({ ...good, key: undefined }), /has no key/],
  ['a crt that is not base64 of PEM', fileWith({ ...good, crt: 'AAAA' }), /crt is not base64 of a PEM text/],
  [
    'a crt that is PEM of nothing',
    fileWith({ ...good, crt: base64('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----') }),
    /crt is not a certificate/,
  ],
  ["another certificate's key", fileWith({ ...good, key: base64(other.key) }), /do not form a usable set/],
  [
    'an expired certificate',
    fileWith({ ...good, crt: base64(expired.crt), key: base64(expired.key) }),
    /expired on \d{4}-\d\d-\d\d/,
  ],
  [
    'a certificate of the future',
    fileWith({ ...good, crt: base64(future.crt), key: base64(future.key) }),
    /not valid before/,
  ],
  [
    'Omni',
    fileWith({ endpoints: ['https://omni.example'], auth: { siderov1: { identity: 'a@example.com' } } }),
    /signs in through Omni/,
  ],
  [
    'basic auth',
    fileWith({ ...good, auth: { basic: { username: 'u', password: 'hunter2' } } }),
    /auth\.basic/,
  ],
  ['a proxy', fileWith({ ...good, 'proxy-url': 'http://proxy:3128' }), /proxy-url/],
];

test.each(mistakes)('%s is refused with a sentence', (_name, text, sentence) => {
  const reading = readTalosconfig(text, { nowMs });
  expect(reading.kind).toBe('mistaken');
  const said = reading.kind === 'mistaken' ? reading.sentences.join('\n') : '';
  expect(said).toMatch(sentence);
  for (const secret of [good.key, base64(other.key), 'hunter2', 'PRIVATE KEY'])
    expect(said).not.toContain(secret);
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

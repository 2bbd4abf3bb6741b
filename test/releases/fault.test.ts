// What factories and registries say, or fail to say, in the words of the engine.
import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/engine/ports/fault.ts';
import { releasesFault, spoken, statusFault } from '../../src/releases/fault.ts';

const AT = { host: 'factory.example', doing: 'to list versions' };

function coded(code: string, name = 'Error'): Error {
  return Object.assign(new Error('secret: token=abc'), { code, name });
}

describe('a status', () => {
  it.each([
    [400, 'refused'],
    [401, 'refused'],
    [403, 'refused'],
    [404, 'missing'],
    [408, 'busy'],
    [429, 'busy'],
    [500, 'broken'],
    [502, 'unreachable'],
    [503, 'busy'],
    [504, 'unreachable'],
    [524, 'unreachable'],
    [418, 'broken'],
  ] as const)('%i is %s', (status, kind) => {
    expect(statusFault(status, { ...AT, said: 'why' })).toMatchObject({ kind, code: String(status) });
  });

  it('brings the reason of the server as one sentence', () => {
    const { message } = statusFault(400, { ...AT, said: 'official extension "x"\n is not available\n' });
    expect(message).toBe(
      'factory.example refused to list versions: official extension "x" is not available.',
    );
  });

  it('without a reason is a number', () => {
    expect(statusFault(500, { ...AT, said: '' }).message).toContain('HTTP 500');
  });
});

describe('what a server says', () => {
  it.each([
    ['plain text', 'no such thing\n', 'no such thing'],
    ["a registry's JSON", '{"errors":[{"code":"X","message":"manifest unknown"}]}', 'manifest unknown'],
    ['other JSON as it is', '{"a":1}', '{"a":1}'],
    ['a page, which says nothing', '<html>…</html>', ''],
    ['null', 'null', 'null'],
  ])('%s', (_what, text, said) => {
    expect(spoken(text)).toBe(said);
  });

  it('is cut', () => {
    expect(spoken('x'.repeat(5_000)).length).toBeLessThanOrEqual(300);
  });
});

describe('no answer', () => {
  it.each([
    ['a refused connection', coded('ECONNREFUSED'), 'unreachable', 'ECONNREFUSED'],
    ['a name nobody knows', coded('ENOTFOUND'), 'unreachable', 'ENOTFOUND'],
    ['a connection that broke', coded('UND_ERR_SOCKET'), 'unreachable', 'UND_ERR_SOCKET'],
    ['no connection in time', coded('UND_ERR_CONNECT_TIMEOUT'), 'unreachable', 'TIMEOUT'],
    ['no headers in time', coded('UND_ERR_HEADERS_TIMEOUT'), 'unreachable', 'TIMEOUT'],
    ['a deadline', new DOMException('x', 'TimeoutError'), 'unreachable', 'TIMEOUT'],
    ['somebody who gave up', new DOMException('x', 'AbortError'), 'unreachable', 'ABORTED'],
    [
      'a certificate nobody signed',
      coded('SELF_SIGNED_CERT_IN_CHAIN'),
      'refused',
      'SELF_SIGNED_CERT_IN_CHAIN',
    ],
    [
      'a certificate of somebody else',
      coded('ERR_TLS_CERT_ALTNAME_INVALID'),
      'refused',
      'ERR_TLS_CERT_ALTNAME_INVALID',
    ],
    ['something else', new TypeError('secret: token=abc'), 'broken', ''],
    ['a cause further in', new Error('x', { cause: coded('ECONNRESET') }), 'unreachable', 'ECONNRESET'],
  ] as const)('%s', (_what, error, kind, code) => {
    const fault = releasesFault(error, AT);
    expect(fault).toMatchObject({ kind, code });
    expect(fault.message).toContain('factory.example');
    expect(fault.message).not.toContain('secret');
  });

  it('that is a Fault already stays what it is', () => {
    const fault = new Fault('refused', 'no');
    expect(releasesFault(fault, AT)).toBe(fault);
  });
});

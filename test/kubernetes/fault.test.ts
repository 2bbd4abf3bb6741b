// Each thing the Kubernetes client throws becomes the right kind of Fault, in a sentence without secrets.
import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/engine/ports/fault.ts';
import { type Doing, kubernetesFault } from '../../src/kubernetes/fault.ts';
import { statusOf } from '../../src/kubernetes/status.ts';

const CORDON: Doing = { kind: 'write', doing: 'to cordon w-1' };
const LIST: Doing = { kind: 'read', doing: 'to list nodes' };

/** An error as client-node's ApiException: the body is JSON text. */
function apiError(code: number, body: unknown, headers: Record<string, string> = {}): Error {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return Object.assign(new Error('Unknown API Status Code!'), { code, body: text, headers });
}

function status(message: string): object {
  return { kind: 'Status', status: 'Failure', message };
}

function fetchFailed(code: string, message = 'no'): TypeError {
  return new TypeError('fetch failed', { cause: Object.assign(new Error(message), { code }) });
}

describe('an answer of the API', () => {
  it.each([
    [400, 'refused'],
    [401, 'refused'],
    [403, 'refused'],
    [404, 'missing'],
    [405, 'missing'],
    [409, 'busy'],
    [410, 'busy'],
    [422, 'refused'],
    [429, 'busy'],
    [500, 'broken'],
    [502, 'unreachable'],
    [503, 'busy'],
    [504, 'unreachable'],
    [418, 'broken'],
  ])('of %i is %s', (code, kind) => {
    const fault = kubernetesFault(apiError(code, status('because')), CORDON);
    expect(fault).toMatchObject({ kind, code: String(code) });
  });

  it.each([
    [
      'a read is about our credentials',
      LIST,
      'Kubernetes refused to list nodes: our credentials are not accepted.',
    ],
    [
      'a write may be a webhook’s',
      CORDON,
      'Kubernetes refused to cordon w-1: it answered 401, for our credentials or for an admission webhook that answers so: log in first.',
    ],
  ])('of 401 to %s', (_what, doing, message) => {
    expect(kubernetesFault(apiError(401, status('log in first')), doing).message).toBe(message);
  });

  it('of 500 about etcd is busy', () => {
    expect(kubernetesFault(apiError(500, status('etcdserver: leader changed')), LIST).kind).toBe('busy');
  });

  it('of 503 from a load balancer, without a Status, is unreachable', () => {
    expect(kubernetesFault(apiError(503, '<html>no server</html>'), LIST).kind).toBe('unreachable');
  });

  it('is told in one sentence, cut when it is long, without headers', () => {
    const fault = kubernetesFault(
      apiError(403, status(`nodes "w-1" is forbidden:\n${'x'.repeat(500)}`), { authorization: 'Bearer abc' }),
      CORDON,
    );
    expect(fault.message).toMatch(/^Kubernetes refused to cordon w-1: nodes "w-1" is forbidden: x+…$/);
    expect(fault.message.length).toBeLessThanOrEqual(301);
    expect(fault.message).not.toContain('Bearer');
  });

  it('carries what it asks us to wait, in the header or the body', () => {
    const inBody = { ...status('later'), details: { retryAfterSeconds: 10 } };
    expect(statusOf(apiError(429, inBody))?.retryAfterMs).toBe(10_000);
    expect(statusOf(apiError(429, inBody, { 'retry-after': '1' }))?.retryAfterMs).toBe(1_000);
    expect(statusOf(apiError(429, status('no')))?.retryAfterMs).toBeNull();
  });

  it.each([null, [], 'no JSON', { details: { causes: 'none' } }, { message: 7, details: null }])(
    'with the odd body %o is still a Status',
    (body) => {
      expect(statusOf(apiError(500, body))).toMatchObject({ code: 500, causes: [] });
    },
  );
});

describe('a connection', () => {
  it.each([
    'ECONNREFUSED',
    'ECONNRESET',
    'ENOTFOUND',
    'EHOSTUNREACH',
    'UND_ERR_SOCKET',
    'UND_ERR_CONNECT_TIMEOUT',
  ])('that ends in %s is unreachable', (code) => {
    expect(kubernetesFault(fetchFailed(code), LIST).kind).toBe('unreachable');
  });

  it.each([
    'SELF_SIGNED_CERT_IN_CHAIN',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'CERT_HAS_EXPIRED',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
  ])('that ends in %s is refused: a person must change a certificate', (code) => {
    const fault = kubernetesFault(fetchFailed(code, 'the certificate is bad'), LIST);
    expect(fault).toMatchObject({
      kind: 'refused',
      code,
      message: expect.stringContaining('the certificate is bad'),
    });
  });

  it('that times out says so', () => {
    const fault = kubernetesFault(new DOMException('timed out', 'TimeoutError'), LIST);
    expect(fault).toMatchObject({ kind: 'unreachable', code: 'TIMEOUT' });
  });

  it('that breaks while it answers is unreachable', () => {
    expect(kubernetesFault(new TypeError('terminated'), LIST).kind).toBe('unreachable');
  });
});

describe('anything else', () => {
  it.each([new SyntaxError('Unexpected token'), 'text', null])('such as %o is broken', (error) => {
    expect(kubernetesFault(error, LIST).kind).toBe('broken');
  });

  it('that is a Fault already stays itself', () => {
    const fault = new Fault('missing', 'Not there.');
    expect(kubernetesFault(fault, LIST)).toBe(fault);
  });
});

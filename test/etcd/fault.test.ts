// What etcd3 throws, in the words of the engine; the texts are those of etcd 3.4, Node's TLS and grpc-js.
import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/engine/ports/fault.ts';
import { etcdFault } from '../../src/etcd/fault.ts';

const TEXTS: ReadonlyArray<readonly [text: string, kind: string, says: RegExp]> = [
  [
    '14 UNAVAILABLE: No connection established. Last error: Error: connect ECONNREFUSED 10.0.0.2:2379. Resolution note: ',
    'unreachable',
    /^etcd on cp-2 refuses connections\.$/,
  ],
  [
    '14 UNAVAILABLE: No connection established. Last error: Error: read ECONNRESET. Resolution note: ',
    'unreachable',
    /^etcd on cp-2 fails: no connection: read ECONNRESET\.$/,
  ],
  [
    '14 UNAVAILABLE: No connection established. Last error: 80:error:0A000412:SSL routines:ssl3_read_bytes:sslv3 alert bad certificate:x.c:1601:SSL alert number 42\n',
    'refused',
    /does not accept our client certificate/,
  ],
  [
    '14 UNAVAILABLE: No connection established. Last error: Error: certificate signature failure. Resolution note: ',
    'broken',
    /was not signed for it/,
  ],
  [
    "14 UNAVAILABLE: No connection established. Last error: Error: Hostname/IP does not match certificate's altnames: IP: 10.0.0.2 is not in the cert's list: ",
    'broken',
    /was not signed for it/,
  ],
  ['14 UNAVAILABLE: etcdserver: leader changed', 'busy', /etcdserver: leader changed/],
  ['14 UNAVAILABLE: etcdserver: no leader', 'busy', /no leader/],
  ['14 UNAVAILABLE: etcdserver: request timed out', 'busy', /request timed out/],
  ['14 UNAVAILABLE: etcdserver: rpc not supported for learner', 'busy', /is still a learner/],
  [
    '4 DEADLINE_EXCEEDED: Deadline exceeded after 1.500s,name resolution: 0.001s,Waiting for LB pick',
    'unreachable',
    /does not accept a connection in time/,
  ],
  [
    '4 DEADLINE_EXCEEDED: Deadline exceeded after 1.499s,LB pick: 0.010s,remote_addr=10.0.0.2:2379',
    'busy',
    /sees no quorum, or is too slow/,
  ],
  ['2 UNKNOWN: context deadline exceeded', 'busy', /sees no quorum, or is too slow/],
  ['8 RESOURCE_EXHAUSTED: etcdserver: mvcc: database space exceeded', 'refused', /database space exceeded/],
  ['8 RESOURCE_EXHAUSTED: etcdserver: too many requests', 'busy', /too many requests/],
  [
    'Lease 5 NOT_FOUND: etcdserver: requested lease not found is expired or revoked',
    'missing',
    /lease not found/,
  ],
  ['7 PERMISSION_DENIED: etcdserver: permission denied', 'refused', /permission denied/],
  ['1 CANCELLED: Call cancelled', 'unreachable', /Call cancelled/],
  ['something nobody has seen', 'broken', /something nobody has seen/],
];

describe('a fault of etcd', () => {
  it.each(TEXTS)('for "%s" is %s', (text, kind, says) => {
    const fault = etcdFault(new Error(text), 'cp-2');
    expect(fault.kind).toBe(kind);
    expect(fault.message).toMatch(says);
    expect(fault.message.length).toBeLessThan(200);
  });

  it('is passed on as it is', () => {
    const fault = new Fault('refused', 'no');
    expect(etcdFault(fault, 'cp-2')).toBe(fault);
  });
});

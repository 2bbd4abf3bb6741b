// The translation table, row by row: what the other side said, the kind of fault it is, and how an act ended that got it.
import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { Fault, type FaultKind } from '../../src/engine/ports/fault.ts';
import { endOfAct, endOfWays, maySucceedElsewhere, talosFault } from '../../src/talos/fault.ts';

const asked = { method: 'Reboot', node: '10.0.0.3', via: '10.0.0.1:50000' };

function answered(code: number, details: string): ServiceError {
  return Object.assign(new Error(`${code} ${status[code]}: ${details}`), {
    code,
    details,
    metadata: new Metadata(),
  });
}

type End = 'refused' | 'withdrawn' | 'lost';
const { UNAVAILABLE, UNKNOWN, INTERNAL, PERMISSION_DENIED, UNIMPLEMENTED, FAILED_PRECONDITION } = status;
const rows: ReadonlyArray<[number, string, FaultKind, End]> = [
  [
    UNAVAILABLE,
    'No connection established. Last error: Error: connect ECONNREFUSED 10.0.0.1:50000',
    'unreachable',
    'withdrawn',
  ],
  [
    UNAVAILABLE,
    'connection error: desc = "transport: Error while dialing: dial tcp 10.0.0.3:50000: connect: no route"',
    'unreachable',
    'lost',
  ],
  [UNAVAILABLE, 'read ECONNRESET', 'unreachable', 'lost'],
  [
    UNAVAILABLE,
    'No connection established. Last error: Error: error:0A000415:SSL routines::sslv3 alert certificate expired',
    'refused',
    'withdrawn',
  ],
  [
    UNAVAILABLE,
    'No connection established. Last error: Error: self-signed certificate',
    'broken',
    'withdrawn',
  ],
  [
    UNAVAILABLE,
    'No connection established. Last error: Error: unable to verify the first certificate',
    'broken',
    'withdrawn',
  ],
  [UNAVAILABLE, 'error connecting to containerd: dial unix', 'busy', 'lost'],
  [status.DEADLINE_EXCEEDED, 'Deadline exceeded after 5.001s', 'unreachable', 'lost'],
  [
    status.DEADLINE_EXCEEDED,
    'failed to acquire upgrade mutex: error establishing etcd concurrency session',
    'busy',
    'refused',
  ],
  [
    status.DEADLINE_EXCEEDED,
    'error validating etcd for upgrade: etcd member 8e9e05c52164694d is not healthy; all members must be healthy to perform an upgrade: context deadline exceeded',
    'busy',
    'refused',
  ],
  [status.CANCELLED, 'failed to create etcd client: context canceled', 'unreachable', 'refused'],
  [status.CANCELLED, 'Cancelled on client', 'unreachable', 'lost'],
  [PERMISSION_DENIED, 'resource type "BootIDs.runtime.talos.dev" is not supported', 'missing', 'refused'],
  [PERMISSION_DENIED, 'namespace "x" is not supported', 'missing', 'refused'],
  [PERMISSION_DENIED, 'no request forwarding', 'refused', 'refused'],
  [PERMISSION_DENIED, 'not authorized', 'refused', 'refused'],
  [UNIMPLEMENTED, 'unknown service machine.LifecycleService', 'missing', 'refused'],
  [UNIMPLEMENTED, 'etcd status is only available on control plane nodes', 'missing', 'refused'],
  [
    status.NOT_FOUND,
    'resource MetaKeys.runtime.talos.dev(runtime/0x06@undefined) does not exist',
    'missing',
    'refused',
  ],
  [FAILED_PRECONDITION, 'another installation/upgrade is already in progress', 'busy', 'refused'],
  [FAILED_PRECONDITION, 'method is not supported in container mode', 'refused', 'refused'],
  [status.INVALID_ARGUMENT, 'installer image name is required', 'refused', 'refused'],
  [status.RESOURCE_EXHAUSTED, 'Received message larger than max (40000000 vs 33554432)', 'broken', 'lost'],
  [status.RESOURCE_EXHAUSTED, 'Bandwidth exhausted or memory limit exceeded', 'busy', 'lost'],
  [
    UNKNOWN,
    'failed to acquire upgrade mutex: error trying to lock etcd upgrade mutex: mutex: Locked by another session',
    'busy',
    'refused',
  ],
  [UNKNOWN, 'failed to acquire upgrade lock', 'busy', 'refused'],
  [
    UNKNOWN,
    'error validating etcd for upgrade: etcd member count(2) is insufficient to maintain quorum if upgrade commences',
    'refused',
    'refused',
  ],
  [
    UNKNOWN,
    'error validating installer image "x": failed to pull image "x": connection refused',
    'busy',
    'refused',
  ],
  [
    UNKNOWN,
    'error validating installer image "x": installer help returned non-zero exit. assuming invalid installer',
    'refused',
    'refused',
  ],
  [UNKNOWN, 'failed to forfeit leadership: cannot forfeit leadership, only one member', 'refused', 'lost'],
  [UNKNOWN, 'etcdserver: no leader', 'busy', 'lost'],
  [UNKNOWN, 'context deadline exceeded', 'busy', 'lost'],
  [UNKNOWN, 'no controlplane endpoints discovered yet', 'busy', 'lost'],
  [UNKNOWN, 'cannot rollback to "", label does not exist', 'refused', 'refused'],
  [UNKNOWN, 'previous UKI not found', 'refused', 'refused'],
  [UNKNOWN, 'failed to revert bootloader: invalid default entry: B', 'refused', 'refused'],
  [UNKNOWN, 'failed to revert bootloader: write error', 'refused', 'lost'],
  [UNKNOWN, 'something nobody has seen before', 'broken', 'lost'],
  [
    INTERNAL,
    'upgrade failed: installer image "x" not found in containerd store: not found',
    'missing',
    'refused',
  ],
  [
    INTERNAL,
    'upgrade failed: rpc error: code = InvalidArgument desc = invalid containerd namespace NS_UNKNOWN',
    'refused',
    'refused',
  ],
  [INTERNAL, 'upgrade failed: failed to wait for task: gone', 'broken', 'lost'],
  [INTERNAL, 'Received RST_STREAM with code 2 (Internal server error)', 'unreachable', 'lost'],
];

describe.each(rows)('%i "%s"', (code, details, kind, end) => {
  test(`is a fault of kind ${kind}, and an act that got it is ${end}`, () => {
    const error = answered(code, details);
    const fault = talosFault(error, asked);
    expect(fault).toBeInstanceOf(Fault);
    expect(fault.kind).toBe(kind);
    expect(fault.cause).toBe(error);
    expect(endOfAct(error)).toBe(end);
  });
});

test('a fault names the machine, the way and the reason in one sentence', () => {
  const fault = talosFault(answered(UNKNOWN, 'etcdserver: no leader\nstack'), asked);
  expect(fault.message).toBe('Reboot of 10.0.0.3 (through 10.0.0.1:50000) failed: etcdserver: no leader.');
  expect(fault.code).toBe('UNKNOWN');
});

test.each([
  [
    answered(
      status.DEADLINE_EXCEEDED,
      'Deadline exceeded after 5.001s,LB pick: 0.003s,remote_addr=10.0.0.1:50000',
    ),
    'Reboot of 10.0.0.3 (through 10.0.0.1:50000) failed: no answer within 5 s.',
  ],
  [
    answered(status.DEADLINE_EXCEEDED, 'Deadline exceeded after 0.412s,LB pick: 0.003s'),
    'Reboot of 10.0.0.3 (through 10.0.0.1:50000) failed: no answer within 0.4 s.',
  ],
  [
    answered(status.DEADLINE_EXCEEDED, 'Deadline exceeded after 0.002s'),
    'Reboot of 10.0.0.3 (through 10.0.0.1:50000) failed: no answer within 0.1 s.',
  ],
  [
    answered(PERMISSION_DENIED, 'not authorized'),
    'Reboot of 10.0.0.3 (through 10.0.0.1:50000) failed: our certificate lacks the role for it: the bot needs os:admin.',
  ],
])('a sentence has one full stop and nothing of grpc-js (%#)', (error, sentence) => {
  expect(talosFault(error, asked).message).toBe(sentence);
});

test('a long text of a server is cut', () => {
  expect(talosFault(answered(UNKNOWN, 'x'.repeat(5_000)), asked).message.length).toBeLessThan(400);
});

test('a fault passes through unchanged, and an aborted signal is not the machine being broken', () => {
  const fault = new Fault('busy', 'later');
  expect(talosFault(fault, asked)).toBe(fault);
  expect(talosFault(new DOMException('stop', 'AbortError'), asked).kind).toBe('unreachable');
  expect(talosFault(new TypeError('ours'), asked).kind).toBe('broken');
});

test('only a failure of the way is worth another endpoint', () => {
  const elsewhere = (code: number, details: string): boolean =>
    maySucceedElsewhere(talosFault(answered(code, details), asked));
  expect(elsewhere(UNAVAILABLE, 'No connection established. Last error: ECONNREFUSED')).toBe(true);
  expect(elsewhere(UNAVAILABLE, 'self-signed certificate')).toBe(true);
  expect(elsewhere(PERMISSION_DENIED, 'no request forwarding')).toBe(true);
  expect(elsewhere(PERMISSION_DENIED, 'not authorized')).toBe(false);
  expect(elsewhere(UNKNOWN, 'etcdserver: no leader')).toBe(false);
});

test('the end of several ways is the last one, and names a worker among the endpoints first', () => {
  const fault = (code: number, details: string): Fault => talosFault(answered(code, details), asked);
  const worker = fault(PERMISSION_DENIED, 'no request forwarding');
  const silent = fault(status.DEADLINE_EXCEEDED, 'Deadline exceeded after 5.001s');
  const down = fault(
    UNAVAILABLE,
    'No connection established. Last error: Error: connect ECONNREFUSED 10.0.0.1:50000',
  );
  expect(endOfWays([silent, down])).toBe(down);
  expect(endOfWays([worker])).toBe(worker);
  for (const faults of [
    [worker, silent, down],
    [silent, down, worker],
  ]) {
    expect(endOfWays(faults)).toMatchObject({ kind: 'unreachable', code: 'CONNECTION_REFUSED' });
    expect(endOfWays(faults).message).toBe(`${worker.message} And ${down.message}`);
  }
});

test('an error that is no answer at all leaves an act lost', () => {
  expect(endOfAct(new Error('what'))).toBe('lost');
});

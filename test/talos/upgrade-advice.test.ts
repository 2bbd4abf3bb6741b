// Every reason for which a machine refuses an installation or an upgrade, in the server's exact words, and what a person is told.
import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import type { FaultKind } from '../../src/engine/ports/fault.ts';
import { endOfAct, talosFault } from '../../src/talos/fault.ts';

const asked = { method: 'Upgrade', node: '10.0.0.3', via: '10.0.0.1:50000' };
const { UNKNOWN, INTERNAL, UNIMPLEMENTED, FAILED_PRECONDITION, INVALID_ARGUMENT, NOT_FOUND } = status;
const ID = '8e9e05c52164694d';

type Row = readonly [code: number, text: string, kind: FaultKind, end: 'refused' | 'lost', advice: RegExp];

// talos-api.md 3.1: LifecycleService and ImageService.
const LIFECYCLE: readonly Row[] = [
  [UNIMPLEMENTED, 'API is not implemented in agent mode', 'refused', 'refused', /as an agent/],
  [FAILED_PRECONDITION, 'upgrade is not supported in container mode', 'refused', 'refused', /replace it/],
  [
    FAILED_PRECONDITION,
    'another installation/upgrade is already in progress',
    'busy',
    'refused',
    /Wait until/,
  ],
  [FAILED_PRECONDITION, 'machine is not installed', 'refused', 'refused', /install it to a disk/],
  [INVALID_ARGUMENT, 'installer image name is required', 'refused', 'refused', /ask for a new one/],
  [INTERNAL, 'system disk not found', 'refused', 'refused', /Look at its disks/],
  [INTERNAL, 'failed to get system disk: no disk', 'refused', 'refused', /Look at its disks/],
  [
    INTERNAL,
    'upgrade failed: installer image "x" not found in containerd store: image "x": not found',
    ...(['missing', 'refused', /retry, which pulls it anew/] as const),
  ],
  [
    INTERNAL,
    'upgrade failed: failed to create container: connection refused',
    ...(['broken', 'refused', /containerd/] as const),
  ],
  [
    NOT_FOUND,
    'error pulling image: failed to resolve reference "x": x: not found',
    ...(['missing', 'refused', /image exists/] as const),
  ],
  [
    UNKNOWN,
    'image verification failed: no signature',
    ...(['refused', 'lost', /refuses the image's signature/] as const),
  ],
  [UNKNOWN, 'verification denied by matched rule (x)', 'refused', 'lost', /refuses the image's signature/],
  [UNKNOWN, 'failed to pull image "x": connection refused', 'busy', 'lost', /reaches its registry/],
  [UNKNOWN, 'failed to parse image reference: "x y"', 'refused', 'lost', /no name of an image/],
];

// talos-api.md 3.4: MachineService.Upgrade, in the order in which it checks.
const MUTEX = 'failed to acquire upgrade mutex: error';
const ETCD = 'error validating etcd for upgrade:';
const VALIDATING = 'error validating installer image "x":';
const LEGACY: readonly Row[] = [
  [FAILED_PRECONDITION, 'method is not supported in container mode', 'refused', 'refused', /replace it/],
  [FAILED_PRECONDITION, 'Talos is not installed', 'refused', 'refused', /install it to a disk/],
  [UNKNOWN, `${VALIDATING} failed to pull image "x": no route`, 'busy', 'refused', /reaches its registry/],
  [
    UNKNOWN,
    `${VALIDATING} installer help returned non-zero exit. assuming invalid installer`,
    ...(['refused', 'refused', /no Talos installer/] as const),
  ],
  [
    UNKNOWN,
    `${MUTEX} trying to lock etcd upgrade mutex: mutex: Locked by another session`,
    ...(['busy', 'refused', /Another node is being upgraded/] as const),
  ],
  [UNKNOWN, 'failed to acquire upgrade lock', 'busy', 'refused', /Another node is being upgraded/],
  [
    UNKNOWN,
    `${MUTEX} establishing etcd concurrency session: etcdserver: no leader`,
    ...(['busy', 'refused', /Bring etcd back/] as const),
  ],
  [UNKNOWN, 'failed to create etcd client: context deadline exceeded', 'busy', 'refused', /Bring etcd back/],
  [
    UNKNOWN,
    `${ETCD} etcd member count(2) is insufficient to maintain quorum if upgrade commences`,
    ...(['refused', 'refused', /Two members cannot spare one/] as const),
  ],
  [
    UNKNOWN,
    `${ETCD} etcd member ${ID} is not started, all members must be running to perform an upgrade`,
    ...(['refused', 'refused', /Start that member/] as const),
  ],
  [
    UNKNOWN,
    `${ETCD} etcd member ${ID} is not healthy; all members must be healthy to perform an upgrade: timeout`,
    ...(['refused', 'refused', /Bring that member back/] as const),
  ],
  [
    UNKNOWN,
    `${ETCD} only 1 etcd member found; assuming this is not an HA setup and refusing to upgrade; if this is a single-node cluster, use --preserve to upgrade`,
    ...(['refused', 'refused', /data would be wiped/] as const),
  ],
  [
    UNIMPLEMENTED,
    'upgrade --preserve, --stage, and --force are not supported in maintenance mode',
    ...(['refused', 'refused', /its configuration first/] as const),
  ],
  [
    UNKNOWN,
    'error adding staged upgrade image ref tag: no space',
    ...(['refused', 'refused', /without --stage/] as const),
  ],
];

describe.each([...LIFECYCLE, ...LEGACY])('%i "%s"', (code, details, kind, end, advice) => {
  const error: ServiceError = Object.assign(new Error(`${code} ${status[code]}: ${details}`), {
    ...{ code, details, metadata: new Metadata() },
  });
  const fault = talosFault(error, asked);

  test(`is ${kind}, and its act is ${end}`, () => {
    expect([fault.kind, endOfAct(error)]).toEqual([kind, end]);
  });

  test('quotes the machine and says what to do, in whole sentences', () => {
    expect(fault.message).toContain(details.slice(0, 60).replace(/[.\s]+$/, ''));
    expect(fault.message).toMatch(advice);
    expect(fault.message).toMatch(/^Upgrade of 10\.0\.0\.3 .*\. [A-Z].*\.$/);
  });
});

test('what is about something else gets no advice about upgrades', () => {
  const error = Object.assign(new Error('x'), { code: UNKNOWN, details: 'etcdserver: no leader' });
  expect(talosFault(Object.assign(error, { metadata: new Metadata() }), asked).message).toMatch(
    /no leader\.$/,
  );
});

// Which machines there are: discovery and Kubernetes brought together, by address first and then by name.
import { describe, expect, it } from 'vitest';
import type { Answer } from '../../src/cluster/answer.ts';
import type { WorkloadNodeView } from '../../src/cluster/snapshot.ts';
import type { MemberSeen } from '../../src/engine/ports/machines.ts';
import { type Reconciled, reconcile } from '../../src/engine/reconcile.ts';

const member = (name: string, ...addresses: readonly string[]): MemberSeen => ({
  name,
  addresses,
  role: name.startsWith('cp') ? 'control-plane' : 'worker',
});

const node = (name: string, ...addresses: readonly string[]): WorkloadNodeView => ({
  name,
  addresses,
  controlPlane: name.startsWith('cp'),
  ready: true,
  unschedulable: false,
  cordonedBy: null,
  kubeletVersion: 'v1.34.1',
  bootId: '',
});

const says = <T>(value: T): Answer<T> => ({ kind: 'said', value });
const silent = { kind: 'silent', why: 'nobody answered' } as const;

interface Row {
  readonly what: string;
  readonly members: Answer<readonly MemberSeen[]>;
  readonly nodes: Answer<readonly WorkloadNodeView[]>;
  readonly found: readonly string[];
  readonly strangers?: readonly string[];
}

const ROWS: readonly Row[] = [
  {
    what: 'the same machines in both',
    members: says([member('cp-1', '10.0.0.1'), member('w-1', '10.0.0.4')]),
    nodes: says([node('cp-1', '10.0.0.1'), node('w-1', '10.0.0.4')]),
    found: ['cp-1 10.0.0.1 control-plane', 'w-1 10.0.0.4 worker'],
  },
  {
    what: 'another name in Kubernetes: that of Kubernetes counts',
    members: says([member('host-a', '10.0.0.4')]),
    nodes: says([node('w-1', '10.0.0.4')]),
    found: ['w-1 10.0.0.4 worker'],
  },
  {
    what: 'no common address: the name decides',
    members: says([member('w-1', '192.168.1.4')]),
    nodes: says([node('w-1', '10.0.0.4')]),
    found: ['w-1 192.168.1.4 worker'],
  },
  {
    what: 'several addresses: the one that Kubernetes uses',
    members: says([member('w-1', 'fd00::4', '10.0.0.4')]),
    nodes: says([node('w-1', '10.0.0.4')]),
    found: ['w-1 10.0.0.4 worker'],
  },
  {
    what: 'names that were swapped between two addresses: addresses decide',
    members: says([member('w-1', '10.0.0.5'), member('w-2', '10.0.0.4')]),
    nodes: says([node('w-1', '10.0.0.4'), node('w-2', '10.0.0.5')]),
    found: ['w-2 10.0.0.5 worker', 'w-1 10.0.0.4 worker'],
  },
  {
    what: 'an address that wanders between machines: the other one counts',
    members: says([member('cp-2', '10.0.0.100', '10.0.0.2'), member('cp-1', '10.0.0.100', '10.0.0.1')]),
    nodes: says([node('cp-1', '10.0.0.1', '10.0.0.100'), node('cp-2', '10.0.0.2', '10.0.0.100')]),
    found: ['cp-1 10.0.0.1 control-plane', 'cp-2 10.0.0.2 control-plane'],
  },
  {
    what: 'an old entry of a machine that was made anew at the same address',
    members: says([member('old', '10.0.0.4'), member('w-1', '10.0.0.4')]),
    nodes: says([node('w-1', '10.0.0.4')]),
    found: ['w-1 10.0.0.4 worker'],
  },
  {
    what: 'two entries at one address, none of them in Kubernetes: it is asked once',
    members: says([member('w-1', '10.0.0.4'), member('old', '10.0.0.5'), member('new', '10.0.0.5')]),
    nodes: says([node('w-1', '10.0.0.4')]),
    found: ['w-1 10.0.0.4 worker', 'new 10.0.0.5 worker'],
  },
  {
    what: 'a machine that is gone, or has not joined: it is asked',
    members: says([member('w-1', '10.0.0.4'), member('w-9', '10.0.0.9')]),
    nodes: says([node('w-1', '10.0.0.4')]),
    found: ['w-1 10.0.0.4 worker', 'w-9 10.0.0.9 worker'],
  },
  {
    what: 'a Kubernetes node without a machine',
    members: says([member('w-1', '10.0.0.4')]),
    nodes: says([node('w-1', '10.0.0.4'), node('w-2', '10.0.0.5')]),
    found: ['w-1 10.0.0.4 worker'],
    strangers: ['w-2'],
  },
  {
    what: 'discovery switched off: the Kubernetes nodes',
    members: says([]),
    nodes: says([node('cp-1', '10.0.0.1'), node('homeless'), node('w-1', '10.0.0.4')]),
    found: ['cp-1 10.0.0.1 control-plane', 'w-1 10.0.0.4 worker'],
  },
  {
    what: 'Kubernetes silent: the members',
    members: says([member('w-1', '10.0.0.4'), member('homeless')]),
    nodes: silent,
    found: ['w-1 10.0.0.4 worker'],
  },
  { what: 'nobody answers', members: silent, nodes: silent, found: [] },
];

const textsOf = ({ found }: Reconciled): readonly string[] =>
  found.map(({ name, address, role }) => `${name} ${address} ${role}`).toSorted();

describe('the machines of a cluster', () => {
  it.each(ROWS)('with $what', ({ members, nodes, found, strangers = [] }) => {
    const reconciled = reconcile(members, nodes);
    expect(textsOf(reconciled)).toEqual(found.toSorted());
    expect(reconciled.strangers).toEqual(strangers);
  });
});

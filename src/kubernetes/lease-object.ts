// A Lease of coordination.k8s.io/v1 as we read and write it (kubernetes.md 3.10).
import type { Named } from '../cluster/estate/pods.ts';
import { numberAt, type Plain, plainAt, textAt, timeAt } from './estate/plain.ts';

export const LEASES = { group: 'coordination.k8s.io', version: 'v1', plural: 'leases' };

export interface LeaseSpec {
  /** Null while nobody holds it. */
  readonly holder: string | null;
  readonly durationMs: number | null;
  /** As written: only whether it changed matters, since it comes from another clock. */
  readonly renewTime: string;
  /** For people: `2026-11-22 09:32 UTC`. */
  readonly since: string | null;
  readonly transitions: number;
}

export function leaseSpec(lease: Plain): LeaseSpec {
  const seconds = numberAt(lease, 'spec', 'leaseDurationSeconds');
  return {
    holder: textAt(lease, 'spec', 'holderIdentity') || null,
    durationMs: seconds === null ? null : seconds * 1_000,
    renewTime: textAt(lease, 'spec', 'renewTime'),
    since: minuteOf(timeAt(lease, 'spec', 'acquireTime')),
    transitions: numberAt(lease, 'spec', 'leaseTransitions') ?? 0,
  };
}

export function newLease({ namespace, name }: Named): Plain {
  const { group, version } = LEASES;
  return { apiVersion: `${group}/${version}`, kind: 'Lease', metadata: { namespace, name } };
}

/** What we found, in our hands: with the version it was read in, so that whoever was quicker keeps it. */
export function takenBy(lease: Plain, { holder, now, durationMs }: Taking): Plain {
  const time = microTime(now);
  return {
    ...lease,
    spec: {
      ...plainAt(lease, 'spec'),
      holderIdentity: holder,
      leaseDurationSeconds: Math.ceil(durationMs / 1_000),
      acquireTime: time,
      renewTime: time,
      leaseTransitions: leaseSpec(lease).transitions + 1,
    },
  };
}

export interface Taking {
  readonly holder: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly durationMs: number;
}

export function renewed(lease: Plain, now: number): Plain {
  return { ...lease, spec: { ...plainAt(lease, 'spec'), renewTime: microTime(now) } };
}

/** Nobody's, with its count of hands: the next one is told from all before. */
export function released(lease: Plain, now: number): Plain {
  const spec = { ...plainAt(lease, 'spec'), holderIdentity: '', leaseDurationSeconds: 1 };
  return { ...lease, spec: { ...spec, renewTime: microTime(now) } };
}

function minuteOf(at: number | null): string | null {
  return at === null ? null : `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** Six digits behind the second: with three the server refuses it (kubernetes.md 6.1). */
function microTime(now: number): string {
  return new Date(now).toISOString().replace('Z', '000Z');
}

// The rows about our own access: until when, and with which role.
import { accessLasts, accessLastsForRepair, roleSuffices } from '../../src/checks/access.ts';
import type { AccessView } from '../../src/cluster/access.ts';
import { GOOD_ACCESS } from '../builders/access.ts';
import { aCluster, SNAPSHOT_AT, type SnapshotBuilder } from '../builders/snapshot.ts';
import type { Row } from './image-rows.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const GOOD: AccessView = { ...GOOD_ACCESS, expiresAt: SNAPSHOT_AT + 300 * DAY_MS };

export function withAccess(changed: Partial<AccessView>): SnapshotBuilder {
  return aCluster().access({ ...GOOD, ...changed });
}

const left = (ms: number): SnapshotBuilder =>
  withAccess({
    expiresAt: SNAPSHOT_AT + ms,
    until: `${new Date(SNAPSHOT_AT + ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`,
  });
const STALE = 'Context "prod" has no key: take the talosconfig that Talos generated.';

const UNSEEN = aCluster().access(null);

export const ACCESS_ROWS: readonly Row[] = [
  { check: accessLasts, what: 'nobody saw one', cluster: UNSEEN, level: 'unknown', says: 'how long' },
  {
    check: accessLastsForRepair,
    what: 'nobody saw one',
    cluster: UNSEEN,
    level: 'warning',
    says: 'how long',
  },
  { check: roleSuffices, what: 'nobody saw one', cluster: UNSEEN, level: 'unknown', says: 'role allows' },
  { check: accessLasts, what: 'it lasts', cluster: withAccess({}), level: 'ok', says: 'another 300 days' },
  { check: accessLasts, what: 'exactly 30 days are left', cluster: left(30 * DAY_MS), level: 'ok' },
  {
    check: accessLasts,
    what: 'less than 30 days are left',
    cluster: left(30 * DAY_MS - 1),
    level: 'warning',
    says: 'ends on 2026-12-20 14:59 UTC, in 29 days.',
  },
  { check: accessLasts, what: 'exactly two days are left', cluster: left(2 * DAY_MS), level: 'warning' },
  {
    check: accessLasts,
    what: 'less than two days are left',
    cluster: left(2 * DAY_MS - 1),
    level: 'blocker',
    says: 'ends on 2026-11-22 14:59 UTC, in 47 hours: a rollout could lose its access half way.',
  },
  {
    check: accessLasts,
    what: 'an hour is left',
    cluster: left(HOUR_MS),
    level: 'blocker',
    says: 'in 1 hour:',
  },
  {
    check: accessLasts,
    what: 'minutes are left',
    cluster: left(60_000),
    level: 'blocker',
    says: 'in less than an hour:',
  },
  {
    check: accessLasts,
    what: 'it has expired',
    cluster: left(0),
    level: 'blocker',
    says: 'expired on 2026-11-20 15:00 UTC',
  },
  {
    check: accessLasts,
    what: 'the talosconfig was changed into something that cannot be used',
    cluster: withAccess({ stale: STALE }),
    level: 'warning',
    says: `was changed since, and cannot be used: ${STALE}`,
  },
  {
    check: roleSuffices,
    what: 'a machine confirmed os:admin',
    cluster: withAccess({}),
    level: 'ok',
    says: 'Our Talos role is os:admin, and a machine confirmed it.',
  },
  {
    check: roleSuffices,
    what: 'no machine was asked yet',
    cluster: withAccess({ admin: 'unasked' }),
    level: 'ok',
    says: 'Our Talos role is os:admin.',
  },
  {
    check: roleSuffices,
    what: 'it is os:reader',
    cluster: withAccess({ roles: ['os:reader'], admin: 'denied' }),
    level: 'blocker',
    says: 'Our Talos role (os:reader) may neither upgrade nor roll back: that needs os:admin.',
  },
  {
    check: roleSuffices,
    what: 'a machine does not take the certificate at its word',
    cluster: withAccess({ admin: 'denied' }),
    level: 'blocker',
    says: 'certificate says os:admin, but a machine refused',
  },
];

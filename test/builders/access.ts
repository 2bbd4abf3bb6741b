// A certificate that is good for everything, and for long after every snapshot of a test.
import type { AccessView } from '../../src/cluster/access.ts';

export const GOOD_ACCESS: AccessView = {
  roles: ['os:admin'],
  admin: 'granted',
  expiresAt: Date.UTC(2030, 0, 1),
  until: '2030-01-01 00:00 UTC',
  stale: null,
};

// The port Access over a certificate that is good for everything, and for a year unless somebody says otherwise.
import type { Access } from '../../src/engine/ports/access.ts';
import type { Clock } from '../../src/engine/ports/clock.ts';

const YEAR_MS = 365 * 86_400_000;

export function simulatedAccess(clock: Pick<Clock, 'now'>, leftMs = YEAR_MS): Access {
  const expiresAt = clock.now() + leftMs;
  const until = `${new Date(expiresAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return {
    seen: async () => ({ roles: ['os:admin'], admin: 'granted', expiresAt, until, stale: null }),
    close: async () => undefined,
  };
}

// Checks on our own access to the machines: the certificate outlives what is begun, and its role is enough for it.
import {
  type AccessView,
  ADMIN,
  EXPIRY_REFUSAL_MS,
  EXPIRY_WARNING_MS,
  isAdmin,
  rolesInWords,
} from '../cluster/access.ts';
import type { Snapshot } from '../cluster/snapshot.ts';
import type { Finding, Level } from './finding.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const RENEW =
  'Renew the talosconfig (talosctl config new, with os:admin) and replace the file; the bot reads it again by itself.';

const UNSEEN = 'Name a talosconfig for this cluster in the configuration, and ask again.';

/** Expects the client certificate to outlive a rollout by far, and the talosconfig that lies there to be the one in use. */
export function accessLasts(snapshot: Snapshot): readonly Finding[] {
  return lasting(snapshot, 'blocker');
}

/** The same before a rollback, which may be the only way to mend a node tonight: what is left is said, and used. */
export function accessLastsForRepair(snapshot: Snapshot): readonly Finding[] {
  return lasting(snapshot, 'warning');
}

function lasting({ access, at }: Snapshot, tooShort: Level): readonly Finding[] {
  if (access === undefined) {
    const sentence = 'Nobody can say how long our Talos client certificate lasts: none was seen.';
    // What must not stop a repair when it is short does not when it is not known either.
    const level = tooShort === 'blocker' ? 'unknown' : tooShort;
    return [{ check: 'access-lasts', level, subject: 'cluster', sentence, advice: UNSEEN }];
  }
  const leftMs = access.expiresAt - at;
  const { until } = access;
  const finding = (level: Level, sentence: string): Finding => ({
    check: 'access-lasts',
    level,
    subject: 'cluster',
    sentence: `${sentence}${staleness(access)}`,
    advice: level === 'ok' ? null : RENEW,
  });
  if (leftMs <= 0) return [finding('blocker', `Our Talos client certificate expired on ${until}.`)];
  if (leftMs < EXPIRY_REFUSAL_MS) {
    const sentence = `Our Talos client certificate ends on ${until}, in ${left(leftMs)}: a rollout could lose its access half way.`;
    return [finding(tooShort, sentence)];
  }
  if (leftMs < EXPIRY_WARNING_MS)
    return [finding('warning', `Our Talos client certificate ends on ${until}, in ${left(leftMs)}.`)];
  const level = access.stale === null ? 'ok' : 'warning';
  return [finding(level, `Our Talos client certificate is good for another ${left(leftMs)}.`)];
}

function staleness({ stale }: AccessView): string {
  return stale === null ? '' : ` The talosconfig was changed since, and cannot be used: ${stale}`;
}

function left(ms: number): string {
  if (ms >= 2 * DAY_MS) return `${Math.floor(ms / DAY_MS)} days`;
  const hours = Math.floor(ms / HOUR_MS);
  if (hours === 0) return 'less than an hour';
  return hours === 1 ? '1 hour' : `${hours} hours`;
}

/** Expects the role that installing, upgrading and rolling back need; asked of a machine where one answered. */
export function roleSuffices({ access }: Snapshot): readonly Finding[] {
  const check = 'access-role';
  const subject = 'cluster';
  if (access === undefined) {
    const sentence = 'Nobody can say what our Talos role allows: no client certificate was seen.';
    return [{ check, level: 'unknown', subject, sentence, advice: UNSEEN }];
  }
  if (isAdmin(access)) {
    const how = access.admin === 'granted' ? ', and a machine confirmed it' : '';
    const sentence = `Our Talos role is ${ADMIN}${how}.`;
    return [{ check, level: 'ok', subject, sentence, advice: null }];
  }
  const claimed = access.roles.includes(ADMIN)
    ? `Our Talos certificate says ${ADMIN}, but a machine refused what only that may do`
    : `Our Talos role (${rolesInWords(access)}) may neither upgrade nor roll back`;
  const sentence = `${claimed}: that needs ${ADMIN}.`;
  const advice = `Make a talosconfig with it (talosctl config new --roles ${ADMIN}) and replace the file; the bot reads it again by itself.`;
  return [{ check, level: 'blocker', subject, sentence, advice }];
}

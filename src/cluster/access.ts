// What our client certificate lets us do on a cluster and for how long: roles, features, and when it is too late to begin anything.

export interface AccessView {
  /** Talos roles in the client certificate, e.g. `os:admin`. */
  readonly roles: readonly string[];
  /** Whether a machine let us do what only os:admin may; `unasked` while none has answered. */
  readonly admin: 'granted' | 'denied' | 'unasked';
  /** Milliseconds since 1970 at which the certificate stops working. */
  readonly expiresAt: number;
  /** The same for people: `2026-11-22 09:32 UTC`. */
  readonly until: string;
  /** Why the talosconfig as it lies there now is not the one in use; null when it is. */
  readonly stale: string | null;
}

const DAY_MS = 86_400_000;
/** With less than this left people are told, at each start, daily and in each plan. */
export const EXPIRY_WARNING_MS = 30 * DAY_MS;
/** With less than this left nothing new is begun: a rollout waits for people overnight, and must not lose its access half way. */
export const EXPIRY_REFUSAL_MS = 2 * DAY_MS;

export const ADMIN = 'os:admin';
const OPERATOR = 'os:operator';
const READER = 'os:reader';
const BACKUP = 'os:etcd:backup';

interface Feature {
  /** Completes "may not …". */
  readonly verb: string;
  /** Any one of these is enough; the least powerful last. */
  readonly roles: readonly string[];
}

/** What the bot does, and who may (talos-api.md 1.5). A machine decides by its own version; this is the strictest of them. */
const FEATURES: readonly Feature[] = [
  { verb: 'check and plan', roles: [ADMIN, OPERATOR, READER] },
  { verb: 'read the boot id of machines before Talos 1.14', roles: [ADMIN] },
  { verb: 'fetch a kubeconfig (name one in kubernetes.kubeconfig)', roles: [ADMIN] },
  { verb: 'copy etcd', roles: [ADMIN, OPERATOR, BACKUP] },
  { verb: 'pull images or reboot', roles: [ADMIN, OPERATOR] },
  { verb: 'upgrade, roll back or hand over etcd leadership', roles: [ADMIN] },
];

/** The roles that count: a machine's answer outweighs what the certificate says. */
export function effectiveRoles({ roles, admin }: AccessView): readonly string[] {
  if (admin === 'granted') return [ADMIN];
  return admin === 'denied' ? roles.filter((role) => role !== ADMIN) : roles;
}

export function isAdmin(view: AccessView): boolean {
  return effectiveRoles(view).includes(ADMIN);
}

/** `os:reader`, `os:reader and os:etcd:backup`, or `no role`. */
export function rolesInWords(view: AccessView): string {
  const roles = effectiveRoles(view);
  return roles.length === 0 ? 'no role' : roles.join(' and ');
}

/** One sentence for each thing the bot cannot do with this certificate; empty for os:admin. */
export function lacking(view: AccessView): readonly string[] {
  const own = effectiveRoles(view);
  return FEATURES.filter(({ roles }) => !roles.some((role) => own.includes(role))).map(
    ({ verb, roles }) =>
      `Our Talos role (${rolesInWords(view)}) may not ${verb}: that needs ${roles.at(-1)}.`,
  );
}

// Joins a cluster's talosconfig, read again while the program runs, with how its machines are dialled and what its certificate allows.
import type { ClusterSettings } from './config.ts';
import type { Access } from './engine/ports/access.ts';
import type { Log } from './engine/ports/log.ts';
import { TalosAccess } from './talos/access.ts';
import type { ConnectionSettings } from './talos/connection.ts';
import { type IdentityChange, IdentitySource } from './talos/identity-source.ts';
import type { TalosContext } from './talos/talosconfig.ts';

export interface Opening {
  readonly onlyLoopback: boolean;
  readonly log: Log;
}

/** Says which file is in use, and from then on what becomes of it. `first` is what was read from it at the start. */
export function openAccess(
  cluster: ClusterSettings,
  first: TalosContext,
  { onlyLoopback, log }: Opening,
): { readonly connection: ConnectionSettings; readonly access: Access } {
  const { name, talosconfig } = cluster;
  const { path, from } = talosconfig;
  log.info('a talosconfig is in use', {
    cluster: name,
    path,
    from,
    ...facts(first),
  });
  const source = new IdentitySource({
    file: talosconfig,
    first,
    onChange: (change) => tell(change, { cluster: name, path }, log),
  });
  const connection: ConnectionSettings = {
    endpoints: first.endpoints,
    identity: first.identity,
    current: () => source.current(),
    stale: () => source.stale(),
    onlyLoopback,
    direct: (address) => ({ host: address, port: cluster.talosPort }),
  };
  return { connection, access: new TalosAccess({ cluster: name, source, connection, log }) };
}

function tell(
  change: IdentityChange,
  where: { readonly cluster: string; readonly path: string },
  log: Log,
): void {
  if (change.kind === 'renewed') {
    log.info('a renewed talosconfig is in use', { ...where, ...facts(change.context) });
  } else {
    const why = change.sentences.join(' ');
    log.error('a changed talosconfig cannot be used; the former one stays in use', { ...where, why });
  }
}

function facts({ name, roles, expiresAtMs }: TalosContext): Readonly<Record<string, string>> {
  return { context: name, roles: roles.join(', '), until: new Date(expiresAtMs).toISOString() };
}

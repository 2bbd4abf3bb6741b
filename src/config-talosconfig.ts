// Where a talosconfig lies when the configuration does not say: the places in which talosctl looks, in its order.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { NEW_TALOSCONFIG } from './talos/identity-source.ts';

export interface TalosconfigPlace {
  readonly path: string;
  /** Who named it, for the log: `talos.config` or a place of the search order. */
  readonly from: 'talos.config' | 'TALOSCONFIG' | 'TALOS_HOME' | 'home' | 'service-account';
}

export type Search =
  | { readonly kind: 'found'; readonly place: TalosconfigPlace }
  | { readonly kind: 'nowhere'; readonly sentence: string };

/** Where Talos mounts the talosconfig of a ServiceAccount of its own into a pod. */
const MOUNTED = '/var/run/secrets/talos.dev/config';

/**
 * `$TALOSCONFIG`, `$TALOS_HOME/config` or `~/.talos/config`, then the mounted one (talos-api.md 1.2). Unlike talosctl a TALOSCONFIG
 * that does not exist is not passed over: going on with another file could mean another cluster.
 */
export function findTalosconfig(
  environment: Readonly<Record<string, string | undefined>>,
  exists: (path: string) => boolean = existsSync,
): Search {
  const named = environment['TALOSCONFIG'] ?? '';
  if (named !== '') return { kind: 'found', place: { path: named, from: 'TALOSCONFIG' } };
  const found = placesIn(environment).find(({ path }) => exists(path));
  if (found !== undefined) return { kind: 'found', place: found };
  const looked = placesIn(environment).map(({ path }) => path);
  return {
    kind: 'nowhere',
    sentence: `there is none at ${looked.join(' or ')}; make one with ${NEW_TALOSCONFIG}`,
  };
}

/** Only for whom a place was found; that file may go in between, which is said when it is read. */
export function usualPlace(environment: Readonly<Record<string, string | undefined>>): TalosconfigPlace {
  const usual = findTalosconfig(environment);
  return usual.kind === 'found' ? usual.place : { path: MOUNTED, from: 'service-account' };
}

function placesIn(environment: Readonly<Record<string, string | undefined>>): readonly TalosconfigPlace[] {
  const folder = environment['TALOS_HOME'] ?? '';
  const home = environment['HOME'] ?? '';
  const own: readonly TalosconfigPlace[] =
    folder !== ''
      ? [{ path: join(folder, 'config'), from: 'TALOS_HOME' }]
      : home === ''
        ? []
        : [{ path: join(home, '.talos', 'config'), from: 'home' }];
  return [...own, { path: MOUNTED, from: 'service-account' }];
}

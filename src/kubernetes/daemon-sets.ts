// Which pods of DaemonSets nobody would make again: kubectl leaves one on its node only while its DaemonSet is there (kubernetes.md 2.2).
import type { V1Pod } from '@kubernetes/client-node';
import type { KubernetesConnection } from './connection.ts';
import { fullNameOf, listKept } from './estate/plain.ts';
import { nullWhenRefused } from './fault.ts';

const DAEMON_SETS = { group: 'apps', version: 'v1', plural: 'daemonsets' };

/**
 * Uids of those pods whose DaemonSet is gone, by its name as kubectl looks it up. Ask after the pods were listed: then one that was only
 * just made is not missed. Empty where we may not list them: then all are taken to be there. Throws Fault.
 */
export async function lostByDaemonSets(
  connection: KubernetesConnection,
  pods: readonly V1Pod[],
  pageSize: number,
): Promise<ReadonlySet<string>> {
  const owned = pods.flatMap(({ metadata }) => {
    const owner = metadata?.ownerReferences?.find(({ controller }) => controller === true);
    return owner?.kind === 'DaemonSet'
      ? [{ uid: metadata?.uid ?? '', owner: `${metadata?.namespace ?? ''}/${owner.name}` }]
      : [];
  });
  if (owned.length === 0) return new Set();
  const listing = listKept(connection, DAEMON_SETS, { pageSize, keep: fullNameOf });
  const there = await listing.catch(nullWhenRefused);
  if (there === null) return new Set();
  return new Set(owned.filter(({ owner }) => !there.includes(owner)).map(({ uid }) => uid));
}

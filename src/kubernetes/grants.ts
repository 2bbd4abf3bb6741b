// What of the rights that only checks, drains and force use is granted, and when the kubeconfig's certificate ends: for a doctor.
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Fault } from '../engine/ports/fault.ts';
import type { Grants, Unread } from '../engine/ports/grants.ts';
import type { KubernetesConnection } from './connection.ts';
import { mayAct } from './estate/access.ts';
import { servedCollection } from './estate/find-objects.ts';
import type { HealthCheck } from './estate/health.ts';
import { servedGroups } from './estate/reader.ts';
import { nullWhenMissing } from './fault.ts';
import { type KubeconfigSettings, loadKubeconfig } from './kubeconfig.ts';
import { type Act, actsOf, actText, COURTESY, FORCE, LOOKS, type Rights } from './rights.ts';

export interface GrantsOptions {
  readonly kubeconfig: KubeconfigSettings;
  readonly health: readonly HealthCheck[];
}

interface Look {
  readonly act: Act;
  readonly checks: readonly string[];
}

/** Throws Fault. Of what is not installed nothing is asked: nobody needs to read it. */
export async function grantsSeen(
  connection: KubernetesConnection,
  { kubeconfig, health }: GrantsOptions,
): Promise<Grants> {
  const [groups, wanted, certificateEndsAt] = await Promise.all([
    servedGroups(connection),
    Promise.all(health.map((check) => lookOf(connection, check))),
    certificateEnd(kubeconfig),
  ]);
  const served = ({ group }: Pick<Rights, 'group'>): boolean => group === '' || groups.has(group);
  const looks = LOOKS.filter(served).flatMap((rights) =>
    actsOf(rights).map((act): Look => ({ act, checks: rights.checks })),
  );
  const [unread, volumes, force] = await Promise.all([
    denied(connection, [...looks, ...wanted.filter((look) => look !== null)]),
    denied(connection, extras(COURTESY)),
    denied(connection, extras(FORCE)),
  ]);
  const ungranted = [
    ...volumes.map(({ act }) => ({ act, use: 'a drain to wait until volumes are detached' })),
    ...force.map(({ act }) => ({ act, use: 'Force, where a pod may not be evicted' })),
  ];
  return { unread: united(unread), ungranted, certificateEndsAt };
}

function extras(rights: readonly Rights[]): readonly Look[] {
  return rights.flatMap((one) => actsOf(one)).map((act) => ({ act, checks: [] }));
}

/** What a health check reads; null when its kind is not served, which the check itself says. */
async function lookOf(connection: KubernetesConnection, check: HealthCheck): Promise<Look | null> {
  const { object, kind, apiVersion } = check;
  const served = await servedCollection(connection, { apiVersion, kind }, `for ${kind}`).catch(
    nullWhenMissing,
  );
  if (served === null) return null;
  const { group, plural, namespaced } = served;
  const rights = { group, resources: [plural], verbs: [object.name === null ? 'list' : 'get'] };
  const [act] = actsOf(rights, {
    ...(namespaced && object.namespace !== null ? { namespace: object.namespace } : {}),
    ...(object.name === null ? {} : { name: object.name }),
  });
  return act === undefined ? null : { act, checks: ['health-checks'] };
}

async function denied(connection: KubernetesConnection, looks: readonly Look[]): Promise<readonly Unread[]> {
  const asked = await Promise.all(
    looks.map(async ({ act, checks }) => ({
      ...{ act: actText(act), checks },
      allowed: await mayAct(connection, act),
    })),
  );
  return asked.filter(({ allowed }) => !allowed).map(({ act, checks }) => ({ act, checks }));
}

/** Each act once, with all that need it. */
function united(unread: readonly Unread[]): readonly Unread[] {
  const checks = new Map<string, readonly string[]>();
  for (const one of unread) checks.set(one.act, [...(checks.get(one.act) ?? []), ...one.checks]);
  return [...checks].map(([act, all]) => ({ act, checks: [...new Set(all)] }));
}

/** Talos issues a new certificate whenever it is asked for a kubeconfig, so only those that people made can end (kubernetes.md 3.2). */
async function certificateEnd(settings: KubeconfigSettings): Promise<number | null> {
  if (settings.source.kind === 'fetched') return null;
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  await loadKubeconfig(config, settings);
  const user = config.getCurrentUser();
  try {
    if (user?.certData) return endOf(Buffer.from(user.certData, 'base64'));
    if (user?.certFile) return endOf(await readFile(user.certFile));
    return null;
  } catch (error) {
    const message = 'The client certificate of the kubeconfig cannot be read.';
    throw new Fault('refused', message, { code: 'KUBECONFIG', cause: error });
  }
}

function endOf(pem: Buffer): number {
  return new X509Certificate(pem).validToDate.getTime();
}

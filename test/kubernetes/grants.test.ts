// What a doctor is told of Kubernetes: what may not be read and what that leaves unknown, what drains want, and the end of a certificate.
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { parse, stringify } from 'yaml';
import { GITOPS } from '../../playground/world/kubernetes/gitops.ts';
import type { Grants } from '../../src/engine/ports/grants.ts';
import { compile } from '../../src/kubernetes/estate/expression.ts';
import type { HealthCheck } from '../../src/kubernetes/estate/health.ts';
import type { KubeconfigSource } from '../../src/kubernetes/kubeconfig.ts';
import { type KubernetesSettings, openKubernetes } from '../../src/kubernetes/open.ts';
import { type Simulated, startSimulated } from './simulated.ts';

let simulated: Simulated;
beforeEach(async () => {
  simulated = await startSimulated();
});
afterEach(() => simulated.stop());

async function grants(settings: Partial<KubernetesSettings> = {}): Promise<Grants> {
  const source = { kind: 'text', text: simulated.api.kubeconfig() } as const;
  const opened = openKubernetes({ source, onlyLoopback: true, ...settings });
  try {
    return await opened.grants();
  } finally {
    await opened.workloads.close();
  }
}

function aCheck(changed: Partial<HealthCheck>): HealthCheck {
  const compiled = compile('true');
  if (compiled.kind === 'mistake') throw new Error(compiled.sentence);
  const object = { namespace: null, name: null };
  const what = { name: 'a', apiVersion: 'v1', kind: 'Node', object, selector: null, timeoutMs: 1 };
  return { ...what, expression: compiled.expression, ...changed };
}

describe('what may not be read', () => {
  it('is nothing for an administrator', async () => {
    expect(await grants({ health: [aCheck({})] })).toMatchObject({ unread: [], ungranted: [] });
  });

  it('comes with the checks that are unknown without it', async () => {
    simulated.objects.shelf.install(GITOPS.Kustomization);
    for (const act of ['list poddisruptionbudgets', 'list persistentvolumes', 'list kustomizations'])
      simulated.objects.shelf.denied.add(act);
    expect((await grants()).unread).toEqual([
      { act: 'list persistentvolumes', checks: ['local-volumes'] },
      { act: 'list poddisruptionbudgets.policy', checks: ['disruption-budgets', 'double-budgets'] },
      { act: 'list kustomizations.kustomize.toolkit.fluxcd.io', checks: ['flux'] },
    ]);
  });

  it('is nothing to miss where it is not installed', async () => {
    simulated.objects.shelf.denied.add('list kustomizations').add('list cephclusters');
    expect((await grants()).unread).toEqual([]);
  });

  it('is also what health checks of the configuration are about, once each', async () => {
    simulated.objects.shelf.denied.add('list kustomizations').add('get kustomizations').add('list nodes');
    simulated.objects.shelf.install(GITOPS.Kustomization);
    const apiVersion = `${GITOPS.Kustomization.group}/${GITOPS.Kustomization.version}`;
    const flux = { apiVersion, kind: 'Kustomization' };
    const health = [
      aCheck({}),
      aCheck({ name: 'b' }),
      aCheck(flux),
      aCheck({ ...flux, object: { namespace: 'shop', name: 'apps' } }),
      aCheck({ apiVersion: 'db.example/v1', kind: 'Database' }),
    ];
    const of = 'kustomizations.kustomize.toolkit.fluxcd.io';
    expect((await grants({ health })).unread).toEqual([
      { act: `list ${of}`, checks: ['flux', 'health-checks'] },
      { act: 'list nodes', checks: ['health-checks'] },
      { act: `get ${of} in shop`, checks: ['health-checks'] },
    ]);
  });
});

describe('what only some rollouts do', () => {
  it('comes with what it is for', async () => {
    simulated.objects.shelf.denied.add('list volumeattachments').add('delete pods');
    expect((await grants()).ungranted).toEqual([
      { act: 'list volumeattachments.storage.k8s.io', use: expect.stringMatching(/volumes are detached/) },
      { act: 'delete pods', use: expect.stringMatching(/^Force/) },
    ]);
  });
});

describe('the client certificate', () => {
  interface Kubeconfig {
    readonly users: [{ readonly user: Record<string, string> }];
  }

  function certificateIn(text: string): Buffer {
    const { users } = parse(text) as Kubeconfig;
    return Buffer.from(users[0].user['client-certificate-data'] ?? '', 'base64');
  }

  function withUser(user: Record<string, string>): string {
    const read = parse(simulated.api.kubeconfig()) as Kubeconfig;
    return stringify({ ...read, users: [{ ...read.users[0], user }] });
  }

  const endWith = async (source: KubeconfigSource) => (await grants({ source })).certificateEndsAt;

  it('of a kubeconfig that people made ends when it says, also when it lies in a file of its own', async () => {
    const text = simulated.api.kubeconfig();
    const ends = new X509Certificate(certificateIn(text)).validToDate.getTime();
    expect(await endWith({ kind: 'text', text })).toBe(ends);
    const folder = mkdtempSync(join(tmpdir(), 'talos-chatops-kubeconfig-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const { users } = parse(text) as Kubeconfig;
    const { 'client-certificate-data': _inline, ...user } = users[0].user;
    writeFileSync(join(folder, 'bot.crt'), certificateIn(text));
    const path = join(folder, 'kubeconfig');
    writeFileSync(path, withUser({ ...user, 'client-certificate': 'bot.crt' }));
    expect(await endWith({ kind: 'file', path })).toBe(ends);
  });

  it('is none where Talos issues it anew each time', async () => {
    const text = simulated.api.kubeconfig();
    expect(await endWith({ kind: 'fetched', fetch: async () => text })).toBeNull();
  });

  it('that is none is said to be so, without what is in it', async () => {
    const { users } = parse(simulated.api.kubeconfig()) as Kubeconfig;
    let times = 0;
    // The connection uses the good one; what is looked at afterwards is not.
    const source = {
      kind: 'text',
      get text() {
        times += 1;
        const bad = { ...users[0].user, 'client-certificate-data': 'bm90aGluZw==' };
        return times === 1 ? simulated.api.kubeconfig() : withUser(bad);
      },
    } as const;
    await expect(grants({ source })).rejects.toMatchObject({
      kind: 'refused',
      message: 'The client certificate of the kubeconfig cannot be read.',
    });
  });
});

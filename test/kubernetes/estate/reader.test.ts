// What a full pre-flight reads from a real API over TLS: paged, only kinds that are served, and each subject apart.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../playground/world/kubernetes/patch.ts';
import type { ShelvedKind } from '../../../playground/world/kubernetes/shelf.ts';
import { systemClock } from '../../../src/clock.ts';
import type { Estate } from '../../../src/cluster/estate/estate.ts';
import { takeEstate } from '../../../src/engine/estate.ts';
import { compile } from '../../../src/kubernetes/estate/expression.ts';
import { type Kubernetes, type KubernetesSettings, openKubernetes } from '../../../src/kubernetes/open.ts';
import { NO_USES } from '../../../src/kubernetes/rights.ts';
import { type Simulated, startSimulated } from '../simulated.ts';

let simulated: Simulated;
const opened: Kubernetes[] = [];

beforeEach(async () => {
  simulated = await startSimulated();
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map(({ workloads }) => workloads.close()));
  await simulated.stop();
});

function estate(settings: Partial<KubernetesSettings> = {}): Promise<Estate> {
  const source = { kind: 'text', text: simulated.api.kubeconfig() } as const;
  const kubernetes = openKubernetes({ source, onlyLoopback: true, ...settings });
  opened.push(kubernetes);
  return takeEstate(kubernetes.estate, systemClock);
}

function installed(group: string, plural: string, kind: string, version = 'v1'): ShelvedKind {
  const shelved = { group, version, plural, kind, namespaced: true };
  simulated.objects.shelf.install(shelved);
  return shelved;
}

function put(kind: ShelvedKind, object: JsonObject): void {
  simulated.objects.shelf.put(kind, object);
}

describe('the estate of a cluster', () => {
  it('is read whole, also in small pages', async () => {
    const [whole, paged] = [await estate(), await estate({ pageSize: 2 })];
    expect(Object.values(whole).filter((answer) => answer.kind === 'silent')).toEqual([]);
    expect(paged).toEqual(whole);
    expect(whole.nodes).toMatchObject({ value: { length: 6 } });
    expect(whole.components.kind === 'said' && whole.components.value.map((one) => one.component)).toContain(
      'kube-apiserver',
    );
  });

  it('says of what is not installed that it is not', async () => {
    const { flux, argo, velero, longhorn, ceph, otherUpgraders } = await estate();
    for (const answer of [flux, argo, velero, longhorn, ceph])
      expect(answer).toEqual({ kind: 'said', value: null });
    expect(otherUpgraders).toEqual({ kind: 'said', value: [] });
  });

  it('reads what operators installed, in the version they serve', async () => {
    const kustomizations = installed(
      'kustomize.toolkit.fluxcd.io',
      'kustomizations',
      'Kustomization',
      'v1beta2',
    );
    put(kustomizations, { metadata: { namespace: 'flux-system', name: 'apps' }, spec: { suspend: true } });
    const kured = { metadata: { namespace: 'kube-system', name: 'unrelated' } };
    put(installed('upgrade.cattle.io', 'plans', 'Plan'), { ...kured, status: { applying: ['w-1'] } });
    const { flux, otherUpgraders } = await estate();
    expect(flux).toMatchObject({ value: [{ kind: 'Kustomization', name: 'apps', suspended: true }] });
    expect(otherUpgraders).toMatchObject({
      value: [{ kind: 'system-upgrade-controller', state: 'working' }],
    });
  });

  it('knows what the bot may not do', async () => {
    simulated.objects.shelf.denied.add('create pods/eviction');
    const { access } = await estate();
    expect(access.kind === 'said' && access.value.filter(({ allowed }) => !allowed)).toEqual([
      { act: 'create pods/eviction', allowed: false },
    ]);
  });

  it('finds the bot’s own pods when they run here', async () => {
    const { pods } = await estate();
    const [mine] = pods.kind === 'said' ? pods.value.filter(({ owner }) => owner?.kind === 'ReplicaSet') : [];
    if (mine === undefined) throw new Error('the simulated cluster has no Deployment');
    const { ownPods } = await estate({ ownPod: { namespace: mine.namespace, name: mine.name } });
    expect(ownPods.kind === 'said' && ownPods.value.nodes).toContain(mine.node);
    expect((await estate({ ownPod: { namespace: 'x', name: 'y' } })).ownPods).toMatchObject({
      value: { nodes: [] },
    });
  });

  it('asks the policy’s health checks of any kind', async () => {
    const databases = installed('db.example', 'databases', 'Database');
    put(databases, {
      metadata: { namespace: 'shop', name: 'main', labels: { app: 'db' } },
      status: { ready: true },
    });
    const compiled = compile('status.ready');
    if (compiled.kind === 'mistake') throw new Error(compiled.sentence);
    const check = {
      name: 'databases',
      apiVersion: 'db.example/v1',
      kind: 'Database',
      object: { namespace: null, name: null },
      selector: 'app=db',
      expression: compiled.expression,
      timeoutMs: 1_000,
    };
    const named = { ...check, name: 'main', selector: null, object: { namespace: 'shop', name: 'main' } };
    const gone = { ...named, name: 'gone', object: { namespace: 'shop', name: 'gone' } };
    const node = { ...check, name: 'nodes', apiVersion: 'v1', kind: 'Node', selector: null };
    const { health } = await estate({ health: [check, named, gone, { ...node, apiVersion: 'v1' }] });
    expect(health.kind === 'said' && health.value.map(({ name, verdict }) => [name, verdict])).toEqual([
      ['databases', 'healthy'],
      ['main', 'healthy'],
      ['gone', 'unhealthy'],
      ['nodes', 'unknown'],
    ]);
  });

  it('is silent subject by subject: what Kubernetes refuses leaves the rest standing', async () => {
    simulated.api.inject(({ path }) =>
      path.includes('poddisruptionbudgets')
        ? {
            kind: 'status',
            status: {
              kind: 'Status',
              apiVersion: 'v1',
              metadata: {},
              status: 'Failure',
              message: 'poddisruptionbudgets.policy is forbidden',
              reason: 'Forbidden',
              code: 403,
            },
          }
        : null,
    );
    const { budgets, pods } = await estate();
    expect(budgets.kind === 'silent' ? budgets.why : '').toMatch(/forbidden/);
    expect(pods.kind).toBe('said');
  });

  it('has one reason for everything when the API does not answer', async () => {
    simulated.objects.apiServerUp(false);
    const uses = { ...NO_USES, lease: { namespace: 'kube-system', name: 'talos-chatops' } };
    // Of the bot's own pod and of health checks nobody asks here.
    const { ownPods: _own, health: _health, ...asked } = await estate({ uses, clock: systemClock });
    const answers = Object.values(asked);
    expect(answers.filter(({ kind }) => kind === 'said')).toEqual([]);
    const whys = new Set(answers.map((answer) => (answer.kind === 'silent' ? answer.why : '')));
    expect(whys.size).toBe(1);
    expect([...whys][0]).toMatch(/^Kubernetes does not answer/);
  });

  it('takes a kind that its group does not have for one that is not installed', async () => {
    installed('argoproj.io', 'workflows', 'Workflow');
    expect((await estate()).argo).toEqual({ kind: 'said', value: null });
  });
});

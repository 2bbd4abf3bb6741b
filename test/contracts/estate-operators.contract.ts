// What is read of kinds that operators install, and what health checks find of them.
import { expect, it } from 'vitest';
import { compile } from '../../src/kubernetes/estate/expression.ts';
import type { HealthCheck } from '../../src/kubernetes/estate/health.ts';
import { nameAsIs } from './cluster-hands.ts';
import { type Get, kindOf, told } from './estate-under-test.ts';

const FLUX = kindOf('kustomize.toolkit.fluxcd.io', 'kustomizations', 'Kustomization', 'v1beta2');
const TUPPR = {
  ...kindOf('tuppr.home-operations.com', 'talosupgrades', 'TalosUpgrade', 'v1alpha1'),
  namespaced: false,
};
const CEPH = kindOf('ceph.rook.io', 'cephclusters', 'CephCluster');
const DATABASE = kindOf('db.talos-chatops.dev', 'databases', 'Database');

export function describeOperators(get: Get): void {
  const n = nameAsIs(() => get().under);

  it('says of what is not installed that it is not, and reads it as soon as it is', async () => {
    const { objects } = get().under;
    expect(told(await get().taken(), 'ceph')).toBeNull();
    await objects.install(CEPH);
    await objects.put(CEPH, {
      metadata: { namespace: n('shop'), name: 'rook' },
      status: { ceph: { health: 'HEALTH_OK' } },
    });
    expect(told(await get().taken(), 'ceph')).toEqual([
      { namespace: n('shop'), name: 'rook', health: 'HEALTH_OK', details: [] },
    ]);
  });

  it('reads a kind in the version that is served', async () => {
    const { objects } = get().under;
    await objects.install(FLUX);
    await objects.install(TUPPR);
    await objects.put(FLUX, {
      metadata: { namespace: n('shop'), name: 'apps' },
      spec: { suspend: true },
      status: { observedGeneration: 1, conditions: [{ type: 'Ready', status: 'True' }] },
    });
    await objects.put(TUPPR, { metadata: { name: n('cluster') }, status: { phase: 'Draining' } });
    const estate = await get().taken();
    expect(told(estate, 'flux')).toMatchObject([
      { kind: 'Kustomization', namespace: n('shop'), name: 'apps', suspended: true, state: 'ready' },
    ]);
    expect(told(estate, 'otherUpgraders')).toContainEqual(
      expect.objectContaining({ kind: 'tuppr', name: `TalosUpgrade ${n('cluster')}`, state: 'working' }),
    );
  });

  it('reads all of a thousand objects, page by page', async () => {
    const { objects } = get().under;
    await objects.install(DATABASE);
    const many = Array.from({ length: 1_001 }, (_, index) => `db-${index}`);
    for (let start = 0; start < many.length; start += 50) {
      const some = many.slice(start, start + 50);
      await Promise.all(
        some.map((name) =>
          objects.put(DATABASE, { metadata: { namespace: n('shop'), name }, status: { ready: true } }),
        ),
      );
    }
    const check = aCheck('all', { object: { namespace: n('shop'), name: null } });
    expect(told(await get().taken({ health: [check] }), 'health')).toMatchObject([
      { name: 'all', verdict: 'healthy', detail: '1001 Database fulfil it' },
    ]);
  });

  it('asks health checks of objects by name and by selector, and tells what is not there', async () => {
    const { objects } = get().under;
    await objects.install(DATABASE);
    const labels = { app: 'db' };
    await objects.put(DATABASE, {
      metadata: { namespace: n('shop'), name: 'main', labels },
      status: { ready: true },
    });
    const named = (name: string) => ({ object: { namespace: n('shop'), name } });
    const node = { apiVersion: 'v1', kind: 'Node', object: { namespace: null, name: n('w-1') } };
    const health = [
      aCheck('selected', { selector: 'app=db' }),
      aCheck('named', named('main')),
      aCheck('gone', named('gone')),
      aCheck('nothing selected', { selector: 'app=cache' }),
      aCheck('no such kind', { kind: 'Database', apiVersion: 'nowhere.talos-chatops.dev/v1' }),
      aCheck('a node', node, `object.metadata.name == '${n('w-1')}'`),
    ];
    const verdicts = told(await get().taken({ health }), 'health');
    expect(verdicts.map(({ name, verdict }) => [name, verdict])).toEqual([
      ['selected', 'healthy'],
      ['named', 'healthy'],
      ['gone', 'unhealthy'],
      ['nothing selected', 'unhealthy'],
      ['no such kind', 'unknown'],
      ['a node', 'healthy'],
    ]);
  });
}

function aCheck(name: string, changed: Partial<HealthCheck>, text = 'status.ready'): HealthCheck {
  const compiled = compile(text);
  if (compiled.kind === 'mistake') throw new Error(compiled.sentence);
  return {
    ...{ name, apiVersion: 'db.talos-chatops.dev/v1', kind: 'Database', selector: null, timeoutMs: 1_000 },
    object: { namespace: null, name: null },
    expression: compiled.expression,
    ...changed,
  };
}

// GitOps, storage and other upgraders as they come, and what the checks see of them.
import { describe, expect, it } from 'vitest';
import { argoView, fluxView } from '../../../src/kubernetes/estate/gitops.ts';
import { cephView, longhornView, veleroView } from '../../../src/kubernetes/estate/storage.ts';
import { kuredFound, planFound, tupprFound } from '../../../src/kubernetes/estate/upgraders.ts';

describe('GitOps objects', () => {
  const conditions = (...pairs: readonly (readonly [string, string])[]) =>
    pairs.map(([type, status]) => ({ type, status, reason: `${type}Reason`, message: '' }));

  it.each([
    ['ready', { observedGeneration: 3, conditions: conditions(['Ready', 'True']) }],
    ['moving', { observedGeneration: 2, conditions: conditions(['Ready', 'True']) }],
    [
      'moving',
      { observedGeneration: 3, conditions: conditions(['Ready', 'Unknown'], ['Reconciling', 'True']) },
    ],
    ['failed', { observedGeneration: 3, conditions: conditions(['Ready', 'False']) }],
    ['failed', { observedGeneration: 3, conditions: conditions(['Ready', 'True'], ['Stalled', 'True']) }],
    ['unknown', { observedGeneration: 3 }],
    ['moving', {}],
  ])('of Flux are %s', (state, status) => {
    const object = {
      metadata: { namespace: 'f', name: 'apps', generation: 3 },
      spec: { suspend: true },
      status,
    };
    expect(fluxView(object, 'Kustomization')).toMatchObject({ name: 'apps', suspended: true, state });
  });

  it('of Argo CD show sync, health, operation, and whether anybody acts by themselves', () => {
    const application = {
      metadata: {
        namespace: 'argocd',
        name: 'shop',
        annotations: { 'argocd.argoproj.io/skip-reconcile': 'true' },
      },
      spec: { syncPolicy: { automated: { prune: true } } },
      status: {
        sync: { status: 'Synced' },
        health: { status: 'Healthy' },
        operationState: { phase: 'Running' },
      },
    };
    expect(argoView(application)).toEqual({
      namespace: 'argocd',
      name: 'shop',
      sync: 'Synced',
      health: 'Healthy',
      operation: 'Running',
      automated: true,
      skipped: true,
    });
    const off = { spec: { syncPolicy: { automated: { enabled: false } } } };
    expect(argoView({ metadata: { name: 'x' }, ...off })).toMatchObject({
      automated: false,
      skipped: false,
      operation: null,
      sync: 'Unknown',
    });
    expect(argoView({ metadata: { name: 'x' } }).automated).toBe(false);
  });
});

describe('storage', () => {
  it('of Velero: backups and where they go', () => {
    const backup = {
      metadata: { namespace: 'velero', name: 'nightly' },
      status: { phase: 'Completed', completionTimestamp: '2026-11-20T02:00:00Z' },
    };
    const location = {
      metadata: { namespace: 'velero', name: 'default' },
      spec: { default: true, accessMode: 'ReadWrite' },
      status: { phase: 'Available' },
    };
    expect(veleroView([backup, { metadata: { name: 'new' } }], [location])).toEqual({
      namespace: 'velero',
      backups: [
        { name: 'nightly', phase: 'Completed', completedAt: Date.UTC(2026, 10, 20, 2) },
        { name: 'new', phase: 'New', completedAt: null },
      ],
      locations: [{ name: 'default', available: true, readOnly: false, isDefault: true }],
    });
  });

  it('of Longhorn: volumes and the drain policy', () => {
    const volume = {
      metadata: { name: 'pvc-1' },
      spec: { numberOfReplicas: 3 },
      status: { robustness: 'degraded', state: 'attached', currentNodeID: 'w-1' },
    };
    const setting = { metadata: { name: 'node-drain-policy' }, value: 'always-allow' };
    expect(longhornView([volume], [setting])).toEqual({
      volumes: [{ name: 'pvc-1', robustness: 'degraded', state: 'attached', replicas: 3, node: 'w-1' }],
      drainPolicy: 'always-allow',
    });
  });

  it('of Longhorn: on which nodes the copies of a volume lie, where that may be listed', () => {
    const volumes = ['pvc-1', 'pvc-2'].map((name) => ({ metadata: { name }, status: { state: 'attached' } }));
    const on = (volumeName: string, nodeID: string) => ({ spec: { volumeName, nodeID } });
    const replicas = [on('pvc-1', 'w-1'), on('pvc-1', 'w-2'), on('pvc-1', ''), on('pvc-3', 'w-3')];
    const copies = (listed: Parameters<typeof longhornView>[2]) =>
      longhornView(volumes, [], listed).volumes.map((volume) => volume.copies);
    expect(copies(replicas)).toEqual([['w-1', 'w-2'], []]);
    expect(copies(null)).toEqual([undefined, undefined]);
  });

  it('of Rook: health and its reasons', () => {
    const ceph = {
      metadata: { namespace: 'rook-ceph', name: 'rook-ceph' },
      status: {
        ceph: {
          health: 'HEALTH_WARN',
          details: { OSD_DOWN: { severity: 'HEALTH_WARN', message: '1 down' } },
        },
      },
    };
    expect(cephView(ceph)).toMatchObject({
      health: 'HEALTH_WARN',
      details: [{ name: 'OSD_DOWN', severity: 'HEALTH_WARN', message: '1 down' }],
    });
  });
});

describe('others who upgrade', () => {
  const tuppr = (phase: string, annotations = {}) => ({
    metadata: { name: 'cluster', annotations },
    status: { phase },
  });

  it.each([
    ['Upgrading', 'working'],
    ['HealthChecking', 'working'],
    ['Completed', 'idle'],
    ['', 'idle'],
  ] as const)('tuppr in phase "%s" is %s', (phase, state) => {
    expect(tupprFound(tuppr(phase), 'TalosUpgrade')).toMatchObject({ name: 'TalosUpgrade cluster', state });
  });

  it.each([
    ['Pending', 'true', 'suspended'],
    ['MaintenanceWindow', '', 'suspended'],
    ['', 'any word', 'suspended'],
    ['Rebooting', 'true', 'working'],
    ['HealthChecking', '', 'working'],
  ] as const)('tuppr in phase "%s" with the suspend annotation "%s" is %s', (phase, annotation, state) => {
    const object = tuppr(phase, { 'tuppr.home-operations.com/suspend': annotation });
    const found = tupprFound(object, 'TalosUpgrade');
    expect(found).toMatchObject({ state, detail: expect.stringMatching(/, suspended$/) });
  });

  it('system-upgrade-controller works while it applies', () => {
    const plan = { metadata: { namespace: 'system-upgrade', name: 'talos' }, status: { applying: ['w-1'] } };
    expect(planFound(plan)).toMatchObject({ state: 'working', detail: 'on w-1' });
    expect(planFound({ metadata: { name: 'x' } }).state).toBe('idle');
  });

  it.each([
    ['{"nodeID":"w-1"}', 'working'],
    ['{"maxOwners":2,"locks":[{"nodeID":"w-1"},{"nodeID":"w-2"}]}', 'working'],
    ['{"maxOwners":2,"locks":[]}', 'idle'],
    ['not json', 'working'],
    ['', 'idle'],
  ] as const)('kured with the lock %s is %s', (lock, state) => {
    const annotations = lock === '' ? {} : { 'weave.works/kured-node-lock': lock };
    expect(kuredFound({ metadata: { namespace: 'kube-system', name: 'kured', annotations } }).state).toBe(
      state,
    );
  });
});

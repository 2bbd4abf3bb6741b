// The backup in a whole rollout: made before anything is touched, judged, and asked about where only a person can judge.
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../playground/world/kubernetes/patch.ts';
import { BACKUPS } from '../../playground/world/kubernetes/velero.ts';
import { Fault } from '../../src/engine/ports/fault.ts';
import type { VeleroPolicy } from '../../src/rollout/policy.ts';
import { aSceneBeside, backupNames, resultsOf, untilHeld, VELERO, whyHeld } from './beside.ts';
import { REQUESTER } from './scene.ts';

describe('the backup', () => {
  it('is made with what the policy says, and its figures are written down', async () => {
    const beside = aSceneBeside();
    const { scene, velero } = beside;
    await scene.plays();
    expect(backupNames(beside)).toEqual(['talos-chatops-r1-1']);
    expect(velero.backups()[0]).toMatchObject({
      metadata: { annotations: { 'talos-chatops.dev/backup-of': 'r1' } },
      spec: {
        includedNamespaces: ['*'],
        excludedNamespaces: ['kube-system'],
        defaultVolumesToFsBackup: true,
        ttl: '72h0m0s',
      },
    });
    expect(resultsOf(scene, 'backup')).toEqual({
      Velero: { name: 'talos-chatops-r1-1', items: 128, warnings: 1 },
    });
  });

  it('tells how far it is while it is made: items, and the bytes of volumes', async () => {
    const { scene, velero } = aSceneBeside();
    velero.paceMs = 5_000;
    const told: string[] = [];
    scene.tap({
      before: ({ method, args: [, , , sentence] }) => {
        if (method === 'note' && typeof sentence === 'string') told.push(sentence);
      },
    });
    await scene.plays();
    expect(told).toContainEqual(
      expect.stringMatching(/^backing up: \d+ of 128 items, \d\.\d of 6\.0 GiB of 2 volumes/),
    );
  });

  it('says what it knows of its items when nobody tells about volumes', async () => {
    const { scene, velero } = aSceneBeside();
    velero.paceMs = 5_000;
    scene.between((ports) => ({
      ...ports,
      backups: {
        ...ports.backups,
        volumes: async () => {
          throw new Fault('refused', 'Kubernetes refused to list podvolumebackups.velero.io: no.');
        },
      },
    }));
    const told: string[] = [];
    scene.tap({
      before: ({ method, args: [, , , sentence] }) => {
        if (method === 'note' && typeof sentence === 'string') told.push(sentence);
      },
    });
    await scene.plays();
    expect(told).toContainEqual(expect.stringMatching(/^backing up: \d+ of 128 items( \(|$)/));
    expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
  });

  it('that failed in part is held; a person says retry, and another one is made', async () => {
    const beside = aSceneBeside();
    const { scene, velero } = beside;
    velero.fate = 'fails-in-part';
    scene.start();
    await untilHeld(scene);
    expect(whyHeld(scene)).toMatch(/failed in part, with 2 errors and 1 warning/);
    expect(beside.suspended()).toEqual(['frozen', 'old']);
    expect(Object.values(scene.counted('installs')).every((count) => count === 0)).toBe(true);
    velero.fate = 'completes';
    await scene.says({ kind: 'retry' });
    await scene.plays();
    expect(backupNames(beside)).toEqual(['talos-chatops-r1-1', 'talos-chatops-r1-2']);
    expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
  });

  it('that failed in part is good enough when a person says so', async () => {
    const beside = aSceneBeside();
    const { scene, velero } = beside;
    velero.fate = 'fails-in-part';
    scene.start();
    await untilHeld(scene);
    await scene.says({ kind: 'skip' });
    expect(scene.facts('skipped')).toMatchObject([{ user: REQUESTER }]);
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
    expect(backupNames(beside)).toHaveLength(1);
  });

  it.each([
    ['fails', /ended as Failed: the bucket is full/],
    ['is-invalid', /ended as FailedValidation: an existing backup storage location was not specified/],
    ['never-starts', /has no phase after 2 minutes: is Velero running in velero\?/],
  ] as const)('that %s is held with the reason', async (fate, why) => {
    const { scene, velero } = aSceneBeside();
    velero.fate = fate;
    scene.start();
    await untilHeld(scene);
    expect(whyHeld(scene)).toMatch(why);
    expect(scene.facts('step-failed')).toHaveLength(1);
  });

  it.each([
    ['Unavailable', 'ReadWrite', /location default is not available: the bucket does not answer/],
    ['Available', 'ReadOnly', /location default is read-only/],
  ] as const)('is not asked for while its location is %s and %s', async (phase, mode, why) => {
    const beside = aSceneBeside();
    beside.velero.setLocation(phase, mode);
    beside.scene.start();
    await untilHeld(beside.scene);
    expect(whyHeld(beside.scene)).toMatch(why);
    expect(backupNames(beside)).toEqual([]);
  });

  const GOOD = { includedNamespaces: ['*'], defaultVolumesToFsBackup: true, storageLocation: 'default' };

  /** A scene whose policy takes what is an hour old, with backups that others made. */
  function withBackups(
    others: readonly (readonly [name: string, minutesAgo: number, spec: JsonObject])[],
    policy: Partial<VeleroPolicy> = {},
    aheadMs = 0,
  ) {
    const beside = aSceneBeside({
      policy: { velero: { ...VELERO, freshEnoughMs: 3_600_000, ...policy } },
      clockOf: (_owner, clock) => ({ ...clock, now: () => clock.now() + aheadMs }),
    });
    const { scene, velero } = beside;
    for (const [name, minutesAgo, spec] of others) {
      const completionTimestamp = new Date(scene.house.time.now() - minutesAgo * 60_000).toISOString();
      scene.house.objects.shelf.put(BACKUPS, {
        metadata: { namespace: velero.namespace, name },
        spec,
        status: { phase: 'Completed', completionTimestamp },
      });
    }
    return beside;
  }

  it('is not made anew where one is fresh enough and holds as much', async () => {
    const fresh = withBackups([
      ['nightly', 50, GOOD],
      ['yesterday', 1_500, GOOD],
      ['only-shop', 5, { ...GOOD, includedNamespaces: ['shop'] }],
    ]);
    await fresh.scene.plays();
    expect(resultsOf(fresh.scene, 'backup')).toMatchObject({ Velero: { name: 'nightly', found: true } });
    expect(backupNames(fresh)).toHaveLength(3);
  });

  const ADDED = ['volumesnapshots.snapshot.storage.k8s.io', 'volumesnapshotcontents.snapshot.storage.k8s.io'];
  it.each<readonly [string, JsonObject, Partial<VeleroPolicy>, string]>([
    ['as ours would be', {}, {}, 'nightly'],
    ['with what the server leaves out itself', { excludedResources: ADDED }, {}, 'nightly'],
    [
      'with all kinds, and a selector of everything',
      { includedResources: ['*'], labelSelector: {} },
      {},
      'nightly',
    ],
    ['of some kinds only', { includedResources: ['configmaps'] }, {}, 'ours'],
    ['of some kinds of a namespace only', { includedNamespaceScopedResources: ['pods'] }, {}, 'ours'],
    ['without some kinds', { excludedResources: [...ADDED, 'secrets'] }, {}, 'ours'],
    ['without some kinds of the cluster', { excludedClusterScopedResources: ['crds'] }, {}, 'ours'],
    ['without what belongs to the cluster', { includeClusterResources: false }, {}, 'ours'],
    ['of what carries a label', { labelSelector: { matchLabels: { app: 'x' } } }, {}, 'ours'],
    ['of what carries one of two labels', { orLabelSelectors: [{ matchLabels: { app: 'x' } }] }, {}, 'ours'],
    ['that may skip volumes', { resourcePolicy: { kind: 'configmap', name: 'skip' } }, {}, 'ours'],
    ['without the files of volumes', { defaultVolumesToFsBackup: false }, {}, 'ours'],
    [
      'with snapshots, as ours',
      { defaultVolumesToFsBackup: false },
      { defaultVolumesToFsBackup: false },
      'nightly',
    ],
    [
      'without snapshots',
      { defaultVolumesToFsBackup: false, snapshotVolumes: false },
      { defaultVolumesToFsBackup: false },
      'ours',
    ],
    ['that is kept elsewhere', { storageLocation: 'dead' }, {}, 'ours'],
    ['in the location that is named', {}, { storageLocation: 'default' }, 'nightly'],
  ])('%s is looked at for what it holds', async (_how, spec, policy, taken) => {
    const beside = withBackups([['nightly', 50, { ...GOOD, ...spec }]], policy);
    await beside.scene.plays();
    const name = taken === 'ours' ? 'talos-chatops-r1-1' : taken;
    expect(resultsOf(beside.scene, 'backup')).toMatchObject({ Velero: { name } });
  });

  it('that ended in the future is not fresh', async () => {
    const beside = withBackups([['nightly', -10, GOOD]]);
    await beside.scene.plays();
    expect(resultsOf(beside.scene, 'backup')).toMatchObject({ Velero: { name: 'talos-chatops-r1-1' } });
  });

  it.each<readonly [number, number, string]>([
    [50, 900_000, 'nightly'],
    [50, -3_600_000, 'nightly'],
    [70, -900_000, 'talos-chatops-r1-1'],
  ])('that ended %i minutes ago is judged by no worker’s clock: %i ms ahead', async (ago, aheadMs, name) => {
    const beside = withBackups([['nightly', ago, GOOD]], {}, aheadMs);
    await beside.scene.plays();
    expect(resultsOf(beside.scene, 'backup')).toMatchObject({ Velero: { name } });
  });

  it('whose location does not answer is none', async () => {
    const { scene, velero } = withBackups([['nightly', 50, GOOD]]);
    velero.setLocation('Unavailable');
    scene.start();
    await untilHeld(scene);
    expect(whyHeld(scene)).toContain('is not available');
  });

  it('is made where none of the present ones will do', async () => {
    const stale = aSceneBeside({ policy: { velero: { ...VELERO, freshEnoughMs: 3_600_000 } } });
    await stale.scene.plays();
    expect(backupNames(stale)).toEqual(['talos-chatops-r1-1']);
  });
});

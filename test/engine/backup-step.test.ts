// The backup in a whole rollout: made before anything is touched, judged, and asked about where only a person can judge.
import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/engine/ports/fault.ts';
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

  it('is not made anew where one is fresh enough and holds as much', async () => {
    const fresh = aSceneBeside({ policy: { velero: { ...VELERO, freshEnoughMs: 3_600_000 } } });
    const { scene, velero } = fresh;
    const { shelf } = scene.house.objects;
    const kind = shelf.kindOf('velero.io', 'v1', 'backups');
    if (kind === null) throw new Error('no Velero');
    const done = (name: string, minutesAgo: number, included: string): void => {
      shelf.put(kind, {
        metadata: { namespace: velero.namespace, name },
        spec: { includedNamespaces: [included] },
        status: {
          phase: 'Completed',
          completionTimestamp: new Date(scene.house.time.now() - minutesAgo * 60_000).toISOString(),
        },
      });
    };
    done('nightly', 50, '*');
    done('yesterday', 1_500, '*');
    done('only-shop', 5, 'shop');
    await scene.plays();
    expect(resultsOf(scene, 'backup')).toMatchObject({ Velero: { name: 'nightly', found: true } });
    expect(backupNames(fresh)).toHaveLength(3);
  });

  it('is made where none of the present ones will do', async () => {
    const stale = aSceneBeside({ policy: { velero: { ...VELERO, freshEnoughMs: 3_600_000 } } });
    await stale.scene.plays();
    expect(backupNames(stale)).toEqual(['talos-chatops-r1-1']);
  });
});

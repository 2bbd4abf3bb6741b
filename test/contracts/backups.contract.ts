// What every implementation of the port Backups does, told against a simulated Velero.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { KubernetesObjects } from '../../playground/world/kubernetes/kubernetes-objects.ts';
import { BACKUPS, Velero } from '../../playground/world/kubernetes/velero.ts';
import type { BackupRequest, Backups } from '../../src/engine/ports/backups.ts';

export interface BackupsUnderTest {
  readonly backups: Backups;
  readonly objects: KubernetesObjects;
  readonly stop: () => Promise<void>;
}

const REQUEST: BackupRequest = {
  namespace: 'velero',
  name: 'talos-chatops-r1-1',
  mark: 'r1',
  includedNamespaces: ['*'],
  excludedNamespaces: ['kube-system', 'velero'],
  defaultVolumesToFsBackup: true,
  ttlMs: 90_061_000,
  storageLocation: 'default',
};

/** By the wall: a small Velero moves every millisecond, whatever the cluster's own clock is. */
const soon = {
  now: () => Date.now(),
  after: (ms: number, run: () => void) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

export function describeBackups(title: string, open: () => Promise<BackupsUnderTest>): void {
  describe(`${title}: backups`, () => {
    let under: BackupsUnderTest;
    beforeEach(async () => {
      under = await open();
    });
    afterEach(() => under.stop());

    const install = (): Velero => new Velero({ shelf: under.objects.shelf, clock: soon, paceMs: 1 });
    const untilPhase = (phase: string): Promise<unknown> =>
      vi.waitFor(async () => {
        expect((await under.backups.look('velero', REQUEST.name))?.phase).toBe(phase);
      });

    it('are missing where Velero is not installed', async () => {
      const { backups } = under;
      await expect(backups.locations('velero')).rejects.toMatchObject({ kind: 'missing' });
      await expect(backups.completed('velero')).rejects.toMatchObject({ kind: 'missing' });
      await expect(backups.create(REQUEST)).rejects.toMatchObject({ kind: 'missing' });
      expect(await backups.look('velero', REQUEST.name)).toBeNull();
    });

    it('have locations, and say why one is not available', async () => {
      const velero = install();
      expect(await under.backups.locations('velero')).toEqual([
        { name: 'default', available: true, readOnly: false, isDefault: true, why: '' },
      ]);
      velero.setLocation('Unavailable', 'ReadOnly');
      expect(await under.backups.locations('velero')).toMatchObject([
        { available: false, readOnly: true, why: 'the bucket does not answer' },
      ]);
      expect(await under.backups.locations('elsewhere')).toEqual([]);
    });

    it('are made as asked, once, and told by their figures', async () => {
      const velero = install();
      await under.backups.create(REQUEST);
      await under.backups.create(REQUEST);
      expect(velero.backups()).toHaveLength(1);
      expect(velero.backups()[0]).toMatchObject({
        metadata: { name: REQUEST.name, annotations: { 'talos-chatops.dev/backup-of': 'r1' } },
        spec: {
          includedNamespaces: ['*'],
          excludedNamespaces: ['kube-system', 'velero'],
          defaultVolumesToFsBackup: true,
          ttl: '25h1m1s',
          storageLocation: 'default',
        },
      });
      await untilPhase('Completed');
      const seen = await under.backups.look('velero', REQUEST.name);
      expect(seen).toMatchObject({
        name: REQUEST.name,
        mark: 'r1',
        items: { done: 128, total: 128 },
        warnings: 1,
        includedNamespaces: ['*'],
        excludedNamespaces: ['kube-system', 'velero'],
        completedAt: expect.any(Number),
      });
      expect(await under.backups.completed('velero')).toEqual([seen]);
    });

    it('leave to Velero what nobody asked for', async () => {
      const velero = install();
      velero.fate = 'never-starts';
      await under.backups.create({ ...REQUEST, ttlMs: null, storageLocation: null, excludedNamespaces: [] });
      expect(velero.backups()[0]?.['spec']).toEqual({
        includedNamespaces: ['*'],
        defaultVolumesToFsBackup: true,
      });
      const { backups } = under;
      expect(await backups.look('velero', REQUEST.name)).toMatchObject({
        phase: '',
        items: null,
        completedAt: null,
      });
      expect(await backups.completed('velero')).toEqual([]);
    });

    it.each([
      ['fails-in-part', 'PartiallyFailed', { errors: 2, warnings: 1 }],
      ['fails', 'Failed', { failureReason: 'the bucket is full' }],
      [
        'is-invalid',
        'FailedValidation',
        { validationErrors: ['an existing backup storage location was not specified'] },
      ],
    ] as const)('that %s end as %s, with the reason', async (fate, phase, told) => {
      install().fate = fate;
      await under.backups.create(REQUEST);
      await untilPhase(phase);
      expect(await under.backups.look('velero', REQUEST.name)).toMatchObject(told);
    });

    it('of this name that somebody else made are left as they are, without our mark', async () => {
      const velero = install();
      velero.fate = 'never-starts';
      under.objects.shelf.put(BACKUPS, { metadata: { namespace: 'velero', name: REQUEST.name }, spec: {} });
      await under.backups.create(REQUEST);
      expect(await under.backups.look('velero', REQUEST.name)).toMatchObject({ mark: null });
    });

    it('say when the API is away', async () => {
      install();
      under.objects.apiServerUp(false);
      const { backups } = under;
      await expect(backups.locations('velero')).rejects.toMatchObject({ kind: 'unreachable' });
      await expect(backups.look('velero', 'x')).rejects.toMatchObject({ kind: 'unreachable' });
      await expect(backups.create(REQUEST)).rejects.toMatchObject({ kind: 'unreachable' });
    });
  });
}

// What every implementation of the port Backups does, told against a small Velero, in the simulator or on a real API.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BACKUPS } from '../../playground/world/kubernetes/velero.ts';
import type { BackupRequest, Backups } from '../../src/engine/ports/backups.ts';
import type { BesideHands } from './beside-hands.ts';

export interface BackupsUnderTest {
  readonly backups: Backups;
  readonly hands: BesideHands;
  readonly stop: () => Promise<void>;
}

/** Milliseconds for a small Velero to move a backup to its end, on a real API and a busy machine. */
const END_MS = 20_000;

const WISH: Omit<BackupRequest, 'namespace'> = {
  name: 'talos-chatops-r1-1',
  mark: 'r1',
  includedNamespaces: ['*'],
  excludedNamespaces: ['kube-system', 'velero'],
  defaultVolumesToFsBackup: true,
  ttlMs: 90_061_000,
  storageLocation: 'default',
};

export function describeBackups(title: string, open: () => Promise<BackupsUnderTest>): void {
  describe(`${title}: backups`, () => {
    let under: BackupsUnderTest;
    let namespace: string;
    let request: BackupRequest;
    beforeEach(async () => {
      under = await open();
      namespace = under.hands.called('velero');
      request = { ...WISH, namespace };
    });
    afterEach(() => under.stop());

    const untilPhase = (phase: string): Promise<unknown> =>
      vi.waitFor(
        async () => {
          expect((await under.backups.look(namespace, request.name))?.phase).toBe(phase);
        },
        { timeout: END_MS },
      );

    it('are missing where Velero is not installed', async (context) => {
      const { backups, hands } = under;
      if (!(await hands.bare(BACKUPS))) return context.skip('somebody installed Velero');
      await expect(backups.locations(namespace)).rejects.toMatchObject({ kind: 'missing' });
      await expect(backups.completed(namespace)).rejects.toMatchObject({ kind: 'missing' });
      await expect(backups.create(request)).rejects.toMatchObject({ kind: 'missing' });
      expect(await backups.look(namespace, request.name)).toBeNull();
      expect(await backups.volumes(namespace, request.name)).toBeNull();
    });

    it('have locations, and say why one is not available', async () => {
      const velero = await under.hands.velero();
      expect(await under.backups.locations(namespace)).toEqual([
        { name: 'default', available: true, readOnly: false, isDefault: true, why: '' },
      ]);
      await velero.setLocation('Unavailable', 'ReadOnly');
      expect(await under.backups.locations(namespace)).toMatchObject([
        { available: false, readOnly: true, why: 'the bucket does not answer' },
      ]);
      expect(await under.backups.locations('elsewhere')).toEqual([]);
    });

    it('are made as asked, once, and told by their figures', async () => {
      const velero = await under.hands.velero();
      await under.backups.create(request);
      await under.backups.create(request);
      expect(await velero.backups()).toMatchObject([
        {
          metadata: { name: request.name, annotations: { 'talos-chatops.dev/backup-of': 'r1' } },
          spec: {
            includedNamespaces: ['*'],
            excludedNamespaces: ['kube-system', 'velero'],
            defaultVolumesToFsBackup: true,
            ttl: '25h1m1s',
            storageLocation: 'default',
          },
        },
      ]);
      await untilPhase('Completed');
      const seen = await under.backups.look(namespace, request.name);
      expect(seen).toMatchObject({
        name: request.name,
        mark: 'r1',
        items: { done: 128, total: 128 },
        warnings: 1,
        includedNamespaces: ['*'],
        excludedNamespaces: ['kube-system', 'velero'],
        completedAt: expect.any(Number),
      });
      expect(await under.backups.completed(namespace)).toEqual([seen]);
    });

    it('tell how far their volumes are, and of none when none is copied', async () => {
      await under.hands.velero();
      await under.backups.create(request);
      await untilPhase('Completed');
      const bytes = 6 * 2 ** 30;
      expect(await under.backups.volumes(namespace, request.name)).toEqual({
        volumes: 2,
        ended: 2,
        bytes: { done: bytes, total: bytes },
      });
      const other = { ...request, name: 'talos-chatops-r1-2', defaultVolumesToFsBackup: false };
      await under.backups.create(other);
      expect(await under.backups.volumes(namespace, other.name)).toBeNull();
    });

    it('leave to Velero what nobody asked for', async () => {
      const velero = await under.hands.velero();
      velero.small.fate = 'never-starts';
      await under.backups.create({ ...request, ttlMs: null, storageLocation: null, excludedNamespaces: [] });
      expect((await velero.backups())[0]?.['spec']).toEqual({
        includedNamespaces: ['*'],
        defaultVolumesToFsBackup: true,
      });
      const { backups } = under;
      expect(await backups.look(namespace, request.name)).toMatchObject({
        phase: '',
        items: null,
        completedAt: null,
      });
      expect(await backups.completed(namespace)).toEqual([]);
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
      (await under.hands.velero()).small.fate = fate;
      await under.backups.create(request);
      await untilPhase(phase);
      expect(await under.backups.look(namespace, request.name)).toMatchObject(told);
    });

    it('of this name that somebody else made are left as they are, without our mark', async () => {
      const velero = await under.hands.velero();
      velero.small.fate = 'never-starts';
      await velero.putForeign(request.name);
      await under.backups.create(request);
      expect(await under.backups.look(namespace, request.name)).toMatchObject({ mark: null });
    });

    it('say when the API is away', async (context) => {
      const { backups, hands } = under;
      if (hands.apiServerUp === undefined) return context.skip('nobody may take a real API away');
      await hands.velero();
      hands.apiServerUp(false);
      await expect(backups.locations(namespace)).rejects.toMatchObject({ kind: 'unreachable' });
      await expect(backups.look(namespace, 'x')).rejects.toMatchObject({ kind: 'unreachable' });
      await expect(backups.volumes(namespace, 'x')).rejects.toMatchObject({ kind: 'unreachable' });
      await expect(backups.create(request)).rejects.toMatchObject({ kind: 'unreachable' });
    });
  });
}

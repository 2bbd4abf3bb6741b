// The port Backups over Velero's objects (kubernetes.md 3.5).
import type {
  BackupLocation,
  BackupRequest,
  BackupSeen,
  Backups,
  VolumesSeen,
} from '../engine/ports/backups.ts';
import { Fault } from '../engine/ports/fault.ts';
import type { KubernetesConnection } from './connection.ts';
import {
  listPlain,
  nameOf,
  numberAt,
  type Plain,
  plainAt,
  textAt,
  textsAt,
  timeAt,
  trueAt,
} from './estate/plain.ts';
import { nullWhenMissing } from './fault.ts';
import { readPlain } from './read-plain.ts';

/** The only version that Velero has ever served these in. */
const VELERO = { group: 'velero.io', version: 'v1' };

/** Which rollout asked for the backup. */
export const backupOfAnnotation = 'talos-chatops.dev/backup-of';

/** Velero's own, on everything that belongs to a backup. */
export const backupNameLabel = 'velero.io/backup-name';
const VOLUME_ENDS = ['Completed', 'Failed', 'Canceled'];

export function veleroBackups(connection: KubernetesConnection, pageSize: number): Backups {
  const list = (plural: string, namespace: string): Promise<readonly Plain[]> => {
    return listPlain(connection, { ...VELERO, plural, namespace }, pageSize);
  };
  return {
    locations: async (namespace) => (await list('backupstoragelocations', namespace)).map(backupLocation),
    completed: async (namespace) =>
      (await list('backups', namespace)).map(backupSeen).filter(({ phase }) => phase === 'Completed'),
    look: (namespace, name) => look(connection, namespace, name),
    volumes: async (namespace, name) => {
      const labelSelector = `${backupNameLabel}=${name}`;
      const collection = { ...VELERO, plural: 'podvolumebackups', namespace, labelSelector };
      return volumesSeen((await listPlain(connection, collection, pageSize).catch(nullWhenMissing)) ?? []);
    },
    create: async (request) => {
      const { namespace, name } = request;
      const address = { ...VELERO, plural: 'backups', namespace };
      try {
        await connection.write(`to create the backup ${name}`, ({ createPlain }) =>
          createPlain(address, backupObject(request)),
        );
      } catch (error) {
        // It is there: an earlier call that nobody heard the answer of. Whose it is, its mark tells.
        const exists = error instanceof Fault && error.code === '409';
        if (!exists) throw error;
      }
    },
  };
}

async function look(
  connection: KubernetesConnection,
  namespace: string,
  name: string,
): Promise<BackupSeen | null> {
  const address = { ...VELERO, plural: 'backups', namespace, name };
  const backup = await readPlain(connection, address, `for the backup ${name}`).catch(nullWhenMissing);
  return backup === null ? null : backupSeen(backup);
}

export function backupSeen(object: Plain): BackupSeen {
  const total = numberAt(object, 'status', 'progress', 'totalItems');
  return {
    name: nameOf(object).name,
    mark: textAt(object, 'metadata', 'annotations', backupOfAnnotation) || null,
    phase: textAt(object, 'status', 'phase'),
    items:
      total === null ? null : { total, done: numberAt(object, 'status', 'progress', 'itemsBackedUp') ?? 0 },
    errors: numberAt(object, 'status', 'errors') ?? 0,
    warnings: numberAt(object, 'status', 'warnings') ?? 0,
    validationErrors: textsAt(object, 'status', 'validationErrors'),
    failureReason: textAt(object, 'status', 'failureReason'),
    includedNamespaces: textsAt(object, 'spec', 'includedNamespaces'),
    excludedNamespaces: textsAt(object, 'spec', 'excludedNamespaces'),
    omits: omissions(object),
    volumes: volumesKept(object),
    storageLocation: textAt(object, 'spec', 'storageLocation') || null,
    completedAt: timeAt(object, 'status', 'completionTimestamp'),
  };
}

/** Lists of kinds by which a backup is narrowed, in Velero's older and newer words. */
const ONLY = [
  'includedResources',
  'includedClusterScopedResources',
  'includedNamespaceScopedResources',
] as const;
const NOT = [
  'excludedResources',
  'excludedClusterScopedResources',
  'excludedNamespaceScopedResources',
] as const;
/** Velero's server writes these into every backup itself: what they hold is only made on the way. */
const OF_THE_SERVER = /^volume(group)?snapshot/;

function omissions(backup: Plain): readonly string[] {
  const only = ONLY.filter((field) => {
    const kinds = textsAt(backup, 'spec', field);
    return kinds.length > 0 && !kinds.includes('*');
  });
  const not = NOT.filter((field) => textsAt(backup, 'spec', field).some((kind) => !OF_THE_SERVER.test(kind)));
  const spec = plainAt(backup, 'spec');
  const selector = Object.values(plainAt(backup, 'spec', 'labelSelector')).some(isFilled);
  return [
    ...only,
    ...not,
    ...(selector ? ['labelSelector'] : []),
    ...(isFilled(spec['orLabelSelectors']) ? ['orLabelSelectors'] : []),
    ...(spec['includeClusterResources'] === false ? ['includeClusterResources'] : []),
    // It may tell Velero to skip volumes.
    ...(isFilled(spec['resourcePolicy']) ? ['resourcePolicy'] : []),
  ];
}

function isFilled(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}

function volumesKept(backup: Plain): BackupSeen['volumes'] {
  if (trueAt(backup, 'spec', 'defaultVolumesToFsBackup')) return 'files';
  return plainAt(backup, 'spec')['snapshotVolumes'] === false ? 'none' : 'snapshots';
}

/** Null for no volumes. */
export function volumesSeen(copies: readonly Plain[]): VolumesSeen | null {
  if (copies.length === 0) return null;
  const sum = (figure: string): number =>
    copies.reduce((bytes, copy) => bytes + (numberAt(copy, 'status', 'progress', figure) ?? 0), 0);
  return {
    volumes: copies.length,
    ended: copies.filter((copy) => VOLUME_ENDS.includes(textAt(copy, 'status', 'phase'))).length,
    bytes: { done: sum('bytesDone'), total: sum('totalBytes') },
  };
}

export function backupLocation(object: Plain): BackupLocation {
  return {
    name: nameOf(object).name,
    available: textAt(object, 'status', 'phase') === 'Available',
    readOnly: textAt(object, 'spec', 'accessMode') === 'ReadOnly',
    isDefault: trueAt(object, 'spec', 'default'),
    why: textAt(object, 'status', 'message'),
  };
}

/** As `velero backup create` writes it; what is not asked for is left to the server. */
export function backupObject(request: BackupRequest): Plain {
  const { namespace, name, mark, includedNamespaces, excludedNamespaces, ttlMs, storageLocation } = request;
  return {
    apiVersion: `${VELERO.group}/${VELERO.version}`,
    kind: 'Backup',
    metadata: { name, namespace, annotations: { [backupOfAnnotation]: mark } },
    spec: {
      includedNamespaces,
      ...(excludedNamespaces.length === 0 ? {} : { excludedNamespaces }),
      defaultVolumesToFsBackup: request.defaultVolumesToFsBackup,
      ...(ttlMs === null ? {} : { ttl: durationText(ttlMs) }),
      ...(storageLocation === null ? {} : { storageLocation }),
    },
  };
}

/** As Go writes durations: `720h0m0s`. */
function durationText(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  return `${Math.floor(seconds / 3_600)}h${Math.floor((seconds % 3_600) / 60)}m${seconds % 60}s`;
}

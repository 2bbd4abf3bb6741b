// A small Velero: moves the backups that callers of the API create through their phases, by the world's clock.
import type { WorldClock } from '../clock.ts';
import { timeText } from './objects.ts';
import { isJsonObject, type Json, type JsonObject } from './patch.ts';
import type { Shelf, ShelvedKind } from './shelf.ts';

export const BACKUPS: ShelvedKind = {
  group: 'velero.io',
  version: 'v1',
  plural: 'backups',
  kind: 'Backup',
  namespaced: true,
};
export const LOCATIONS: ShelvedKind = {
  ...BACKUPS,
  plural: 'backupstoragelocations',
  kind: 'BackupStorageLocation',
};

export const VOLUMES: ShelvedKind = { ...BACKUPS, plural: 'podvolumebackups', kind: 'PodVolumeBackup' };

/** What becomes of the next backups (facts: kubernetes.md 3.5). */
export const BACKUP_FATES = ['fails-in-part', 'fails', 'is-invalid', 'never-starts', 'completes'] as const;
export type BackupFate = (typeof BACKUP_FATES)[number];

interface VeleroParts {
  readonly shelf: Shelf;
  readonly clock: WorldClock;
  readonly namespace?: string;
  readonly paceMs?: number;
}

/** Items of one backup, and how many are done at each change. */
const ITEMS = 128;
const SHARES = 4;
/** Volumes copied file by file where a backup asks for that, and the bytes of each. */
const COPIES = ['db-data', 'shop-uploads'];
const COPY_BYTES = 3 * 2 ** 30;

export class Velero {
  readonly namespace: string;
  fate: BackupFate = 'completes';
  /** Milliseconds between two changes of a backup's status. */
  paceMs: number;
  readonly #shelf: Shelf;
  readonly #clock: WorldClock;

  /** Installed, with one default location that is available. */
  constructor({ shelf, clock, namespace = 'velero', paceMs = 50 }: VeleroParts) {
    this.namespace = namespace;
    this.#shelf = shelf;
    this.#clock = clock;
    this.paceMs = paceMs;
    this.install();
    shelf.onPut((kind, object) => {
      if (kind.plural === BACKUPS.plural && kind.group === BACKUPS.group && phaseOf(object) === '')
        this.#later(() => this.#takeUp(nameIn(object)));
    });
  }

  get installed(): boolean {
    return this.#shelf.kindOf(BACKUPS.group, BACKUPS.version, BACKUPS.plural) !== null;
  }

  install(): void {
    this.#shelf.install(BACKUPS);
    this.#shelf.install(LOCATIONS);
    this.#shelf.install(VOLUMES);
    this.setLocation('Available');
  }

  /** With its kinds all its backups are gone. */
  uninstall(): void {
    this.#shelf.uninstall(BACKUPS);
    this.#shelf.uninstall(LOCATIONS);
    this.#shelf.uninstall(VOLUMES);
  }

  setLocation(phase: 'Available' | 'Unavailable', accessMode: 'ReadWrite' | 'ReadOnly' = 'ReadWrite'): void {
    const message = phase === 'Available' ? {} : { message: 'the bucket does not answer' };
    this.#shelf.put(LOCATIONS, {
      metadata: { namespace: this.namespace, name: 'default' },
      spec: { default: true, accessMode, provider: 'aws' },
      status: { phase, ...message },
    });
  }

  /** All backups as they stand, in order of name. */
  backups(): readonly JsonObject[] {
    const answer = this.#shelf.list(BACKUPS, { namespace: this.namespace });
    const items = answer.kind === 'object' ? answer.object['items'] : [];
    return Array.isArray(items) ? items.filter(isJsonObject) : [];
  }

  #later(run: () => void): void {
    this.#clock.after(this.paceMs, run);
  }

  #takeUp(name: string): void {
    if (this.fate === 'never-starts') return;
    if (this.fate === 'is-invalid') {
      const validationErrors = ['an existing backup storage location was not specified'];
      this.#end(name, 'FailedValidation', { validationErrors });
    } else this.#goOn(name, 0);
  }

  #goOn(name: string, share: number): void {
    if (share < SHARES) {
      const itemsBackedUp = Math.floor((ITEMS * share) / SHARES);
      this.#tell(name, { phase: 'InProgress', progress: { totalItems: ITEMS, itemsBackedUp } });
      this.#copy(name, share);
      this.#later(() => this.#goOn(name, share + 1));
      return;
    }
    this.#copy(name, SHARES);
    const progress = { totalItems: ITEMS, itemsBackedUp: ITEMS };
    if (this.fate === 'fails') {
      this.#end(name, 'Failed', { failureReason: 'the bucket is full' });
      return;
    }
    const inPart = this.fate === 'fails-in-part';
    this.#tell(name, { phase: inPart ? 'FinalizingPartiallyFailed' : 'Finalizing', progress });
    this.#later(() => {
      if (inPart) this.#end(name, 'PartiallyFailed', { progress, errors: 2, warnings: 1 });
      else this.#end(name, 'Completed', { progress, warnings: 1 });
    });
  }

  /** What the node agents do meanwhile. */
  #copy(backup: string, share: number): void {
    if (!this.installed) return;
    const found = this.#shelf.get(BACKUPS, this.namespace, backup);
    const spec = found.kind === 'object' ? found.object['spec'] : null;
    if (!isJsonObject(spec) || spec['defaultVolumesToFsBackup'] !== true) return;
    for (const volume of COPIES)
      this.#shelf.put(VOLUMES, {
        metadata: {
          namespace: this.namespace,
          name: `${backup}-${volume}`,
          labels: { 'velero.io/backup-name': backup },
        },
        spec: { volume, node: 'w-1' },
        status: {
          phase: share < SHARES ? 'InProgress' : 'Completed',
          progress: { totalBytes: COPY_BYTES, bytesDone: (COPY_BYTES * share) / SHARES },
        },
      });
  }

  #end(name: string, phase: string, status: JsonObject): void {
    this.#tell(name, { phase, completionTimestamp: timeText(this.#clock.now()), ...status });
  }

  /** A backup that was deleted meanwhile is let be; so is one whose Velero was. */
  #tell(name: string, status: JsonObject): void {
    if (!this.installed) return;
    const found = this.#shelf.get(BACKUPS, this.namespace, name);
    if (found.kind === 'object') this.#shelf.put(BACKUPS, { ...found.object, status });
  }
}

function phaseOf(object: JsonObject): string {
  const status = object['status'];
  return isJsonObject(status) ? textOf(status['phase']) : '';
}

function nameIn(object: JsonObject): string {
  const metadata = object['metadata'];
  return isJsonObject(metadata) ? textOf(metadata['name']) : '';
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

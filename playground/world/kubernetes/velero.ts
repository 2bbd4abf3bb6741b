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

/** What becomes of the next backups (facts: kubernetes.md 3.5). */
export type BackupFate = 'completes' | 'fails-in-part' | 'fails' | 'is-invalid' | 'never-starts';

interface VeleroParts {
  readonly shelf: Shelf;
  readonly clock: WorldClock;
  readonly namespace?: string;
  /** Milliseconds between two changes of a backup's status. */
  readonly paceMs?: number;
}

/** Items of one backup, and how many are done at each change. */
const ITEMS = 128;
const SHARES = 4;

export class Velero {
  readonly namespace: string;
  fate: BackupFate = 'completes';
  readonly #shelf: Shelf;
  readonly #clock: WorldClock;
  readonly #paceMs: number;

  /** Installs its kinds, with one default location that is available. */
  constructor({ shelf, clock, namespace = 'velero', paceMs = 50 }: VeleroParts) {
    this.namespace = namespace;
    this.#shelf = shelf;
    this.#clock = clock;
    this.#paceMs = paceMs;
    shelf.install(BACKUPS);
    shelf.install(LOCATIONS);
    this.setLocation('Available');
    shelf.onPut((kind, object) => {
      if (kind.plural === BACKUPS.plural && kind.group === BACKUPS.group && phaseOf(object) === '')
        this.#later(() => this.#takeUp(nameIn(object)));
    });
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
    this.#clock.after(this.#paceMs, run);
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
      this.#later(() => this.#goOn(name, share + 1));
      return;
    }
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

  #end(name: string, phase: string, status: JsonObject): void {
    this.#tell(name, { phase, completionTimestamp: timeText(this.#clock.now()), ...status });
  }

  /** A backup that was deleted meanwhile is let be. */
  #tell(name: string, status: JsonObject): void {
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

// Who makes backups of what runs in a cluster. Implemented by src/kubernetes over Velero and by the playground's double.

/** A backup to be made; the same name is the same backup, however often it is asked for. */
export interface BackupRequest {
  readonly namespace: string;
  readonly name: string;
  /** Whose it is: a backup of this name with another mark is not ours. */
  readonly mark: string;
  readonly includedNamespaces: readonly string[];
  readonly excludedNamespaces: readonly string[];
  readonly defaultVolumesToFsBackup: boolean;
  readonly ttlMs: number | null;
  readonly storageLocation: string | null;
}

export interface BackupSeen {
  readonly name: string;
  /** Null when it is not of this program. */
  readonly mark: string | null;
  /** Velero's own word; empty until its controller has seen it (kubernetes.md 3.5). */
  readonly phase: string;
  /** Null until it is counted. */
  readonly items: { readonly done: number; readonly total: number } | null;
  readonly errors: number;
  readonly warnings: number;
  readonly validationErrors: readonly string[];
  readonly failureReason: string;
  readonly includedNamespaces: readonly string[];
  readonly excludedNamespaces: readonly string[];
  /** Fields of its spec that leave something out of these namespaces, such as `labelSelector`: ours has none. */
  readonly omits: readonly string[];
  /** How volumes are kept: copied file by file, as snapshots where that can be done, or not at all. */
  readonly volumes: 'files' | 'snapshots' | 'none';
  /** Null until Velero has written down its default one. */
  readonly storageLocation: string | null;
  /** Milliseconds since 1970; null while it runs. */
  readonly completedAt: number | null;
}

/** The volumes of one backup that are copied file by file, all together. */
export interface VolumesSeen {
  readonly volumes: number;
  /** Of those, copied to their end, well or not. */
  readonly ended: number;
  /** Bytes of those whose size is known by now. */
  readonly bytes: { readonly done: number; readonly total: number };
}

export interface BackupLocation {
  readonly name: string;
  readonly available: boolean;
  readonly readOnly: boolean;
  readonly isDefault: boolean;
  /** Why it is not available, in Velero's words. */
  readonly why: string;
}

/** Everything throws Fault, `missing` where Velero is not installed. */
export interface Backups {
  locations(namespace: string): Promise<readonly BackupLocation[]>;
  /** Completed ones. */
  completed(namespace: string): Promise<readonly BackupSeen[]>;
  /** Null when there is none of this name. */
  look(namespace: string, name: string): Promise<BackupSeen | null>;
  /** How far the copying of its volumes is; null when none is copied, or that kind is not installed. */
  volumes(namespace: string, name: string): Promise<VolumesSeen | null>;
  /** Asks for it; one that is there already is left as it is. */
  create(request: BackupRequest): Promise<void>;
}

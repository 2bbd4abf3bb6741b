// Where copies of etcd are kept before a control plane is touched. Implemented by src/archive.

export interface PutRequest {
  readonly cluster: string;
  readonly rollout: string;
  /** What EtcdSnapshot sends: the database and, behind it, its SHA-256 (talos-api.md 2.2). Read once, never kept whole. */
  readonly stream: AsyncIterable<Uint8Array>;
  /** Milliseconds since 1970; part of the name. */
  readonly takenAt: number;
}

export interface StoredSnapshot {
  /** Below the archive's folder or prefix: `prod/20261120T150000.123Z_prod_r0123456789.snapshot`. */
  readonly name: string;
  /** Size of what was stored, and its SHA-256 as 64 hex digits: what `sha256sum` prints for it, encrypted or not. */
  readonly bytes: number;
  readonly digest: string;
}

export interface ListedSnapshot {
  readonly name: string;
  readonly rollout: string;
  readonly takenAt: number;
  readonly bytes: number;
  readonly encrypted: boolean;
}

/** What is kept of one cluster: the newest `keep`, none older than `maxAgeMs`; the newest of all in any case. */
export interface Retention {
  readonly keep: number;
  readonly maxAgeMs: number;
}

/**
 * Every method throws Fault: `refused` when a person must act (full, no right, a bucket's policy), `missing` when the bucket is
 * not there, `unreachable` and `busy` when later may be better, `broken` when the stream is not a whole snapshot.
 */
export interface Archive {
  /** Stores one verified snapshot, readable by its owner alone. A stream that breaks or fails its checksum leaves nothing behind. */
  put(request: PutRequest): Promise<StoredSnapshot>;
  /** This cluster's snapshots, newest first. What was never finished is not among them. */
  list(cluster: string): Promise<readonly ListedSnapshot[]>;
  /**
   * Deletes what `retention` does not keep at `nowMs`, and what interrupted puts left; returns the deleted names. `taken` is the name
   * of the copy that was just put, and never among them: by the clock of another process an older copy may look newer. Null: none was.
   */
  prune(
    cluster: string,
    retention: Retention,
    nowMs: number,
    taken: string | null,
  ): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** One cluster's archive with the rules for what stays in it. */
export interface Archiving {
  readonly archive: Archive;
  readonly retention: Retention;
}

// How the store is set up, for whoever asks what is missing. Implemented by src/store.

export interface StoreHealth {
  /** Where it is, without its password. */
  readonly where: string;
  /** Servers of a Redis Cluster that do not answer now: nothing below is about them. Absent: nobody is away. */
  readonly away?: readonly string[];
  /** `noeviction` is the only one that loses nothing; null = it does not say. */
  readonly evictionPolicy: string | null;
  /** unknown: a managed one that does not let its settings be read. */
  readonly persistence: 'appended' | 'snapshots' | 'none' | 'unknown';
  /** Its clock, milliseconds since 1970: what times in journals are. */
  readonly at: number;
  /** Replicas that must have each fact, and how many are there. Absent: nothing is said about it. */
  readonly replicas?: { readonly needed: number; readonly online: number };
  /** Whether entries are signed; mixed: unsigned ones are believed as well. Absent: nothing is said about it. */
  readonly signing?: 'on' | 'off' | 'mixed';
}

export interface StoreDoctor {
  /** Rejects with Fault when it does not answer. */
  look(): Promise<StoreHealth>;
}

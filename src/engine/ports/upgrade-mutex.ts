// Talos's own upgrade mutex, kept in etcd: it keeps `talosctl upgrade` (<= 1.12) and a second bot out. Implemented by src/etcd.
import type { EtcdSeat } from './witness.ts';

/** Milliseconds after which etcd frees a mutex that nobody keeps alive: Talos's own number, and ours. */
export const MUTEX_TTL_MS = 60_000;

export type MutexReply =
  | { readonly kind: 'taken'; readonly hold: MutexHold }
  /** `holder` is the holder's lease id in hex, the end of its key: all that etcd knows about who it is. */
  | { readonly kind: 'held-elsewhere'; readonly holder: string };

export type Release =
  | { readonly kind: 'released' }
  /** Nobody confirmed it; etcd frees it by itself, at the latest `withinMs` from now. */
  | { readonly kind: 'expires'; readonly withinMs: number; readonly why: string };

/** The mutex in our hand: kept alive until released, lost, or the adapter is closed. */
export interface MutexHold {
  /** Our lease id in hex, to recognise our own key later. */
  readonly holder: string;
  /** Aborted once it can no longer be sure to be ours: by our own clock, which is before etcd would give it to anybody else. */
  readonly lost: AbortSignal;
  /** True while it is sure to be ours. Ask right before an act: the signal may come late in a busy process. */
  holds(): boolean;
  /**
   * Asks etcd whether it still is ours, as it may not be when a person revoked the lease or deleted the key: false is final. Without
   * an answer our own clock decides. Never rejects.
   */
  confirm(): Promise<boolean>;
  /** Gives it up; repeating it is harmless. Never rejects. */
  release(): Promise<Release>;
  /** Stops keeping it alive without giving it up: others are kept out for what is left of its time, `MUTEX_TTL_MS` at most. */
  letExpire(): void;
}

export interface UpgradeMutex {
  /**
   * Takes it now or not at all, through whichever of these members answers. A refused try leaves nothing behind in etcd; what a
   * lost call may have left there is given back before the next try, or expires within the TTL.
   * Throws Fault: `unreachable` or `busy` when no member can commit, `refused` or `broken` for credentials.
   */
  tryTake(seats: readonly EtcdSeat[]): Promise<MutexReply>;
  /** Stops keeping anything alive; what is still held expires. */
  close(): Promise<void>;
}

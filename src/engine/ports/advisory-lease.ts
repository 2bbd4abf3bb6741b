// A Kubernetes Lease that tells bots on different Redis of each other (kubernetes.md 3.10). Implemented by src/kubernetes.
import type { LeaseSeen, LeaseView } from '../../cluster/lease.ts';

/**
 * Milliseconds without a renewal after which a holder counts as gone. Shorter than the API of a single control plane is away: whoever
 * watches begins anew after a silence, so that the holder has its turn first when the API is back (docs/decisions/0026).
 */
export const LEASE_DURATION_MS = 120_000;

/** Who wants it. */
export interface LeaseClaim {
  readonly holder: string;
  /** Names under which earlier processes of the same rollout held it: their journal is ours, so theirs is taken over at once. */
  readonly earlier: ReadonlySet<string>;
}

export type LeaseReply =
  | { readonly kind: 'taken'; readonly hold: LeaseHold }
  | { readonly kind: 'held-elsewhere'; readonly seen: LeaseSeen };

export type LeaseRelease =
  | { readonly kind: 'released' }
  /** Nobody confirmed it; others count us as gone at the latest `withinMs` from now. */
  | { readonly kind: 'expires'; readonly withinMs: number; readonly why: string };

/** The Lease in our hand: renewed until released, taken by somebody else, or the adapter is closed. */
export interface LeaseHold {
  readonly holder: string;
  /** How often it has changed hands, ours included: an older epoch is somebody who does not know yet. */
  readonly epoch: number;
  /** Somebody else has it, or a person deleted it. Final. */
  readonly lost: boolean;
  /** Renews it now. unsure: Kubernetes does not answer, and nobody can have been seen taking it. Never rejects. */
  confirm(): Promise<'ours' | 'unsure' | 'lost'>;
  /** Gives it up, unless somebody else has it; repeating it is harmless. Never rejects. */
  release(): Promise<LeaseRelease>;
  /** Stops renewing it without giving it up: others are kept out for what is left of its time. */
  letExpire(): void;
}

export interface AdvisoryLease {
  /** Takes it now or not at all. Throws Fault. */
  tryTake(claim: LeaseClaim): Promise<LeaseReply>;
  /** Who has it now; asking begins or goes on with the watch by which a dead holder is recognised. Throws Fault. */
  look(): Promise<LeaseView>;
  /** Stops renewing anything; what is still held expires. */
  close(): Promise<void>;
}

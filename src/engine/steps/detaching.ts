// Waits until the volumes of pods that left are detached from their node, as well as that can be seen (kubernetes.md 2.6).
import { deadlineOf } from '../../rollout/deadline.ts';
import { faultOf } from '../ports/fault.ts';
import type { AttachmentSeen, PodSeen } from '../ports/workloads.ts';
import type { StepContext } from './doer.ts';

/** Between two looks; a driver takes seconds to detach. */
const EVERY_MS = 2_000;
/** Longer than a driver takes that works; after it the node restarts all the same, as kubectl and Talos do. */
const DETACH_MS = 300_000;
/** Of a drain with a short limit so much may go to its volumes. */
const DETACH_SHARE = 1 / 3;
/** So long before the drain's own limit they are not waited for any more: they alone must not make it fail, whenever its pods left. */
const SPARE_MS = 2_000;
/** Of a drain with hardly any limit. */
const SPARE_SHARE = 1 / 10;

export interface Detaching {
  /** This process begins the drain, so it knows which pods were there. */
  begun(): void;
  /** Remembers whose claims are about to be free. */
  leaving(pods: readonly PodSeen[]): void;
  /** What is still attached though its pod left; `waits` false: no longer waited for. Never rejects. */
  left(
    staying: readonly PodSeen[],
  ): Promise<{ readonly attached: readonly AttachmentSeen[]; readonly waits: boolean }>;
}

export function detaching({ workloads, node, clock, step, current, storeNow }: StepContext): Detaching {
  const limitMs = Math.min(DETACH_MS, step.limitMs * DETACH_SHARE);
  const spareMs = Math.min(SPARE_MS, step.limitMs * SPARE_SHARE);
  /** Null in a process that took the drain over: then every claim counts that no pod on the node uses. */
  let claims: Set<string> | null = null;
  let emptyAt: number | null = null;
  /** The first look of this process, by the store's clock: from it the drain's own time counts. */
  let firstAt: number | null = null;
  let seenAt = Number.NEGATIVE_INFINITY;
  let attached: readonly AttachmentSeen[] | null = [];
  const look = async (): Promise<readonly AttachmentSeen[] | null> => {
    try {
      return await workloads.attachments(node.name);
    } catch (error) {
      const { kind } = faultOf(error);
      // Rights we were not given, or a cluster without such volumes: it is a courtesy, and no condition.
      return kind === 'refused' || kind === 'missing' ? [] : null;
    }
  };
  const looked = (): number => {
    firstAt ??= storeNow();
    return firstAt;
  };
  const isTimeLeft = (): boolean => storeNow() < deadlineOf(current(), step, looked()) - spareMs;
  return {
    begun: () => {
      claims = new Set();
    },
    leaving: (pods) => {
      emptyAt = null;
      looked();
      for (const claim of pods.flatMap(claimsOf)) claims?.add(claim);
    },
    left: async (staying) => {
      emptyAt ??= clock.monotonic();
      if (clock.monotonic() - seenAt >= EVERY_MS) {
        seenAt = clock.monotonic();
        attached = await look();
      }
      const used = new Set(staying.flatMap(claimsOf));
      const still = (attached ?? []).filter(({ claim }) => {
        const name = claim === null ? null : nameOf(claim);
        return name !== null && !used.has(name) && (claims?.has(name) ?? true);
      });
      const due = clock.monotonic() - emptyAt < limitMs && isTimeLeft();
      return { attached: still, waits: due && (still.length > 0 || attached === null) };
    },
  };
}

function claimsOf({ namespace, claims }: PodSeen): readonly string[] {
  return claims.map((name) => nameOf({ namespace, name }));
}

function nameOf({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}

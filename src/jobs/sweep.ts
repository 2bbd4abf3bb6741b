// The certain way of waking: every half second, whoever's Look has come (design.md 4.6). Bells are only quicker.
import type { Clock } from '../engine/ports/clock.ts';
import { type DueLook, type Journal, UnreadableEntry } from '../engine/ports/journal.ts';

/** Bounds how late a lost bell is noticed. */
const SWEEP_EVERY_MS = 500;
/** Rollouts handed out and not yet finished with: a cluster has one or two, so more than this would be a leak. */
const MOST_IN_HAND = 200;
/** A journal that cannot be read stays so until a person does something; its Look stands, and is not complained of twice a second. */
const UNREADABLE_REST_MS = 30_000;

export interface SweepParts {
  readonly journal: Pick<Journal, 'due'>;
  readonly clusters: readonly string[];
  readonly clock: Clock;
  /** Drives a rollout whose Look has come. It is not called again for this rollout before it settles; a rejection is reported. */
  readonly onDue: (look: DueLook) => Promise<void>;
  /** Told once per outage of the store, and of every rejection of onDue. */
  readonly onError: (error: unknown, look: DueLook | null) => void;
}

export interface RunningSweep {
  /** Sweeps no more; what was handed out goes on. Resolves when the last sweep is over. */
  stop(): Promise<void>;
}

export function startSweep(parts: SweepParts): RunningSweep {
  const stopped = new AbortController();
  const over = sweepUntil(parts, stopped.signal);
  return {
    stop: async () => {
      stopped.abort();
      await over;
    },
  };
}

/** Ends with the process or with `stop`: it is the heartbeat. */
async function sweepUntil(parts: SweepParts, stopped: AbortSignal): Promise<void> {
  const inHand = new Set<string>();
  let away = false;
  while (!stopped.aborted) {
    try {
      const looks = await parts.journal.due(parts.clusters, MOST_IN_HAND);
      away = false;
      if (!stopped.aborted) for (const look of looks) handOut({ parts, inHand, stopped }, look);
    } catch (error) {
      if (!away) parts.onError(error, null);
      away = true;
    }
    await parts.clock.sleep(SWEEP_EVERY_MS, stopped);
  }
}

function handOut(
  { parts, inHand, stopped }: { parts: SweepParts; inHand: Set<string>; stopped: AbortSignal },
  look: DueLook,
): void {
  const key = JSON.stringify([look.cluster, look.rollout]);
  if (inHand.has(key) || inHand.size >= MOST_IN_HAND) return;
  inHand.add(key);
  void (async () => {
    try {
      await parts.onDue(look);
    } catch (error) {
      parts.onError(error, look);
      if (error instanceof UnreadableEntry) await parts.clock.sleep(UNREADABLE_REST_MS, stopped);
    } finally {
      inHand.delete(key);
    }
  })();
}

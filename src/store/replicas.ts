// How many replicas must have a fact before it counts: as it is configured, or as Redis turns out to be set up.
import type { RedisPlace } from './place.ts';

export interface NeededReplicas {
  /** How many, by now. */
  count(): number;
  /** Told how many replicas there are. Without a configured number it is raised with the first one, and never lowered. */
  seen(online: number): void;
}

export interface ReplicaParts {
  /** `redis.replicas`; null: one where a replica can take over. */
  readonly configured: number | null;
  readonly place: RedisPlace;
  /** Told when it is raised. */
  readonly onRaised: (count: number, online: number) => void;
}

/**
 * Whoever runs Sentinel or a Cluster wants it to fail over; one server with a replica is made to, by whatever stands before it. Such a
 * replica may be away, or still copying, when a process starts: once seen, it is waited for, because it may take over later.
 */
export function neededReplicas({ configured, place, onRaised }: ReplicaParts): NeededReplicas {
  let count = configured ?? (place.kind === undefined ? 0 : 1);
  return {
    count: () => count,
    seen: (online) => {
      if (configured !== null || count > 0 || online === 0) return;
      count = 1;
      onRaised(count, online);
    },
  };
}

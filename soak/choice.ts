// Choosing by chance: one of several, a node of the cluster, and moves laid between others.
import type { Random } from '../playground/world/random.ts';
import type { Move } from './move.ts';

export function pick<T>(random: Random, values: readonly T[]): T {
  const value = values[random.int(values.length)];
  if (value === undefined) throw new Error('nothing to pick from');
  return value;
}

export function times<T>(count: number, draw: () => T): readonly T[] {
  return Array.from({ length: count }, draw);
}

/** How many machines there are of each role. */
export interface Machines {
  readonly controlPlanes: number;
  readonly workers: number;
}

export function anyNode(random: Random, { controlPlanes, workers }: Machines): string {
  const at = random.int(controlPlanes + workers);
  return at < controlPlanes ? `cp-${at + 1}` : `w-${at - controlPlanes + 1}`;
}

/** Each group stays together and falls somewhere among the moves, whose own order stays. */
export function among(
  random: Random,
  moves: readonly Move[],
  groups: readonly (readonly Move[])[],
): readonly Move[] {
  return groups.reduce((all, group) => {
    const at = random.int(all.length + 1);
    return [...all.slice(0, at), ...group, ...all.slice(at)];
  }, moves);
}

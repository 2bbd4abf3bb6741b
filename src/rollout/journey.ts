// A journey over several versions: no rollout of its own, only what each hop's journal says it is a part of.
import type { HopTime, Path, PathHop, PathTarget } from '../cluster/path.ts';
import type { Rollout } from './rollout.ts';

/** A hop as a journal remembers it: what was still ahead when this one was asked. */
export type HopAhead = Pick<PathHop, 'kind' | 'to'>;

/** `v`: fields are added and never reused, so that a journal can be read for ever. */
export interface Journey {
  readonly v: 1;
  readonly to: PathTarget;
  /** Which hop this rollout is, from 1, and how many there are about: each counted when it was asked. */
  readonly hop: number;
  readonly of: number;
  /** What came after it then. Shown only: the next hop is looked for anew. */
  readonly ahead: readonly HopAhead[];
  /** What was known of it then; absent: nothing. */
  readonly hopTime?: HopTime;
}

/** How far somebody had come when they asked for the next hop; `hop` 0 = nothing was done yet. */
export type Progress = Pick<Journey, 'hop' | 'of'>;

/** What the first hop of a path is a part of; null for a way of one hop that continues nothing. */
export function journeyOn(path: Path, to: PathTarget, before: Progress | null): Journey | null {
  const left = path.hops.length;
  if (left === 0 || (before === null && left === 1)) return null;
  // Hops that people made by themselves are counted as made; a way that got longer never counts backwards.
  const hop = before === null ? 1 : Math.max(before.hop + 1, before.of - left + 1);
  const ahead = path.hops.slice(1).map(({ kind, to: version }): HopAhead => ({ kind, to: version }));
  const { hopTime } = path;
  return { v: 1, to, hop, of: hop + left - 1, ahead, ...(hopTime === undefined ? {} : { hopTime }) };
}

/** How far the way had been walked with this rollout; null when it is not part of one. */
export function progressWith({ journey, way }: Rollout): Progress | null {
  if (journey !== null) return journey;
  return way === null ? null : { hop: 0, of: way.hops.length };
}

/** The hop that follows on this rollout, with its number; null while it did not end well, and at the end of the way. */
export function hopAfter({ journey, phase }: Rollout): (HopAhead & { readonly number: number }) | null {
  const [next] = journey?.ahead ?? [];
  if (journey === null || next === undefined) return null;
  if (phase.phase !== 'finished' || phase.outcome !== 'upgraded') return null;
  return { ...next, number: journey.hop + 1 };
}

/** "Talos v1.14.1 and Kubernetes 1.36"; never empty, as a way leads somewhere. */
export function destinationOf({ talos, kubernetes }: PathTarget): string {
  const parts = [
    ...(talos === null ? [] : [`Talos ${talos}`]),
    ...(kubernetes === null ? [] : [`Kubernetes ${kubernetes}`]),
  ];
  return parts.length === 0 ? 'the newest Talos' : parts.join(' and ');
}

/** What a person runs for a hop that this bot does not make by itself. */
export function kubernetesCommand(to: string): string {
  return `talosctl upgrade-k8s --to ${to.replace(/^v/, '')}`;
}

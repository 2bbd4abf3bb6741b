// Facts as released versions wrote them, read and lifted as a store does. Never edit those files: they are what each version wrote.
import { readFileSync } from 'node:fs';
import { EVENT_VERSION, lift } from '../../../src/rollout/event/lift.ts';
import type { Actor, Entry } from '../../../src/rollout/event.ts';
import { fold } from '../../../src/rollout/evolve.ts';
import type { Rollout } from '../../../src/rollout/rollout.ts';

export interface Stored {
  readonly n: number;
  readonly at: number;
  readonly by: Actor;
  readonly v: number;
  readonly kind: string;
  readonly data: object;
}

/** `name`: of a file in test/rollout/golden, without its ending. What it holds is the caller's word. */
export function golden<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../golden/${name}.json`, import.meta.url), 'utf8'));
}

export function lifted({ n, at, by, v, kind, data }: Stored): Entry {
  return { n, at, by, v: EVENT_VERSION, event: lift({ v, kind, data }) };
}

/** Throws for a journal that is missing or empty. */
export function folded(entries: readonly Stored[] | undefined): Rollout {
  const rollout = fold((entries ?? []).map(lifted));
  if (rollout === null) throw new Error('there is no such golden journal');
  return rollout;
}

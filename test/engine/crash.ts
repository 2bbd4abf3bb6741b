// A crash exactly at one effect of a scene: the process dies there, and another one is started a moment later.
import type { PortCall, Tap } from '../../playground/doubles/mortal.ts';
import { overriding } from './overriding.ts';
import { type People, REQUESTER, type Scene, willing } from './scene.ts';

/** One point of the enumeration. `before`: the effect never happened; `after`: it did, and nobody heard its answer. */
export interface CrashPoint {
  /** Number of the effect, counted over all processes. */
  readonly at: number;
  readonly when: 'before' | 'after';
}

/** How long nobody lives after the crash, in turn: restarted while the old lease still stands, and long after. */
const AWAY_MS = [200, 30_000] as const;

/** Kills whoever causes the effect, and starts a new process after a while. */
export function crashing(scene: Scene, { at, when }: CrashPoint): Tap {
  let counted = scene.audit.effects.length;
  const dies = (owner: string): void => {
    for (const process of scene.house.living) if (process.owner === owner) process.kill();
    scene.house.time.after(AWAY_MS[at % AWAY_MS.length] ?? 0, () => void scene.start());
  };
  // The audit's tap comes first, so its count has moved exactly for the calls that are effects.
  const isIt = (): boolean => {
    const moved = scene.audit.effects.length > counted;
    counted = scene.audit.effects.length;
    return moved && counted === at;
  };
  // By the call itself: another one may come and go before this one is over.
  let mine: PortCall | null = null;
  return {
    before: (call) => {
      if (!isIt()) return;
      mine = call;
      if (when === 'before') dies(call.owner);
    },
    after: (call) => {
      if (call === mine && when === 'after') dies(call.owner);
    },
  };
}

/** They also say "again" to a step in doubt, and to nothing else. */
export const patient: People = (rollout) => {
  const { phase } = rollout;
  if (phase.phase === 'held' && phase.held.kind === 'doubted')
    return { intent: { kind: 'retry' }, user: REQUESTER };
  return overriding(willing)(rollout);
};

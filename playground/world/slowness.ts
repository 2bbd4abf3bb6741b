/** What an injected fault makes longer: it hangs first, for its time or until it is healed. */
import type { MachineParts } from './machine-parts.ts';

export type Slow = 'extraBootMs' | 'extraInstallMs';

/** Calls back after the time that the fault adds, at once where it adds none. The answer takes it back. */
export function slowly(parts: MachineParts, what: Slow, run: () => void): () => void {
  const { clock, knobs, hanging } = parts;
  const ms = knobs[what];
  if (ms === 0) {
    run();
    return () => undefined;
  }
  const hang = {
    what,
    end: (): void => {
      takeBack();
      run();
    },
  };
  const cancel = clock.after(ms, hang.end);
  const takeBack = (): void => {
    cancel();
    hanging.delete(hang);
  };
  hanging.add(hang);
  return takeBack;
}

/** The fault is healed: what hangs because of it goes on now. */
export function hasten(parts: MachineParts, healed: Slow): void {
  for (const { what, end } of [...parts.hanging]) if (what === healed) end();
}

// What the logs of a simulated machine tell: their last lines, and what became of an installation.
import { stripVTControlCharacters } from 'node:util';
import { withoutSecrets } from '../../src/cluster/log-tail.ts';
import type { InstallOutcome } from '../../src/engine/ports/machines.ts';
import { outcomeInLog } from '../../src/talos/install-outcome.ts';
import type { Machine } from '../world/machine.ts';
import type { MachineParts } from '../world/machine-parts.ts';

export const tailed =
  (kind: 'machined' | 'dmesg', most: number) =>
  ({ parts }: Machine): readonly string[] =>
    withoutSecrets(parts.log.lines(kind)).slice(-most).map(stripVTControlCharacters);

/** The log lives as long as the boot, and no run of a simulation fills it. */
export function machinedText({ log }: MachineParts): string {
  return log.lines('machined').join('\n');
}

export function outcomeOf(parts: MachineParts, sinceMs: number): InstallOutcome {
  const { state } = parts;
  if (state.installing) return { kind: 'running' };
  const text = machinedText(parts);
  const outcome = outcomeInLog(text, sinceMs);
  if (outcome.kind !== 'unknown' || state.bootedAtMs >= sinceMs) return outcome;
  // An earlier run that failed left nothing behind, so it may stand in the log.
  const nothingBefore = !text.includes('starting upgrade') || outcomeInLog(text, 0).kind === 'failed';
  return nothingBefore ? { kind: 'never-began' } : outcome;
}

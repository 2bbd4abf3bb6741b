// The check on what Talos itself complains about.
import type { Snapshot } from '../cluster/snapshot.ts';
import { type Finding, summed } from './finding.ts';
import { perInspection } from './inspected.ts';
import { quoted } from './quoted.ts';

/** Warns about diagnostics: Talos has found a mistake that an upgrade neither makes nor mends (talos-api.md 5, check 7). */
export function noDiagnostics(snapshot: Snapshot): readonly Finding[] {
  const about = { check: 'diagnostics', what: 'what Talos complains about' } as const;
  const troubles = perInspection(
    snapshot,
    { ...about, pick: ({ diagnostics }) => diagnostics },
    (diagnostics, { name }) =>
      diagnostics.map(({ id, message, details }) => {
        const more = details.length === 0 ? '' : ` (${quoted(details.join('; '))})`;
        const sentence = `Talos complains on ${name}: ${quoted(message)}${more}.`;
        const advice = `See https://talos.dev/diagnostic/${id} for what to do about it.`;
        return { level: 'warning', sentence, advice };
      }),
  );
  return summed(about.check, troubles, 'Talos complains about nothing.');
}

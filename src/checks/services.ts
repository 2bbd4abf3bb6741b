// The check on the services of the machines.
import type { Snapshot } from '../cluster/snapshot.ts';
import { type Finding, summed } from './finding.ts';
import { perInspection } from './inspected.ts';
import { quoted } from './quoted.ts';

/**
 * Warns about services that do not run or are not healthy. Those a machine needs keep it from being ready, which blocks by
 * itself; the others belong to extensions, and a person must know whether they matter.
 */
export function servicesAreWell(snapshot: Snapshot): readonly Finding[] {
  const about = { check: 'services', what: 'how its services are' } as const;
  const troubles = perInspection(
    snapshot,
    { ...about, pick: ({ services }) => services },
    (services, { name }) =>
      services.map(({ id, state, message }) => {
        const how = state === 'Running' ? 'is not healthy' : `is ${state.toLowerCase()}`;
        const why = message === '' ? '' : `: ${quoted(message)}`;
        const advice = `See \`talosctl service ${id}\` on ${name}.`;
        return { level: 'warning', sentence: `The service ${id} on ${name} ${how}${why}.`, advice };
      }),
  );
  return summed(about.check, troubles, 'Every service that was seen runs and is healthy.');
}

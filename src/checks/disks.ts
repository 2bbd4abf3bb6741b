// The check on the volumes of the machines.
import type { VolumeView } from '../cluster/inspection.ts';
import type { Snapshot } from '../cluster/snapshot.ts';
import { type Finding, summed } from './finding.ts';
import { perInspection, type Trouble } from './inspected.ts';
import { quoted } from './quoted.ts';

/** Talos cannot do without these, and neither can what runs on it. */
const NEEDED = ['EPHEMERAL', 'STATE', 'META'];

/** Expects Talos's own volumes to be ready, and no other to have failed; a volume that is closed has been put away on purpose. */
export function volumesAreReady(snapshot: Snapshot): readonly Finding[] {
  const about = { check: 'volumes', what: 'how its volumes are' } as const;
  const troubles = perInspection(
    snapshot,
    { ...about, pick: ({ volumes }) => volumes },
    (volumes, { name }) =>
      volumes.flatMap((volume): readonly Trouble[] => {
        const level = levelOf(volume);
        if (level === null) return [];
        const why = volume.error === '' ? '' : `: ${quoted(volume.error)}`;
        const sentence = `The volume ${volume.id} on ${name} is ${volume.phase}${why}.`;
        const advice = `See \`talosctl get volumestatus\` on ${name}; after a restart it may not come back.`;
        return [{ level, sentence, advice }];
      }),
  );
  return summed(about.check, troubles, 'The volumes of every machine that tells are ready.');
}

function levelOf({ id, phase }: VolumeView): 'blocker' | 'warning' | null {
  if (phase === 'failed') return NEEDED.includes(id) ? 'blocker' : 'warning';
  // What is still being made, or is not there at all, is not an error for the volumes that a platform may do without.
  if (id === 'EPHEMERAL' && phase !== 'ready' && phase !== 'closed') return 'blocker';
  return null;
}

// The check on who manages the machines from outside.
import type { Snapshot } from '../cluster/snapshot.ts';
import { type Finding, summed } from './finding.ts';
import { perInspection } from './inspected.ts';

/**
 * Expects no machine to be connected by SideroLink: Omni upgrades machines by itself and takes back what others change
 * (kubernetes.md 3.1). Somebody's own SideroLink looks the same; that is for a person to say.
 */
export function nobodyManages(snapshot: Snapshot): readonly Finding[] {
  const about = { check: 'omni', what: 'who manages it' } as const;
  const troubles = perInspection(
    snapshot,
    { ...about, pick: ({ siderolink }) => siderolink },
    ({ host, connected }, { name }) => {
      const sentence = connected
        ? `${name} is managed from outside: its SideroLink to ${host} is connected, as Omni's is.`
        : `${name} has a SideroLink to ${host} that is not connected.`;
      const advice = connected
        ? 'Upgrade it with Omni. For a SideroLink of your own, switch the check off in the policy.'
        : 'Make sure that Omni does not come back to it in the middle of a rollout.';
      return [{ level: connected ? 'blocker' : 'warning', sentence, advice }];
    },
  );
  return summed(about.check, troubles, 'No machine is managed from outside.');
}

// Checks on others at work in the cluster: backups that are old, and whoever else restarts machines.
import { listed } from '../cluster/listed.ts';
import type { Snapshot } from '../cluster/snapshot.ts';
import { judged, judgedIfThere, orWell, type Trouble } from './asked-of-kubernetes.ts';
import type { Finding } from './finding.ts';
import { quoted } from './quoted.ts';

/** A backup older than this is not one to rely on tonight. */
const BACKUP_AGE_MS = 24 * 3_600_000;

/** What clocks of Velero and of the bot may be apart: a backup from later than that has no age. */
const CLOCKS_APART_MS = 5 * 60_000;

/** Warns when Velero has no good backup of the last day, or nowhere to put one. */
export function backupsAreFresh(snapshot: Snapshot): readonly Finding[] {
  return judgedIfThere({ check: 'velero', subject: 'velero', what: 'Velero' }, snapshot, (velero) => {
    const usable = velero.locations.filter(({ available, readOnly }) => available && !readOnly);
    const troubles: Trouble[] = [];
    if (usable.length === 0) {
      const sentence = 'Velero has no backup location that is available and writable.';
      troubles.push({ level: 'warning', sentence, advice: '`velero backup-location get` tells why.' });
    }
    const completed = velero.backups.flatMap(({ phase, completedAt }) =>
      phase === 'Completed' && completedAt !== null ? [completedAt] : [],
    );
    const good = completed.filter((completedAt) => completedAt <= snapshot.at + CLOCKS_APART_MS);
    const ageMs = snapshot.at - Math.max(...good);
    if (good.length === 0 && completed.length > 0) {
      const sentence = 'The good backups of Velero say that they end in the future, so none counts as fresh.';
      troubles.push({
        level: 'warning',
        sentence,
        advice: 'Set the clock of the nodes right, and make one.',
      });
    } else if (good.length === 0) {
      const sentence = 'Velero has never completed a backup.';
      troubles.push({ level: 'warning', sentence, advice: '`velero backup create` makes one.' });
    } else if (ageMs > BACKUP_AGE_MS) {
      const sentence = `The last good backup of Velero is ${Math.floor(ageMs / 3_600_000)} hours old.`;
      troubles.push({ level: 'warning', sentence, advice: '`velero backup create` makes a new one.' });
    }
    return orWell(troubles, 'Velero has a good backup of the last day.');
  });
}

const NAMES = {
  tuppr: 'tuppr',
  'system-upgrade-controller': 'system-upgrade-controller',
  kured: 'kured',
  'cluster-api': 'Cluster API',
  omni: 'Omni',
} as const;

/** Expects nobody else to restart machines: two who each take one node away take two. */
export function nobodyElseUpgrades(snapshot: Snapshot): readonly Finding[] {
  const about = {
    check: 'other-upgraders',
    subject: 'otherUpgraders',
    what: 'others who upgrade machines',
  } as const;
  return judged(about, snapshot, (others) => {
    const suspended = others.filter(({ state }) => state === 'suspended');
    const awake = others.filter(({ state }) => state !== 'suspended');
    const troubles = awake.map(({ kind, name, state, detail }): Trouble => {
      const working = state === 'working';
      const sentence = `${NAMES[kind]} ${working ? 'is at work here' : 'could start here'}: ${name}, ${quoted(detail)}.`;
      const advice = working ? 'Let it finish, or stop it.' : 'Suspend it for the time of the rollout.';
      return { level: working ? 'blocker' : 'warning', sentence, advice };
    });
    if (suspended.length === 0) return orWell(troubles, 'Nobody else was seen who restarts machines.');
    const resting = listed(suspended.map(({ kind, name }) => `${NAMES[kind]} (${name})`));
    return orWell(troubles, `Nobody else who restarts machines is awake; suspended: ${resting}.`);
  });
}

// The backup of what runs in the cluster, before anything of it is touched: what it covers, and what the plan says of it.
import type { Finding } from '../../checks/finding.ts';
import type { Snapshot } from '../../cluster/snapshot.ts';
import type { VeleroPolicy } from '../policy.ts';
import type { LaneDraft } from './lanes.ts';

/** What the lane of the backup is about: no node, but the one who makes it. */
const VELERO = 'Velero';

/** Everything that decides what is in the backup stands in the plan: people agree to it, and nothing else is made. */
export function backupDraft(policy: VeleroPolicy): LaneDraft {
  const { namespace, includedNamespaces, excludedNamespaces, defaultVolumesToFsBackup } = policy;
  const { ttlMs, storageLocation, timeoutMs, freshEnoughMs } = policy;
  const params = {
    namespace,
    included: includedNamespaces.join(','),
    excluded: excludedNamespaces.join(','),
    fsBackup: defaultVolumesToFsBackup,
    ttlMs,
    location: storageLocation,
    freshMs: freshEnoughMs,
  };
  return { node: VELERO, role: null, steps: [{ kind: 'backup', params, limitMs: timeoutMs }] };
}

const CHECK = 'backup';
const SUBJECT = 'velero';

/** One finding when the policy asks for a backup, none otherwise. What nobody asked about is seen by the step itself. */
export function backupFindings(policy: VeleroPolicy | undefined, { estate }: Snapshot): readonly Finding[] {
  if (policy === undefined) return [];
  const asked = estate?.velero ?? null;
  if (asked?.kind === 'silent') {
    const sentence = `Whether Velero can make the backup is not known: ${asked.why}`;
    const advice = 'Let the bot reach Kubernetes and list Velero’s backups, and ask again.';
    return [{ check: CHECK, level: 'unknown', subject: SUBJECT, sentence, advice }];
  }
  if (asked !== null && asked.value === null) {
    const sentence = 'The policy asks for a Velero backup, and Velero is not installed.';
    const advice = 'Install Velero, or take `backup.velero` out of the configuration.';
    return [{ check: CHECK, level: 'blocker', subject: SUBJECT, sentence, advice }];
  }
  const { excludedNamespaces, includedNamespaces, freshEnoughMs } = policy;
  const covered = includedNamespaces.join() === '*' ? 'all namespaces' : includedNamespaces.join(', ');
  const without = excludedNamespaces.length === 0 ? '' : ` without ${excludedNamespaces.join(', ')}`;
  const fresh =
    freshEnoughMs === null ? '' : `; one of the last ${Math.round(freshEnoughMs / 60_000)} minutes will do`;
  const sentence = `Velero backs up ${covered}${without} before anything is touched${fresh}.`;
  return [{ check: CHECK, level: 'ok', subject: SUBJECT, sentence, advice: null }];
}

// Has Velero back up what runs in the cluster, waits for it, and judges it. Asking again finds the backup already asked for.
import type { StepFacts } from '../../rollout/step.ts';
import type { BackupLocation, BackupRequest, BackupSeen, Backups, VolumesSeen } from '../ports/backups.ts';
import { Fault, faultOf } from '../ports/fault.ts';
import {
  type Acted,
  optionalTextParam,
  type Settled,
  type SubjectContext,
  type SubjectFactory,
  textParam,
} from './doer.ts';

/** Milliseconds after which a backup that nobody took up shows that no controller is there (kubernetes.md 3.5). */
const UNTOUCHED_MS = 120_000;
/** Reasons told of a backup that failed. */
const MAX_REASONS = 3;

export const backup: SubjectFactory = (context) => {
  const { clock, note, rollout, step } = context;
  const namespace = textParam(step, 'namespace');
  // Since when nobody has taken it up, by our own clock: the server's may differ.
  let untouchedSince: number | null = null;

  const untouched = ({ name, phase }: BackupSeen): Settled => {
    untouchedSince ??= clock.monotonic();
    if (clock.monotonic() - untouchedSince < UNTOUCHED_MS)
      return { kind: 'waiting', why: `Velero to take up the backup ${name}` };
    const state = phase === '' ? 'has no phase' : 'is New';
    const why = `The backup ${name} ${state} after ${UNTOUCHED_MS / 60_000} minutes: is Velero running in ${namespace}? Look at its deployment there.`;
    return { kind: 'failed', why };
  };

  return {
    observe: () => freshEnough(context, namespace),
    // A name for each time it is begun: what failed is not looked at again, and what was asked for is not asked for twice.
    capture: async () => ({ name: nameOf(rollout.id, (rollout.begins.get(step.id) ?? 0) + 1) }),
    act: async (evidence): Promise<Acted> => {
      const backups = backupsOf(context);
      const request = requestOf(context, String(evidence['name']));
      const present = await backups.look(namespace, request.name);
      if (present === null) {
        const trouble = locationTrouble(await backups.locations(namespace), request.storageLocation);
        if (trouble !== null) return { kind: 'failed', why: trouble };
        note('asking Velero for a backup');
        await backups.create(request);
      }
      return { kind: 'sent' };
    },
    settle: async (evidence) => {
      const name = String(evidence['name']);
      const seen = await backupsOf(context).look(namespace, name);
      if (seen === null)
        return { kind: 'failed', why: `The backup ${name} is gone: somebody deleted it while it was made.` };
      if (seen.mark !== rollout.id)
        return { kind: 'failed', why: `There is a backup ${name} that this rollout did not ask for.` };
      if (seen.phase === '' || seen.phase === 'New') return untouched(seen);
      untouchedSince = null;
      const settled = judged(seen);
      if (settled.kind === 'waiting') note(progressOf(seen, await volumesOf(context, namespace, name)));
      return settled;
    },
  };
};

/** How a backup stands, in Velero's words (kubernetes.md 3.5): what is only partly good is for a person to judge. */
function judged(seen: BackupSeen): Settled {
  const { name, phase, items, errors, warnings } = seen;
  switch (phase) {
    case 'Completed':
      return { kind: 'ended', result: { name, items: items?.total ?? null, warnings } };
    case 'PartiallyFailed': {
      const figures = `${counted(errors, 'error')} and ${counted(warnings, 'warning')}`;
      const why = `The backup ${name} failed in part, with ${figures}: velero backup describe ${name} --details tells what is missing. Retry makes another one; skip goes on with what there is.`;
      return { kind: 'failed', why };
    }
    case 'Failed':
    case 'FailedValidation':
    case 'Deleting':
      return { kind: 'failed', why: `The backup ${name} ended as ${phase}${reasonsOf(seen)}.` };
    default:
      return { kind: 'waiting', why: `the backup ${name}, which is ${phase}` };
  }
}

function reasonsOf({ validationErrors, failureReason }: BackupSeen): string {
  const reasons = [...(failureReason === '' ? [] : [failureReason]), ...validationErrors];
  const hidden = reasons.length - MAX_REASONS;
  const more = hidden > 0 ? ` and ${hidden} more` : '';
  return reasons.length === 0 ? '' : `: ${reasons.slice(0, MAX_REASONS).join('; ')}${more}`;
}

/** Only for the card: who may not list volumes has a backup all the same. */
async function volumesOf(
  context: SubjectContext,
  namespace: string,
  name: string,
): Promise<VolumesSeen | null> {
  try {
    return await backupsOf(context).volumes(namespace, name);
  } catch (error) {
    faultOf(error); // The next look asks again.
    return null;
  }
}

const BYTES = [
  ['GiB', 2 ** 30],
  ['MiB', 2 ** 20],
] as const;

/** `backing up: 64 of 128 items, 1.5 of 6.0 GiB of 2 volumes`. */
function progressOf({ phase, items }: BackupSeen, volumes: VolumesSeen | null): string {
  const stage = phase === 'InProgress' ? '' : ` (${phase})`;
  const parts = [
    ...(items === null ? [] : [`${items.done} of ${items.total} items`]),
    ...(volumes === null ? [] : [volumesText(volumes)]),
  ];
  return parts.length === 0 ? `backing up (${phase})` : `backing up: ${parts.join(', ')}${stage}`;
}

function volumesText({ volumes, ended, bytes }: VolumesSeen): string {
  const of = counted(volumes, 'volume');
  if (bytes.total === 0) return `${ended} of ${of}`;
  const [unit, size] = BYTES.find(([, least]) => bytes.total >= least) ?? BYTES[1];
  return `${(bytes.done / size).toFixed(1)} of ${(bytes.total / size).toFixed(1)} ${unit} of ${of}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function backupsOf({ backups }: SubjectContext): Backups {
  if (backups !== undefined) return backups;
  throw new Fault('refused', 'Kubernetes is not asked about backups here. Skip this step, or configure it.');
}

/** Rollouts are named by letters and digits; Kubernetes wants small ones. */
function nameOf(rollout: string, time: number): string {
  return `talos-chatops-${rollout.toLowerCase().replaceAll(/[^a-z0-9-]+/g, '-')}-${time}`;
}

function requestOf({ rollout, step }: SubjectContext, name: string): BackupRequest {
  const { params } = step;
  return {
    namespace: textParam(step, 'namespace'),
    name,
    mark: rollout.id,
    includedNamespaces: listed(textParam(step, 'included')),
    excludedNamespaces: listed(textParam(step, 'excluded')),
    defaultVolumesToFsBackup: params['fsBackup'] === true,
    ttlMs: typeof params['ttlMs'] === 'number' ? params['ttlMs'] : null,
    storageLocation: optionalTextParam(step, 'location'),
  };
}

function listed(text: string): readonly string[] {
  return text === '' ? [] : text.split(',');
}

function locationOf(locations: readonly BackupLocation[], wanted: string | null): BackupLocation | undefined {
  return locations.find(({ name, isDefault }) => (wanted === null ? isDefault : name === wanted));
}

/** Why a backup would have nowhere to go; null when it has. */
function locationTrouble(locations: readonly BackupLocation[], wanted: string | null): string | null {
  const location = locationOf(locations, wanted);
  if (location === undefined)
    return wanted === null
      ? 'Velero has no default backup location: name one as `backup.velero.storageLocation`.'
      : `Velero has no backup location ${wanted}.`;
  const { name, available, readOnly, why } = location;
  if (!available)
    return `Velero's backup location ${name} is not available${why === '' ? '' : `: ${why}`}. velero backup-location get tells more.`;
  return readOnly ? `Velero's backup location ${name} is read-only.` : null;
}

/** Asked once, before the first: after a failure a person wants another one. One that holds less than ours would is none. */
async function freshEnough(context: SubjectContext, namespace: string): Promise<StepFacts | null> {
  const { rollout, step, storeNow } = context;
  const freshMs = step.params['freshMs'];
  if (typeof freshMs !== 'number' || (rollout.begins.get(step.id) ?? 0) > 0) return null;
  const wanted = requestOf(context, '');
  // Velero's time is compared with the store's, which is one for all who work.
  const now = storeNow();
  const fresh = (await completedOnes(backupsOf(context), namespace)).filter(
    (seen) => covers(seen, wanted) && isFresh(seen, { since: now - freshMs, now }),
  );
  if (fresh.length === 0) return null;
  const location = locationOf(await backupsOf(context).locations(namespace), wanted.storageLocation);
  const good = fresh
    .filter((seen) => isKeptIn(seen, location))
    .toSorted((a, b) => (b.completedAt ?? 0) - (a.completedAt ?? 0));
  const [newest] = good;
  if (newest === undefined) return null;
  const { name, items, warnings, completedAt } = newest;
  return { name, items: items?.total ?? null, warnings, completedAt, found: true };
}

/** Where Velero is not installed there are none; the act says so better than a look that is repeated until its limit. */
async function completedOnes(backups: Backups, namespace: string): Promise<readonly BackupSeen[]> {
  try {
    return await backups.completed(namespace);
  } catch (error) {
    const fault = faultOf(error);
    if (fault.kind === 'missing') return [];
    throw fault;
  }
}

/** What ended in the future ended by a clock that nobody can reckon with. */
function isFresh(
  { completedAt }: BackupSeen,
  { since, now }: { readonly since: number; readonly now: number },
): boolean {
  return completedAt !== null && completedAt >= since && completedAt <= now;
}

/** Where ours would go, and where it can be fetched from now. */
function isKeptIn({ storageLocation }: BackupSeen, location: BackupLocation | undefined): boolean {
  return location?.available === true && storageLocation === location.name;
}

function covers(seen: BackupSeen, wanted: BackupRequest): boolean {
  const everything = seen.includedNamespaces.length === 0 || seen.includedNamespaces.includes('*');
  const { omits, volumes } = seen;
  const kept = wanted.defaultVolumesToFsBackup ? volumes === 'files' : volumes !== 'none';
  return (
    omits.length === 0 &&
    kept &&
    (everything || wanted.includedNamespaces.every((one) => seen.includedNamespaces.includes(one))) &&
    seen.excludedNamespaces.every((one) => wanted.excludedNamespaces.includes(one))
  );
}

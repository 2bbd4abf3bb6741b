// Checks on what can go wrong on a machine without anybody touching it: its clock, and the room on its disk.
import type { Room } from '../cluster/inspection.ts';
import type { Snapshot } from '../cluster/snapshot.ts';
import { type Finding, summed } from './finding.ts';
import { perInspection, type Trouble } from './inspected.ts';

/** Expects every clock to be in step with its time server: certificates, etcd's leases and the restart itself depend on it. */
export function clocksAreSynced(snapshot: Snapshot): readonly Finding[] {
  const about = { check: 'time-sync', what: 'whether its clock is right' } as const;
  const troubles = perInspection(
    snapshot,
    { ...about, pick: ({ time }) => time },
    ({ synced, syncDisabled }, { name }) => {
      if (synced || syncDisabled) return [];
      const sentence = `The clock of ${name} is not in step with any time server.`;
      const advice = 'Let it reach the servers of `machine.time.servers`; after a restart it waits for them.';
      return [{ level: 'blocker', sentence, advice }];
    },
  );
  return summed(about.check, troubles, 'The clock of every machine that tells is in step.');
}

/** Below this share of EPHEMERAL the kubelet removes images and evicts pods while the new image arrives (kubernetes.md 3.1). */
const FULL = 0.1;
const NEARLY_FULL = 0.15;
/** An installer with extensions, packed and unpacked: 0.3 to 0.7 GiB, and some air. */
const INSTALLER_BYTES = 2 ** 30;
const GIB = 2 ** 30;

/** Expects room on EPHEMERAL for the installer's image, and some besides. */
export function disksHaveRoom(snapshot: Snapshot): readonly Finding[] {
  const about = { check: 'disk-space', what: 'how much room its disk has' } as const;
  const troubles = perInspection(snapshot, { ...about, pick: ({ room }) => room }, (room, { name }) => {
    const level = levelOf(room);
    if (level === null) return [];
    if (level === 'unknown') return [sizeless(name)];
    const share = Math.floor((room.freeBytes / room.sizeBytes) * 100);
    const small = room.freeBytes < INSTALLER_BYTES ? ', too little for an installer image' : '';
    const sentence = `EPHEMERAL on ${name} has ${gib(room.freeBytes)} of ${gib(room.sizeBytes)} free (${share} %)${small}.`;
    const advice = `Make room on it: \`talosctl -n ${name} usage /var\` shows what is large.`;
    return [{ level, sentence, advice }];
  });
  return summed(about.check, troubles, 'Every disk that tells has room.');
}

function sizeless(name: string): Trouble {
  const sentence = `EPHEMERAL on ${name} has no size, so nobody can say how much room there is.`;
  return { level: 'unknown', sentence, advice: `See \`talosctl -n ${name} mounts\`.` };
}

function levelOf({ freeBytes, sizeBytes }: Room): Trouble['level'] | null {
  if (sizeBytes <= 0) return 'unknown';
  const share = freeBytes / sizeBytes;
  if (share < FULL || freeBytes < INSTALLER_BYTES) return 'blocker';
  return share < NEARLY_FULL ? 'warning' : null;
}

function gib(bytes: number): string {
  return `${(bytes / GIB).toFixed(1)} GiB`;
}

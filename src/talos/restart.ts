// The acts after which a machine boots: reboot, rollback, and the upgrade of Talos <= 1.12, which does everything in one call.
import type { RebootMode } from '../cluster/reboot-mode.ts';
import { type ActReply, Fault } from '../engine/ports/fault.ts';
import type { LegacyUpgradeOptions, May } from '../engine/ports/machines.ts';
import type { Acts } from './acts.ts';
import {
  MachineService,
  RebootRequest_Mode as RequestMode,
  UpgradeRequest_RebootMode as UpgradeRebootMode,
} from './gen/machine/machine_pb.ts';

/** Milliseconds: the machine answers as soon as the sequence is queued. */
const REBOOT_LIMIT_MS = 30_000;
/** Milliseconds: the boot entry is rewritten before the answer, on whatever disk it is. */
const ROLLBACK_LIMIT_MS = 60_000;
/** Milliseconds: the call blocks while the image is pulled, up to 20 minutes, and while etcd is checked (talos-api.md 3.4). */
const LEGACY_UPGRADE_LIMIT_MS = 25 * 60_000;

const REBOOT_MODES: Readonly<Record<RebootMode, RequestMode>> = {
  default: RequestMode.DEFAULT,
  powercycle: RequestMode.POWERCYCLE,
  force: RequestMode.FORCE,
};

export async function reboot(
  acts: Acts,
  address: string,
  mode: RebootMode = 'default',
  may?: May,
): Promise<ActReply<{ readonly actorId: string }>> {
  const reply = await acts.unary(
    address,
    MachineService.method.reboot,
    { mode: REBOOT_MODES[mode] },
    { limitMs: REBOOT_LIMIT_MS, may },
  );
  return actor(reply);
}

export async function rollback(acts: Acts, address: string, may?: May): Promise<ActReply<null>> {
  const limit = { limitMs: ROLLBACK_LIMIT_MS, may };
  const reply = await acts.unary(address, MachineService.method.rollback, {}, limit);
  return reply.kind === 'done' ? { kind: 'done', value: null } : reply;
}

export async function upgradeLegacy(
  acts: Acts,
  address: string,
  options: LegacyUpgradeOptions,
): Promise<ActReply<{ readonly actorId: string }>> {
  const { image, preserve, stage = false, rebootMode = 'default' } = options;
  if (image === '') {
    return { kind: 'withdrawn', fault: new Fault('refused', 'An upgrade needs the name of an image.') };
  }
  const mode = rebootMode === 'powercycle' ? UpgradeRebootMode.POWERCYCLE : UpgradeRebootMode.DEFAULT;
  // Never force: it skips the machine's own etcd checks (talos-api.md 3.5).
  const request = { image, preserve, stage, force: false, rebootMode: mode };
  const limit = { limitMs: LEGACY_UPGRADE_LIMIT_MS, over: options.over, may: options.may };
  return actor(await acts.unary(address, MachineService.method.upgrade, request, limit));
}

/** The actor id is for display: an act that was answered is done, whatever the answer holds. */
function actor(
  reply: ActReply<{ readonly messages: readonly { readonly actorId: string }[] }>,
): ActReply<{ readonly actorId: string }> {
  if (reply.kind !== 'done') return reply;
  return { kind: 'done', value: { actorId: reply.value.messages[0]?.actorId ?? '' } };
}

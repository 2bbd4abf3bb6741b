/** The one-call upgrade of Talos up to 1.12 (MachineService.Upgrade, facts/talos-api.md 3.4). */
import gte from 'semver/functions/gte.js';
import { newActorId } from './actor.ts';
import { since } from './compatibility.ts';
import { WorldError } from './error.ts';
import type { InstallerImage } from './image.ts';
import { installMs, planRun, settle } from './install.ts';
import type { Life } from './life.ts';
import { type MachineParts, runningVersion } from './machine-parts.ts';
import { pullImage } from './pull.ts';
import { afterInstaller, BEFORE_INSTALLER, INSTALLER, type RebootMode } from './sequence.ts';
import { taskDone } from './telling.ts';

export interface LegacyUpgradeOrder {
  readonly ref: string;
  readonly preserve: boolean;
  readonly stage: boolean;
  readonly force: boolean;
  readonly mode: RebootMode;
}

export interface LegacyUpgradeAck {
  readonly ack: string;
  readonly actorId: string;
}

/** A drain of a node that runs nothing still takes a moment. */
const EMPTY_DRAIN_MS = 1;

/**
 * Pulls, checks etcd, and acknowledges; everything else happens after the answer and shows only in events, or as a
 * reboot into the old version.
 * @throws WorldError UNKNOWN with the text of the failed check
 */
export async function upgradeLegacy(
  parts: MachineParts,
  life: Life,
  order: LegacyUpgradeOrder,
): Promise<LegacyUpgradeAck> {
  parts.log.info(
    `upgrade request received: staged ${order.stage}, force ${order.force}, reboot mode ${order.mode.toUpperCase()}`,
  );
  parts.log.info(`validating "${order.ref}"`);
  const image = await pullImage(parts, { ref: order.ref, place: 'inmem', sink: () => {} }).catch(
    (error: unknown) => {
      if (!(error instanceof WorldError) || error.code === 'UNAVAILABLE') throw error;
      throw new WorldError(
        'UNKNOWN',
        `error validating installer image "${order.ref}": failed to pull image: ${error.message}`,
      );
    },
  );
  if (parts.node.role === 'control-plane' && !order.force && !skipsChecks(parts, order))
    checkEtcd(parts, order);
  const actorId = newActorId(parts);
  const ack = { ack: 'Upgrade request received', actorId };
  if (parts.state.sequence === 'upgrade') {
    refuseSecond(parts);
    return ack;
  }
  for (const what of ['legacyUpgrades', 'reboots'] as const) parts.counters.count(parts.node.name, what);
  parts.counters.install(parts.node.name, { image: order.ref, preserve: order.preserve });
  if (order.stage) {
    parts.state.staged = { image, wiping: wipes(parts, order) };
    life.reboot({ mode: order.mode, actorId, by: 'client', sequence: 'stageUpgrade' });
    return ack;
  }
  parts.counters.depart(parts.node.name, 'client');
  start({ parts, life, image, mode: order.mode, actorId, wiping: wipes(parts, order) });
  return ack;
}

/** A second upgrade while one runs is acknowledged, and then only an event says that nothing happens. */
export function refuseSecond(parts: MachineParts): void {
  parts.events.publish({
    kind: 'sequence',
    sequence: 'upgrade',
    action: 'noop',
    error: { code: 'locked', message: 'sequence not started: locked' },
  });
}

/** On these versions `preserve` silently switches the etcd checks off. */
function skipsChecks(parts: MachineParts, order: LegacyUpgradeOrder): boolean {
  const version = runningVersion(parts);
  const late112 = gte(version, '1.12.9') && !gte(version, '1.13.0-0');
  return order.preserve && (late112 || gte(version, '1.13.4'));
}

/** Up to 1.7 an upgrade that does not ask for its data leaves etcd and wipes EPHEMERAL (facts/talos-api.md 3.5). */
function wipes(parts: MachineParts, order: LegacyUpgradeOrder): boolean {
  return !order.preserve && !since(runningVersion(parts), '1.8');
}

/** What it means for this machine: its member is gone from etcd, and what was pulled is gone from the disk. */
export function wipe({ node, etcd, images, counters }: MachineParts): void {
  counters.count(node.name, 'wipes');
  if (node.role === 'control-plane') etcd.leave(node.name);
  images.forgetAll();
}

function checkEtcd(parts: MachineParts, order: LegacyUpgradeOrder): void {
  const { etcd } = parts;
  const hex = (id: bigint): string => id.toString(16).padStart(16, '0');
  if (!etcd.hasQuorum() || etcd.leader() === null)
    throw new WorldError(
      'UNKNOWN',
      'failed to acquire upgrade mutex: error establishing etcd concurrency session: etcdserver: no leader',
    );
  const invalid = (reason: string, code: 'UNKNOWN' | 'DEADLINE_EXCEEDED' = 'UNKNOWN'): WorldError =>
    new WorldError(code, `error validating etcd for upgrade: ${reason}`);
  const members = etcd.members();
  if (members.length === 1 && wipes(parts, order))
    throw invalid(
      'only 1 etcd member found; assuming this is not an HA setup and refusing to upgrade; if this is a single-node cluster, use --preserve to upgrade',
    );
  if (members.length === 2)
    throw invalid('etcd member count(2) is insufficient to maintain quorum if upgrade commences');
  for (const member of members) {
    if (!member.up)
      throw invalid(
        `etcd member ${hex(member.id)} is not healthy; all members must be healthy to perform an upgrade: context deadline exceeded`,
        // It wraps the ended context of the question, and grpc-go gives it that one's code.
        'DEADLINE_EXCEEDED',
      );
  }
}

interface Run {
  readonly parts: MachineParts;
  readonly life: Life;
  readonly image: InstallerImage;
  readonly mode: RebootMode;
  readonly actorId: string;
  readonly wiping: boolean;
}

function start({ parts, life, image, mode, actorId, wiping }: Run): void {
  const { state, node, kubernetes, events, clock } = parts;
  const drains = kubernetes.podsRunningOn(node.name) > 0 && !kubernetes.isCordoned(node.name);
  if (!kubernetes.isCordoned(node.name)) {
    kubernetes.setUnschedulable(node.name, true);
    state.cordonedByTalos = true;
  }
  const drainMs = drains ? node.drainMs : EMPTY_DRAIN_MS;
  const stoppedMs = life.prepareUpgrade({ drainMs, tasks: BEFORE_INSTALLER, actorId });
  life.at(stoppedMs, () => {
    if (wiping) wipe(parts);
    const plan = planRun(parts, image);
    state.installing = true;
    state.activity = { kind: 'installing', sinceMs: clock.now(), lengthMs: installMs(parts) };
    const last = BEFORE_INSTALLER.at(-1);
    if (last !== undefined) taskDone(parts, last, actorId);
    events.publish({ kind: 'phase', phase: INSTALLER.phase, action: 'start' }, actorId);
    events.publish({ kind: 'task', task: INSTALLER.task, action: 'start' }, actorId);
    for (const line of plan.lines) parts.log.dmesg(line);
    const end = (): void => {
      settle(parts, plan);
      if (plan.exitCode === 0) taskDone(parts, INSTALLER, actorId);
      const failure = plan.exitCode === 0 ? null : `task upgrade (1/1): failed: exit code ${plan.exitCode}`;
      life.restart({ sequence: 'upgrade', tasks: afterInstaller(mode), actorId, failure });
    };
    life.slowly('extraInstallMs', () => life.at(node.installMs, end));
    parts.changed();
  });
}

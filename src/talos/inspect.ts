// What a full pre-flight asks one machine beside the look at it: one question per subject, each with an answer of its own.
import {
  type ComponentImage,
  type Inspection,
  type ServiceTrouble,
  type Told,
  untold,
  type VolumePhase,
} from '../cluster/inspection.ts';
import type { InspectOptions } from '../engine/ports/machines.ts';
import { Asking, quietly } from './asking.ts';
import type { Origin } from './boots.ts';
import { MachineService, type ServiceInfo } from './gen/machine/machine_pb.ts';
import { BlockVolumePhase } from './gen/resource/definitions/enums/enums_pb.ts';
import { resources } from './kinds.ts';
import { controlPlaneOf, kubeletOf } from './kubernetes-images.ts';
import type { Sight } from './look.ts';
import { configIn } from './machine-config.ts';
import { QUESTION_LIMIT_MS, type Question, type Reads } from './reads.ts';
import { onlyMessage } from './reply.ts';
import { upkeepOf } from './upkeep.ts';

/** The entry that a failing boot falls back to (talos-api.md section 4). */
const UPGRADE_TAG = '0x06';
/** States in which a service is where it belongs: done with its work, or not wanted here. */
const SETTLED = ['Finished', 'Skipped'];

const NO_CONTROL_PLANE: Told<readonly ComponentImage[]> = { kind: 'said', value: [] };

/** Never rejects. What does not change without a restart is only asked once per boot that a look has learnt. */
export async function inspectionOf(
  { reads, boots }: Sight,
  address: string,
  { role, ...options }: InspectOptions = {},
): Promise<Inspection> {
  const question: Question = { ...options, node: address, withinMs: QUESTION_LIMIT_MS };
  const known = boots.last(address);
  const asking = new Asking(reads, question, known?.traits.version ?? null);
  const [origin, fallback, nodename, diagnostics, services, volumes, kubelet, controlPlane, config, upkeep] =
    await Promise.all([
      known?.origin ?? originOf(asking),
      asking.one(resources.metaKey, UPGRADE_TAG, ({ value }) => (value === '' ? null : value)),
      asking.one(resources.nodename, 'nodename', (spec) => spec.nodename),
      asking.all(resources.diagnostic, (found) =>
        found.map(({ id, spec }) => ({ id, message: spec.message, details: spec.details })),
      ),
      serviceTroubles(reads, question),
      asking.all(resources.volume, (found) =>
        found.map(({ id, spec }) => ({
          id,
          phase: volumePhase(spec.phase),
          error: spec.errorMessage,
          sizeBytes: Number(spec.size),
        })),
      ),
      kubeletOf(asking),
      role === 'worker' ? NO_CONTROL_PLANE : controlPlaneOf(asking),
      // The one whose id is `v1alpha1` is what runs; `persistent` is what the disk holds (talos-api.md 6.2).
      asking.one(resources.machineConfig, 'v1alpha1', ({ yamlMarshalled }) => configIn(yamlMarshalled)),
      upkeepOf(asking, reads, question),
    ]);
  if (known !== null && isKept(origin)) boots.learnOrigin(address, known.boot, origin);
  const told = { fallback, nodename, diagnostics, services, volumes, kubelet, controlPlane, config };
  return { ...origin, ...upkeep, ...told };
}

async function originOf(asking: Asking): Promise<Origin> {
  const [secureBoot, bootedEntry, systemDisk] = await Promise.all([
    asking.one(resources.securityState, 'securitystate', (spec) => spec.secureBoot),
    asking.one(resources.bootedEntry, 'bootedentry', (spec) =>
      spec.bootedEntry === '' ? null : spec.bootedEntry,
    ),
    asking.one(resources.systemDisk, 'system-disk', ({ devPath }) => (devPath === '' ? null : devPath)),
  ]);
  return { secureBoot, bootedEntry, systemDisk };
}

/** Only answers are kept: whoever was silent, or has not found it out yet, is asked again. */
function isKept({ secureBoot, bootedEntry, systemDisk }: Origin): boolean {
  const known = secureBoot.kind === 'said' || secureBoot.kind === 'unsupported';
  return known && [bootedEntry, systemDisk].every((told) => untold(told) === null);
}

/** Only services that are not as they should be: the rest is no news. */
async function serviceTroubles(reads: Reads, question: Question): Promise<Told<readonly ServiceTrouble[]>> {
  return await quietly(async () => {
    const reply = await reads.unary(MachineService.method.serviceList, {}, question);
    const { services } = onlyMessage('ServiceList', reply);
    return { kind: 'said', value: services.filter(isInTrouble).map(troubleOf) };
  });
}

/** A service without a check, or not yet checked, says nothing against itself (talos-api.md 2.2). */
function isInTrouble({ state, health }: ServiceInfo): boolean {
  if (SETTLED.includes(state)) return false;
  return state !== 'Running' || (health !== undefined && !health.healthy && !health.unknown);
}

function troubleOf({ id, state, health, events }: ServiceInfo): ServiceTrouble {
  const message = health?.lastMessage ?? '';
  return { id, state, message: message === '' ? (events?.events.at(-1)?.msg ?? '') : message };
}

const VOLUME_PHASES: ReadonlyMap<BlockVolumePhase, VolumePhase> = new Map([
  [BlockVolumePhase.VOLUME_PHASE_WAITING, 'waiting'],
  [BlockVolumePhase.VOLUME_PHASE_FAILED, 'failed'],
  [BlockVolumePhase.VOLUME_PHASE_MISSING, 'missing'],
  [BlockVolumePhase.VOLUME_PHASE_LOCATED, 'located'],
  [BlockVolumePhase.VOLUME_PHASE_PROVISIONED, 'provisioned'],
  [BlockVolumePhase.VOLUME_PHASE_PREPARED, 'prepared'],
  [BlockVolumePhase.VOLUME_PHASE_READY, 'ready'],
  [BlockVolumePhase.VOLUME_PHASE_CLOSED, 'closed'],
]);

function volumePhase(phase: BlockVolumePhase): VolumePhase {
  return VOLUME_PHASES.get(phase) ?? 'waiting';
}

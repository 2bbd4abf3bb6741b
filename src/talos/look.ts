// One machine as it describes itself: version, boot, stage and extensions, all of one boot.
import type { MachineStage, MachineView } from '../cluster/snapshot.ts';
import { Fault } from '../engine/ports/fault.ts';
import type { LookOptions } from '../engine/ports/machines.ts';
import { bootIdIn, readBoot } from './boot-id.ts';
import { type Boot, type Boots, sameBoot, type Traits } from './boots.ts';
import { getResource, listResources } from './cosi.ts';
import { MachineService } from './gen/machine/machine_pb.ts';
import type { MachineStatusSpec } from './gen/resource/definitions/runtime/runtime_pb.ts';
import { resources } from './kinds.ts';
import { QUESTION_LIMIT_MS, type Question, type Reads } from './reads.ts';
import { onlyMessage } from './reply.ts';

/** How machines are seen, and what is remembered of them. */
export interface Sight {
  readonly reads: Reads;
  readonly boots: Boots;
}

/** By the number of the stage in `MachineStatus` (talos-api.md 2.2). */
export const STAGES: readonly MachineStage[] = [
  'unknown',
  'booting',
  'installing',
  'maintenance',
  'running',
  'rebooting',
  'shutting-down',
  'resetting',
  'upgrading',
];
/** Entries of the extension list that are not extensions (talos-api.md 8.3). */
const VIRTUAL_EXTENSIONS = ['schematic', 'modules.dep'];
/**
 * Times the machine is read before the look is given up: the second time is for a boot that was not the one expected, the
 * third for a machine that restarted in between. Restarting twice in that time is no coincidence.
 */
const LOOKS = 3;

/**
 * Looks at a machine; throws Fault. All answers belong to one boot: a version read before a restart beside the boot id
 * read after it would look like a machine that fell back to its old image. The boot is read last, and counts when it was seen
 * before as well: boots never come back, so whatever was read between two sights of one belongs to it (docs/decisions/0017).
 */
export async function lookAt(
  { reads, boots }: Sight,
  address: string,
  options: LookOptions = {},
): Promise<MachineView> {
  const { seenBoot = '', ...reading } = options;
  const question: Question = { ...reading, node: address, withinMs: QUESTION_LIMIT_MS };
  const known = boots.last(address);
  const hint = bootIdIn(seenBoot);
  let seen: readonly Boot[] = [
    ...(known === null ? [] : [known.boot]),
    ...(hint === null ? [] : [{ kind: 'id', id: hint } as const]),
  ];
  if (seen.length === 0) seen = [await readBoot({ reads, boots, question }, null)];
  // Where Kubernetes has heard of another boot than we have, ours is most likely over, and what it was made of with it.
  const kept = known !== null && seen.every((one) => sameBoot(one, known.boot)) ? known.traits : null;
  for (let look = 1; look <= LOOKS; look += 1) {
    const [status, traits] = await Promise.all([
      getResource(reads, resources.machineStatus, 'machine', question),
      look === 1 && kept !== null ? kept : readTraits(reads, question),
    ]);
    const boot = await readBoot({ reads, boots, question }, traits.version);
    if (seen.some((one) => sameBoot(one, boot))) {
      const view = viewOf(boot, traits, status);
      if (view.stage === 'running' && view.ready) boots.learn(address, boot, traits);
      // Until it has come up, an inspection must not take the boot before for this one.
      else if (known !== null && !sameBoot(known.boot, boot)) boots.forget(address);
      return view;
    }
    seen = [boot];
  }
  throw new Fault('unreachable', `${address} restarted while it was looked at.`, { code: 'RESTARTED' });
}

async function readTraits(reads: Reads, question: Question): Promise<Traits> {
  const [version, layers] = await Promise.all([
    reads.unary(MachineService.method.version, {}, question),
    listResources(reads, resources.extension, question),
  ]);
  const message = onlyMessage('Version', version);
  const tag = message.version?.tag ?? '';
  if (tag === '') throw new Fault('broken', `${question.node} did not say its version.`);
  const named = layers.flatMap(({ spec }) => (spec.metadata === undefined ? [] : [spec.metadata]));
  const schematic = named.find(({ name }) => name === 'schematic');
  return {
    version: tag,
    platform: message.platform?.name ?? '',
    schematic: schematic?.version ?? null,
    factoryUrl: factoryUrlIn(schematic?.author ?? ''),
    extensions: named
      .map(({ name }) => name)
      .filter((name) => !VIRTUAL_EXTENSIONS.includes(name))
      .toSorted(),
  };
}

function viewOf(boot: Boot, traits: Traits, status: MachineStatusSpec | null): MachineView {
  return {
    ...traits,
    bootId: boot.kind === 'id' ? boot.id : '',
    stage: STAGES[status?.stage ?? 0] ?? 'unknown',
    ready: status?.status?.ready ?? false,
    unmet: (status?.status?.unmetConditions ?? []).map(({ name, reason }) => ({ name, reason })),
  };
}

/** `Image Factory (https://factory.talos.dev)`: the URL is where private factories name themselves (talos-api.md 8.3). */
function factoryUrlIn(author: string): string | null {
  return /\((https?:\/\/[^\s()]+)\)\s*$/i.exec(author)?.[1] ?? null;
}

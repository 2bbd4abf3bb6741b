// One machine as it describes itself: version, boot, stage, extensions, and what it would fall back to.
import type { MachineStage, MachineView } from '../cluster/snapshot.ts';
import { Fault } from '../engine/ports/fault.ts';
import type { ReadOptions } from '../engine/ports/machines.ts';
import { getResource, listResources, resources } from './cosi.ts';
import { MachineService } from './gen/machine/machine_pb.ts';
import type { Question, Reads } from './reads.ts';
import { joined, onlyMessage } from './reply.ts';

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
const BOOT_ID_FILE = '/proc/sys/kernel/random/boot_id';
/** A machine that restarts during a look is looked at once more: restarting twice in that time is no coincidence. */
const LOOKS = 2;

/**
 * Looks at a machine; throws Fault. All answers belong to one boot: a version read before a restart beside the boot id
 * read after it would look like a machine that fell back to its old image.
 */
export async function lookAt(reads: Reads, address: string, options: ReadOptions = {}): Promise<MachineView> {
  const question: Question = { ...options, node: address };
  let before = await readBootId(reads, question);
  for (let look = 1; look <= LOOKS; look += 1) {
    const view = await readView(reads, question);
    const after = await readBootId(reads, question);
    if (after === before) return { ...view, bootId: after };
    before = after;
  }
  throw new Fault('unreachable', `${address} restarted while it was looked at.`, { code: 'RESTARTED' });
}

/** From the resource (>= 1.14), else from the file, which needs os:admin (talos-api.md 3.3). */
async function readBootId(reads: Reads, question: Question): Promise<string> {
  const spec = await getResource(reads, resources.bootId, 'boot-id', question);
  const text =
    spec?.bootId ??
    joined(await reads.collect(MachineService.method.read, { path: BOOT_ID_FILE }, question)).toString();
  const bootId = text.trim();
  // Errors while reading a file are swallowed by the server: the stream then just ends (talos-api.md 2.2).
  if (!/^[0-9a-f-]{36}$/i.test(bootId))
    throw new Fault('broken', `${question.node} did not give its whole boot id.`);
  return bootId;
}

async function readView(reads: Reads, question: Question): Promise<Omit<MachineView, 'bootId'>> {
  const [version, status, layers, security, fallback] = await Promise.all([
    reads.unary(MachineService.method.version, {}, question),
    getResource(reads, resources.machineStatus, 'machine', question),
    listResources(reads, resources.extension, question),
    getResource(reads, resources.securityState, 'securitystate', question),
    getResource(reads, resources.metaKey, '0x06', question),
  ]);
  const message = onlyMessage('Version', version);
  const tag = message.version?.tag ?? '';
  if (tag === '') throw new Fault('broken', `${question.node} did not say its version.`);
  const named = layers.flatMap(({ spec }) => (spec.metadata === undefined ? [] : [spec.metadata]));
  const schematic = named.find(({ name }) => name === 'schematic');
  return {
    version: tag,
    platform: message.platform?.name ?? '',
    stage: STAGES[status?.stage ?? 0] ?? 'unknown',
    ready: status?.status?.ready ?? false,
    unmet: (status?.status?.unmetConditions ?? []).map(({ name, reason }) => ({ name, reason })),
    schematic: schematic?.version ?? null,
    factoryUrl: factoryUrlIn(schematic?.author ?? ''),
    extensions: named
      .map(({ name }) => name)
      .filter((name) => !VIRTUAL_EXTENSIONS.includes(name))
      .toSorted(),
    secureBoot: security?.secureBoot ?? false,
    fallback: fallback === null || fallback.value === '' ? null : fallback.value,
  };
}

/** `Image Factory (https://factory.talos.dev)`: the URL is where private factories name themselves (talos-api.md 8.3). */
function factoryUrlIn(author: string): string | null {
  return /\((https?:\/\/[^\s()]+)\)\s*$/i.exec(author)?.[1] ?? null;
}

// Which boot a machine is in, by the best source its version and our role allow.
import { Fault } from '../engine/ports/fault.ts';
import type { Boot, Boots } from './boots.ts';
import { getResource, lacksRole } from './cosi.ts';
import { MachineService } from './gen/machine/machine_pb.ts';
import { mayHave, resources } from './kinds.ts';
import type { Question, Reads } from './reads.ts';
import { joined, onlyMessage } from './reply.ts';

const BOOT_ID_FILE = '/proc/sys/kernel/random/boot_id';
const BOOT_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The boot id in one spelling, or null for a text that is none. */
export function bootIdIn(text: string): string | null {
  const id = text.trim().toLowerCase();
  return BOOT_ID.test(id) ? id : null;
}

/**
 * From the resource (>= 1.14, every role), from the file (every version, os:admin), else when the kernel started (both). `version`
 * is what the machine runs as far as anybody knows; a wrong one costs a question and no truth. Throws Fault.
 */
export async function readBoot(
  { reads, boots, question }: { readonly reads: Reads; readonly boots: Boots; readonly question: Question },
  version: string | null,
): Promise<Boot> {
  const inResource = (): Promise<string | null> => idInResource(reads, question);
  const inFile = (): Promise<string | null> => idInFile(reads, boots, question);
  // Where nobody knows the version the file comes first: it is the one that most machines let most bots read.
  const sources = version === null ? [inFile, inResource] : [inResource, inFile];
  for (const source of mayHave(version, resources.bootId) ? sources : [inFile]) {
    const id = await source();
    if (id !== null) return { kind: 'id', id };
  }
  return await bootTime(reads, question);
}

/** Null where the version has no such resource, and in a container, which has no boot of its own. */
async function idInResource(reads: Reads, question: Question): Promise<string | null> {
  const spec = await getResource(reads, resources.bootId, 'boot-id', question);
  return spec === null ? null : wholeId(spec.bootId, question);
}

/** Null when our role may not read files, or there is no such file. */
async function idInFile(reads: Reads, boots: Boots, question: Question): Promise<string | null> {
  if (boots.fileIsDenied()) return null;
  try {
    const chunks = await reads.collect(MachineService.method.read, { path: BOOT_ID_FILE }, question);
    return wholeId(joined(chunks).toString(), question);
  } catch (error) {
    if (lacksRole(error)) boots.learnDenial();
    else if (!(error instanceof Fault && error.kind === 'missing')) throw error;
    return null;
  }
}

async function bootTime(reads: Reads, question: Question): Promise<Boot> {
  const reply = await reads.unary(MachineService.method.systemStat, {}, question);
  return { kind: 'time', atMs: Number(onlyMessage('SystemStat', reply).bootTime) * 1_000 };
}

/** Errors while reading a file are swallowed by the server: the stream then just ends (talos-api.md 2.2). */
function wholeId(text: string, { node }: Question): string {
  const id = bootIdIn(text);
  if (id === null) throw new Fault('broken', `${node} did not give its whole boot id.`);
  return id;
}

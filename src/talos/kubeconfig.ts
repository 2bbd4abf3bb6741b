// A cluster-admin kubeconfig, out of the unfinished archive in which Talos sends it.
import { gunzipSync } from 'node:zlib';
import { Fault } from '../engine/ports/fault.ts';
import { MachineService } from './gen/machine/machine_pb.ts';
import type { Reads } from './reads.ts';
import { joined } from './reply.ts';

/** Milliseconds: the machine makes a fresh certificate for each call. */
const KUBECONFIG_LIMIT_MS = 15_000;
/** Bytes: a kubeconfig is some 3 KiB; more than this is not one. */
const KUBECONFIG_SIZE_LIMIT = 1024 * 1024;
const HEADER_SIZE = 512;

/** Asks any control-plane machine. The text is a secret. Throws Fault. */
export async function kubeconfigText(reads: Reads): Promise<string> {
  const question = { node: null, limitMs: KUBECONFIG_LIMIT_MS };
  return kubeconfigIn(joined(await reads.collect(MachineService.method.kubeconfig, {}, question)));
}

/**
 * The one file in gzip(tar). The server never ends the archive, neither with padding nor with its closing blocks, so that
 * strict readers fail (talos-api.md 2.2); by hand: a header of 512 bytes, the size in octal at 124, that many bytes.
 */
export function kubeconfigIn(archive: Uint8Array): string {
  let tar: Buffer;
  try {
    tar = gunzipSync(archive, { maxOutputLength: KUBECONFIG_SIZE_LIMIT + 2 * HEADER_SIZE });
  } catch (error) {
    throw new Fault('broken', 'The kubeconfig came in an archive that cannot be unpacked.', { cause: error });
  }
  const name = tar.subarray(0, 100).toString('latin1').replace(/\0.*$/s, '');
  const size = Number.parseInt(
    tar
      .subarray(124, 136)
      .toString('latin1')
      .replace(/[\0 ]+$/, ''),
    8,
  );
  if (tar.length < HEADER_SIZE || !name.endsWith('kubeconfig') || !Number.isInteger(size) || size <= 0) {
    throw new Fault('broken', 'The archive does not hold a kubeconfig.');
  }
  const text = tar.subarray(HEADER_SIZE, HEADER_SIZE + size);
  if (text.length !== size)
    throw new Fault('broken', `The kubeconfig is cut off after ${text.length} of ${size} bytes.`);
  return text.toString('utf8');
}

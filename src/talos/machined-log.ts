// machined's log of this boot, all of it: more than machined writes in a boot, so what is not in it did not happen in this one.
import type { ReadOptions } from '../engine/ports/machines.ts';
import { ContainerDriver } from './gen/common/common_pb.ts';
import { MachineService } from './gen/machine/machine_pb.ts';
import type { Reads } from './reads.ts';
import { joined } from './reply.ts';

/** Names machined among what has a log. */
export const MACHINED = { namespace: 'system', id: 'machined', driver: ContainerDriver.CONTAINERD } as const;

/** Milliseconds for a log of at most 1 MiB in chunks of 1 KiB. */
const LOG_LIMIT_MS = 15_000;

/** Throws Fault when the machine does not answer. */
export async function machinedLog(reads: Reads, address: string, options: ReadOptions = {}): Promise<string> {
  const question = { node: address, limitMs: LOG_LIMIT_MS, ...options };
  const chunks = await reads.collect(MachineService.method.logs, { ...MACHINED, tailLines: -1 }, question);
  return joined(chunks).toString('utf8');
}

/** Whether the machine heard a rollback since it booted. Throws Fault when it does not answer. */
export async function rollbackArrived(
  reads: Reads,
  address: string,
  options?: ReadOptions,
): Promise<boolean> {
  return toldRollback(await machinedLog(reads, address, options));
}

/** Talos writes the line first thing (Server.Rollback in v1alpha1_server.go, all versions from 0.9 on). */
export function toldRollback(log: string): boolean {
  return log.includes('rollback via API received');
}

// machined's log of this boot: a ring of 1 MiB, so what is not in it did not happen only as far back as it reaches.
import { stripVTControlCharacters } from 'node:util';
import type { Arrival, ReadOptions } from '../engine/ports/machines.ts';
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

/** Milliseconds by which the machine's clock may be behind ours; a larger difference ends in `unknown`, never in a guess. */
export const CLOCK_DIFFERENCE_MS = 5_000;

/** Whether the machine heard a rollback that was sent at `sinceMs`, or another one in the same boot. Throws Fault when it does not answer. */
export async function rollbackArrived(
  reads: Reads,
  address: string,
  sinceMs: number,
  options?: ReadOptions,
): Promise<Arrival> {
  return toldRollback(await machinedLog(reads, address, options), sinceMs);
}

/** Talos writes the line first thing (Server.Rollback in v1alpha1_server.go, all versions from 0.9 on). */
export function toldRollback(log: string, sinceMs: number): Arrival {
  if (log.includes('rollback via API received')) return 'arrived';
  // Every question of ours leaves lines there, and half an hour of them overwrites all that was before.
  const oldestMs = log
    .split('\n')
    .map((line) => parseLine(line).atMs)
    .find((atMs) => atMs !== null);
  return oldestMs != null && oldestMs < sinceMs - CLOCK_DIFFERENCE_MS ? 'never-arrived' : 'unknown';
}

const STAMP = /(\d{4})[/-](\d\d)[/-](\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d{1,3})?)\d*Z?/g;

/**
 * A log line's time (UTC) and its text without what loggers put before it. machined's lines look like
 * `2026/08/21 20:42:35.123456 [talos] text`, those of its structured logger like
 * `2026/08/21 20:42:35.123456 2026-08-21T20:42:35.123Z INFO text {fields}` with a coloured level.
 */
export function parseLine(line: string): { readonly atMs: number | null; readonly text: string } {
  const plain = stripVTControlCharacters(line);
  const stamp = [...plain.slice(0, 80).matchAll(STAMP)][0];
  const text = plain
    .replace(/^(?:\s*(?:\d{4}[/-]\d\d[/-]\d\d[ T][\d:.]+Z?|\[talos\]|DEBUG|INFO|WARN|ERROR))+\s*/, '')
    .trim();
  if (stamp === undefined) return { atMs: null, text };
  const [, year, month, day, time] = stamp;
  const atMs = Date.parse(`${year}-${month}-${day}T${time}Z`);
  return { atMs: Number.isNaN(atMs) ? null : atMs, text };
}

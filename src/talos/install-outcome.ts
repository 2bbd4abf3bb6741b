// What became of an installation whose stream was lost: asked of the installer's lock and of the machine's own log.
import { Fault } from '../engine/ports/fault.ts';
import type { InstallOutcome } from '../engine/ports/machines.ts';
import { LifecycleService } from './gen/machine/lifecycle_pb.ts';
import { INSTALLER_STORE } from './lifecycle.ts';
import { CLOCK_DIFFERENCE_MS, machinedLog, parseLine } from './machined-log.ts';
import type { Reads } from './reads.ts';

/** Settles an installation begun at `sinceMs` (talos-api.md section 4). Throws Fault when the machine does not answer. */
export async function installOutcome(
  reads: Reads,
  address: string,
  sinceMs: number,
): Promise<InstallOutcome> {
  // In this order: the result is logged before the lock is given back.
  const lock = await lockState(reads, address);
  if (lock !== 'idle') return { kind: lock };
  return outcomeInLog(await machinedLog(reads, address), sinceMs);
}

/**
 * An upgrade without an image name cannot start anything, and the lock is looked at before the name: "already in progress"
 * means that the installer still runs, a complaint about the name that it does not.
 */
async function lockState(reads: Reads, address: string): Promise<'running' | 'idle' | 'unknown'> {
  const request = { containerd: INSTALLER_STORE, source: { imageName: '' } };
  try {
    await reads.collect(LifecycleService.method.upgrade, request, { node: address });
    return 'unknown';
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    if (error.code === 'FAILED_PRECONDITION' && error.kind === 'busy') return 'running';
    if (error.code === 'INVALID_ARGUMENT') return 'idle';
    if (error.kind === 'unreachable') throw error;
    return 'unknown';
  }
}

// 1.13 writes `upgrade failed: exit_code=4`, later versions `upgrade failed {… "exit_code": 4}`. Progress lines quote the
// installer and may say anything, so the phrase must stand where a line's own text begins.
const BEGUN = /^\s*starting upgrade\b/;
const ENDED = /^\s*upgrade (completed|failed)\b.*?exit_code"?\s*[=:]\s*(\d+)/;

/** One upgrade as machined's log tells it; `failed` once it is known to have. */
interface Run {
  readonly atMs: number | null;
  outcome: InstallOutcome;
}

/**
 * What the upgrade begun at `sinceMs` came to, by machined's log of this boot; 0 asks about the whole boot, where a run that nobody can
 * date counts as well. Without a trace of it: `never-began` only when the log reaches back before the call and every run it shows
 * failed; anything less is `unknown`, never a guess.
 */
export function outcomeInLog(log: string, sinceMs: number): InstallOutcome {
  const earliestMs = sinceMs - CLOCK_DIFFERENCE_MS;
  let oldestMs: number | null = null;
  const runs: Run[] = [];
  for (const line of log.split('\n')) {
    const { atMs, text } = parseLine(line);
    oldestMs ??= atMs;
    if (BEGUN.test(text)) runs.push({ atMs, outcome: { kind: 'unknown' } });
    const exitCode = ENDED.exec(text)?.[2];
    if (exitCode === undefined) continue;
    const outcome: InstallOutcome =
      exitCode === '0' ? { kind: 'succeeded' } : { kind: 'failed', exitCode: Number(exitCode) };
    const run = runs.at(-1);
    // Its beginning is gone from the ring: nobody can say when that was.
    if (run === undefined) runs.push({ atMs: null, outcome });
    else run.outcome = outcome;
  }
  const since = runs.filter(({ atMs }) => (atMs ?? 0) >= earliestMs);
  const last = runs.at(-1);
  if (last !== undefined && since.includes(last)) {
    const armed = since.some(({ outcome }) => outcome.kind === 'succeeded');
    return armed && last.outcome.kind !== 'succeeded' ? { kind: 'overtaken' } : last.outcome;
  }
  const whole = oldestMs !== null && oldestMs < earliestMs;
  return whole && runs.every(({ atMs, outcome }) => atMs !== null && outcome.kind === 'failed')
    ? { kind: 'never-began' }
    : { kind: 'unknown' };
}

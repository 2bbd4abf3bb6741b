/** What a machine that has been running for a while still has of its last boot: events, and lines in its logs. */
import type { MachineEvent } from './event.ts';
import { lasted } from './machine-log.ts';
import { type MachineParts, runningVersion, statusOf } from './machine-parts.ts';
import { servicesOf } from './machine-service.ts';
import { BOOT, type SequencePart, START_SERVICES } from './sequence.ts';

/** How long one part of that boot took. */
const PART_MS = 1_500;

/** Fills events and logs with the boot that ended well; call once, on a machine that runs. */
export function rememberBoot(parts: MachineParts): void {
  const { events, log, state } = parts;
  let atMs = state.bootedAtMs;
  const tell = (event: MachineEvent): void => events.recall(event, atMs);
  const go = ({ phase, task }: SequencePart, number: number, within: () => void = () => {}): void => {
    tell({ kind: 'phase', phase, action: 'start' });
    tell({ kind: 'task', task, action: 'start' });
    log.begun(`phase ${phase}`, `${number}/${BOOT.length}`, '1 tasks(s)', atMs);
    log.begun(`task ${task}`, '1/1', 'starting', atMs);
    within();
    atMs += PART_MS;
    tell({ kind: 'task', task, action: 'stop' });
    tell({ kind: 'phase', phase, action: 'stop' });
    log.done(`task ${task}`, atMs);
    log.done(`phase ${phase}`, atMs);
  };
  log.dmesg(linuxVersion(parts), atMs);
  log.info(bootBegins(), atMs);
  tell({ kind: 'sequence', sequence: 'boot', action: 'start' });
  tell({ kind: 'machine-status', status: { stage: 'booting', ready: false, unmet: [] } });
  const startServices = (): void => {
    for (const { id } of servicesOf(parts)) tell(serviceRuns(id));
  };
  for (const [index, part] of BOOT.entries())
    go(part, index + 1, part === START_SERVICES ? startServices : undefined);
  tell({ kind: 'sequence', sequence: 'boot', action: 'stop' });
  tell({ kind: 'machine-status', status: statusOf(parts) });
  log.info(`boot sequence: done: ${lasted(atMs - state.bootedAtMs)}`, atMs);
}

/** The kernel's first line. */
export function linuxVersion(parts: MachineParts): string {
  return `Linux version 6.12.0-talos (${runningVersion(parts)})`;
}

/** machined's line at the beginning of a boot. */
export function bootBegins(): string {
  return `boot sequence: ${BOOT.length} phase(s)`;
}

/** The event of a service that has become healthy. */
export function serviceRuns(service: string): MachineEvent {
  return { kind: 'service', service, action: 'running', healthy: true, message: 'Health check successful' };
}

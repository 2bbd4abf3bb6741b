/** What a sequence says of itself while it runs: events of its actor, and lines in the log. */
import type { MachineEvent, SequenceName } from './event.ts';
import type { MachineParts } from './machine-parts.ts';
import type { SequencePart } from './sequence.ts';

export interface TaskSpan {
  readonly fromMs: number;
  readonly toMs: number;
  readonly actorId: string;
}

/** The sayings of some tasks, spread evenly over a span; the last of them ends with the sequence, not with the span. */
export function tellings(
  { events, log }: MachineParts,
  tasks: readonly SequencePart[],
  span: TaskSpan,
): readonly { readonly atMs: number; readonly run: () => void }[] {
  const eachMs = (span.toMs - span.fromMs) / Math.max(1, tasks.length);
  const tell = (event: MachineEvent): void => events.publish(event, span.actorId);
  return tasks.map(({ phase, task }, index) => ({
    atMs: span.fromMs + index * eachMs,
    run: () => {
      const before = tasks[index - 1];
      if (before !== undefined) {
        tell({ kind: 'task', task: before.task, action: 'stop' });
        tell({ kind: 'phase', phase: before.phase, action: 'stop' });
        log.info(`task ${before.task} (1/1): done, ${eachMs.toFixed(3)}ms`);
      }
      tell({ kind: 'phase', phase, action: 'start' });
      tell({ kind: 'task', task, action: 'start' });
      log.info(`phase ${phase} (${index + 1}/${tasks.length}): 1 tasks(s)`);
      log.info(`task ${task} (1/1): starting`);
    },
  }));
}

/** Says that a sequence ended fatally. */
export function tellFailure(
  { events, log }: MachineParts,
  failed: { readonly sequence: SequenceName; readonly reason: string; readonly actorId: string },
): void {
  const { sequence, actorId } = failed;
  const message = `sequence failed: ${failed.reason}`;
  events.publish({ kind: 'sequence', sequence, action: 'noop', error: { code: 'fatal', message } }, actorId);
  log.info(`${sequence} sequence: failed`);
}

/** What a sequence says of itself while it runs: events of its actor, and lines in the log. */
import type { SequenceName } from './event.ts';
import type { MachineParts } from './machine-parts.ts';
import type { SequencePart } from './sequence.ts';

export interface TaskSpan {
  readonly fromMs: number;
  readonly toMs: number;
  readonly actorId: string;
}

/** The sayings of some tasks, spread evenly over a span. The last one's end is not told: `taskDone` does that. */
export function tellings(
  parts: MachineParts,
  tasks: readonly SequencePart[],
  span: TaskSpan,
): readonly { readonly atMs: number; readonly run: () => void }[] {
  const eachMs = (span.toMs - span.fromMs) / Math.max(1, tasks.length);
  const { events, log } = parts;
  return tasks.map(({ phase, task }, index) => ({
    atMs: span.fromMs + index * eachMs,
    run: () => {
      const before = tasks[index - 1];
      if (before !== undefined) taskDone(parts, before, span.actorId);
      events.publish({ kind: 'phase', phase, action: 'start' }, span.actorId);
      events.publish({ kind: 'task', task, action: 'start' }, span.actorId);
      log.begun(`phase ${phase}`, `${index + 1}/${tasks.length}`, '1 tasks(s)');
      log.begun(`task ${task}`, '1/1', 'starting');
    },
  }));
}

/** Says that a task, and the phase it makes up, has ended. */
export function taskDone({ events, log }: MachineParts, part: SequencePart, actorId: string): void {
  events.publish({ kind: 'task', task: part.task, action: 'stop' }, actorId);
  events.publish({ kind: 'phase', phase: part.phase, action: 'stop' }, actorId);
  log.done(`task ${part.task}`);
  log.done(`phase ${part.phase}`);
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

/** What a running sequence says of itself: events of its actor, and lines in the log. */
import type { SequenceName } from './event.ts';
import type { MachineParts } from './machine-parts.ts';
import type { SequencePart } from './sequence.ts';

export interface TaskSpan {
  readonly fromMs: number;
  readonly toMs: number;
  readonly actorId: string;
}

/** The sayings of some tasks, spread evenly over a span. */
export function tellings(
  { events, log }: MachineParts,
  tasks: readonly SequencePart[],
  span: TaskSpan,
): readonly { readonly atMs: number; readonly run: () => void }[] {
  const eachMs = (span.toMs - span.fromMs) / Math.max(1, tasks.length);
  return tasks.map(({ phase, task }, index) => ({
    atMs: span.fromMs + index * eachMs,
    run: () => {
      events.publish({ kind: 'phase', phase, action: 'start' }, span.actorId);
      events.publish({ kind: 'task', task, action: 'start' }, span.actorId);
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

// Waiting between two looks at something that must hold before a step begins.
import type { TaskContext } from './work.ts';

/** `ms` at most, in milliseconds: what others of its batch did, or people said, may be what it waited for, and is looked at sooner. */
export async function rest(
  { session, parts, loops }: Pick<TaskContext, 'session' | 'parts' | 'loops'>,
  ms: number,
): Promise<void> {
  const { clock, pollMs } = parts;
  const { version } = session.rollout;
  const until = clock.monotonic() + ms;
  do await clock.sleep(Math.max(1, Math.min(pollMs, until - clock.monotonic())), loops);
  while (!loops.aborted && session.rollout.version === version && clock.monotonic() < until);
}

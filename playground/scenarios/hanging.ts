// What hangs for as long as the play needs it: a moment that lasts some milliseconds is missed on a busy machine.
import type { Troupe } from './troupe.ts';

/** Faults that keep an installation, a boot or a drain going until they are healed. */
export type Hang = 'slow-install' | 'slow-boot' | 'pod-held';

/** By itself it would go on much later. */
const HANGS_MS = 60_000;

/** What this node does next hangs in its middle; the answer lets it go on. */
export async function hanging(
  { stage: { slack } }: Troupe,
  node: string,
  what: Hang = 'slow-install',
): Promise<() => Promise<void>> {
  await slack.fault({ name: what, node, ...(what === 'pod-held' ? {} : { ms: HANGS_MS }) });
  return async () => {
    await slack.fault({ name: 'heal', fault: what });
  };
}

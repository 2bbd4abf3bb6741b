/** Who an act is by, as the events of a machine name it. */
import type { MachineParts } from './machine-parts.ts';
import { uuid } from './random.ts';

/** A fresh actor id: the machine makes one for each reboot or upgrade it accepts, a UUID. */
export function newActorId({ random, events }: MachineParts): string {
  // Drawn from a generator of its own, so that acts do not change what the seed draws next.
  return uuid(random.fork(`actor ${events.nextId()}`));
}

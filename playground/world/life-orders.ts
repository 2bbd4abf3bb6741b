/** What a machine is told when it shall restart, by a client or by its own installer. */
import type { DepartureBy } from './counters.ts';
import type { SequenceName } from './event.ts';
import type { RebootMode, SequencePart } from './sequence.ts';

export interface RebootOrder {
  readonly mode: RebootMode;
  readonly actorId: string;
  readonly by: DepartureBy;
  /** The restart of a staged upgrade, which nothing takes over from. */
  readonly sequence?: 'stageUpgrade';
}

/** After an installer of the legacy upgrade. */
export interface RestartOrder {
  readonly sequence: SequenceName;
  readonly tasks: readonly SequencePart[];
  readonly actorId: string;
  /** Why the sequence failed; null when it did not. */
  readonly failure: string | null;
}

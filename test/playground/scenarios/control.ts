// A negative control: which scenario must miss when which guard is replaced.
import type { StageSettings } from '../../../playground/stage.ts';

export type Launch = NonNullable<StageSettings['launch']>;

export type Control = readonly [scenario: string, guard: string, launch: () => Launch];

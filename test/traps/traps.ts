// The table of traps: every one of section 9 of the sheet about Talos's API, with what the bot does about it.
import { ACTING_TRAPS } from './acting-traps.ts';
import { LIFECYCLE_TRAPS } from './lifecycle-traps.ts';
import { REACHING_TRAPS } from './reaching-traps.ts';
import { READING_TRAPS } from './reading-traps.ts';
import type { Trap, Unguarded } from './trap.ts';
import { UPGRADING_TRAPS } from './upgrading-traps.ts';

export const TRAPS: readonly Trap[] = [
  ...REACHING_TRAPS,
  ...UPGRADING_TRAPS,
  ...READING_TRAPS,
  ...ACTING_TRAPS,
  ...LIFECYCLE_TRAPS,
];

export const UNGUARDED: readonly Unguarded[] = [
  {
    trap: 31,
    why: 'it is no trap of the API but a pointer to an emulator, and to what a simulator must get right; that is held by the tests of the playground',
  },
];

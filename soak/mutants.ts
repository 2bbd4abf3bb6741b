// The mutants: guards of the product taken out one at a time, and the promises that are broken without them.
import type { Mutant } from './mutant.ts';
import { ACTS } from './mutants/acts.ts';
import { BESIDES } from './mutants/besides.ts';
import { FACTS } from './mutants/facts.ts';
import { THREAD } from './mutants/thread.ts';

export const MUTANTS: readonly Mutant[] = [...ACTS, ...FACTS, ...BESIDES, ...THREAD];

// What a row of the table of traps is: a trap of Talos's API, the tests that guard us from it, and what happens to them without the guard.

/** A test by its file and its titles, `describe > test`, as they stand in the file (of `it.each`, with its placeholders). */
export interface NamedTest {
  readonly file: string;
  readonly name: string;
}

/** The guard taken out: one text of one file replaced by another. */
export interface Mutant {
  readonly file: string;
  /** Occurs exactly once in the file. Small, so that the file may change around it. */
  readonly find: string;
  readonly replace: string;
}

/** The rows of the translation of faults: every line of that table is a trap of its own. */
export const ROWS_OF_FAULTS: NamedTest = {
  file: 'test/talos/fault.test.ts',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the title as it stands in the file
  name: '%i "%s" > is a fault of kind ${kind}, and an act that got it is ${end}',
};

export interface Guard {
  /** What the bot does about it; completes "the bot …". */
  readonly by: string;
  readonly test: NamedTest;
  readonly mutant: Mutant;
}

export interface Trap {
  /** Its number in the sheet of facts about Talos's API, section 9. */
  readonly trap: number;
  /** What there is to know, without a capital and a full stop. */
  readonly sentence: string;
  readonly guards: readonly Guard[];
}

/** A trap without a guard, and why it needs none. */
export interface Unguarded {
  readonly trap: number;
  readonly why: string;
}

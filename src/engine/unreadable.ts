// What people are told of a journal that this version must not go on from: what was found where, and what helps.
import type { Remedy, UnreadableEntry } from './ports/journal.ts';

const HELP: Readonly<Record<Remedy, string>> = {
  'newer-version': 'Start the version of the bot that wrote it.',
  key: 'Give this process the JOURNAL_KEY that signed it, or its successor with the former one beside it; if it has them, somebody without the key wrote there.',
  person:
    'Restore the journal from a copy, or free the cluster by hand (docs/operating.md, "A claim must be freed").',
};

export function unreadableSentence(error: UnreadableEntry): string {
  return `${error.message} ${HELP[error.remedy]}`;
}

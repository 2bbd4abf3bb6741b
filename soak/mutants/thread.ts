// Mutants of who keeps the thread: the bookmark, what was lost on the way, what is said twice, and in which order.
import type { Mutant } from '../mutant.ts';

const DESK = 'src/bot/desk.ts';
const OUTBOX = 'src/bot/outbox.ts';

export const THREAD: readonly Mutant[] = [
  {
    name: 'bookmark-ahead',
    sentence: 'puts its bookmark at the end before everything was shown',
    breaks: [7],
    plants: [{ file: DESK, find: "if (result === 'later') return;", replace: '' }],
  },
  {
    name: 'lost-word-forgotten',
    sentence: 'takes a message that Slack did not answer for posted',
    breaks: [7],
    plants: [
      {
        file: OUTBOX,
        find: "if (sent.kind !== 'lost') await this.#setSlot(slot.name, null, pass);",
        replace:
          "await this.#setSlot(slot.name, { kind: 'posted', ts: 'lost', hash: hashOf(slot.message) }, pass);",
      },
    ],
  },
  {
    name: 'said-again',
    sentence: 'posts at once again what Slack did not answer',
    breaks: [7],
    around: 54,
    plants: [
      {
        file: OUTBOX,
        find: 'const sent = await sendSlot(this.#parts, slot, under);',
        replace:
          "let sent = await sendSlot(this.#parts, slot, under);\n    if (sent.kind === 'lost') sent = await sendSlot(this.#parts, slot, under);\n    if (sent.kind === 'lost') sent = await sendSlot(this.#parts, slot, under);",
      },
    ],
  },
  {
    name: 'unlooked-for',
    sentence: 'does not look whether a message is there whose place is not known',
    breaks: [7],
    around: 26,
    plants: [
      {
        file: 'src/bot/slot-calls.ts',
        find: 'if (!reads || slot.where',
        replace: 'if (reads || slot.where',
      },
    ],
  },
  {
    name: 'newest-first',
    sentence: 'posts what happened last before what happened first',
    breaks: [7],
    plants: [
      {
        file: OUTBOX,
        find: 'for (const slot of pass.thread.slots) {',
        replace:
          'for (const slot of [...pass.thread.slots.slice(0, 1), ...pass.thread.slots.slice(1).reverse()]) {',
      },
    ],
  },
  {
    name: 'restart-says-all',
    sentence: 'says everything once more when it becomes the speaker',
    breaks: [7],
    plants: [
      {
        file: DESK,
        find: 'slots: new Map(Object.entries(record.slots))',
        replace: 'slots: new Map(this.#shown === 0 ? [] : Object.entries(record.slots))',
      },
    ],
  },
];

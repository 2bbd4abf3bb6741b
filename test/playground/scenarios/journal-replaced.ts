// What negative controls put between the bot and its journal.
import type { Journal } from '../../../src/engine/ports/journal.ts';
import type { RolloutEvent } from '../../../src/rollout/event.ts';

/** A journal is a class with private fields: its methods are taken along bound. */
export function bound(journal: Journal): Journal {
  return {
    read: (...args) => journal.read(...args),
    append: (...args) => journal.append(...args),
    claimOf: (...args) => journal.claimOf(...args),
    recent: (...args) => journal.recent(...args),
    take: (...args) => journal.take(...args),
    renew: (...args) => journal.renew(...args),
    letGo: (...args) => journal.letGo(...args),
    due: (...args) => journal.due(...args),
    note: (...args) => journal.note(...args),
    notes: (...args) => journal.notes(...args),
  };
}

export function withAppend(journal: Journal, change: (event: RolloutEvent) => RolloutEvent): Journal {
  return {
    ...bound(journal),
    append: (request) => journal.append({ ...request, events: request.events.map(change) }),
  };
}

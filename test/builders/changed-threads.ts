// The records of threads with some of their methods replaced: they are objects of a class, whose methods no spread copies.
import type { Threads } from '../../src/engine/ports/threads.ts';

export function withThreads(threads: Threads, changed: Partial<Threads>): Threads {
  return {
    read: (...at) => threads.read(...at),
    setSlot: (...at) => threads.setSlot(...at),
    setShown: (...at) => threads.setShown(...at),
    open: (...at) => threads.open(...at),
    closed: (...at) => threads.closed(...at),
    speak: (...at) => threads.speak(...at),
    spent: (...at) => threads.spent(...at),
    setSpent: (...at) => threads.setSpent(...at),
    ...changed,
  };
}

// What a port hands out belongs to it: whoever gives the upgrade mutex back calls the border again, and may die there.
import type { MutexHold, UpgradeMutex } from '../../src/engine/ports/upgrade-mutex.ts';
import type { Life, Tap } from './mortal.ts';

/** The mutex as this process has it: what it took is given back as audibly as it was taken. */
export function handedMutex(mutex: UpgradeMutex, life: Life, tap: Tap): UpgradeMutex {
  return {
    tryTake: async (seats) => {
      const reply = await mutex.tryTake(seats);
      return reply.kind === 'taken' ? { ...reply, hold: handedHold(reply.hold, life, tap) } : reply;
    },
    close: () => mutex.close(),
  };
}

function handedHold(hold: MutexHold, life: Life, tap: Tap): MutexHold {
  const border = life.port({ release: () => hold.release() }, tap);
  return {
    holder: hold.holder,
    lost: hold.lost,
    holds: () => hold.holds(),
    confirm: () => hold.confirm(),
    letExpire: () => hold.letExpire(),
    release: () => border.release(),
  };
}

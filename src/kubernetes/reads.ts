// Reading many lists without standing in one's own way: a call's deadline begins when it is sent, not when it is thought of.
import { Fault } from '../engine/ports/fault.ts';
import { Slots } from '../engine/slots.ts';
import type { KubernetesConnection } from './connection.ts';

/** What only reads is given no more than that. */
export type Reads = Pick<KubernetesConnection, 'read'>;

interface Turns {
  /** Reads in hand at a time: fewer than there are connections, so that a Lease need not wait behind them. */
  readonly width: number;
  /** Milliseconds for which a read waits for its turn; nobody waits for the answer any more then. */
  readonly patienceMs: number;
}

/** The same reads, so many at a time and the others in order. One that waited too long throws Fault `unreachable` and is not asked. */
export function inTurns(connection: Reads, { width, patienceMs }: Turns): Reads {
  const slots = new Slots(width);
  return {
    read: (doing, ask) => {
      const until = performance.now() + patienceMs;
      return slots.run(() => {
        if (performance.now() <= until) return connection.read(doing, ask);
        const waitedS = Math.round(patienceMs / 1_000);
        const why = `Kubernetes was so slow that it was not asked ${doing} within ${waitedS} s.`;
        throw new Fault('unreachable', why, { code: 'TIMEOUT' });
      });
    },
  };
}

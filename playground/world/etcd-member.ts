/** One member of the simulated etcd: who it is, and how it is. */
import type { Random } from './random.ts';

export type AlarmKind = 'NOSPACE' | 'CORRUPT';

export interface EtcdMember {
  readonly id: bigint;
  readonly name: string;
  readonly address: string;
  readonly learner: boolean;
  readonly alarm: AlarmKind | null;
  readonly up: boolean;
  /** False for a moment after the member came back: its applied index lags behind. */
  readonly caughtUp: boolean;
}

/** A member as it joins: with an id that no other ever had. */
export function newMember(
  { name, address }: { readonly name: string; readonly address: string },
  random: Random,
  state: 'runs' | 'starts',
): EtcdMember {
  // Above 2^53 like most real ids, so that a client that keeps them as numbers is caught.
  const id = BigInt(`0x${(8 + random.int(8)).toString(16)}${random.hex(15)}`);
  const up = state === 'runs';
  return { id, name, address, learner: false, alarm: null, up, caughtUp: up };
}

// etcd asked directly, beside what Talos says about it: the second, independent proof of quorum. Implemented by src/etcd.
import type { QuorumRead } from '../../cluster/quorum-read.ts';

/** One control-plane node to ask through, by an address at which its etcd serves clients. */
export interface EtcdSeat {
  readonly node: string;
  readonly address: string;
}

export interface DirectWitness {
  /**
   * A linearizable read through each of these members, all at once; one answer for each, in the same order. Never rejects: what
   * does not answer within the adapter's limit (seconds) is silent. A read changes nothing and may be repeated.
   */
  read(seats: readonly EtcdSeat[]): Promise<readonly QuorumRead[]>;
  close(): Promise<void>;
}

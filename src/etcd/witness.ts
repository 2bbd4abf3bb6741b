// The port `DirectWitness` over etcd's own API: a linearizable read through each member.
import type { QuorumRead } from '../cluster/quorum-read.ts';
import { faultOf } from '../engine/ports/fault.ts';
import type { DirectWitness, EtcdSeat } from '../engine/ports/witness.ts';
import { CredentialKeeper, type CredentialSource } from './credentials.ts';
import { askMember, type DialSettings } from './question.ts';

/** The key etcd's own tools read to see whether it is healthy. It need not exist: the read is what proves. */
const KEY = 'health';

export interface WitnessSettings extends DialSettings {
  readonly credentials: CredentialSource;
}

/** Dials nothing until asked. Each answer takes at most `QUESTION_LIMIT_MS`, after the credentials are there. */
export function etcdWitness(settings: WitnessSettings): DirectWitness {
  const keeper = new CredentialKeeper(settings.credentials);
  return {
    read: async (seats) => {
      try {
        const credentials = await keeper.through(seats.map((seat) => seat.address));
        const reads = await Promise.all(
          seats.map((seat) =>
            readThrough(seat, { dial: settings, credentials }).catch((error: unknown) => silent(seat, error)),
          ),
        );
        if (reads.some((read) => read.kind === 'silent')) keeper.forget();
        return reads;
      } catch (error) {
        return seats.map((seat) => silent(seat, error));
      }
    },
    close: async () => undefined,
  };
}

async function readThrough(seat: EtcdSeat, way: Parameters<typeof askMember>[1]): Promise<QuorumRead> {
  // Linearizable is etcd's default; "serializable" would be answered by a member that sees nobody.
  const { header } = await askMember(seat, way, (client) => client.get(KEY).exec());
  return {
    node: seat.node,
    kind: 'served',
    memberId: BigInt(header.member_id).toString(16).padStart(16, '0'),
    revision: header.revision,
  };
}

function silent(seat: EtcdSeat, error: unknown): QuorumRead {
  return { node: seat.node, kind: 'silent', why: faultOf(error).message };
}

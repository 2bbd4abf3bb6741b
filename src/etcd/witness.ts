// The port `DirectWitness` over etcd's own API: a linearizable read through each member.
import type { QuorumRead } from '../cluster/quorum-read.ts';
import { type Fault, faultOf } from '../engine/ports/fault.ts';
import type { DirectWitness, EtcdSeat } from '../engine/ports/witness.ts';
import { CredentialKeeper, type CredentialSource } from './credentials.ts';
import { askMember, type DialSettings, type Way } from './question.ts';

/** The key that etcd's own tools read to see whether it is healthy. It need not exist: being served is the proof. */
const KEY = 'health';

export interface EtcdSettings extends DialSettings {
  readonly credentials: CredentialSource;
}

/** Dials nothing until asked. A read takes at most `QUESTION_LIMIT_MS`, once the credentials are there. */
export function etcdWitness(settings: EtcdSettings): DirectWitness {
  const keeper = new CredentialKeeper(settings.credentials);
  return {
    read: async (seats) => {
      try {
        const credentials = await keeper.through(seats.map((seat) => seat.address));
        return await Promise.all(
          seats.map((seat) =>
            readThrough(seat, { dial: settings, credentials }).catch((error: unknown) => {
              const fault = faultOf(error);
              keeper.forgetAfter(fault);
              return silence(seat, fault);
            }),
          ),
        );
      } catch (error) {
        return seats.map((seat) => silence(seat, faultOf(error)));
      }
    },
    // Every question closes its own connection.
    close: async () => undefined,
  };
}

async function readThrough(seat: EtcdSeat, way: Way): Promise<QuorumRead> {
  // Linearizable is etcd's default; a "serializable" read would be served by a member that sees nobody else.
  const { header } = await askMember(seat, way, (client) => client.get(KEY).exec());
  return {
    node: seat.node,
    kind: 'served',
    memberId: BigInt(header.member_id).toString(16).padStart(16, '0'),
    revision: header.revision,
  };
}

function silence(seat: EtcdSeat, fault: Fault): QuorumRead {
  return { node: seat.node, kind: 'silent', why: fault.message.replace(/\.$/, '') };
}

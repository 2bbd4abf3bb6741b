// A question that any member may answer: through one after another, the one that answered last first.
import type { Etcd3 } from 'etcd3';
import { Fault, faultOf } from '../engine/ports/fault.ts';
import type { EtcdSeat } from '../engine/ports/witness.ts';
import { askMember, type Way } from './question.ts';

/** Only for what may be repeated: after a lost reply the same is asked of the next member. Throws the last Fault. */
export type AskAny = <T>(question: (client: Etcd3) => Promise<T>) => Promise<T>;

/** At most one try for each member, so at most `QUESTION_LIMIT_MS` for each call of the question and member. */
export function askAny(seats: readonly EtcdSeat[], way: Way): AskAny {
  let favourite: EtcdSeat | null = null;
  return async (question) => {
    let last = new Fault('unreachable', 'There is no etcd member to ask.');
    for (const seat of seats.toSorted((a, b) => Number(b === favourite) - Number(a === favourite))) {
      try {
        const answer = await askMember(seat, way, question);
        favourite = seat;
        return answer;
      } catch (error) {
        last = faultOf(error);
      }
    }
    throw last;
  };
}

// Whose rollout it is now: who is called when a person has to decide. A shift ends before a rollout does.
import { type Decided, decided } from './decided.ts';
import { describeGoal } from './goal.ts';
import { type Asked, type Refusal, refuse } from './intent.ts';
import { isOperator, type Policy } from './policy.ts';
import type { Rollout } from './rollout.ts';

/** `to` null: whoever asks takes it over. The one who asked for the rollout stays that, also for who may approve it. */
export function handOver(
  rollout: Rollout,
  to: string | null,
  { user, delivery }: Asked,
  policy: Policy,
): Decided | Refusal {
  const next = to ?? user;
  if (rollout.phase.phase === 'finished')
    return refuse(
      'wrong-phase',
      `This rollout (${describeGoal(rollout.goal)}) is over: there is nothing to hand over.`,
    );
  if (!isOperator(policy, next)) {
    const known = policy.operators.map((one) => `<@${one}>`).join(', ');
    return refuse(
      'not-operator',
      `<@${next}> is no operator of ${rollout.cluster} and could decide nothing: hand it over to one of ${known}.`,
    );
  }
  return next === rollout.keeper ? decided() : decided({ kind: 'handed-over', to: next, user, delivery });
}

// Of a step that puts something back: may what it puts back still arrive?
import { stepsOf } from '../../rollout/plan.ts';
import { type Rollout, stepState } from '../../rollout/rollout.ts';
import type { Step } from '../../rollout/step.ts';

/** True when the step that owes this one was begun, and nobody saw how that ended. */
export function isUnseen({ rollout, step }: { readonly rollout: Rollout; readonly step: Step }): boolean {
  const owing = rollout.plan === null ? [] : stepsOf(rollout.plan).filter(({ owes }) => owes === step.id);
  return owing.some(
    ({ id }) => (rollout.begins.get(id) ?? 0) > 0 && stepState(rollout, id).state !== 'ended',
  );
}

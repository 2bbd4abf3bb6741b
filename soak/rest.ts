// Where a rollout may come to rest: at its end, with a named person, or held for a reason of this list and no other.
import type { Rollout } from '../src/rollout/rollout.ts';
import type { StepKind } from '../src/rollout/step.ts';

/** What can fail for good, by the step it is held at. */
const FAILING: readonly StepKind[] = [
  'pull',
  'snapshot',
  'backup',
  'suspend',
  'cordon',
  'drain',
  'install',
  'forfeit',
  'reboot',
  'upgrade-legacy',
  'rollback',
  'return',
  'uncordon',
  'resume',
  'soak',
];
/** What can be in doubt: only what may be sent once. */
const DOUBTFUL: readonly StepKind[] = ['install', 'reboot', 'upgrade-legacy', 'rollback'];

/** What a mistake of ours sounds like: no rollout may be held for that. */
const OURS = /is not defined|is not a function|cannot read propert|undefined|\[object /i;

/** Why it may rest here; null when it may not. */
export function restOf({ phase, plan }: Rollout): string | null {
  switch (phase.phase) {
    case 'finished':
      return `finished ${phase.outcome}`;
    case 'proposed':
    case 'at-gate':
    case 'paused':
      return `waits for a person: ${phase.phase}`;
    case 'held': {
      const { kind, subject, why } = phase.held;
      if (why.trim() === '' || OURS.test(why)) return null;
      if (kind === 'withheld') return 'held: a proof could not be had';
      const steps = plan?.stages.flatMap(({ lanes }) => lanes.flatMap((lane) => lane.steps)) ?? [];
      const step = steps.find(({ id }) => id === subject);
      const known = kind === 'doubted' ? DOUBTFUL : FAILING;
      return step !== undefined && known.includes(step.kind) ? `held: ${step.kind} ${kind}` : null;
    }
    default:
      return null;
  }
}

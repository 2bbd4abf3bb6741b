// What a rollout leaves on nodes whose next restart may boot another version, by the judgement that the next plan makes of it.
import { leftoversOf } from './leftover.ts';
import { type Plan, stepsOf, stepsOn } from './plan.ts';
import { type Rollout, stepState } from './rollout.ts';
import type { Step } from './step.ts';

export interface Unsettled {
  readonly node: string;
  /** The version that was installed there, or was going to be. */
  readonly version: string;
  /**
   * armed: installed, and not restarted since; install-in-doubt: nobody saw the installation end; restart-in-doubt: a restart was sent and
   * not seen to end, and what was installed may still wait.
   */
  readonly kind: 'armed' | 'install-in-doubt' | 'restart-in-doubt';
  /** Whether it may be taken back: never while nobody knows what waits. */
  readonly disarms: boolean;
}

/** In the order of the plan's nodes; a node with a restart in hand is none of them. */
export function unsettledOf(rollout: Rollout): readonly Unsettled[] {
  const { plan } = rollout;
  if (plan === null) return [];
  const restarting = stepsOf(plan).filter(
    ({ id, presence }) => presence === 'departs' && stepState(rollout, id).state === 'begun',
  );
  // How long a lost call may still be on its way is a matter for whoever acts on it: here it only has a name.
  const left = leftoversOf([rollout], 0);
  return plan.nodes.flatMap(({ name }): readonly Unsettled[] => {
    if (restarting.some(({ node }) => node === name)) return [];
    const found = left.get(name) ?? null;
    if (found === null) return left.has(name) ? [] : foundArmed(rollout, plan, name);
    const { node, version } = found;
    if (found.kind === 'armed') return [{ node, version, kind: 'armed', disarms: true }];
    if (found.kind === 'away') return [];
    if (found.until === null) return [{ node, version, kind: 'install-in-doubt', disarms: false }];
    if (found.armed === undefined) return [];
    return [{ node, version, kind: 'restart-in-doubt', disarms: found.armed === 'known' }];
  });
}

/** What an earlier rollout had left is still there when this one was to restart it, and did not. */
function foundArmed(rollout: Rollout, plan: Plan, node: string): readonly Unsettled[] {
  const departing = stepsOn(plan, node).find(({ presence }) => presence === 'departs');
  const version = departing?.params['installs'];
  if (departing === undefined || typeof version !== 'string') return [];
  if (stepState(rollout, departing.id).state === 'ended') return [];
  const known = isKnown(departing);
  return [{ node, version, kind: known ? 'armed' : 'install-in-doubt', disarms: known }];
}

/** Only what is known is taken back; a restart that cannot say what it will boot was planned over an installation nobody saw end. */
function isKnown({ kind, params }: Step): boolean {
  return kind === 'rollback' || params['version'] !== null;
}

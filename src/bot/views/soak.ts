// What people read of a soak: until when nothing is touched, what is watched, and what is asked at its end.
import type { Stage } from '../../rollout/plan.ts';
import type { Rollout } from '../../rollout/rollout.ts';
import { lastingSoak, soaksOnly } from '../../rollout/soak.ts';
import { code, duration, type Mrkdwn, mrkdwn, time } from './text.ts';

/**
 * Null when nothing soaks. The last fact is what it is reckoned from: when its time has passed the worker asks, and says what it waits
 * for.
 */
export function soakLine(rollout: Rollout): Mrkdwn | null {
  const soaking = lastingSoak(rollout, rollout.lastAt);
  if (soaking === null) return null;
  return mrkdwn`:hourglass_flowing_sand: *Soaking* until ${time(soaking.until)} (${code(soaking.step.node)}): nothing is touched, and then its checks must hold`;
}

/** Why a stage that only waits is there; null for every other stage. */
export function soakReason({ lanes }: Stage): string | null {
  const [lane] = lanes;
  if (lane === undefined || !lanes.every(soaksOnly)) return null;
  const ms = lane.steps[0]?.params['ms'];
  const lasts = typeof ms === 'number' ? ` for ${duration(ms)}` : '';
  return `: nothing is touched${lasts}; then what was upgraded must still be whole. An operator may cut it short`;
}

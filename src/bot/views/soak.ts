// What people read of a soak: until when nothing is touched, what is watched, and what is asked at its end.
import type { Stage } from '../../rollout/plan.ts';
import type { Rollout } from '../../rollout/rollout.ts';
import { lastingSoak, nodesSoaked, soaksOnly } from '../../rollout/soak.ts';
import type { Step } from '../../rollout/step.ts';
import { code, duration, joined, type Mrkdwn, mrkdwn, time } from './text.ts';

/** Null when nothing soaks at `now` (milliseconds since 1970): when its time has passed the worker asks, and says what it waits for. */
export function soakLine(rollout: Rollout, now: number): Mrkdwn | null {
  const soaking = lastingSoak(rollout, now);
  if (soaking === null) return null;
  return mrkdwn`:hourglass_flowing_sand: *Soaking* until ${time(soaking.until)}: nothing is touched, and then ${soakedNames(soaking.step)} must still be whole`;
}

/** Nodes named of one soak. */
const MAX_SOAKED = 3;

/** What a soak is about, by name. */
function soakedNames(step: Step): Mrkdwn {
  const nodes = nodesSoaked(step);
  const hidden = nodes.length - MAX_SOAKED;
  if (nodes.length === 0) return mrkdwn`what was upgraded`;
  const named = joined(nodes.slice(0, MAX_SOAKED).map(code), ', ');
  return mrkdwn`${named}${hidden > 0 ? ` and ${hidden} more` : ''}`;
}

/** Why a stage that only waits is there; null for every other stage. */
export function soakReason({ lanes }: Stage): string | null {
  const [lane] = lanes;
  if (lane === undefined || !lanes.every(soaksOnly)) return null;
  const ms = lane.steps[0]?.params['ms'];
  const lasts = typeof ms === 'number' ? ` for ${duration(ms)}` : '';
  return `: nothing is touched${lasts}; then what was upgraded must still be whole. An operator may cut it short`;
}

/** Whom a stage that only waits watches; null for every other stage. */
export function soakedIn({ lanes }: Stage): Mrkdwn | null {
  const [step] = lanes[0]?.steps ?? [];
  return step === undefined || !lanes.every(soaksOnly) ? null : soakedNames(step);
}

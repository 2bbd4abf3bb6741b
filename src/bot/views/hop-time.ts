// How long the hops of a way take, as far as anybody knows: from this cluster's own upgrades, else that it is not known yet.
import type { HopTime } from '../../cluster/path.ts';
import type { HopAhead } from '../../rollout/journey.ts';
import { duration, type Mrkdwn, mrkdwn, plural } from './text.ts';

/** "about 12 min", behind one hop; empty where a line below says that nothing is known. */
export function hopTimeWord({ kind }: HopAhead, took: HopTime | null): string {
  if (took === null) return '';
  return kind === 'talos' ? `about ${duration(took.ms)}` : 'time not known';
}

/** Below all hops: what their times are from. Null where no hop is one of Talos. */
export function hopTimeLine(hops: readonly HopAhead[], took: HopTime | null): Mrkdwn | null {
  const count = hops.filter(({ kind }) => kind === 'talos').length;
  if (count === 0) return null;
  if (took === null)
    return mrkdwn`How long a hop takes here is not known: I have not upgraded this cluster before.`;
  const all =
    count === 1
      ? mrkdwn`The hop of Talos takes about ${duration(took.ms)}`
      : mrkdwn`The ${count} hops of Talos take about ${duration(took.ms * count)}, ${duration(took.ms)} each`;
  const others = count === hops.length ? '' : '. Of Kubernetes nobody knows: people do that by hand';
  return mrkdwn`${all}, without waiting for people (from ${plural(took.upgrades, 'past upgrade')})${others}.`;
}

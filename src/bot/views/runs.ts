// What a cluster runs of Talos and of Kubernetes, for a sentence.
import { TITLE } from '../../cluster/path.ts';
import type { Runs } from '../../engine/ports/errands.ts';
import { type Mrkdwn, mrkdwn } from './text.ts';

/** "Talos v1.13.4 to v1.13.5", "Kubernetes unknown": one of each. */
export function runsWords(runs: Runs): readonly Mrkdwn[] {
  return (['talos', 'kubernetes'] as const).map((product) => {
    const range = runs[product];
    if (range === null) return mrkdwn`${TITLE[product]} unknown`;
    return range.oldest === range.newest
      ? mrkdwn`${TITLE[product]} ${range.oldest}`
      : mrkdwn`${TITLE[product]} ${range.oldest} to ${range.newest}`;
  });
}

// Publishes the App Home of a person when they open it, and after they pressed something there.
import type { WebClient } from '@slack/web-api';
import type { Clock } from '../engine/ports/clock.ts';
import type { Log } from '../engine/ports/log.ts';
import type { BotCluster } from './command-parts.ts';
import { type HistoryParts, statusOrAway } from './history.ts';
import { homeView } from './views/home.ts';
import { whenAllowed } from './when-allowed.ts';

export interface HomeParts {
  readonly client: WebClient;
  readonly clusters: readonly BotCluster[];
  readonly history: HistoryParts;
  readonly clock: Clock;
  readonly log: Log;
}

/** Never rejects: a home that could not be published, now or when Slack wants it, is published the next time it is opened. */
export async function publishHome(parts: HomeParts, user: string): Promise<void> {
  try {
    await whenAllowed(parts.clock, () => publish(parts, user));
  } catch (error) {
    parts.log.warn('an App Home could not be published', { user, message: String(error) });
  }
}

/** Reads anew each time: who had to wait must not cover what was published meanwhile with what was so before. */
async function publish(parts: HomeParts, user: string): Promise<void> {
  const clusters = await Promise.all(
    parts.clusters.map(async (cluster) => ({
      ...(await statusOrAway(parts.history, cluster)),
      policy: cluster.policy,
    })),
  );
  const view = homeView({ user, clusters, now: parts.clock.now() });
  await parts.client.views.publish({ user_id: user, view });
}

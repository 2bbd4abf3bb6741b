// Starts the bot in this process with some of its parts replaced: what the negative controls put on the stage.
import { join } from 'node:path';
import type { BotProcess, BotSettings } from '../../../playground/bot-process.ts';
import { type AppParts, startApp } from '../../../src/app.ts';
import { systemClock } from '../../../src/clock.ts';
import { openClusters } from '../../../src/clusters.ts';
import { parseSettings } from '../../../src/config.ts';
import { works } from '../../../src/config-role.ts';
import type { Log } from '../../../src/engine/ports/log.ts';
import type { ClusterWork } from '../../../src/engine/work.ts';
import { redisAddress } from '../../../src/store/address.ts';
import { StoreConnection } from '../../../src/store/connection.ts';
import { RedisDeliveries } from '../../../src/store/deliveries.ts';
import { RedisJournal } from '../../../src/store/journal.ts';
import { RedisThreads } from '../../../src/store/threads.ts';

const quiet: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

export type Replace = (parts: AppParts) => AppParts;

/** The same wiring as src/main.ts, with `replace` in between. */
export function launchReplaced(replace: Replace): (settings: BotSettings) => Promise<BotProcess> {
  return async (settings) => {
    const config = join(settings.folder, 'talos-chatops.yaml');
    const environment = {
      SLACK_BOT_TOKEN: settings.slack.botToken,
      SLACK_APP_TOKEN: settings.slack.appToken,
      SLACK_API_URL: settings.slack.apiUrl,
      REDIS_URL: settings.redisUrl,
    };
    const loaded = parseSettings(settings.config, config, environment, ['--role', settings.role]);
    if (loaded.kind === 'mistakes') throw new Error(loaded.mistakes.join('\n'));
    const opened = works(settings.role) ? openClusters(loaded.settings, systemClock.now(), quiet) : null;
    if (opened?.kind === 'mistakes') throw new Error(opened.mistakes.join('\n'));
    const address = redisAddress(settings.redisUrl);
    const { prefix } = loaded.settings.redis;
    const store = new StoreConnection({ address });
    const app = startApp(
      replace({
        slack: loaded.settings.slack,
        clusters: loaded.settings.clusters,
        works: opened?.clusters ?? null,
        journal: new RedisJournal(store, { prefix }),
        deliveries: new RedisDeliveries(store, { prefix }),
        threads: new RedisThreads(store, { prefix }),
        queues: { connection: address, prefix },
        clock: systemClock,
        log: quiet,
        pollMs: loaded.settings.pollMs,
      }),
    );
    await app.started;
    const stop = async (): Promise<void> => {
      await app.stop();
      store.close();
    };
    return { pid: process.pid, owner: app.owner, stop, kill: stop };
  };
}

/** Replaces the ports of every cluster. */
export function withWork(change: (work: ClusterWork) => ClusterWork): Replace {
  return (parts) => ({
    ...parts,
    works:
      parts.works === null ? null : new Map([...parts.works].map(([name, work]) => [name, change(work)])),
  });
}

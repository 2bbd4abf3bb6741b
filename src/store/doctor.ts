// How this Redis is set up, asked afresh: settings change while a process runs.
import type { StoreDoctor, StoreHealth } from '../engine/ports/store-health.ts';
import type { StoreConnection } from './connection.ts';
import { infoField, savesSnapshots } from './guard.ts';

export function redisDoctor(store: StoreConnection): StoreDoctor {
  return {
    look: async () => {
      const [info, time] = await Promise.all([
        store.call((redis) => redis.info()),
        store.call((redis) => redis.time()),
      ]);
      const [seconds, micros] = time;
      return {
        where: store.where,
        evictionPolicy: infoField(info, 'maxmemory_policy'),
        persistence: await persistenceOf(store, info),
        at: Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000),
      };
    },
  };
}

async function persistenceOf(store: StoreConnection, info: string): Promise<StoreHealth['persistence']> {
  const appending = infoField(info, 'aof_enabled');
  if (appending === '1') return 'appended';
  const saves = await savesSnapshots(store);
  if (saves === 'unknown') return 'unknown';
  return saves === 'yes' ? 'snapshots' : 'none';
}

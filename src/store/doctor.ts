// How this Redis is set up, asked afresh: settings change while a process runs. Of several masters that answer, the worst counts.
import type { StoreDoctor, StoreHealth } from '../engine/ports/store-health.ts';
import type { StoreConnection } from './connection.ts';
import { infoField, onlineReplicas, savesSnapshots } from './guard.ts';
import type { Master } from './masters.ts';
import type { Seals } from './seal.ts';

export interface DoctorSettings {
  /** Replicas that must have each fact, as it is decided by now. */
  readonly replicas: () => number;
  readonly seals: Seals;
}

export function redisDoctor(store: StoreConnection, settings: DoctorSettings): StoreDoctor {
  const { replicas, seals } = settings;
  return {
    look: async () => {
      const { answers: masters, away } = await store.someMasters(masterHealth);
      const [first] = masters;
      if (first === undefined) throw new Error('a Redis that is ready has a master');
      return {
        where: store.where,
        away: away.map(({ where }) => where),
        evictionPolicy:
          masters.map((one) => one.evictionPolicy).find((policy) => policy !== 'noeviction') ??
          first.evictionPolicy,
        persistence:
          WORST_FIRST.find((one) => masters.some(({ persistence }) => persistence === one)) ?? 'unknown',
        at: first.at,
        replicas: { needed: replicas(), online: Math.min(...masters.map((one) => one.online)) },
        signing: seals.key === null ? 'off' : seals.unsigned === 'accepted' ? 'mixed' : 'on',
      };
    },
  };
}

type Persistence = StoreHealth['persistence'];
const WORST_FIRST: readonly Persistence[] = ['none', 'unknown', 'snapshots', 'appended'];

type MasterHealth = Pick<StoreHealth, 'evictionPolicy' | 'persistence' | 'at'> & { readonly online: number };

async function masterHealth({ redis }: Master): Promise<MasterHealth> {
  const [info, [seconds, micros]] = await Promise.all([redis.info(), redis.time()]);
  return {
    evictionPolicy: infoField(info, 'maxmemory_policy'),
    persistence: await persistenceOf(redis, info),
    at: Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000),
    online: onlineReplicas(info),
  };
}

async function persistenceOf(redis: Master['redis'], info: string): Promise<Persistence> {
  if (infoField(info, 'aof_enabled') === '1') return 'appended';
  const saves = await savesSnapshots(redis);
  if (saves === 'unknown') return 'unknown';
  return saves === 'yes' ? 'snapshots' : 'none';
}

// ioredis clients for every kind of place, bounded in every direction.
import { lookup } from 'node:dns';
import { Cluster, type ClusterOptions, Redis, type RedisOptions } from 'ioredis';
import { noMaster } from '../engine/ports/redis-reply.ts';
import type { RedisAddress } from './address.ts';
import type { ClusterPlace, RedisPlace, SentinelPlace } from './place.ts';
import { LastingConnector } from './sentinels.ts';

/** One server, whichever Sentinel names, or a whole Cluster. */
export type RedisClient = Redis | Cluster;

/** One command, fsync included. With READY_LIMIT_MS (connection.ts) below Slack's 3 s for an answer, and not above the lease (LEASE_MS). */
export const COMMAND_LIMIT_MS = 1_900;
/** A socket on which Redis owes an answer for so long is black-holed: it is destroyed, and another one dialled. */
const SILENCE_LIMIT_MS = 2_500;
/** Reconnecting never gives up, because the process lives as long as its pod; this is the longest pause between attempts. */
const RECONNECT_MAX_MS = 200;
/** ioredis waits a whole second when it meets a Redis that still loads its file: longer than a call is patient. */
const LOADING_RETRY_MS = 100;
/** A sentinel that does not answer this soon is passed by for the next one. */
const SENTINEL_LIMIT_MS = 500;
/** In a Cluster: how long after a lost server a command is sent again, and how often at most. A fail-over takes longer; this is for resharding. */
const REDIRECT_PAUSE_MS = 100;
const MOST_REDIRECTS = 5;
/** Who serves which slot is asked again this often: a fail-over is noticed although no command was redirected. */
const SLOTS_EVERY_MS = 2_000;
const SLOTS_LIMIT_MS = 1_000;

const pauseMs = (attempt: number): number => Math.min(50 * attempt, RECONNECT_MAX_MS);

const BOUNDED: RedisOptions = {
  connectTimeout: COMMAND_LIMIT_MS,
  commandTimeout: COMMAND_LIMIT_MS,
  socketTimeout: SILENCE_LIMIT_MS,
  maxLoadingRetryTime: LOADING_RETRY_MS,
  reconnectOnError: noMaster,
  // Nothing is kept to be sent later, and nothing is sent twice: a late append would be a fact nobody stands behind.
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
};

/** For the store: nothing waits in it, and it never gives up. */
export function storeClient(place: RedisPlace): RedisClient {
  if (place.kind === 'cluster') return clusterClient(place, BOUNDED);
  return new Redis({
    ...serverOptions(place),
    ...BOUNDED,
    retryStrategy: pauseMs,
    enableOfflineQueue: false,
  });
}

/** What ioredis takes for one server, or for the one that Sentinel names. */
function serverOptions(
  place: Exclude<RedisPlace, ClusterPlace>,
): RedisAddress | ReturnType<typeof sentinelOptions> {
  return place.kind === 'sentinel' ? sentinelOptions(place) : place;
}

function sentinelOptions(place: SentinelPlace) {
  const { sentinels, master, kind: _, sentinelUsername, sentinelPassword, ...login } = place;
  return {
    ...login,
    sentinels: sentinels.map((one) => ({ ...one })),
    name: master,
    ...(sentinelUsername === undefined ? {} : { sentinelUsername }),
    ...(sentinelPassword === undefined ? {} : { sentinelPassword }),
    ...(place.tls === undefined ? {} : { enableTLSForSentinelMode: true, sentinelTLS: {} }),
    sentinelCommandTimeout: SENTINEL_LIMIT_MS,
    sentinelRetryStrategy: pauseMs,
    // The sentinels say when the master changes: a master that was cut off is left at once, not when its socket dies.
    failoverDetector: true,
    Connector: LastingConnector,
  };
}

/** What BullMQ takes: options where it knows them, and for a Cluster what makes a client (jobs/queues.ts). */
export function queueConnection(
  place: RedisPlace,
): ReturnType<typeof serverOptions> | { readonly cluster: (server: RedisOptions) => Cluster } {
  return place.kind === 'cluster'
    ? { cluster: (server) => clusterClient(place, server) }
    : serverOptions(place);
}

/**
 * A client that finds every server of a Cluster. `server`: options of each connection. Who retries without end waits while no server is
 * there, as BullMQ's workers must: what is refused at once they ask again at once, and no timer or socket of the process gets its turn
 * (6.7 worker.js).
 */
export function clusterClient(place: ClusterPlace, server: RedisOptions): Cluster {
  const { nodes, kind: _, ...login } = place;
  const options: ClusterOptions = {
    redisOptions: { ...login, ...server },
    clusterRetryStrategy: pauseMs,
    enableOfflineQueue: server.maxRetriesPerRequest === null,
    maxRedirections: MOST_REDIRECTS,
    // What is sent again after a lost connection may have arrived: the scripts answer `moved` then, and nothing is done twice.
    retryDelayOnFailover: REDIRECT_PAUSE_MS,
    retryDelayOnTryAgain: REDIRECT_PAUSE_MS,
    retryDelayOnClusterDown: 0,
    slotsRefreshTimeout: SLOTS_LIMIT_MS,
    slotsRefreshInterval: SLOTS_EVERY_MS,
    // A certificate names hosts, so with TLS names stay names.
    dnsLookup: place.tls === undefined ? lookup : (address, answer) => answer(null, address),
  };
  return new Cluster(
    nodes.map((node) => ({ ...node })),
    options,
  );
}

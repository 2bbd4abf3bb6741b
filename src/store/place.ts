// Where Redis is: one server, one found through Sentinel, or a Redis Cluster. REDIS_URL says which.
import { describeAddress, type RedisAddress, redisAddress, textPart } from './address.ts';

export interface RedisHost {
  readonly host: string;
  readonly port: number;
}

interface Login {
  readonly username?: string;
  readonly password?: string;
  readonly tls?: Readonly<Record<string, never>>;
}

/** A master and its replicas; Sentinel knows which is which at the moment. */
export interface SentinelPlace extends Login {
  readonly kind: 'sentinel';
  readonly sentinels: readonly RedisHost[];
  readonly master: string;
  readonly db?: number;
  /** Sentinels have users of their own. */
  readonly sentinelUsername?: string;
  readonly sentinelPassword?: string;
}

export interface ClusterPlace extends Login {
  readonly kind: 'cluster';
  /** Some of its servers; they name the others. */
  readonly nodes: readonly RedisHost[];
}

export type RedisPlace = (RedisAddress & { readonly kind?: never }) | SentinelPlace | ClusterPlace;

const SENTINEL_SHAPE =
  'redis+sentinel://[user:password@]host[:26379],host…/name-of-the-master[/db][?sentinelUser=…&sentinelPassword=…]';
const CLUSTER_SHAPE = 'redis+cluster://[user:password@]host[:6379],host…';
/** rediss+…: TLS to every server, and to the sentinels. */
const MANY = /^(rediss?)\+(sentinel|cluster):\/\/(?:([^@/]*)@)?([^/?#]*)([^?#]*)(?:\?([^#]*))?$/;

/** Reads REDIS_URL. Throws an Error with a sentence that never repeats the URL, because it may hold a password. */
export function redisPlace(url: string): RedisPlace {
  const trimmed = url.trim();
  const scheme = /^rediss?\+(sentinel|cluster):/.exec(trimmed)?.[1];
  if (scheme === undefined) return redisAddress(trimmed);
  const shape = scheme === 'sentinel' ? SENTINEL_SHAPE : CLUSTER_SHAPE;
  const [, protocol, kind, userinfo = '', hosts = '', path = '', query = ''] = MANY.exec(trimmed) ?? [];
  if (kind === undefined)
    throw new Error(
      `REDIS_URL does not look like ${shape}. In a user or password, @ is written %40, / is %2F and ? is %3F.`,
    );
  const nodes = hostsOf(hosts, kind === 'sentinel' ? 26_379 : 6_379, shape);
  const login: Login = { ...loginOf(userinfo), ...(protocol === 'rediss' ? { tls: {} } : {}) };
  return kind === 'sentinel'
    ? sentinelOf({ nodes, login, path, query })
    : clusterOf({ nodes, login, path, query });
}

/** Where it is, for logs and messages: never a user or a password. */
export function describePlace(place: RedisPlace): string {
  if (place.kind === undefined) return describeAddress(place);
  const many = place.kind === 'sentinel' ? place.sentinels : place.nodes;
  const hosts = many.map(({ host, port }) => `${host}:${port}`).join(', ');
  return place.kind === 'sentinel' ? `${place.master} (Sentinel ${hosts})` : `Cluster ${hosts}`;
}

interface Rest {
  readonly nodes: readonly RedisHost[];
  readonly login: Login;
  readonly path: string;
  readonly query: string;
}

function sentinelOf({ nodes, login, path, query }: Rest): SentinelPlace {
  const [master = '', db = '', ...more] = path.replace(/^\/|\/$/g, '').split('/');
  if (master === '' || more.length > 0)
    throw new Error(`REDIS_URL names no master that the sentinels watch; expected ${SENTINEL_SHAPE}.`);
  if (db !== '' && !/^\d{1,5}$/.test(db)) throw new Error('REDIS_URL names a database that is not a number.');
  const asked = new URLSearchParams(query);
  for (const key of asked.keys())
    if (key !== 'sentinelUser' && key !== 'sentinelPassword')
      throw new Error(`REDIS_URL has a setting that is not known; expected ${SENTINEL_SHAPE}.`);
  const [user, password] = [asked.get('sentinelUser') ?? '', asked.get('sentinelPassword') ?? ''];
  return {
    kind: 'sentinel',
    sentinels: nodes,
    master: textPart(master),
    ...(db === '' ? {} : { db: Number(db) }),
    ...login,
    ...(user === '' ? {} : { sentinelUsername: user }),
    ...(password === '' ? {} : { sentinelPassword: password }),
  };
}

function clusterOf({ nodes, login, path, query }: Rest): ClusterPlace {
  if (path.replaceAll('/', '') !== '')
    throw new Error(
      'REDIS_URL names a database, and Redis Cluster has only one: leave out what follows the hosts.',
    );
  if (query !== '') throw new Error(`REDIS_URL has a setting that is not known; expected ${CLUSTER_SHAPE}.`);
  return { kind: 'cluster', nodes, ...login };
}

function loginOf(userinfo: string): Pick<Login, 'username' | 'password'> {
  const [, user = '', password = ''] = /^([^:]*)(?::(.*))?$/.exec(userinfo) ?? [];
  return {
    ...(user === '' ? {} : { username: textPart(user) }),
    ...(password === '' ? {} : { password: textPart(password) }),
  };
}

/** More than anybody runs; a list this long is something else. */
const MOST_HOSTS = 100;

function hostsOf(text: string, usualPort: number, shape: string): readonly RedisHost[] {
  const hosts = text
    .split(',')
    .map((one) => /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]+))(?::(\d{1,5}))?$/.exec(one));
  return hosts.map((found, index) => {
    const port = Number(found?.[3] ?? usualPort);
    const host = found?.[1] ?? found?.[2];
    if (host === undefined || port < 1 || port > 65_535 || hosts.length > MOST_HOSTS)
      throw new Error(`Host ${index + 1} of REDIS_URL is not host[:port]; expected ${shape}.`);
    return { host, port };
  });
}

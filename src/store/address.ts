// REDIS_URL of one server, as connection options that ioredis and BullMQ both take.

export interface RedisAddress {
  readonly host?: string;
  readonly port?: number;
  /** A unix socket instead of host and port. */
  readonly path?: string;
  readonly username?: string;
  readonly password?: string;
  readonly db?: number;
  readonly tls?: Readonly<Record<string, never>>;
}

const SHAPES =
  'redis://[user:password@]host[:port][/db], rediss://… (TLS), redis+unix:///path/to/socket[?db=N], redis+sentinel://… or redis+cluster://…';

/** Reads REDIS_URL. Throws an Error with a sentence that never repeats the URL, because it may hold a password. */
export function redisAddress(url: string): RedisAddress {
  const parsed = URL.parse(url.trim());
  if (parsed === null) throw new Error(`REDIS_URL is not a URL; expected ${SHAPES}.`);
  const username = textPart(parsed.username);
  const password = textPart(parsed.password);
  const login = { ...(username === '' ? {} : { username }), ...(password === '' ? {} : { password }) };
  switch (parsed.protocol) {
    case 'redis+unix:':
      return { path: socketPath(parsed), ...database(parsed.searchParams.get('db') ?? ''), ...login };
    case 'redis:':
    case 'rediss:':
      if (parsed.hostname === '') throw new Error(`REDIS_URL names no host; expected ${SHAPES}.`);
      return {
        // URL keeps the brackets of an IPv6 address; a socket wants it without.
        host: parsed.hostname.replace(/^\[(.*)\]$/, '$1'),
        port: parsed.port === '' ? 6379 : Number(parsed.port),
        ...database(parsed.pathname.replace(/^\/+|\/+$/g, '')),
        ...login,
        ...(parsed.protocol === 'rediss:' ? { tls: {} } : {}),
      };
    default:
      throw new Error(`REDIS_URL has an unknown scheme; expected ${SHAPES}.`);
  }
}

/** Where it is, for logs and messages: never the user or the password. */
export function describeAddress(address: RedisAddress): string {
  return address.path ?? `${address.host ?? '127.0.0.1'}:${address.port ?? 6379}`;
}

function socketPath(parsed: URL): string {
  const path = textPart(parsed.pathname);
  // A URL with a user must have a host, so a socket's may be called localhost.
  if (!['', 'localhost'].includes(parsed.host) || !path.startsWith('/'))
    throw new Error(`REDIS_URL names no socket; expected ${SHAPES}.`);
  return path;
}

function database(text: string): { db?: number } {
  if (text === '') return {};
  if (!/^\d{1,5}$/.test(text)) throw new Error('REDIS_URL names a database that is not a number.');
  return { db: Number(text) };
}

/** A part of a URL as it was meant. Throws an Error that does not repeat it. */
export function textPart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Error('REDIS_URL has a broken percent escape in its user, password or path.');
  }
}

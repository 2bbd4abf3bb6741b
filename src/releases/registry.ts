// Asks a registry whether an image exists: the factory builds it first, others want an anonymous token first.
import type { ImageSeen } from '../cluster/image.ts';
import { Fault } from '../engine/ports/fault.ts';
import { spoken, statusFault } from './fault.ts';
import { type Http, isLoopback, type Reply } from './http.ts';

/** What image references are made of here: `host/path:tag`. */
const REFERENCE =
  /^(?<host>[a-z0-9.-]+(?::\d+)?)\/(?<path>[a-z0-9][a-z0-9._-]*(?:\/[a-z0-9][a-z0-9._-]*)*):(?<tag>[A-Za-z0-9_][A-Za-z0-9._-]{0,127})$/;

/** An index of architectures, in both dialects, before a single manifest. */
const ACCEPT = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/** A reason or a token is small talk, and answered at once. */
const SMALL_TALK_MS = 15_000;
/** Statuses whose body says why. */
const TELLING = [400, 404, 500];
/** A registry asks for a token once. */
const CHALLENGES = 1;

export interface ManifestQuestion {
  readonly image: string;
  /** From a registry's host to where it is asked, without a slash at the end. */
  readonly baseOf: (host: string) => string;
  readonly limitMs: number;
  readonly signal?: AbortSignal;
}

/** 400 and 404 are answers, anything else that is no success is thrown as a Fault. */
export async function askManifest(http: Http, question: ManifestQuestion): Promise<ImageSeen> {
  const parts = REFERENCE.exec(question.image)?.groups;
  const { host, path, tag } = parts ?? {};
  if (host === undefined || path === undefined || tag === undefined)
    throw new Fault('refused', `${question.image} is not an image reference with a tag.`);
  const url = new URL(`${question.baseOf(host)}/v2/${path}/manifests/${tag}`);
  const doing = `to show ${question.image}`;
  const ask = (method: 'GET' | 'HEAD', token: string | null, limitMs = question.limitMs): Promise<Reply> =>
    http.ask({
      method,
      url,
      doing,
      limitMs,
      headers: { accept: ACCEPT, ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
      ...(question.signal === undefined ? {} : { signal: question.signal }),
    });
  let token: string | null = null;
  let reply = await ask('HEAD', token);
  for (let challenges = 0; reply.status === 401 && challenges < CHALLENGES; challenges += 1) {
    token = await anonymousToken(http, { reply, path, signal: question.signal });
    if (token !== null) reply = await ask('HEAD', token);
  }
  if (reply.status === 200) return { kind: 'exists', digest: reply.header('docker-content-digest') };
  // The answer to HEAD has no text, and the text is what helps: "official extension … is not available for Talos version …".
  const told = TELLING.includes(reply.status)
    ? await ask('GET', token, SMALL_TALK_MS).catch(() => null)
    : null;
  const said = told === null || told.status === 200 ? '' : told.body;
  if (reply.status === 404 || reply.status === 400)
    return { kind: 'missing', why: spoken(said) || `${host} does not have it (HTTP ${reply.status})` };
  throw statusFault(reply.status, { host, doing, said });
}

interface Challenged {
  readonly reply: Reply;
  readonly path: string;
  readonly signal: AbortSignal | undefined;
}

/** The token anybody gets for a public image (as ghcr.io gives it); null when the registry offers none. */
async function anonymousToken(http: Http, { reply, path, signal }: Challenged): Promise<string | null> {
  const challenge = reply.header('www-authenticate') ?? '';
  const realm = /^Bearer\b.*\brealm="([^"]+)"/i.exec(challenge)?.[1];
  const url = realm === undefined ? null : URL.parse(realm);
  // Nothing secret is sent, but an answer over plain HTTP could be anybody's.
  if (url === null || (url.protocol !== 'https:' && !isLoopback(url.hostname))) return null;
  const service = /\bservice="([^"]+)"/i.exec(challenge)?.[1];
  if (service !== undefined) url.searchParams.set('service', service);
  url.searchParams.set('scope', `repository:${path}:pull`);
  const given = await http.ask({
    method: 'GET',
    url,
    doing: 'for an anonymous token',
    limitMs: SMALL_TALK_MS,
    ...(signal === undefined ? {} : { signal }),
  });
  if (given.status !== 200) return null;
  return tokenIn(given.body);
}

function tokenIn(body: string): string | null {
  try {
    const parsed: unknown = JSON.parse(body);
    const token: unknown =
      Reflect.get(Object(parsed), 'token') ?? Reflect.get(Object(parsed), 'access_token');
    return typeof token === 'string' && /^[\x21-\x7e]+$/.test(token) ? token : null;
  } catch {
    return null;
  }
}

// Asks every server that takes writes: the one there is, or each master of a Cluster, of which some may be away.
import { Cluster, type Redis } from 'ioredis';
import type { Fault } from '../engine/ports/fault.ts';
import type { RedisClient } from './clients.ts';
import { storeFault } from './fault.ts';

/** A server that takes writes: the one there is, or one of a Cluster's masters. */
export interface Master {
  readonly where: string;
  readonly redis: Redis;
}

/** A master of a Cluster that does not answer now: the clusters whose keys it has stand still, those of the others go on. */
export interface AwayMaster {
  readonly where: string;
  readonly fault: Fault;
}

export interface MastersReply<T> {
  /** Of those that answered, in no order; one at least. */
  readonly answers: readonly T[];
  readonly away: readonly AwayMaster[];
}

/** Rejects with Fault when none of them answers, and when one of them answers no. */
export async function askMasters<T>(
  redis: RedisClient,
  where: string,
  act: (master: Master) => Promise<T>,
): Promise<MastersReply<T>> {
  if (!(redis instanceof Cluster)) return { answers: [await act({ where, redis })], away: [] };
  const masters = redis.nodes('master').map((node) => ({
    where: `${node.options.host ?? ''}:${node.options.port ?? ''}`,
    redis: node,
  }));
  const [named, asked] = await Promise.all([
    mastersNamed(masters),
    Promise.all(masters.map((master) => outcomeOf(master, act))),
  ]);
  const lost = asked.flatMap((one) => (one.kind === 'away' ? [one.master] : []));
  // A server whose connection ended is forgotten by the client until it asks again who serves what.
  const forgotten = named
    .filter((name) => masters.every((master) => master.where !== name))
    .map((name) => ({ where: name, fault: storeFault(new Error('not connected'), name) }));
  const answers = asked.flatMap((one) => (one.kind === 'answered' ? [one.answer] : []));
  const away = [...lost, ...forgotten].sort((a, b) => (a.where < b.where ? -1 : 1));
  if (answers.length > 0) return { answers, away };
  throw away[0]?.fault ?? storeFault(new Error('no master is known'), where);
}

type Outcome<T> =
  | { readonly kind: 'answered'; readonly answer: T }
  | { readonly kind: 'away'; readonly master: AwayMaster };

/** A server that answers no is not away: that does not pass by itself. */
async function outcomeOf<T>(master: Master, act: (master: Master) => Promise<T>): Promise<Outcome<T>> {
  try {
    return { kind: 'answered', answer: await act(master) };
  } catch (error) {
    const fault = storeFault(error, master.where);
    if (!passes(fault)) throw fault;
    return { kind: 'away', master: { where: master.where, fault } };
  }
}

/** Whether a server that failed like this may be back by itself. */
export function passes({ kind }: Fault): boolean {
  return kind === 'unreachable' || kind === 'busy';
}

/** Every master that has slots, also one that is away, as whichever answers first says it; none when nobody says. */
async function mastersNamed(masters: readonly Master[]): Promise<readonly string[]> {
  const said: unknown = await Promise.any(masters.map(({ redis }) => redis.cluster('SLOTS'))).catch(() => []);
  const names = (Array.isArray(said) ? said : []).flatMap((range: unknown) => masterOf(range));
  return [...new Set(names)];
}

/** Of `[from, to, [host, port, …], …replicas]`; a server that does not know its own host leaves it empty. */
function masterOf(range: unknown): readonly string[] {
  const master: unknown = Array.isArray(range) ? range[2] : null;
  const [host, port] = Array.isArray(master) ? master : [];
  return typeof host === 'string' && host !== '' ? [`${host}:${port}`] : [];
}

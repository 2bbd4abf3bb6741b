// A journal whose facts are in a real Redis before they are in the simulated house: what Redis refuses or forgets never happened there.
import type { SimulatedTime } from '../../playground/doubles/clock.ts';
import type { ProcessPorts } from '../../playground/doubles/house.ts';
import type { AppendReply, AppendRequest, Journal } from '../../src/engine/ports/journal.ts';
import type { Entry } from '../../src/rollout/event.ts';

export interface MirrorParts {
  readonly real: Journal;
  readonly time: SimulatedTime;
  /** Told before a fact is sent to Redis; time stands still until it resolves. */
  readonly before?: (request: AppendRequest) => Promise<void>;
}

/**
 * Leases, claims and Looks are the house's, because they count in simulated time; each call of theirs asks Redis something as well, so
 * that an absence is felt by all. Time stands still while Redis answers.
 */
export function mirrored({
  real,
  time,
  before = async () => undefined,
}: MirrorParts): (ports: ProcessPorts) => ProcessPorts {
  return (ports) => {
    const house = ports.journal;
    const asking = async (cluster: string): Promise<void> => {
      await time.outside(real.claimOf(cluster));
    };
    /** Brings into the house what is in Redis and not there: facts whose append was not acknowledged. */
    const caughtUp = async (cluster: string, rollout: string): Promise<readonly Entry[]> => {
      const stored = await time.outside(real.read(cluster, rollout));
      const known = await house.read(cluster, rollout);
      if (known.length > stored.length) throw new Error('Redis lost what it had acknowledged');
      for (const { event, by, n } of stored.slice(known.length))
        await house.append({ cluster, rollout, expect: n - 1, events: [event], by });
      return stored;
    };
    const append = async (request: AppendRequest): Promise<AppendReply> => {
      const { cluster, rollout, expect, claim } = request;
      await time.outside(before(request));
      const stored = await caughtUp(cluster, rollout);
      const link = stored[expect - 1]?.link;
      const { lease: _, link: __, ...bare } = request;
      // The house's own answer is the one that counts leases; it is asked last, when Redis has the facts.
      if (stored.length !== expect) return { kind: 'moved', version: stored.length };
      if (request.lease !== undefined && (await house.renew(request.lease)).kind === 'lease-lost')
        return { kind: 'lease-lost' };
      const reply = await time.outside(
        real.append({
          ...bare,
          ...(link === undefined ? {} : { link }),
          ...(claim === undefined ? {} : { claim }),
        }),
      );
      return reply.kind === 'appended'
        ? house.append({ ...request, ...linkOf(await house.read(cluster, rollout)) })
        : reply;
    };
    const journal: Journal = {
      append,
      read: async (cluster, rollout, after, link) => {
        await caughtUp(cluster, rollout);
        return house.read(cluster, rollout, after, link);
      },
      claimOf: async (cluster) => asking(cluster).then(() => house.claimOf(cluster)),
      recent: async (cluster, limit) => asking(cluster).then(() => house.recent(cluster, limit)),
      take: async (cluster, rollout, owner) =>
        asking(cluster).then(() => house.take(cluster, rollout, owner)),
      renew: async (lease) => asking(lease.cluster).then(() => house.renew(lease)),
      letGo: async (lease, ...seen) => asking(lease.cluster).then(() => house.letGo(lease, ...seen)),
      due: async (clusters, limit) => {
        await Promise.all(clusters.map(asking));
        return house.due(clusters, limit);
      },
      note: (...args) => house.note(...args),
      notes: (...args) => house.notes(...args),
    };
    return { ...ports, journal };
  };
}

function linkOf(entries: readonly Entry[]): { readonly link?: string } {
  const link = entries.at(-1)?.link;
  return link === undefined ? {} : { link };
}

// Reads what the journals say about clusters, for answers to people.
import type { WebClient } from '@slack/web-api';
import { folded } from '../engine/folding.ts';
import { Fault } from '../engine/ports/fault.ts';
import { type Journal, UnreadableEntry } from '../engine/ports/journal.ts';
import type { Threads } from '../engine/ports/threads.ts';
import { unreadableSentence } from '../engine/unreadable.ts';
import { isOver, type Rollout } from '../rollout/rollout.ts';
import type { ClusterStatus, StatusRollout } from './views/status.ts';

export interface HistoryParts {
  readonly journal: Journal;
  readonly threads: Threads;
  readonly client: WebClient;
}

/** The claim may belong to the newest rollout: the one before it is then the last result. */
const RECENT = 2;

/** Rejects with the store's Fault. */
export async function statusOf(
  parts: HistoryParts,
  at: { name: string; channel: string },
): Promise<ClusterStatus> {
  const { journal } = parts;
  const [holder, recent] = await Promise.all([journal.claimOf(at.name), journal.recent(at.name, RECENT)]);
  const claimed = holder === null ? null : await readOrNot(journal, at.name, holder);
  const running = claimed?.kind === 'read' ? claimed.rollout : null;
  const past = await Promise.all(
    recent.filter((id) => id !== holder).map((id) => readOrNot(journal, at.name, id)),
  );
  const others = past.map((one) => (one.kind === 'read' ? one.rollout : null));
  const last = others.find((rollout) => rollout !== null && isOver(rollout)) ?? null;
  return {
    cluster: at.name,
    channel: at.channel,
    running: running === null ? null : await withUrl(parts, running),
    ...(claimed?.kind === 'unreadable' ? { unreadable: claimed.sentence } : {}),
    last: last === null ? null : await withUrl(parts, last),
  };
}

/** The same where several clusters are told of: in a Redis Cluster one server may be away. Never rejects with a Fault. */
export async function statusOrAway(
  parts: HistoryParts,
  at: { name: string; channel: string },
): Promise<ClusterStatus> {
  try {
    return await statusOf(parts, at);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { cluster: at.name, channel: at.channel, running: null, last: null, away: error.message };
  }
}

/** unreadable: with what was found, and what helps. */
type Reading =
  | { readonly kind: 'read'; readonly rollout: Rollout | null }
  | { readonly kind: 'unreadable'; readonly sentence: string };

/** Rejects with the store's Fault. */
export async function readOrNot(journal: Journal, cluster: string, rollout: string): Promise<Reading> {
  try {
    return { kind: 'read', rollout: await readRollout(journal, cluster, rollout) };
  } catch (error) {
    if (error instanceof UnreadableEntry) return { kind: 'unreadable', sentence: unreadableSentence(error) };
    throw error;
  }
}

export async function readRollout(
  journal: Journal,
  cluster: string,
  rollout: string,
): Promise<Rollout | null> {
  return folded(rollout, await journal.read(cluster, rollout));
}

async function withUrl({ threads, client }: HistoryParts, rollout: Rollout): Promise<StatusRollout> {
  const { slots } = await threads.read(rollout.cluster, rollout.id);
  const card = slots['card'];
  if (card?.kind !== 'posted') return { rollout, url: null };
  // A link is a courtesy: without it the status is still true.
  const answer = await client.chat
    .getPermalink({ channel: rollout.channel, message_ts: card.ts })
    .catch(() => null);
  return { rollout, url: answer?.permalink ?? null };
}

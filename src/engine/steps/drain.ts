// Empties a node through the eviction API, honouring disruption budgets, until nothing evictable is left.
import { drainVerdict } from '../../cluster/pod.ts';
import { eachOf } from '../bounded.ts';
import type { PodSeen } from '../ports/workloads.ts';
import type { Settled, StepFactory } from './doer.ts';

/** Evictions in flight at a time (kubernetes.md 2.4). */
const EVICT_WIDTH = 10;
/** A budget that said no is asked again after this long, doubled up to the second figure, or when the server says. */
const RETRY_FROM_MS = 1_000;
const RETRY_TO_MS = 30_000;

interface Blocked {
  readonly why: string;
  readonly retryAt: number;
  readonly waitMs: number;
}

export const drain: StepFactory = ({ node, workloads, clock, note }) => {
  const blocked = new Map<string, Blocked>();
  const evicted = new Set<string>();
  const refused: string[] = [];

  const evict = async (pod: PodSeen): Promise<void> => {
    const before = blocked.get(pod.uid);
    if (before !== undefined && clock.now() < before.retryAt) return;
    const reply = await workloads.evict(pod);
    if (reply.kind === 'blocked') {
      const waitMs = Math.min(RETRY_TO_MS, before === undefined ? RETRY_FROM_MS : before.waitMs * 2);
      blocked.set(pod.uid, {
        why: reply.why,
        retryAt: clock.now() + Math.max(reply.retryAfterMs, waitMs),
        waitMs,
      });
      return;
    }
    blocked.delete(pod.uid);
    if (reply.kind === 'refused') refused.push(`${pod.namespace}/${pod.name}: ${reply.why}`);
    else evicted.add(pod.uid);
  };

  const sweep = async (): Promise<Settled> => {
    const pods = (await workloads.podsOn(node.name)).filter((pod) => drainVerdict(pod) === 'evict');
    if (pods.length === 0) return { kind: 'ended', result: { evicted: evicted.size } };
    await eachOf(
      pods.filter((pod) => pod.deletingAt === null),
      EVICT_WIDTH,
      evict,
    );
    if (refused.length > 0)
      return { kind: 'failed', why: `Kubernetes refuses an eviction for good: ${refused[0]}` };
    const why = waitingFor(pods, blocked);
    note(`waiting for ${why}`);
    return { kind: 'waiting', why };
  };

  return {
    observe: async () => null,
    capture: async () => ({}),
    act: async () => ({ kind: 'sent' }),
    settle: sweep,
  };
};

function waitingFor(pods: readonly PodSeen[], blocked: ReadonlyMap<string, Blocked>): string {
  const held = pods.flatMap((pod) => {
    const why = blocked.get(pod.uid)?.why;
    return why === undefined ? [] : [`${pod.namespace}/${pod.name} (${why})`];
  });
  if (held.length > 0) return `a disruption budget to let go of ${held.slice(0, 3).join(', ')}`;
  const names = pods.slice(0, 3).map((pod) => `${pod.namespace}/${pod.name}`);
  return `${pods.length} pod${pods.length === 1 ? '' : 's'} to stop: ${names.join(', ')}`;
}

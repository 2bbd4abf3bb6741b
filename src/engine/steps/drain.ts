// Empties a node through the eviction API, honouring disruption budgets, until nothing evictable is left that people did not leave.
import { drainVerdict } from '../../cluster/pod.ts';
import { type Blocker, drainOf } from '../../rollout/blockade.ts';
import type { Rollout } from '../../rollout/rollout.ts';
import type { StepFacts } from '../../rollout/step.ts';
import type { PodSeen } from '../ports/workloads.ts';
import { blockersAmong, budgetsOn, isOverdue } from './blockers.ts';
import { detaching } from './detaching.ts';
import type { Settled, StepContext, StepFactory } from './doer.ts';
import { type Around, lookingAround } from './drain-around.ts';
import { Evictions } from './evictions.ts';
import { type Stillness, stillness } from './stillness.ts';

export const drain: StepFactory = (context) => {
  const { step, node, workloads, note, current } = context;
  const evictions = new Evictions(workloads, context.clock);
  const around = lookingAround(context);
  const volumes = detaching(context);
  const still = stillness(context);

  const emptied = async (staying: readonly PodSeen[], left: number): Promise<Settled> => {
    const { attached, waits } = await volumes.left(staying);
    const names = attached.map(({ volume, trouble }) => (trouble === '' ? volume : `${volume} (${trouble})`));
    if (waits) {
      const why = names.length === 0 ? 'an answer about volumes' : `volumes to be detached: ${some(names)}`;
      return waiting(context, why, []);
    }
    const result: StepFacts = {
      evicted: evictions.count,
      ...(left === 0 ? {} : { left }),
      ...(names.length === 0 ? {} : { attached: some(names) }),
    };
    return { kind: 'ended', result };
  };

  const sweep = async (): Promise<Settled> => {
    // Nothing that is evicted now would help anybody: what was changed is put back at once.
    if (isEnding(current())) return { kind: 'ended', result: { evicted: evictions.count, stopped: true } };
    const { left, forced } = drainOf(current(), step.id);
    const all = await workloads.podsOn(node.name);
    const pods = all.filter((pod) => drainVerdict(pod) === 'evict');
    const leaving = pods.filter(({ uid }) => !left.includes(uid));
    if (leaving.length === 0) return emptied(all, pods.length);
    volumes.leaving(leaving);
    await evictions.ask(
      leaving.filter(({ deletingAt }) => deletingAt === null),
      forced,
    );
    const blockers = await judged(leaving, { context, evictions, around, still });
    return waiting(context, waitingFor(leaving, evictions, context), blockers);
  };

  return {
    observe: async () => null,
    capture: async () => {
      volumes.begun();
      return {};
    },
    act: async () => {
      note('draining');
      return { kind: 'sent' };
    },
    settle: sweep,
  };
};

interface Judging {
  readonly context: StepContext;
  readonly evictions: Evictions;
  readonly around: (blocked: readonly PodSeen[], overdue: readonly PodSeen[]) => Promise<Around>;
  readonly still: Stillness;
}

async function judged(
  pods: readonly PodSeen[],
  { context, evictions, around, still }: Judging,
): Promise<readonly Blocker[] | null> {
  const { marginMs } = still;
  const now = context.clock.now();
  const blocked = pods.filter(
    ({ uid, deletingAt }) => deletingAt === null && evictions.standing(uid) !== null,
  );
  const overdue = pods.filter((pod) => isOverdue(pod, { now, marginMs }));
  const { budgets, nodeReady } = await around(blocked, overdue);
  for (const pod of blocked) {
    const own = evictions.standing(pod.uid)?.cause === 'budget' ? budgetsOn(pod, budgets) : [];
    if (own.length > 0 && own.every(({ disruptionsAllowed }) => disruptionsAllowed > 0))
      evictions.hurry(pod.uid);
  }
  const { quiet, long } = still.since(
    JSON.stringify([
      pods.map(({ uid, deletingAt }) => [uid, deletingAt !== null]),
      blocked.map(({ uid }) => evictions.standing(uid)?.cause),
      blocked.map((pod) =>
        budgetsOn(pod, budgets).map(({ currentHealthy, disruptionsAllowed }) => [
          currentHealthy,
          disruptionsAllowed,
        ]),
      ),
    ]),
  );
  const standing = (uid: string) => evictions.standing(uid);
  return blockersAmong({ pods, standing, budgets, nodeReady, now, marginMs, quiet, long });
}

function waiting({ note }: StepContext, why: string, blockers: readonly Blocker[] | null): Settled {
  note(`waiting for ${why}`);
  return { kind: 'waiting', why, ...(blockers === null ? {} : { blockers }) };
}

function isEnding({ phase }: Rollout): boolean {
  return phase.phase === 'running' && phase.halt?.kind === 'ending';
}

/** Pods and volumes named in one sentence. */
const MOST_NAMED = 3;

function some(names: readonly string[]): string {
  const hidden = names.length - MOST_NAMED;
  return `${names.slice(0, MOST_NAMED).join(', ')}${hidden > 0 ? ` and ${hidden} more` : ''}`;
}

function waitingFor(pods: readonly PodSeen[], evictions: Evictions, { clock }: StepContext): string {
  const held = pods.flatMap((pod) => {
    const standing = pod.deletingAt === null ? evictions.standing(pod.uid) : null;
    return standing === null ? [] : [{ standing, text: `${named(pod)} (${standing.why})` }];
  });
  const budgets = held.filter(({ standing }) => standing.cause === 'budget');
  if (budgets.length > 0) return `a disruption budget to let go of ${some(budgets.map(({ text }) => text))}`;
  if (held.length > 0) return `Kubernetes to let go of ${some(held.map(({ text }) => text))}`;
  const count = `${pods.length} pod${pods.length === 1 ? '' : 's'} to stop`;
  return `${count}: ${some(pods.map((pod) => `${named(pod)}${graceClause(pod, clock.now())}`))}`;
}

function named({ namespace, name }: PodSeen): string {
  return `${namespace}/${name}`;
}

/** One that is slow has time until its grace is over; after that it is stuck. */
function graceClause({ deletingAt, finalizers }: PodSeen, now: number): string {
  if (deletingAt === null) return '';
  if (now < deletingAt) return ` (it may take another ${Math.ceil((deletingAt - now) / 1_000)} s)`;
  const held = finalizers.length === 0 ? '' : `, held by its finalizers ${finalizers.join(', ')}`;
  return ` (its time is over since ${Math.floor((now - deletingAt) / 1_000)} s${held})`;
}

// Empties a node through the eviction API, honouring disruption budgets, until nothing evictable is left that people did not leave.
import { drainVerdict } from '../../cluster/pod.ts';
import { type Blocker, comingBack, drainOf, isLeft, questionOf } from '../../rollout/blockade.ts';
import { isEnding } from '../../rollout/phase.ts';
import type { StepFacts } from '../../rollout/step.ts';
import type { PodSeen } from '../ports/workloads.ts';
import { blockersAmong, budgetsOn, isOverdue } from './blockers.ts';
import { Comebacks } from './comebacks.ts';
import { type CordonKept, keepingCordoned } from './cordon-kept.ts';
import { Deletions } from './deletions.ts';
import { detaching } from './detaching.ts';
import type { Settled, StepContext, StepFactory } from './doer.ts';
import { type Around, lookingAround, type Staying } from './drain-around.ts';
import { some, waitingFor } from './drain-waits.ts';
import { Evictions } from './evictions.ts';
import { type Stillness, stillness } from './stillness.ts';

/** Milliseconds between looks at whether people have ended the rollout while an answer is waited for. */
const WANTED_EVERY_MS = 1_000;

export const drain: StepFactory = (context) => {
  const { step, node, workloads, note, current } = context;
  const evictions = new Evictions(workloads, context.clock);
  const around = lookingAround(context);
  const volumes = detaching(context);
  const still = stillness(context);
  const kept = keepingCordoned(context);
  const asked = questionOf(context.rollout, step.id)?.blockers ?? [];
  const comebacks = new Comebacks(context.clock, {
    outdated: context.rollout.outdated.get(step.id) ?? 0,
    asked: comingBack(asked),
    habitMs: still.marginMs,
  });
  const deletions = new Deletions(context.clock, {
    asked: asked.filter(({ cause }) => cause === 'stuck').map(({ uid }) => uid),
    marginMs: still.marginMs,
  });

  const emptied = async (staying: readonly PodSeen[], left: number): Promise<Settled> => {
    const { attached, waits } = await volumes.left(staying);
    const names = attached.map(({ volume, trouble }) => (trouble === '' ? volume : `${volume} (${trouble})`));
    if (waits) {
      const why = names.length === 0 ? 'an answer about volumes' : `volumes to be detached: ${some(names)}`;
      return waiting(context, why, []);
    }
    const result: StepFacts = {
      evicted: evictions.count,
      ...(kept.times === 0 ? {} : { cordonedAgain: kept.times }),
      ...(left === 0 ? {} : { left }),
      ...(names.length === 0 ? {} : { attached: some(names) }),
    };
    return { kind: 'ended', result };
  };

  const sweep = async (): Promise<Settled> => {
    // Nothing that is evicted now would help anybody: what was changed is put back at once.
    if (isEnding(current().phase))
      return { kind: 'ended', result: { evicted: evictions.count, stopped: true } };
    const decided = drainOf(current(), step.id);
    const { forced } = decided;
    const all = await workloads.podsOn(node.name);
    const pods = all.filter((pod) => drainVerdict(pod) === 'evict');
    const leaving = pods.filter((pod) => !isLeft(decided, pod));
    comebacks.look(leaving);
    deletions.look(leaving);
    const absent = comebacks.absent(leaving).filter((pod) => !isLeft(decided, pod));
    if (leaving.length === 0 && absent.length === 0) return emptied(all, pods.length);
    volumes.leaving(leaving);
    const due = leaving.filter(
      (pod) => pod.deletingAt === null && (forced.includes(pod.uid) || comebacks.isDue(pod)),
    );
    comebacks.sent(await whileWanted(context, (over) => evictions.ask(due, forced, over)));
    const judging = { evictions, comebacks, deletions, around, still, kept };
    const blockers = await judged([...leaving, ...absent], judging);
    return waiting(context, waitingFor({ leaving, absent }, judging), blockers);
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
  readonly evictions: Evictions;
  readonly comebacks: Comebacks;
  readonly deletions: Deletions;
  readonly around: (staying: Staying) => Promise<Around>;
  readonly still: Stillness;
  readonly kept: CordonKept;
}

async function judged(
  pods: readonly PodSeen[],
  { evictions, comebacks, deletions, around, still, kept }: Judging,
): Promise<readonly Blocker[] | null> {
  const { marginMs } = still;
  const overdueMs = (pod: PodSeen) => deletions.overdueMs(pod);
  const blocked = pods.filter(
    ({ uid, deletingAt }) => deletingAt === null && evictions.standing(uid) !== null,
  );
  const overdue = pods.filter((pod) => isOverdue(pod, { overdueMs, marginMs }));
  const returning = pods.filter((pod) => comebacks.isHabit(pod));
  const cameBack = pods.filter((pod) => comebacks.returns(pod) > 0);
  const { budgets, nodeReady, cordoned } = await around({ blocked, overdue, returning: cameBack });
  await kept.look(cordoned);
  for (const pod of blocked) {
    const own = evictions.standing(pod.uid)?.cause === 'budget' ? budgetsOn(pod, budgets) : [];
    if (own.length > 0 && own.every(({ disruptionsAllowed }) => disruptionsAllowed > 0))
      evictions.hurry(pod.uid);
  }
  const { quiet, long } = still.since(
    JSON.stringify([
      // Those that come and go for ever are no sign that anything moves.
      pods.filter((pod) => !returning.includes(pod)).map(({ uid, deletingAt }) => [uid, deletingAt !== null]),
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
  const returns = (pod: PodSeen) => returning.includes(pod);
  const seen = { pods, standing, returns, budgets, nodeReady, cordoned };
  return blockersAmong({ ...seen, overdueMs, marginMs, quiet, long });
}

function waiting({ note }: StepContext, why: string, blockers: readonly Blocker[] | null): Settled {
  note(`waiting for ${why}`);
  return { kind: 'waiting', why, ...(blockers === null ? {} : { blockers }) };
}

/** An answer about a pod may take long; people who end the rollout meanwhile, or a lease that is lost, do not wait for it. */
async function whileWanted<T>(
  { clock, signal, current }: StepContext,
  work: (over: AbortSignal) => Promise<T>,
): Promise<T> {
  const unwanted = new AbortController();
  const done = new AbortController();
  const watch = async (): Promise<void> => {
    while (!done.signal.aborted && !isEnding(current().phase))
      await clock.sleep(WANTED_EVERY_MS, done.signal);
    unwanted.abort();
  };
  const watching = watch();
  try {
    return await work(AbortSignal.any([unwanted.signal, signal]));
  } finally {
    done.abort();
    await watching;
  }
}

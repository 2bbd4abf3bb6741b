// Copies etcd into the archive, verified, before a control plane is touched. Repeating it only makes another copy.
import { MAX_LAG_ENTRIES } from '../../cluster/etcd.ts';
import type { EtcdView } from '../../cluster/snapshot.ts';
import { laneOfStep } from '../../rollout/plan.ts';
import type { StepFacts } from '../../rollout/step.ts';
import type { Archiving } from '../ports/archive.ts';
import { Fault, faultOf } from '../ports/fault.ts';
import type { Acted, StepContext, StepFactory } from './doer.ts';

/** Copies that came incomplete before a person is asked: each one costs the machine a read of its whole database. */
const MAX_BROKEN = 3;

export const snapshot: StepFactory = (context) => {
  const { archiving, machines, node, signal } = context;
  let broken = 0;
  return {
    observe: async () => null,
    capture: async () => ({}),
    act: async (_evidence, over): Promise<Acted> => {
      if (archiving === undefined) {
        const why = `No archive is configured any more, so no snapshot can be taken. ${remedy(context)}`;
        return { kind: 'failed', why };
      }
      const trouble = stalenessOf(await machines.etcd(node.address, { signal }));
      if (trouble !== null)
        throw new Fault('busy', `etcd on ${node.name} ${trouble}, so a copy of it would be worth little.`);
      try {
        return { kind: 'ended', result: await copied(context, archiving, over) };
      } catch (error) {
        const fault = faultOf(error);
        broken += fault.kind === 'broken' ? 1 : 0;
        if (broken < MAX_BROKEN) throw fault;
        return { kind: 'failed', why: `${fault.message} This happened ${MAX_BROKEN} times.` };
      }
    },
    settle: async () => ({ kind: 'waiting', why: 'the snapshot to be taken again' }),
  };
};

/** Skipping a copy of its own lane would skip the node: the only member never goes without it. */
function remedy({ rollout, step }: StepContext): string {
  const lane = laneOfStep(rollout.plan, step.id);
  return lane?.gate === null ? 'Configure one, or skip this step.' : 'Configure one, then retry.';
}

/** A member copies what it has itself: one that is behind would copy an old cluster. Completes "etcd on <node> …". */
function stalenessOf(view: EtcdView): string | null {
  if (view.learner) return 'is still a learner';
  if (view.leaderId === null) return 'knows no leader';
  const behind = view.raftIndex - view.raftAppliedIndex;
  if (behind > MAX_LAG_ENTRIES) return `is ${behind} entries behind`;
  return view.alarms.some(({ alarm }) => alarm === 'corrupt') ? 'is marked as corrupt' : null;
}

async function copied(
  context: StepContext,
  { archive, retention }: Archiving,
  over: AbortSignal,
): Promise<StepFacts> {
  const { rollout, node, machines, clock, note, signal } = context;
  const takenAt = clock.now();
  note('copying etcd');
  const stream = machines.etcdSnapshot(node.address, AbortSignal.any([signal, over]));
  const { name, bytes, digest } = await archive.put({
    cluster: rollout.cluster,
    rollout: rollout.id,
    stream: told(stream, note),
    takenAt,
  });
  return { name, bytes, digest, ...(await pruned(context, { archive, retention }, name)) };
}

/** The same stream, with its progress on the card. */
async function* told(
  stream: AsyncIterable<Uint8Array>,
  note: StepContext['note'],
): AsyncGenerator<Uint8Array, void> {
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    note(`copying etcd: ${Math.floor(bytes / 1_048_576)} MiB`);
    yield chunk;
  }
}

/** The copy is safe by now: old ones that cannot be deleted are a fact to write down, not a reason to stop. */
async function pruned(
  { rollout, clock }: StepContext,
  { archive, retention }: Archiving,
  taken: string,
): Promise<StepFacts> {
  try {
    const { length } = await archive.prune(rollout.cluster, retention, clock.now(), taken);
    return { pruned: length };
  } catch (error) {
    return { pruned: 0, pruneTrouble: faultOf(error).message };
  }
}
